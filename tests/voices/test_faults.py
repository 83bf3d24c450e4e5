"""What goes wrong in a station: the program is spoken all the same, and each sentence says what happened."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from station.errors import VoiceError
from station.voices import hosted, open_voice, speak_script
from station.voices.wave import read_wav

from .conftest import ROOT, SENTENCES, define, make_script

BULLETIN = tuple(f"{text} lần thứ {word}." for word in ("một", "hai", "ba", "bốn", "năm") for text in SENTENCES)


@pytest.fixture
def coqui_station(own_station, models: Path):
    shutil.copytree(models / "coqui", own_station.home.models / "coqui")
    define(own_station.home, "coqui", "coqui")
    return own_station


def test_a_coqui_process_killed_in_the_middle_costs_nothing(coqui_station):
    with open_voice("coqui", coqui_station.home):
        killed = []

        def kill(index, _utterance):
            if index >= 0 and not killed:
                killed.append(hosted.engine_pids()[0])
                os.kill(killed[0], signal.SIGKILL)

        spoken = speak_script(make_script(*BULLETIN), "coqui", coqui_station, on_ready=kill)
    assert killed and killed[0] not in hosted.engine_pids()
    assert [u.spoken for u in spoken] == list(BULLETIN)
    assert {u.voice for u in spoken} == {"coqui"} and not any(u.problem for u in spoken)
    assert all(len(read_wav(Path(u.path))[0]) == u.frames for u in spoken)


def test_a_coqui_process_that_keeps_dying_hands_over_to_the_fallback_and_says_so(coqui_station):
    stop = threading.Event()

    def kill_always():
        while not stop.is_set():
            for pid in hosted.engine_pids():
                if "-S" not in Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0"):  # eSpeak's lives
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)

    with open_voice("coqui", coqui_station.home):
        killer = threading.Thread(target=kill_always)
        killer.start()
        try:
            spoken = speak_script(make_script(*SENTENCES), "coqui", coqui_station)
        finally:
            stop.set()
            killer.join()
    assert len(spoken) == 4 and all(u.frames for u in spoken)
    handed_over = [u for u in spoken if u.voice != "coqui"]
    assert handed_over and all("dự phòng" in u.problem and u.voice == "espeak-bac-nu" for u in handed_over)


@pytest.mark.parametrize("damage", ["truncated", "config"])
def test_a_corrupt_coqui_model_is_spoken_by_the_fallback_and_marked(coqui_station, damage):
    folder = coqui_station.home.models / "coqui"
    model = folder / "model_file.pth"
    if damage == "truncated":
        model.write_bytes(model.read_bytes()[:5000])
    else:
        (folder / "config.json").write_text("{not json", encoding="utf-8")
    spoken = speak_script(make_script(*SENTENCES), "coqui", coqui_station)
    assert [u.voice for u in spoken] == ["espeak-bac-nu"] * 4
    assert all("Không nạp được mô hình" in u.problem and "dự phòng" in u.problem for u in spoken)


def test_the_fallbacks_of_the_settings_come_before_espeak(coqui_station, models):
    shutil.copytree(models / "piper-vi", coqui_station.home.models / "piper-vi")
    define(coqui_station.home, "piper-vi", "piper")
    (coqui_station.home.models / "coqui" / "model_file.pth").write_bytes(b"")
    settings = replace(coqui_station, voices=replace(coqui_station.voices, fallback=("piper-vi",)))
    assert {u.voice for u in speak_script(make_script(*SENTENCES), "coqui", settings)} == {"piper-vi"}


def test_a_sentence_with_letters_the_model_does_not_know_is_said_by_the_fallback_alone(coqui_station):
    strange = "mã số là ký tự ω."
    spoken = speak_script(make_script(SENTENCES[0], strange, SENTENCES[3]), "coqui", coqui_station)
    assert [u.voice for u in spoken] == ["coqui", "espeak-bac-nu", "coqui"]
    assert "dự phòng" in spoken[1].problem and not spoken[0].problem and not spoken[2].problem


_FULL_DISK = """
import sys
from dataclasses import replace
from pathlib import Path
from station.config import Settings, VoiceSettings
from station.home import StationHome
from station.text.script import Script, Sentence
from station.voices import speak_script
from station.voices.wave import read_wav
texts = sys.argv[2:]
spoken = speak_script(Script("", tuple(Sentence(t, 0, 1) for t in texts)), "espeak-bac-nu",
                      Settings(home=StationHome(Path(sys.argv[1])), voices=VoiceSettings(cache_mb=100)))
for u in spoken:
    assert len(read_wav(Path(u.path))[0]) == u.frames > 0
    print(u.path.startswith(sys.argv[1]), u.problem, sep="|")
"""


def test_a_full_disk_puts_speech_into_memory_and_says_so(own_station, tmp_path):
    """The cache lies on a disk of 512 kB, mounted where that is allowed; else in a folder nothing can be made in."""
    cache = own_station.home.cache / "speech"
    mount = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(cache)]
    cache.mkdir(parents=True)
    run = [sys.executable, "-c", _FULL_DISK, str(own_station.home.root), *BULLETIN]
    allowed = os.geteuid() == 0 and subprocess.run(mount, capture_output=True, check=False).returncode == 0
    if not allowed:
        cache.rmdir()
        cache.symlink_to("/proc/self/fdinfo")
    try:
        done = subprocess.run(run, capture_output=True, encoding="utf-8", timeout=120, cwd=ROOT, check=False,
                              env={**os.environ, "TMPDIR": str(tmp_path)})
    finally:
        if allowed:
            subprocess.run(["umount", str(cache)], check=True)
    assert done.returncode == 0, done.stderr
    lines = [line.split("|") for line in done.stdout.splitlines()]
    assert len(lines) == len(BULLETIN)
    spilled = [problem for in_cache, problem in lines if in_cache == "False"]
    assert spilled and all("đã đầy" in problem for problem in spilled)
    assert all(not problem for in_cache, problem in lines if in_cache == "True")


def test_a_cache_that_is_a_file_does_not_stop_speech(own_station):
    own_station.home.cache.rmdir()
    own_station.home.cache.write_text("không phải thư mục", encoding="utf-8")
    spoken = speak_script(make_script(*SENTENCES), "espeak-bac-nu", own_station)
    assert len(spoken) == 4 and all(read_wav(Path(u.path))[0].size for u in spoken)


def test_where_no_library_of_espeak_loads_its_command_speaks(own_station, monkeypatch):
    from station.voices import espeak

    monkeypatch.setattr(espeak, "libraries", lambda: [["/nowhere/libespeak-ng.so", ""]])
    with open_voice("espeak-bac-nu", own_station.home) as voice:
        assert isinstance(voice, espeak.CommandVoice) and voice.speak(SENTENCES[0]).size


def test_where_there_is_no_command_the_package_of_the_library_speaks_in_its_own_process(own_station, monkeypatch):
    from station.voices import espeak

    monkeypatch.setattr(espeak, "command", lambda: None)
    assert espeak.libraries() and "espeakng_loader" in espeak.libraries()[0][0]
    for voice_id in ("espeak-bac-nu", "espeak-trung-nam", "espeak-nam-nu"):
        with open_voice(voice_id, own_station.home) as voice:
            assert isinstance(voice, hosted.HostedVoice)
            assert len(voice.speak(SENTENCES[0])) > voice.info.sample_rate
    assert "espeakng_loader" not in sys.modules


def test_an_idle_engine_is_released(coqui_station):
    with open_voice("coqui", coqui_station.home, idle_release_seconds=0.2) as voice:
        voice.speak(SENTENCES[3])
        assert hosted.engine_pids()
    deadline = time.monotonic() + 120
    while hosted.engine_pids() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert hosted.engine_pids() == []


def test_a_model_that_does_not_load_is_an_error_with_its_reason_in_the_log(coqui_station):
    (coqui_station.home.models / "coqui" / "model_file.pth").write_bytes(b"x")
    with pytest.raises(VoiceError) as caught:
        open_voice("coqui", coqui_station.home)
    assert caught.value.code == "voices.load" and caught.value.detail

"""Uploaded sounds: taken in whatever they are, or refused with a reason (synthetic audio)."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

from station.config import Settings
from station.errors import ProgramError
from station.home import StationHome
from station.programs.library import sound_names, sound_path
from station.programs.uploads import import_sound, sound_name


@pytest.fixture(scope="module")
def tune(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("up") / "tune.wav"
    time = np.arange(44100 * 3) / 44100
    wave = 0.3 * np.sin(2 * np.pi * 440 * time)
    wave[:44100] = 0.0
    soundfile.write(path, np.stack([wave, wave], axis=1), 44100)
    return path


@pytest.mark.parametrize("ending", ["wav", "mp3", "m4a", "ogg", "webm", "wma"])
def test_any_common_format_becomes_a_sound_of_the_station_without_its_silence(tune: Path, tmp_path: Path, ending: str) -> None:
    given = tmp_path / f"given.{ending}"
    subprocess.run(["ffmpeg", "-v", "error", "-i", str(tune), str(given)], check=True)
    settings = Settings(home=StationHome(tmp_path))
    made = import_sound(given, "Nhạc hiệu xã Đông", settings)
    assert made.name == "nhac-hieu-xa-dong" and made.seconds == pytest.approx(2.0, abs=0.1)
    assert any("không có tiếng ở hai đầu" in note for note in made.notes)
    assert sound_path(made.name, settings) == made.path and sound_names(settings.home)[made.name] == "Nhạc hiệu xã Đông"
    samples, rate = soundfile.read(made.path)
    assert rate == 48000 and samples.ndim == 1
    assert np.argmax(np.abs(np.fft.rfft(samples[:48000]))) == pytest.approx(440, abs=1)
    assert np.abs(samples).max() == pytest.approx(0.3, abs=0.05)


def test_the_same_upload_gives_the_same_bytes_and_a_long_one_is_cut_with_a_note(tune: Path, tmp_path: Path) -> None:
    settings = Settings(home=StationHome(tmp_path))
    one = import_sound(tune, "a", settings).path.read_bytes()
    two = import_sound(tune, "a", settings)
    assert one == two.path.read_bytes()
    short = import_sound(tune, "c", settings, longest_seconds=1.5)
    assert short.seconds == pytest.approx(1.5, abs=0.05) and "chỉ giữ phần đầu" in short.notes[0]


@pytest.mark.parametrize("kind", ["text", "empty", "silent", "playlist", "list_of_files", "truncated"])
def test_what_is_no_sound_is_refused_and_leaves_nothing(tmp_path: Path, kind: str, tune: Path) -> None:
    path = tmp_path / "x.mp3"
    if kind == "silent":
        soundfile.write(tmp_path / "s.wav", np.zeros(48000), 48000)
        path = tmp_path / "s.wav"
    elif kind == "playlist":
        path.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n{tune}\n#EXT-X-ENDLIST\n", encoding="utf-8")
    elif kind == "list_of_files":
        shutil.copy(tune, tmp_path / "other.wav")
        path.write_text("ffconcat version 1.0\nfile other.wav\n", encoding="utf-8")
    elif kind == "truncated":
        path.write_bytes(tune.read_bytes()[:30])
    else:
        path.write_text("không phải âm thanh" * 50 if kind == "text" else "", encoding="utf-8")
    settings = Settings(home=StationHome(tmp_path / "home"))
    with pytest.raises(ProgramError) as caught:
        import_sound(path, "x", settings)
    assert caught.value.mend
    assert not settings.home.sounds.is_dir() or list(settings.home.sounds.iterdir()) == []


@pytest.mark.parametrize("title", ["", "!!!", "Chime"])
def test_a_name_must_be_free_and_readable(title: str) -> None:
    with pytest.raises(ProgramError):
        sound_name(title)

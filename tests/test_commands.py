"""The commands, run as staff run them, with real parts."""

import subprocess
import sys

import pytest
import soundfile

from station.cli import COMMANDS


def station(*arguments, text=None):
    return subprocess.run(
        [sys.executable, "-m", "station", *arguments], input=text, capture_output=True, encoding="utf-8", timeout=120
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_every_listed_command_has_help(name):
    done = station(name, "--help")
    assert done.returncode == 0, done.stderr
    assert name in done.stdout


def test_say_speaks_to_a_file(tmp_path):
    (tmp_path / "station.toml").write_text("[station]\n", encoding="utf-8")
    out = tmp_path / "say.wav"
    done = station("--home", str(tmp_path), "say", "--out", str(out), "Mời bà con họp lúc 19h30.")
    assert done.returncode == 0, done.stderr
    samples, rate = soundfile.read(out)
    assert len(samples) > rate
    assert abs(samples).max() > 0.05


def test_normalize_gives_one_line_for_one_line():
    done = station("normalize", text="Họp lúc 19h30.\n\nGặp ông A.\n")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.split("\n")) == 4
    assert "mười chín giờ" in done.stdout

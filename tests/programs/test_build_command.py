"""``station program build`` from files to one program, with real speech (invented bulletins)."""

from __future__ import annotations

from pathlib import Path

import soundfile
from click.testing import CliRunner

from station.commands.program import program

NOTICE = "THÔNG BÁO\nLịch cắt điện\nCắt điện từ 8h đến 11h tại thôn 3.\n"


def test_bulletins_become_one_program_and_a_broken_one_is_named(tmp_path: Path) -> None:
    good, broken, out = tmp_path / "a.txt", tmp_path / "b.txt", tmp_path / "o.flac"
    good.write_text(NOTICE, encoding="utf-8")
    broken.touch()
    result = CliRunner().invoke(program, ["build", "--out", str(out), "--date", "2026-11-24", str(good), str(broken)],
                                obj={"home": tmp_path / "home"})
    assert result.exit_code == 0, result.output
    seconds = soundfile.info(out).duration
    assert 15 < seconds < 90 and f"({seconds:.1f} giây)" in result.stdout
    assert "Thông báo lịch cắt điện" in result.stdout and "LUFS" in result.stdout
    assert "b.txt" in result.stderr and "Đọc bản tin 1/2" in result.stderr


def test_a_sound_is_added_and_used_by_name(tmp_path: Path) -> None:
    from station.config import Settings
    from station.home import StationHome
    from station.programs.library import sound_path
    from tests.programs.audio import speechlike, write

    given = write(tmp_path / "g.wav", speechlike(2, 22050), 22050)
    result = CliRunner().invoke(program, ["sound", "--name", "Nhạc hiệu xã", given], obj={"home": tmp_path / "home"})
    assert result.exit_code == 0 and "'nhac-hieu-xa'" in result.output
    assert sound_path("nhac-hieu-xa", Settings(home=StationHome(tmp_path / "home"))).is_file()

"""Timetables as TOML and in the database, and the command that checks and shows them."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from station.db.database import Database
from station.db.models import Slot, SlotException
from station.db.states import FillKind, LatePolicy
from station.errors import ScheduleError
from station.schedules import export_toml, import_toml, parse_timetable, read_timetables, write_timetable

SAMPLES = Path(__file__).resolve().parents[2] / "schedules"


@pytest.fixture
def database(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/station.db")
    database.migrate()
    yield database
    database.close()


def test_the_sample_timetables_are_read_and_written_back_to_the_same_values():
    timetable = read_timetables(SAMPLES)
    assert len(timetable.slots) >= 7 and timetable.exceptions[0].local_date == date(2027, 2, 6)
    assert parse_timetable(write_timetable(timetable)) == timetable


def test_import_and_export_go_round_and_importing_again_changes_nothing(database):
    with database.session() as session:
        written, _ = import_toml(session, SAMPLES)
    with database.session() as session:
        before = {row.key: row.updated_at for row in session.scalars(sa.select(Slot))}
        assert written == len(before)
        assert import_toml(session, SAMPLES) == (0, 0)
        text = export_toml(session)
    with database.session() as session:
        assert import_toml(session, text) == (0, 0)
        assert {row.key: row.updated_at for row in session.scalars(sa.select(Slot))} == before
        slot = session.scalar(sa.select(Slot).where(Slot.key == "phat-lai"))
        assert (slot.fill_kind, slot.fill, slot.late_policy) == (FillKind.REPEAT, "sang", LatePolicy.SKIP)
        assert session.scalar(sa.select(sa.func.count(SlotException.id))) == 1


def test_what_a_file_no_longer_has_is_removed_when_asked(database):
    with database.session() as session:
        import_toml(session, SAMPLES)
        import_toml(session, '[[slot]]\nkey = "sang"\nstart = "05:30"\n', remove=True)
        assert [(row.key, row.start_time) for row in session.scalars(sa.select(Slot))] == [("sang", "05:30:00")]


@pytest.mark.parametrize(("text", "says"), [
    ('[[slot]]\nstart = "05:00"\n', "thiếu 'key'"), ('[[slot]]\nkey = "a"\n', "thiếu giờ"),
    ('[[slot]]\nkey = "a"\nstart = "25:00"\n', "giờ '25:00'"), ('[[slot]]\nkey = "a"\nstart = "5:00"\nlate = "later"\n', "trễ giờ"),
    ('[[slot]]\nkey = "a"\nstart = "5:00"\nprogram = 1\nrelay = "http://x"\n', "nhiều nguồn"),
    ('[[slot]]\nkey = "a"\nstart = "5:00"\n[[slot]]\nkey = "a"\nstart = "6:00"\n', "hai lần"),
    ('[[slot]]\nkey = "a"\nstart = "5:00"\ncolour = 1\n', "mục lạ 'colour'"), ("[[slot]\n", "viết sai"),
    ('[[exception]]\ndate = 2026-01-01\nslot = "x"\n', "không có buổi 'x'"),
])
def test_a_wrong_file_is_refused_with_what_is_wrong_and_the_mend(text, says):
    with pytest.raises(ScheduleError) as error:
        parse_timetable(text, "thu.toml")
    assert says in error.value.message and "thu.toml" in error.value.message and error.value.mend


def test_the_command_lists_lunar_slots_and_fails_on_a_conflict(tmp_path):
    (tmp_path / "station.toml").write_text("", encoding="utf-8")
    (tmp_path / "schedules").mkdir()
    base = [sys.executable, "-m", "station", "--home", str(tmp_path), "schedule"]
    (tmp_path / "schedules" / "a.toml").write_text(
        '[[slot]]\nkey="a"\nname="Rằm"\nstart="05:00"\nlunar=["rằm", "mùng một"]\n', encoding="utf-8"
    )
    listed = subprocess.run([*base, "list", "--days", "60"], capture_output=True, text=True, check=True).stdout.splitlines()
    assert 3 <= len(listed) <= 5 and all(" 15/" in line or " 1/" in line for line in listed)
    assert subprocess.run([*base, "check"], check=False, capture_output=True).returncode == 0
    (tmp_path / "schedules" / "b.toml").write_text(
        '[[slot]]\nkey="x"\nname="Sáng"\nstart="05:10"\n[[slot]]\nkey="y"\nname="Hai"\nstart="05:00"\n', encoding="utf-8"
    )
    broken = subprocess.run([*base, "check"], capture_output=True, text=True, check=False)
    assert broken.returncode == 1 and "chồng lên" in broken.stdout

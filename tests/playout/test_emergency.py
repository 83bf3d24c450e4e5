"""Emergency notices: asked for once, confirmed, spoken, over everything, and then the program goes on."""

import subprocess
import sys
import time

import pytest
import sqlalchemy as sa

from station.db.models import AsRun, Emergency, Heartbeat, User
from station.db.states import EmergencyState, Outcome, SourceKind, UserRole
from station.errors import PlayoutError
from station.playout.emergency import TEST_BEFORE, confirm_emergency, request_emergency, stop_emergency
from tests.playout.make import StationUnderTest, noise
from tests.playout.test_faults import coverage, playing_for


def ask(station, key="k1", **values):
    with station.database.session() as session:
        arguments = {
            "content": "Nước sông lên nhanh.", "confirmation": "khẩn cấp", "user": session.get(User, station.leader_id),
            "repeats": 1, "signal": "chime", **values,
        }
        return request_emergency(session, station.settings, idempotency_key=key, **arguments).id


def test_a_double_press_is_one_notice(station):
    assert ask(station) == ask(station)
    assert ask(station, key="k2") != ask(station)


@pytest.mark.parametrize("typed", ["", "đồng ý", "THỬ"])
def test_without_the_typed_confirmation_nothing_is_recorded(station, typed):
    with pytest.raises(PlayoutError, match="xác nhận"):
        ask(station, confirmation=typed)
    with station.database.session(write=False) as session:
        assert session.scalar(sa.select(sa.func.count(Emergency.id))) == 0


def test_by_setting_a_second_person_must_agree_and_not_the_same_one(tmp_path):
    station = StationUnderTest(tmp_path / "two", "[air]\nemergency_two_person = true\n")
    number = ask(station)
    with station.database.session() as session:
        row = session.get(Emergency, number)
        assert row.state is EmergencyState.WAITING
        with pytest.raises(PlayoutError):
            confirm_emergency(session, row, user=session.get(User, station.leader_id))
        other = User(username="lan", password_hash="x", role=UserRole.APPROVER)
        session.add(other)
        session.flush()
        confirm_emergency(session, row, user=other)
        assert row.state is EmergencyState.PREPARING and row.accepted_at is not None
    station.close()


@pytest.mark.sound
@pytest.mark.slow
def test_a_notice_interrupts_the_program_which_then_goes_on_where_it_was(station, pulse):
    samples = noise(7)
    station.program(samples)
    station.slot(4)
    station.air(pulse)
    recording = pulse.record()
    station.wait(playing_for(1), 30)
    number = ask(station)
    asked = time.time()
    station.wait(lambda session: (session.get(Heartbeat, "air").data.get("emergency") or {}).get("id") == number, 5)
    (occurrence,) = station.ended(seconds=60)
    heard = recording.stop()
    with station.database.session(write=False) as session:
        row = session.get(Emergency, number)
        rows = session.scalars(sa.select(AsRun).where(AsRun.emergency_id == number).order_by(AsRun.id)).all()
    assert row.state is EmergencyState.DONE
    assert (row.first_sample_at.timestamp() - asked) < 1.0
    assert [r.source for r in rows][0] is SourceKind.EMERGENCY and "Tín hiệu" in rows[0].title
    assert any("Thông báo khẩn, lần 1/1" in r.title and r.level_dbfs > -40 for r in rows)
    assert all(r.caused_by == "Lê Văn Hùng" for r in rows)
    places = coverage(heard, samples)
    assert (places >= 0).sum() >= len(places) - 5  # the fades at the interruption
    assert occurrence.outcome is Outcome.AIRED and "tạm dừng" in occurrence.reason


@pytest.mark.sound
@pytest.mark.slow
def test_the_command_puts_a_test_on_air_that_says_so_and_stop_ends_it(station, pulse):
    station.air(pulse)
    station.wait(lambda session: session.get(Heartbeat, "air"))
    base = [sys.executable, "-m", "station", "--home", str(station.settings.home.root), "emergency"]
    done = subprocess.run([*base, "test", "--confirm", "THỬ", "--user", "hung"], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0 and "đang phát" in done.stdout, done.stderr
    station.wait(lambda session: session.scalar(sa.select(Emergency.path)))
    assert subprocess.run([*base, "stop", "--reason", "xong"], timeout=60, check=False).returncode == 0
    row = station.wait(lambda session: session.scalar(sa.select(Emergency).where(Emergency.state == EmergencyState.STOPPED)))
    assert row.test and row.ended_at is not None
    assert "không phải báo động thật" in TEST_BEFORE


def test_a_waiting_notice_is_stopped_at_once(tmp_path):
    station = StationUnderTest(tmp_path / "two", "[air]\nemergency_two_person = true\n")
    number = ask(station)
    with station.database.session() as session:
        assert stop_emergency(session, None) == [number]
        assert session.get(Emergency, number).state is EmergencyState.STOPPED
    station.close()

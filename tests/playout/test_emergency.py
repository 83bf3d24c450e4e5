"""Emergency notices: asked for once, confirmed, stopped; how they sound over a program is told in test_story."""

import subprocess
import sys

import pytest
import sqlalchemy as sa

from station.db.models import Emergency, Heartbeat, User
from station.db.states import EmergencyState, UserRole
from station.errors import PlayoutError
from station.playout.emergency import TEST_BEFORE, confirm_emergency, request_emergency, stop_emergency
from tests.playout.make import StationUnderTest


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

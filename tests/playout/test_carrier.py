"""The carrier by schedule and by hand: failures are told, receivers are woken right before speech, the wave is never dead.

The conductor runs in fake time; the switch is a real process.
"""

from __future__ import annotations

import sys
import time

import pytest
import sqlalchemy as sa

from station.db.models import AirCommand, Alarm, User
from station.playout.emergency import request_emergency
from tests.playout.make import TOML, noise
from tests.playout.sim import RATE
from tests.playout.test_clock import World


@pytest.fixture
def carrier(tmp_path, monkeypatch):
    """A station with a transmitter whose switch fails as long as the file "broken" is there."""
    script = tmp_path / "switch.py"
    script.write_text(f"import os,sys\nsys.exit(os.path.exists({str(tmp_path / 'broken')!r}))\n", encoding="utf-8")
    made = World(tmp_path, monkeypatch, toml=f"""{TOML}
[transmitter]
kind = "command"
on = "{sys.executable} {script} on"
off = "{sys.executable} {script} off"
lead_seconds = 15.0
tail_seconds = 2.0
wake_tone = "pilot:1000:2"
""")
    made.sim.mixer.lengths |= {"wake-pilot-1000-2-48000": 2 * RATE, "siren-48000": 5 * RATE, "n": RATE}
    made.broken = tmp_path / "broken"
    yield made
    made.sim.deputy.shut_down()
    made.close()


def log_of(one):
    path = one.station.settings.home.logs / "transmitter.log"
    return [line.split(" ", 1)[1] for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def soon(condition, seconds=8.0):
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.05)
    assert condition()


def alarms(one, *, open_only=False):
    one.sim.tick()
    with one.station.database.session(write=False) as session:
        rows = session.scalars(sa.select(Alarm).where(Alarm.kind == "transmitter")).all()
    return [row.message for row in rows if not (open_only and row.cleared_at)]


def test_a_transmitter_that_does_not_come_on_is_an_alarm_and_its_return_ends_it(carrier):
    carrier.until(60)
    soon(lambda: log_of(carrier) == ["off start"])
    carrier.broken.touch()
    carrier.until(10)
    soon(lambda: any("Không bật được máy phát" in message for message in alarms(carrier)))
    carrier.broken.unlink()
    carrier.until(-PROGRAM_AND_TAIL)
    soon(lambda: alarms(carrier, open_only=True) == [])


PROGRAM_AND_TAIL = 310.0


def test_receivers_are_woken_right_before_the_program_and_the_wave_is_held_by_a_quiet_bed(carrier):
    carrier.until(19)
    assert not carrier.sim.mixer.playing.get("fallback")
    carrier.until(16)
    tone = carrier.sim.mixer.playing["fallback"]
    steady = carrier.clock.monotonic() + (carrier.start - carrier.clock.now()).total_seconds()
    assert tone["begin"] + 2.0 == pytest.approx(steady - 0.3, abs=0.05)
    carrier.until(-PROGRAM_AND_TAIL)
    beds = [data["level"] for do, data in carrier.sim.mixer.told if do == "bed"]
    assert beds == [-60.0, 0.0], "on with the carrier, gone with it"


def test_by_hand_it_is_switched_at_once_and_the_log_says_who(carrier):
    carrier.until(3600)
    with carrier.station.database.session() as session:
        session.add(AirCommand(action="transmitter_on", user_id=carrier.station.leader_id))
    carrier.sim.deputy.poll()
    carrier.sim.tick()
    soon(lambda: log_of(carrier)[1:] == ["manual on by Lê Văn Hùng", "on manual by Lê Văn Hùng"])
    assert carrier.sim.deputy.state()["transmitter"] == {"enabled": True, "on": True, "override": True}
    with carrier.station.database.session() as session:
        session.add(AirCommand(action="transmitter_auto", user_id=carrier.station.leader_id))
    carrier.sim.deputy.poll()
    carrier.sim.tick()
    soon(lambda: log_of(carrier)[3:] == ["manual auto by Lê Văn Hùng", "off tail"])


def test_an_emergency_wakes_sleeping_receivers_behind_its_first_signal(carrier):
    notice = carrier.station.settings.home.audio / "n.wav"
    import soundfile

    soundfile.write(notice, noise(1), RATE)
    carrier.until(3600)
    with carrier.station.database.session() as session:
        request_emergency(
            session, carrier.station.settings, content="", path=str(notice.relative_to(carrier.station.settings.home.root)),
            idempotency_key="k", confirmation="KHẨN CẤP", user=session.get(User, carrier.station.leader_id), repeats=1,
        )
    carrier.sim.deputy.poll()
    (crisis,) = carrier.sim.deputy.crises.values()
    assert [title for title, *_ in crisis.parts] == [
        "Tín hiệu báo trước", "Âm gọi máy thu", "Tín hiệu báo trước", "Thông báo khẩn, lần 1/1",
    ]

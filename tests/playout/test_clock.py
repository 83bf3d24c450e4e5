"""Clocks that jump, midnight, leap day, summer time, machines in other zones: tables of cases in fake time.

The real planner, conductor, journal, database and APScheduler's logic run on a clock that the test sets; programs are
invented.
"""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from station.db.models import Slot
from station.db.states import LatePolicy, Outcome
from tests.playout.make import TOML, StationUnderTest, noise
from tests.playout.sim import RATE, FakeClock, SimStation

HANOI, BERLIN = "Asia/Ho_Chi_Minh", "Europe/Berlin"
PROGRAM_SECONDS = 300
START, WAIT, SKIP = LatePolicy.START_NOW, LatePolicy.WAIT_UP_TO, LatePolicy.SKIP
HOUR = 3600.0


class World:
    """One slot on one day, a program of five minutes, and a clock."""

    def __init__(self, tmp_path, monkeypatch, *, zone=HANOI, day=date(2027, 5, 12), at="05:00:00", late=START, toml=TOML):
        self.station = StationUnderTest(tmp_path / "home", f'[station]\ntimezone = "{zone}"\n{toml}')
        hour, minute, _ = (int(part) for part in at.split(":"))
        # of a time that does not exist, and of one that is there twice, the planner's own table tells
        self.start = datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(zone)).astimezone(UTC)
        old = self.start - timedelta(days=30)
        with self.station.database.session() as session:
            session.add(Slot(
                name="Buổi thử", start_time=at, duration_seconds=1200, rule={"dates": [day.isoformat()]}, fill="daily",
                late_policy=late, late_seconds=600, created_at=old, updated_at=old,
            ))
        program = self.station.program(noise(0.05))
        from station.db.models import Render

        with self.station.database.session() as session:
            render = session.get(Render, program)
            render.frames = PROGRAM_SECONDS * RATE
            lengths = {render.sha256: render.frames}
        self.clock = FakeClock(self.start - timedelta(hours=3))
        self.sim = SimStation(self.station, self.clock, lengths)
        self.sim.patch(monkeypatch)
        self.sim.start()

    def run(self, seconds):
        """So much real time."""
        end = self.clock.monotonic() + seconds
        while (left := end - self.clock.monotonic()) > 0:
            self.sim.tick()
            self.clock.advance(min(left, self.sim.until_next()))
        self.sim.tick()

    def until(self, seconds_to_start):
        """Until the wall clock shows so many seconds before (after: less than 0) the planned start."""
        self.run((self.start - self.clock.now()).total_seconds() - seconds_to_start)

    @property
    def result(self):
        rows = self.station.occurrences()
        assert len(rows) == 1, rows
        return rows[0]

    def heard(self):
        """Frames of the program that were sent, over all stretches."""
        return [(first, last) for item, _path, first, last, _wall in self.sim.mixer.heard if item.startswith("occ:")]

    def close(self):
        self.station.close()


@pytest.fixture
def world(tmp_path, monkeypatch):
    made = []

    def make(**values):
        made.append(World(tmp_path, monkeypatch, **values))
        return made[-1]

    yield make
    for one in made:
        one.close()


WHOLE = [(0, PROGRAM_SECONDS * RATE)]
JUMPS = [
    # (the clock is set so many seconds before the start, by so much, policy, outcome, heard)
    ("ahead an hour, long before", 2 * HOUR + 1800, HOUR, START, Outcome.AIRED, WHOLE),
    ("back an hour, long before", 1800, -HOUR, START, Outcome.AIRED, WHOLE),
    ("ahead over the start, start_now", 600, HOUR, START, Outcome.AIRED_LATE, WHOLE),
    ("ahead over the start, wait_up_to", 600, HOUR, WAIT, Outcome.MISSED, []),
    ("ahead a little over the start, wait_up_to", 60, 300, WAIT, Outcome.AIRED_LATE, WHOLE),
    ("ahead over the start, skip", 600, HOUR, SKIP, Outcome.MISSED, []),
    ("back, when it waits at the mixer", 4, -HOUR, START, Outcome.AIRED, WHOLE),
    ("ahead, when it waits at the mixer", 4, HOUR, START, Outcome.AIRED_LATE, WHOLE),
    ("ahead in mid-program", -120, HOUR, START, Outcome.AIRED, WHOLE),
    ("back in mid-program", -120, -HOUR, START, Outcome.AIRED, WHOLE),
    ("back over the start, when it is over", -1500, -HOUR, START, Outcome.AIRED, WHOLE),
    ("back a day, when it is over", -1500, -24 * HOUR, START, Outcome.AIRED, WHOLE),
    ("a step of time servers ahead", 3, 0.9, SKIP, Outcome.AIRED, WHOLE),
    ("a step of time servers back", 3, -0.9, SKIP, Outcome.AIRED, WHOLE),
    ("a step of time servers in mid-program", -100, -0.9, SKIP, Outcome.AIRED, WHOLE),
]


@pytest.mark.parametrize(("before", "by", "late", "outcome", "heard"), [case[1:] for case in JUMPS], ids=[case[0] for case in JUMPS])
def test_a_clock_that_is_set_airs_a_program_once_or_by_its_policy(world, before, by, late, outcome, heard):
    one = world(late=late)
    one.until(before)
    one.clock.set_by(by)
    one.run(26 * HOUR if by < -HOUR else 5 * HOUR)
    assert one.result.outcome is outcome, one.result.reason
    assert one.heard() == heard
    if outcome is Outcome.AIRED:
        assert abs((one.result.started_at - one.start).total_seconds()) < 5, "by the wall clock of its moment"


@pytest.mark.parametrize("machine", ["UTC", BERLIN])
@pytest.mark.parametrize(("zone", "day", "at"), [
    (HANOI, date(2027, 5, 12), "05:00:00"),
    (HANOI, date(2028, 2, 29), "05:00:00"),  # leap day
    (HANOI, date(2027, 12, 31), "23:58:00"),  # over midnight and New Year
    (HANOI, date(2027, 5, 12), "00:00:00"),
    (HANOI, date(2027, 3, 28), "08:30:00"),  # Berlin's clocks change then: nothing to Hanoi
    (BERLIN, date(2027, 3, 28), "03:30:00"),  # an hour after the night lost one
    (BERLIN, date(2027, 10, 31), "05:00:00"),  # after the night that has one twice
])
def test_whatever_the_machines_zone_it_airs_at_the_stations_time(world, monkeypatch, machine, zone, day, at):
    monkeypatch.setenv("TZ", machine)
    time.tzset()
    try:
        one = world(zone=zone, day=day, at=at, late=SKIP)
        one.run(5 * HOUR)
    finally:
        monkeypatch.undo()
        time.tzset()
    assert one.result.outcome is Outcome.AIRED
    assert one.result.local_date == day
    assert abs((one.result.started_at - one.start).total_seconds()) < 0.2
    assert one.heard() == WHOLE


def test_what_was_for_yesterday_is_not_aired_after_midnight(world):
    one = world(at="23:50:00")
    one.until(600)
    one.clock.set_by(HOUR)
    one.run(3 * HOUR)
    assert one.result.outcome is Outcome.MISSED and "ngày khác" in one.result.reason
    assert one.heard() == []

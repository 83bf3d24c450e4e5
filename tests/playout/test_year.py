"""A simulated year with kills, late starts, clock jumps and missing approvals: one outcome each, none twice, none
unapproved.  The programs are invented."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from station.db.models import AsRun, Occurrence, Program, Render, Slot, SlotException
from station.db.states import LatePolicy, Outcome, ProgramState
from station.schedules.planner import plan
from station.schedules.store import load_exceptions, load_slots
from tests.playout.make import noise
from tests.playout.sim import RATE, FakeClock, Killed, SimStation

START = datetime(2027, 12, 30, 20, 0, tzinfo=UTC)  # the year holds 29 February 2028


def make_timetable(station):
    old = START - timedelta(days=3)
    rows = [
        ("sang", "05:00:00", {}, "daily", LatePolicy.START_NOW, 600, False),
        ("chieu", "17:00:00", {"weekdays": ["T2", "T3", "T4", "T5", "T6"]}, "daily", LatePolicy.WAIT_UP_TO, 1800, False),
        ("ram", "16:50:00", {"lunar": ["rằm", "mùng một"]}, "culture", LatePolicy.SKIP, 0, False),
        ("uu-tien", "17:05:00", {"month_days": [5, -1]}, "urgent", LatePolicy.WAIT_UP_TO, 900, True),
        ("hong", "12:00:00", {"weekdays": ["CN"]}, "nobody", LatePolicy.START_NOW, 0, False),
        ("dem", "22:30:00", {"month_days": [10]}, "daily", LatePolicy.START_NOW, 0, False),
    ]
    with station.database.session() as session:
        for key, at, rule, fill, late, seconds, priority in rows:
            session.add(Slot(
                key=key, name=key, start_time=at, duration_seconds=1200, rule=rule, fill=fill, late_policy=late,
                late_seconds=seconds, priority=priority, created_at=old, updated_at=old,
            ))
        session.flush()
        first = session.scalar(sa.select(Slot.id).where(Slot.key == "sang"))
        session.add(SlotException(slot_id=None, local_date=date(2028, 1, 26), action="skip", reason="Tết"))
        session.add(SlotException(slot_id=first, local_date=date(2028, 9, 2), action="move", data={"start": "06:00:00"}))


def make_programs(station):
    lengths = {}
    for number, (template, minutes, approved) in enumerate(
        [("daily", 18, True), ("culture", 12, True), ("urgent", 3, True), ("nobody", 5, False)]
    ):
        program_id = station.program(noise(0.05, seed=number), template=template, approved=approved)
        with station.database.session() as session:
            render = session.scalar(sa.select(Render).where(Render.program_id == program_id))
            render.frames = minutes * 60 * RATE
            lengths[render.sha256] = render.frames
    return lengths


def run(sim, station, rng, end, *, faults):
    clock = sim.clock
    daily = None
    unapproved_days = set()
    with station.database.session(write=False) as session:
        daily = session.scalar(sa.select(Program.id).where(Program.template == "daily"))
    sim.start()
    while clock.now() < end:
        if sim.deputy is None:
            try:
                sim.start()
            except Killed:
                sim.kill()
                clock.advance(rng.uniform(1, 5))
                continue
        try:
            sim.tick()
        except Killed:
            sim.kill()
            clock.advance(rng.choice([2, 30, 400, 4000]))
            continue
        wait = sim.until_next()
        if faults and rng.random() < 0.02:
            kind = rng.choice(["kill", "kill", "engine", "jump", "void"])
            wait *= rng.random()
            clock.advance(wait)
            if kind == "kill":
                sim.kill()
                clock.advance(rng.choice([1, 5, 60, 900, 7200, 86400, 200000]))
                continue
            if kind == "engine":
                sim.mixer.die()
                sim.mixer._event("gone")
            if kind == "jump":
                clock.set_by(rng.choice([3600, -3600, 5, -5]))
            if kind == "void":
                state = rng.choice([ProgramState.DRAFT, ProgramState.APPROVED, ProgramState.APPROVED])
                with station.database.session() as session:
                    session.get(Program, daily).state = state
                if state is ProgramState.DRAFT:
                    unapproved_days.add(clock.now().date())
        else:
            clock.advance(wait)


@pytest.mark.slow
def test_in_a_year_of_faults_every_occurrence_ends_once_and_none_airs_twice_or_unapproved(station, monkeypatch):
    make_timetable(station)
    lengths = make_programs(station)
    clock = FakeClock(START)
    sim = SimStation(station, clock, lengths, seed=7)
    sim.patch(monkeypatch)
    sim.mixer.kill_chance = 0.004
    end = START + timedelta(days=366)
    run(sim, station, sim.rng, end, faults=True)
    sim.mixer.kill_chance = 0.0
    with station.database.session() as session:
        session.scalars(sa.select(Program).where(Program.template == "daily")).one().state = ProgramState.APPROVED
    run(sim, station, sim.rng, max(end, clock.now()) + timedelta(days=1), faults=False)

    settings = station.settings
    with station.database.session(write=False) as session:
        planned = plan(load_slots(session), load_exceptions(session), START, end, settings.zone)
        rows = {(r.slot_id, r.local_date): r for r in session.scalars(sa.select(Occurrence))}
        as_run = session.scalars(sa.select(AsRun).where(AsRun.item_ref == "")).all()
        bad = {r.sha256 for r in session.scalars(sa.select(Render)) if session.get(Program, r.program_id).template == "nobody"}
        count = session.scalar(sa.select(sa.func.count(Occurrence.id)))
    assert len(planned) > 600 and sim.kills > 10
    missing = [one.key for one in planned if one.key not in rows]
    assert missing == []
    assert [one.key for one in planned if rows[one.key].outcome is None] == []
    assert count == len(rows)  # one row each, by the key
    outcomes = {o: sum(r.outcome is o for r in rows.values()) for o in Outcome}
    assert outcomes[Outcome.AIRED] > 300 and outcomes[Outcome.REFUSED_UNAPPROVED] > 30
    assert outcomes[Outcome.REFUSED_QUIET_HOURS] >= 0 and outcomes[Outcome.MISSED] > 0
    # what the mixer really sent, from its own memory
    sent = defaultdict(list)
    for item, path, first, last, wall in sim.mixer.heard:
        assert not any(sha in path for sha in bad)
        if item.startswith("occ:"):
            sent[int(item.split(":")[1])].append((first, last, wall))
    by_id = {r.id: r for r in rows.values()}
    aired = {Outcome.AIRED, Outcome.AIRED_LATE, Outcome.PARTIAL}
    for number, pieces in sent.items():
        row = by_id[number]
        assert row.outcome in aired, (row.outcome, row.reason, pieces)
        pieces.sort()
        for (_a, b, _), (c, _d, _) in zip(pieces, pieces[1:], strict=False):
            assert c >= b - RATE, "a part was heard twice"
            assert c <= b, "a part was left out"
        if row.outcome is not Outcome.PARTIAL:
            total = lengths[next(iter({p.split("/")[-1].split(".")[0] for i, p, *_ in sim.mixer.heard if i.startswith(f"occ:{number}:")}))]
            assert pieces[0][0] == 0 and pieces[-1][1] == total
    for row in rows.values():
        if row.outcome in (Outcome.AIRED, Outcome.AIRED_LATE):
            assert row.id in sent
    stories = defaultdict(int)
    for one in as_run:
        if one.occurrence_id:
            stories[one.occurrence_id] += one.frames
    for number, row in by_id.items():
        if row.outcome in (Outcome.AIRED, Outcome.AIRED_LATE):
            assert stories[number] >= max(last for _, last, _ in sent[number])

"""``station bench scale``: how the cost of the desk's daily acts grows with the rows of the database.

Each act is timed on a small station and on one with ``--set factor=N`` times the rows (default 20, of
``--set rows=500`` bulletins).  The value is the median time with many rows, the baseline the time with few: acts that
find their rows by an index stay near 1; a scan would be near the factor.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from station.bench import Figure
from station.config import Settings, build_settings
from station.db.database import Database, open_database
from station.db.models import AsRun, Bulletin, Job, Occurrence, Program, ProgramItem, Slot, Text
from station.db.states import BulletinState, JobKind, JobState, Outcome, ProgramState, SourceKind, TextKind
from station.db.types import utc_now
from station.editorial import bulletins, programs
from station.home import StationHome
from station.work.jobs import JobStore

GOAL = 2.0
REPEATS = 15


def _fill(database: Database, rows: int) -> None:
    """A station that has worked for a while: each bulletin read, aired in a program, and logged.  Invented."""
    begin = datetime(2024, 1, 1, tzinfo=UTC)
    with database.session() as session:
        slot = Slot(name="Sáng", start_time="05:00:00")
        session.add(slot)
        session.flush()
        numbers = range(1, rows + 1)

        def add(model: type, values: list[dict[str, object]]) -> None:
            session.execute(sa.insert(model), values)

        add(Bulletin, [
            {"id": n, "title": f"Thông báo số {n}", "state": BulletinState.READY, "content_sha256": f"{n:064d}",
             "created_at": begin + timedelta(hours=n)} for n in numbers
        ])
        add(Text, [
            {"bulletin_id": n, "kind": TextKind.READ, "content": f"Nội dung thông báo số {n}. " * 20} for n in numbers
        ])
        add(Program, [
            {"id": n, "title": f"Chương trình {n}", "state": ProgramState.DRAFT, "air_date": begin.date()} for n in numbers
        ])
        add(ProgramItem, [{"program_id": n, "bulletin_id": n, "title": "Mục"} for n in numbers])
        add(Occurrence, [
            {"id": n, "slot_id": slot.id, "local_date": (begin + timedelta(days=n)).date(), "outcome": Outcome.AIRED,
             "planned_start": begin + timedelta(days=n), "planned_end": begin + timedelta(days=n, minutes=30)}
            for n in numbers
        ])
        add(AsRun, [
            {"occurrence_id": n, "source": SourceKind.SCHEDULE, "outcome": Outcome.AIRED, "title": "Mục",
             "real_start": begin + timedelta(days=n), "real_end": begin + timedelta(days=n, minutes=30)} for n in numbers
        ])
        add(Job, [
            {"kind": JobKind.READ, "state": JobState.DONE, "bulletin_id": n, "created_at": begin} for n in numbers
        ])


def _acts(settings: Settings, database: Database) -> dict[str, Callable[[], object]]:
    store = JobStore(database, "bench:1:1")

    def receive() -> object:
        with database.session() as session:
            text = f"Mời họp thôn lúc 19 giờ. {time.monotonic_ns()}"
            return bulletins.receive_text(session, settings, "Họp", text, user_id=None).id

    def edit() -> object:
        with database.session() as session:
            bulletin = session.get_one(Bulletin, 7)
            content = f"Đã sửa {time.monotonic_ns()}"
            return bulletins.save_text(session, bulletin, content, user_id=None, version=bulletin.version).id

    def same_paper() -> object:
        with database.session(write=False) as session:
            return bulletins.find_duplicate(session, f"{11:064d}")

    def hash_program() -> object:
        with database.session(write=False) as session:
            return programs.content_sha256(session, session.get_one(Program, 9))

    def look_for_jobs() -> object:
        store.take_back_lost(lambda name: False, utc_now())
        return store.waiting()

    def log_page() -> object:
        with database.session(write=False) as session:
            return session.scalars(sa.select(AsRun).where(AsRun.station_id == 1).order_by(AsRun.real_start.desc()).limit(50)).all()

    return {
        "receive": receive, "edit": edit, "same_paper": same_paper, "hash_program": hash_program,
        "look_for_jobs": look_for_jobs, "log_page": log_page,
    }


def _median_ms(act: Callable[[], object]) -> float:
    act()
    times = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        act()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def run(options: Mapping[str, str]) -> Iterator[Figure]:
    """One figure for each act; see the module."""
    rows, factor = int(options.get("rows", "500")), int(options.get("factor", "20"))
    measured: list[dict[str, float]] = []
    for count in (rows, rows * factor):
        print(f"{count} bulletins", file=sys.stderr)
        with tempfile.TemporaryDirectory(prefix="station-bench-") as folder:
            settings = build_settings(StationHome(Path(folder)).ensure(), {}, {})
            database = open_database(settings)
            database.migrate()
            _fill(database, count)
            measured.append({name: _median_ms(act) for name, act in _acts(settings, database).items()})
            database.close()
    few, many = measured
    for name, value in many.items():
        yield Figure(f"scale.{name}", round(value, 3), "ms", round(few[name], 3), GOAL, of="ratio")

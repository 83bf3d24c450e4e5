"""What is on air, what comes next, and what waits, for the home page and its live stream."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from station.db.models import Alarm, Bulletin, Heartbeat, Job, Occurrence, Program
from station.db.states import BulletinState, JobState, Outcome, ProgramState, SourceKind
from station.db.types import utc_now
from station.schedules import Planned, plan
from station.schedules.store import load_exceptions, load_slots
from station.web import data, labels

#: the air process writes each second; older than this it is not running
AIR_SILENT = timedelta(seconds=10)
WORKER_SILENT = timedelta(seconds=60)


@dataclass(frozen=True)
class AirNow:
    """The air process as its last sign of life tells; levels in dBFS, times in seconds."""

    alive: bool
    source: str = "silence"
    title: str = ""
    program_id: int | None = None
    position: float = 0.0
    duration: float = 0.0
    rms: float = -120.0
    peak: float = -120.0
    output: str = ""
    next_title: str = ""
    next_at: str = ""

    def to_json(self) -> dict[str, Any]:
        """For the page's script; the words are in the reader's language."""
        kind = next((k for k in SourceKind if k.value == self.source), SourceKind.SILENCE)
        return {
            "alive": self.alive, "source": self.source, "source_label": str(labels.SOURCE[kind]), "title": self.title,
            "position": round(self.position, 1), "duration": round(self.duration, 1), "rms": round(self.rms, 1),
            "peak": round(self.peak, 1), "next_title": self.next_title, "next_at": self.next_at,
        }


def air_now(session: Session) -> AirNow:
    """Read from the heartbeat row; a row that is too old is an air process that does not run."""
    row = session.get(Heartbeat, "air")
    if row is None or utc_now() - row.at > AIR_SILENT:
        return AirNow(alive=False)
    facts = row.data or {}
    coming = facts.get("next") or {}
    return AirNow(
        alive=True, source=str(facts.get("source") or "silence"), title=str(facts.get("title") or ""),
        program_id=facts.get("program_id"), position=float(facts.get("position_seconds") or 0),
        duration=float(facts.get("duration_seconds") or 0), rms=_level(facts.get("rms_dbfs")),
        peak=_level(facts.get("peak_dbfs")), output=str(facts.get("output") or ""),
        next_title=str(coming.get("title") or ""), next_at=_local_clock(coming.get("at")),
    )


def _level(value: object) -> float:
    return float(value) if isinstance(value, int | float) else -120.0


def _local_clock(value: object) -> str:
    if not isinstance(value, str) or not value:
        return ""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return ""
    return f"{moment.astimezone(data.settings().zone):%H:%M %d/%m}" if moment.tzinfo else ""


def planned(session: Session, start: datetime, end: datetime) -> list[Planned]:
    """The occurrences that the timetable gives between two moments."""
    return plan(load_slots(session), load_exceptions(session), start, end, data.settings().zone)


@dataclass(frozen=True)
class Airing:
    """A planned occurrence and how it went; ``outcome`` None while it is still to come."""

    plan: Planned
    outcome: Outcome | None
    reason: str
    program_id: int | None


def airings(session: Session, start: datetime, end: datetime) -> list[Airing]:
    """Plan and results side by side, in two queries beside the timetable's."""
    rows = {
        (row.slot_id, row.local_date): row
        for row in session.execute(
            sa.select(
                Occurrence.slot_id, Occurrence.local_date, Occurrence.outcome, Occurrence.reason, Occurrence.program_id
            ).where(
                Occurrence.station_id == 1, Occurrence.planned_start >= start - timedelta(days=1),
                Occurrence.planned_start < end + timedelta(days=1),
            )
        )
    }
    found = []
    for one in planned(session, start, end):
        row = rows.get((int(one.slot.id), one.local_date))
        found.append(Airing(one, row.outcome if row else None, row.reason if row else "", row.program_id if row else None))
    return found


@dataclass(frozen=True)
class Waiting:
    """How much waits for people."""

    proofread: int
    build: int
    submit: int
    approve: int
    returned: int


def waiting(session: Session) -> Waiting:
    """Counts by state; archived and approved rows, which grow over the years, are not touched."""
    bulletins = session.scalar(
        sa.select(sa.func.count()).where(Bulletin.station_id == 1, Bulletin.state == BulletinState.PROOFREADING)
    ) or 0
    wanted = (ProgramState.DRAFT, ProgramState.READY, ProgramState.SUBMITTED, ProgramState.RETURNED)
    counts = dict(
        session.execute(
            sa.select(Program.state, sa.func.count()).where(Program.station_id == 1, Program.state.in_(wanted))
            .group_by(Program.state)
        ).all()
    )
    return Waiting(
        bulletins, counts.get(ProgramState.DRAFT, 0), counts.get(ProgramState.READY, 0),
        counts.get(ProgramState.SUBMITTED, 0), counts.get(ProgramState.RETURNED, 0),
    )


def open_alarms(session: Session, limit: int = 10) -> list[Alarm]:
    """What went wrong and is not over yet, or nobody has acknowledged."""
    return list(session.scalars(
        sa.select(Alarm).where(
            Alarm.station_id == 1, Alarm.cleared_at.is_(None), Alarm.acknowledged_by_id.is_(None), Alarm.severity != "info"
        ).order_by(Alarm.at.desc()).limit(limit)
    ))


def failed_jobs(session: Session, limit: int = 5) -> list[Job]:
    """Jobs that failed and that nobody has looked at."""
    return list(session.scalars(
        sa.select(Job).where(Job.station_id == 1, Job.state == JobState.FAILED, Job.acknowledged_at.is_(None))
        .order_by(Job.created_at.desc()).limit(limit)
    ))

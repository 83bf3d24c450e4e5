"""The book of occurrences: rows made from the plan, kept with it, each to end in one outcome."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from station.db.models import Heartbeat, Occurrence, Slot, SlotException
from station.db.states import Outcome
from station.schedules.model import Planned
from station.schedules.planner import plan
from station.schedules.store import load_exceptions, load_slots

#: how far ahead rows are made
HORIZON = timedelta(hours=36)
#: how far back a station that was off looks for what it missed
LOOK_BACK = timedelta(days=60)
_WATERMARK = "air.plan"


def keep_book(session: Session, now: datetime, zone: ZoneInfo) -> dict[tuple[int, date], Planned]:
    """Bring the rows up to the plan, inside a write transaction; what was missed while nobody looked is there too.

    Returns the plan of the days around ``now`` by (slot, local date).
    """
    mark = session.get(Heartbeat, _WATERMARK)
    since = now
    if mark is not None and mark.data.get("until"):
        since = min(now, datetime.fromisoformat(mark.data["until"]) - HORIZON)
    since = max(since, now - LOOK_BACK) - timedelta(days=1)
    until = now + HORIZON
    planned = {(int(one.slot.id), one.local_date): one for one in plan(
        load_slots(session), load_exceptions(session), since, until, zone
    )}
    slots = {row.id: row for row in session.scalars(sa.select(Slot))}
    rows = {
        (row.slot_id, row.local_date): row
        for row in session.scalars(sa.select(Occurrence).where(Occurrence.planned_start >= since - timedelta(days=2)))
    }
    for key, one in planned.items():
        row, slot = rows.get(key), slots[key[0]]
        if row is None:
            # a slot says nothing about the time before it was made or edited
            if one.start < slot.created_at or one.start < slot.updated_at:
                continue
            session.add(
                Occurrence(slot_id=key[0], local_date=key[1], planned_start=one.start, planned_end=one.end)
            )
        elif row.outcome is None and row.started_at is None:
            if (row.planned_start, row.planned_end) == (one.start, one.end):
                continue
            if one.start != row.planned_start and one.start < now:
                _end(row, now, Outcome.SUPERSEDED, "Lịch được sửa thành giờ đã qua.")
            else:
                row.planned_start, row.planned_end = one.start, one.end
    for key, row in rows.items():
        if key in planned or row.outcome is not None or row.started_at is not None or row.planned_start < since:
            continue
        if row.planned_start > now:
            session.delete(row)
        else:
            _end(row, now, Outcome.SUPERSEDED, "Buổi này đã được bỏ khỏi lịch.")
    if mark is None:
        mark = Heartbeat(name=_WATERMARK, holder="", at=now, data={})
        session.add(mark)
    mark.at = now
    mark.data = {"until": until.isoformat()}
    session.flush()
    return planned


def _end(row: Occurrence, now: datetime, outcome: Outcome, reason: str) -> None:
    row.outcome, row.reason, row.ended_at = outcome, reason, now


def end_occurrence(
    session: Session, occurrence_id: int, outcome: Outcome, reason: str, at: datetime, *, resume_frame: int | None = None
) -> bool:
    """Give an occurrence its outcome.  False when it has one already: the first stands."""
    values: dict[str, object] = {"outcome": outcome, "reason": reason[:500], "ended_at": at}
    if resume_frame is not None:
        values["resume_frame"] = resume_frame
    result = session.execute(
        sa.update(Occurrence).where(Occurrence.id == occurrence_id, Occurrence.outcome.is_(None)).values(**values)
    )
    return bool(cast("sa.CursorResult[Any]", result).rowcount)


def timetable_mark(session: Session) -> tuple[object, ...]:
    """Something that changes whenever slots or exceptions do."""
    return (
        *session.execute(sa.select(sa.func.count(Slot.id), sa.func.max(Slot.updated_at), sa.func.sum(Slot.id))).one(),
        *(
            (row.id, row.slot_id, row.local_date, row.action, str(row.data)) for row in session.execute(sa.select(
                SlotException.id, SlotException.slot_id, SlotException.local_date, SlotException.action,
                SlotException.data,
            ).order_by(SlotException.id.desc()).limit(200))
        ),
    )

"""The timetable in the database: rows to values, and import and export of TOML."""

from __future__ import annotations

from datetime import datetime, time
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from station.db.models import Occurrence, Slot, SlotException
from station.db.types import utc_now
from station.schedules.model import ExceptionSpec, SlotSpec
from station.schedules.rules import parse_time
from station.schedules.toml import Timetable, parse_timetable, read_timetables, write_timetable


def slot_spec(row: Slot) -> SlotSpec:
    """A row as the planner's value."""
    return SlotSpec(
        id=row.id, key=row.key, name=row.name, start_time=parse_time(row.start_time),
        duration_seconds=row.duration_seconds, rule=dict(row.rule or {}), fill_kind=row.fill_kind, fill=row.fill,
        late_policy=row.late_policy, late_seconds=row.late_seconds, priority=row.priority, active=row.active,
    )


def load_slots(session: Session) -> list[SlotSpec]:
    return [slot_spec(row) for row in session.scalars(sa.select(Slot).order_by(Slot.id))]


def load_exceptions(session: Session) -> list[ExceptionSpec]:
    return [
        ExceptionSpec(row.slot_id, row.local_date, row.action, dict(row.data or {}), row.reason)
        for row in session.scalars(sa.select(SlotException).order_by(SlotException.local_date, SlotException.id))
    ]


def _columns(spec: SlotSpec) -> dict[str, object]:
    at: time = spec.start_time
    return {
        "name": spec.name, "start_time": f"{at:%H:%M:%S}", "duration_seconds": spec.duration_seconds,
        "rule": dict(spec.rule), "fill_kind": spec.fill_kind, "fill": spec.fill, "late_policy": spec.late_policy,
        "late_seconds": spec.late_seconds, "priority": spec.priority, "active": spec.active,
    }


def import_toml(session: Session, source: str | Path | Timetable, *, remove: bool = False) -> tuple[int, int]:
    """Bring slots and exceptions of a TOML text, file, folder or timetable into the database.

    Slots are matched by ``key``; one that did not change is not touched.  With ``remove``, slots with a key that the
    source does not have are deleted, or made inactive when they have aired.  Returns (slots, exceptions) written.
    """
    if isinstance(source, Timetable):
        timetable = source
    elif isinstance(source, Path):
        timetable = (
            read_timetables(source) if source.is_dir()
            else parse_timetable(source.read_text(encoding="utf-8-sig"), source.name)
        )
    else:
        timetable = parse_timetable(source)
    rows = {row.key: row for row in session.scalars(sa.select(Slot)) if row.key}
    written = 0
    for spec in timetable.slots:
        row = rows.get(spec.key)
        if row is None:
            row = rows[spec.key] = Slot(key=spec.key, **_columns(spec))
            session.add(row)
            written += 1
            continue
        for name, value in _columns(spec).items():
            if getattr(row, name) != value:
                setattr(row, name, value)
        written += session.is_modified(row)
    session.flush()
    if remove:
        wanted = {spec.key for spec in timetable.slots}
        for key, row in list(rows.items()):
            if key not in wanted:
                _retire(session, row)
    exceptions = 0
    for exception in timetable.exceptions:
        slot_id = rows[str(exception.slot_id)].id if exception.slot_id is not None else None
        known = session.scalar(
            sa.select(SlotException).where(
                SlotException.local_date == exception.local_date, SlotException.slot_id.is_(None)
                if slot_id is None else SlotException.slot_id == slot_id, SlotException.action == exception.action,
            )
        )
        if known is None:
            known = SlotException(slot_id=slot_id, local_date=exception.local_date, action=exception.action)
            session.add(known)
            exceptions += 1
        known.data, known.reason = dict(exception.data), exception.reason
    session.flush()
    return written, exceptions


def _retire(session: Session, row: Slot) -> None:
    # a slot with a history stays: its occurrences and as-run rows point to it
    if session.scalar(sa.select(sa.func.count()).where(Occurrence.slot_id == row.id)):
        row.active = False
    else:
        session.delete(row)


def export_toml(session: Session) -> str:
    """The database's timetable as TOML; slots without a key get one from their number."""
    keys: dict[int | str, str] = {}
    slots = []
    for row in session.scalars(sa.select(Slot).order_by(Slot.start_time, Slot.id)):
        spec = slot_spec(row)
        keys[row.id] = row.key or f"buoi-{row.id}"
        slots.append(SlotSpec(**{**spec.__dict__, "id": keys[row.id], "key": keys[row.id]}))
    exceptions = tuple(
        ExceptionSpec(None if e.slot_id is None else keys[e.slot_id], e.local_date, e.action, e.data, e.reason)
        for e in load_exceptions(session)
    )
    return write_timetable(Timetable(tuple(slots), exceptions))


def touch(row: Slot, now: datetime | None = None) -> None:
    """Mark a slot as edited now (a change of its time must not air what has already passed)."""
    row.updated_at = now or utc_now()

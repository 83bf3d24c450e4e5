"""The planner: slots, exceptions and a range in, occurrences and conflicts out.  Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from station.db.states import FillKind
from station.schedules.model import ExceptionSpec, Planned, SlotSpec
from station.schedules.rules import matches, parse_time


def local_moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The moment of a wall-clock time, aware, in ``zone``.

    A time that the zone skips (summer time begins) is taken that much later; of a time that happens twice the
    first is taken, so that nothing airs twice.
    """
    moment = datetime.combine(day, at, tzinfo=zone)
    return moment.astimezone(UTC).astimezone(zone)


def plan(
    slots: Iterable[SlotSpec], exceptions: Iterable[ExceptionSpec], start: datetime, end: datetime, zone: ZoneInfo
) -> list[Planned]:
    """Occurrences with ``start <= their start < end``, by time; a slot has at most one on a local date.

    ``start`` and ``end`` are aware.  An exception of one slot goes before one of all slots.
    """
    if start.tzinfo is None or end.tzinfo is None:
        raise ValueError("the range must be aware")
    by_day: dict[date, list[ExceptionSpec]] = {}
    for exception in exceptions:
        by_day.setdefault(exception.local_date, []).append(exception)
    first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    slots = [slot for slot in slots if slot.active]
    planned: list[Planned] = []
    day = first - timedelta(days=1)
    while day <= last + timedelta(days=1):
        for slot in slots:
            one = _on_day(slot, day, by_day.get(day, ()), zone)
            if one is not None and start <= one.start < end:
                planned.append(one)
        day += timedelta(days=1)
    planned.sort(key=lambda one: (one.start.timestamp(), not one.slot.priority, str(one.slot.id)))
    return planned


def _on_day(slot: SlotSpec, day: date, exceptions: Sequence[ExceptionSpec], zone: ZoneInfo) -> Planned | None:
    mine = [e for e in exceptions if e.slot_id == slot.id] or [e for e in exceptions if e.slot_id is None]
    extra = any(e.action == "add" and e.slot_id == slot.id for e in mine)
    if not extra and not matches(slot.rule, day):
        return None
    at, fill_kind, fill, note = slot.start_time, slot.fill_kind, slot.fill, ""
    for exception in mine:
        note = exception.reason or note
        if exception.action == "skip":
            return None
        if exception.action in ("move", "add") and exception.data.get("start"):
            at = parse_time(exception.data["start"])
        if exception.action == "fill" and exception.data.get("fill"):
            fill_kind = FillKind(exception.data.get("fill_kind", FillKind.LATEST))
            fill = str(exception.data["fill"])
    start = local_moment(day, at, zone)
    # the length is real time, not wall-clock time, so that it stands on a night when the clocks change
    end = (start.astimezone(UTC) + timedelta(seconds=slot.duration_seconds)).astimezone(zone)
    return Planned(slot, day, start, end, fill_kind, fill, note)


class WayOut(StrEnum):
    """What can be done about a conflict."""

    REPLACE = "replace"  # the later one takes the place of the earlier one that day
    PLAY_AFTER = "play_after"  # the later one is moved to the end of the earlier one


@dataclass(frozen=True)
class Conflict:
    """Two occurrences that overlap; ``first`` begins first.  A priority slot interrupts, so it never conflicts."""

    first: Planned
    second: Planned

    def solve(self, way: WayOut) -> ExceptionSpec:
        """The exception that ends this conflict."""
        if way is WayOut.REPLACE:
            reason = f"Nhường giờ cho '{self.second.slot.name}'"
            return ExceptionSpec(self.first.slot.id, self.first.local_date, "skip", reason=reason)
        local = self.first.end.astimezone(self.second.start.tzinfo)
        return ExceptionSpec(
            self.second.slot.id, self.second.local_date, "move", {"start": f"{local:%H:%M:%S}"},
            f"Phát sau '{self.first.slot.name}'",
        )

    def ways_out(self) -> tuple[WayOut, ...]:
        """Both ways, but for one that would leave the day of the occurrence."""
        ends = self.first.end.astimezone(self.second.start.tzinfo).date()
        return (WayOut.REPLACE, WayOut.PLAY_AFTER) if ends == self.second.local_date else (WayOut.REPLACE,)

    def in_words(self) -> str:
        return (
            f"{self.second.start:%d/%m %H:%M} '{self.second.slot.name}' chồng lên '{self.first.slot.name}' "
            f"({self.first.start:%H:%M} đến {self.first.end:%H:%M})."
        )


def find_conflicts(planned: Sequence[Planned]) -> list[Conflict]:
    """Overlaps among planned occurrences (sorted by start)."""
    conflicts = []
    ordinary = [one for one in planned if not one.slot.priority]
    for index, one in enumerate(ordinary):
        for other in ordinary[index + 1:]:
            if other.start >= one.end:
                break
            conflicts.append(Conflict(one, other))
    return conflicts


def free_of(slots: Iterable[SlotSpec], slot_id: int | str) -> list[SlotSpec]:
    """The slots with one made inactive (for "what if" on the page)."""
    return [replace(slot, active=False) if slot.id == slot_id else slot for slot in slots]

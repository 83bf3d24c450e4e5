"""Values of the timetable: rules of days, slots, exceptions, planned occurrences.

The ``rule`` of a slot is a plain mapping (a JSON column, a TOML table) with these keys, all optional:

``weekdays``      names (``"T2"`` ... ``"T7"``, ``"CN"``, ``"mon"`` ... ``"sun"``) or numbers (Monday is 0)
``month_days``    days of the month; -1 is the last
``dates``         single days, ``"YYYY-MM-DD"``
``lunar``         ``"rằm"``, ``"mùng một"``, ``"Tết"`` (three days), ``"giao thừa"``, ``"23"`` (every month), ``"15/7"``
``from``, ``to``  first and last day, ``"YYYY-MM-DD"``
``season``        first and last day of every year, ``["05-01", "08-31"]``; may run over New Year
``except_dates``, ``except_lunar``, ``except_weekdays``  days left out

The first four choose days and add up (none of them: every day); the others limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from station.db.states import FillKind, LatePolicy


@dataclass(frozen=True)
class SlotSpec:
    """A slot as the planner sees it.  ``id`` is any key that is unique in one call (row id or the TOML's key)."""

    id: int | str
    name: str
    start_time: time
    duration_seconds: int = 1800
    rule: Mapping[str, Any] = field(default_factory=dict)
    fill_kind: FillKind = FillKind.LATEST
    fill: str = "daily"
    late_policy: LatePolicy = LatePolicy.START_NOW
    late_seconds: int = 600
    priority: bool = False
    active: bool = True
    key: str = ""


@dataclass(frozen=True)
class ExceptionSpec:
    """A day on which a slot (``slot_id`` None: every slot) is skipped, moved or filled otherwise.

    ``action`` is ``"skip"``, ``"move"`` (``data["start"]``), ``"fill"`` (``data["fill_kind"]``, ``data["fill"]``) or
    ``"add"``: it airs on a day that its rule does not mean (``data["start"]``, or at its usual time).
    """

    slot_id: int | str | None
    local_date: date
    action: str = "skip"
    data: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True)
class Planned:
    """One airing to come: aware ``start`` and ``end``; (``slot.id``, ``local_date``) is its key."""

    slot: SlotSpec
    local_date: date
    start: datetime
    end: datetime
    fill_kind: FillKind
    fill: str
    note: str = ""

    @property
    def key(self) -> tuple[int | str, date]:
        return (self.slot.id, self.local_date)

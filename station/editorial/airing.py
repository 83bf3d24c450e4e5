"""When a program airs by the timetable, how long it may be, and what follows it."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from station.config import Settings
from station.db.models import Program
from station.db.states import FillKind
from station.errors import ScheduleError
from station.programs.wording import NextProgram
from station.schedules.model import ExceptionSpec, Planned, SlotSpec
from station.schedules.planner import plan
from station.schedules.store import load_exceptions, load_slots

_LOG = logging.getLogger(__name__)
#: the hour of a program that no slot asks for
USUAL_HOUR = time(5)
#: how far ahead a following program is looked for
DAYS_AHEAD = 8


@dataclass(frozen=True)
class Airing:
    """A program's place in the timetable.

    ``start`` is its first airing (aware); ``limit_seconds`` the shortest of its slots, and never more than one session
    may last.  ``slots`` are the names of the slots that day, none when the timetable has no place for it.
    ``following`` is what comes after its last airing that day, ``next_place`` the first after it that another program
    fills: where an item may be moved to.
    """

    start: datetime
    limit_seconds: float
    slots: tuple[str, ...] = ()
    following: Planned | None = None
    next_place: Planned | None = None

    def announced(self) -> NextProgram | None:
        """What the closing may announce: after the day's last airing, so that it is true at each of them."""
        return NextProgram(self.following.slot.name, self.following.start) if self.following else None


def place(
    slots: Iterable[SlotSpec], exceptions: Iterable[ExceptionSpec], settings: Settings, template: str,
    day: date | None, now: datetime, program_id: int | None = None,
) -> Airing:
    """The place of a program of ``template`` for ``day`` (None: any day; then what follows is not known).  Pure."""
    zone = settings.zone
    longest = settings.hours.longest_session_minutes * 60.0
    begin = now.astimezone(zone) if day is None else datetime.combine(day, time(0), zone)
    coming = plan(slots, exceptions, begin, begin + timedelta(days=DAYS_AHEAD), zone)

    def is_own(one: Planned) -> bool:
        if one.fill_kind is FillKind.PROGRAM:
            return program_id is not None and one.fill == str(program_id)
        return one.fill_kind is FillKind.LATEST and one.fill == template

    own = [one for one in coming if is_own(one)]
    if day is None:
        own = own[:1]
    else:
        own = [one for one in own if one.local_date == day]
    if not own:
        return Airing(begin if day is None else datetime.combine(day, USUAL_HOUR, zone), longest)
    limit = min(longest, *(float(one.slot.duration_seconds) for one in own))
    names = tuple(dict.fromkeys(one.slot.name for one in own))
    later = [one for one in coming if one.start > own[-1].start]
    places = (one for one in later if one.fill_kind is FillKind.LATEST and (one.fill, one.local_date) != (template, day))
    following = None if day is None else next((one for one in later if one.fill_kind is not FillKind.REPEAT), None)
    return Airing(own[0].start, limit, names, following, next(places, None))


def airing_of(session: Session, settings: Settings, program: Program, now: datetime) -> Airing:
    """:func:`place` by the timetable of the database; as with an empty one when that holds a rule written wrongly."""
    asked = (settings, program.template, program.air_date, now, program.id)
    try:
        return place(load_slots(session), load_exceptions(session), *asked)
    except ScheduleError as error:
        _LOG.warning("timetable not used: %s %s", error.message, error.detail)
        return place((), (), *asked)

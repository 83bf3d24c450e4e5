"""A program against its slot: how long it is, and carrying out what staff chose when it is too long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from station.config import Settings
from station.db.models import Program, ProgramItem, User
from station.db.states import ProgramState
from station.editorial import audit
from station.editorial.content import ProgramContent, read_content
from station.editorial.programs import ItemSpec, create_program, set_items, set_sound
from station.errors import ProgramError
from station.programs.slot import LEAST_PAUSE, ChoiceKind, Fit, fit_to_slot, scaled_to

#: programs that an item may be moved into without taking back what a leader has before him
_OPEN = (ProgramState.DRAFT, ProgramState.READY, ProgramState.RETURNED, ProgramState.FAILED)


@dataclass(frozen=True)
class NextPlace:
    """Where items go that are moved: the template and day of a program, and how its slot is called."""

    template: str
    day: date | None
    name: str


def fit_of(content: ProgramContent, settings: Settings, real_seconds: float | None = None) -> Fit:
    """How the program fits its slot.  ``real_seconds`` is its length where it is built from this very content."""
    length = content.estimate(settings)
    if real_seconds is not None:
        length = scaled_to(length, real_seconds)
    return fit_to_slot(length, content.airing.limit_seconds, least_pause=LEAST_PAUSE / content.pauses)


def fit_of_program(session: Session, settings: Settings, program: Program, now: datetime) -> tuple[ProgramContent, Fit]:
    """:func:`fit_of` of a program as it is now."""
    content = read_content(session, settings, program, now)
    render = program.render
    fresh = render is not None and render.content_sha256 == content.sha256
    return content, fit_of(content, settings, render.seconds if render is not None and fresh else None)


def next_place(content: ProgramContent) -> NextPlace:
    """Where what does not fit goes: the next slot of another program, else the same kind of program a day later."""
    coming = content.airing.next_place
    if coming is not None:
        return NextPlace(coming.fill, coming.local_date, coming.slot.name)
    return NextPlace(content.template, content.day + timedelta(days=1) if content.day else None, "")


def carry_out(
    session: Session, settings: Settings, program: Program, kind: ChoiceKind, *, now: datetime, user_id: int | None,
    program_title: str,
) -> Program | None:
    """Make the program shorter in the way that was chosen; the program that items were moved to, if any.

    The choice is found anew, so that it is about the program as it is now.  ``program_title`` names a program that has
    to be made for items that move.  Raises :class:`ProgramError` when that way is open no more.
    """
    content, fit = fit_of_program(session, settings, program, now)
    choice = next((one for one in fit.choices if one.kind is kind), None)
    if choice is None:
        raise ProgramError("Chương trình vừa thay đổi nên cách này không còn dùng được.", mend="Hãy xem lại độ dài rồi chọn lại.",
                           code="programs.fit")
    if kind is ChoiceKind.SHORTEN_PAUSES:
        _set_fit(session, program, content.pauses * choice.factor, content.repeats, user_id)
        return None
    if kind is ChoiceKind.DROP_REPEATS:
        _set_fit(session, program, content.pauses, False, user_id)
        return None
    leaving = {ref.removeprefix("item:") for ref in choice.refs}
    staying = [item for item in program.items if str(item.id) not in leaving]
    going = [spec_of(item) for item in program.items if str(item.id) in leaving]
    moved_to = _move(session, next_place(content), program, going, user_id, program_title) if kind is ChoiceKind.MOVE else None
    set_items(session, program, [spec_of(item) for item in staying], user_id=user_id)
    user = session.get(User, user_id) if user_id is not None else None
    audit.record(session, user, "program.fit", f"program:{program.id}", {"way": kind.value, "items": [one.title for one in going]})
    return moved_to


def undo(session: Session, program: Program, *, user_id: int | None) -> None:
    """Pauses and repeats as the template has them."""
    _set_fit(session, program, 1.0, True, user_id)


def spec_of(item: ProgramItem) -> ItemSpec:
    """An item as it would be set again."""
    return ItemSpec(item.kind, item.bulletin_id, item.title, item.content, item.path, item.repeat)


def _set_fit(session: Session, program: Program, pauses: float, repeats: bool, user_id: int | None) -> None:
    fit = {"pauses": round(max(pauses, LEAST_PAUSE), 3), "repeats": repeats}
    set_sound(session, program, options={"fit": fit}, user_id=user_id)


def _move(
    session: Session, place: NextPlace, program: Program, items: list[ItemSpec], user_id: int | None, title: str
) -> Program:
    """The items before those of the open program of that place, which is made when there is none: they waited longer."""
    found = session.scalar(
        sa.select(Program).where(
            Program.station_id == program.station_id, Program.template == place.template, Program.air_date == place.day,
            Program.state.in_(_OPEN), Program.id != program.id,
        ).order_by(Program.id.desc()).limit(1)
    )
    if found is None:
        found = create_program(session, title=title, air_date=place.day, template=place.template, user_id=user_id,
                               station_id=program.station_id)
    set_items(session, found, [*items, *(spec_of(item) for item in found.items)], user_id=user_id)
    return found



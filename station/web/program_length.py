"""A program's length against its slot as its page shows it, known before anything is spoken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from station.db.models import Program, Render
from station.db.types import utc_now
from station.editorial.content import ProgramContent
from station.editorial.fitting import NextPlace, fit_of_program, next_place
from station.errors import ProgramError
from station.programs.calibration import calibrate_later
from station.programs.model import SegmentKind
from station.programs.slot import Fit
from station.programs.speech import sentences_of
from station.programs.template import PartKind, load_template
from station.web import data


@dataclass(frozen=True)
class Length:
    """``real`` where it was measured and not estimated; ``slots`` are the slots that it fills that day.

    ``left_out`` names, for each choice, the items that it leaves out; ``pauses`` and ``repeats`` are what was chosen
    before.  ``words_changed``: the program is built, but what is said around its items would now be other words (the
    timetable, the template or the day changed).
    """

    fit: Fit
    real: bool
    slots: tuple[str, ...]
    start: datetime
    left_out: tuple[tuple[str, ...], ...]
    place: NextPlace
    pauses: float
    repeats: bool
    words_changed: bool = False


def length_of(session: Session, program: Program) -> Length | None:
    """The length of a program; None when it has nothing in it or its template cannot be used."""
    if not program.items:
        return None
    try:
        content, fit = fit_of_program(session, data.settings(), program, utc_now())
    except ProgramError:
        return None  # the same error is told where the program is built
    calibrate_later(content.voice, data.settings())
    titles = {f"item:{item.id}": item.title or (item.bulletin.title if item.bulletin else "") for item in program.items}
    render = program.render
    return Length(
        fit, render is not None and render.content_sha256 == content.sha256, content.airing.slots, content.airing.start,
        tuple(tuple(titles.get(ref, "") for ref in choice.refs) for choice in fit.choices), next_place(content),
        content.pauses, content.repeats, _words_changed(content, render),
    )


def _words_changed(content: ProgramContent, render: Render | None) -> bool:
    if render is None or render.content_sha256 != content.sha256:
        return False
    said, config = set(render.script.split("\n")), data.settings()
    lines = [line for draft in content.outline(config) if draft.kind is not SegmentKind.ITEM for line in draft.lines]
    return any(one.spoken not in said for line in lines for one in sentences_of(line, config))


def named_notices(program: Program) -> list[tuple[str, str, str]]:
    """(name, title, words) of the parts whose words are typed for each program, such as the weather."""
    try:
        template = load_template(program.template, data.settings().home)
    except ProgramError:
        return []
    given = program.options.get("notices", {})
    return [
        (part.name, part.title or part.name, given.get(part.name, ""))
        for part in template.parts if part.kind is PartKind.NOTICE and part.name
    ]

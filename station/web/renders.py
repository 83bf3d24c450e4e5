"""A render as the page shows it: chapters, sentences with their seconds, what changed since an approval."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher

import sqlalchemy as sa
from sqlalchemy.orm import Session

from station.config import Settings
from station.db.models import Approval, Program, Render
from station.db.states import Decision
from station.db.types import utc_now
from station.editorial.airing import airing_of
from station.programs.transcript import shown


@dataclass(frozen=True)
class Part:
    """A chapter or a sentence: ``start`` and ``end`` in seconds."""

    title: str
    start: float
    end: float
    kind: str = ""
    segment: int = 0


def chapters(render: Render) -> list[Part]:
    """The chapters of a render in order."""
    rate = render.sample_rate
    return [
        Part(row.get("title", ""), row["start_frame"] / rate, row["end_frame"] / rate, str(row.get("kind", "")))
        for row in render.chapters
    ]


def cues(render: Render) -> list[Part]:
    """The spoken sentences of a render in order."""
    rate = render.sample_rate
    return [
        Part(shown(row["text"]), row["start_frame"] / rate, row["end_frame"] / rate, segment=int(row.get("segment", 0)))
        for row in render.cues
    ]


@dataclass(frozen=True)
class Change:
    """A line of the words: "same", "added" or "removed"."""

    kind: str
    text: str


def changes(before: str, after: str) -> list[Change]:
    """What changed between two scripts, sentence by sentence; long same stretches are cut short."""
    old, new = before.splitlines(), after.splitlines()
    found: list[Change] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            same = new[j1:j2]
            found += [Change("same", line) for line in (same if len(same) <= 2 else [same[0], "…", same[-1]])]
        else:
            found += [Change("removed", line) for line in old[i1:i2]] + [Change("added", line) for line in new[j1:j2]]
    return found


def last_approved(session: Session, program: Program) -> tuple[Approval, Render] | None:
    """The newest approval of the program and the render it was about."""
    row = session.execute(
        sa.select(Approval, Render).join(Render, Render.id == Approval.render_id)
        .where(Approval.program_id == program.id, Approval.decision == Decision.APPROVED)
        .order_by(Approval.id.desc()).limit(1)
    ).first()
    return (row[0], row[1]) if row else None


def slot_seconds(session: Session, settings: Settings, program: Program) -> int | None:
    """The shortest slot that the program fills on its day, seconds; None when no slot asks for it."""
    airing = airing_of(session, settings, program, utc_now())
    return round(airing.limit_seconds) if airing.slots else None

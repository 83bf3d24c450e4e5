"""What is proposed for a bulletin, and the day after which it is not aired."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from station.bulletins.classify import Facts, classify, facts_of
from station.bulletins.closing import closing_line
from station.config import Settings
from station.db.models import Bulletin, Program, ProgramItem
from station.editorial.blocks import edited_document
from station.programs.items import title_of


def propose(settings: Settings, bulletin: Bulletin, text: str) -> None:
    """Fills ``bulletin.facts``; neither class, title nor last day of the bulletin is touched."""
    today = datetime.now(settings.zone).date()
    document = edited_document(bulletin)
    if document is None:
        facts, title, closing = facts_of(text, today=today), "", ""
    else:
        facts, title = classify(document, today), title_of(document)
        closing = closing_line(document) if settings.ocr.speak_agency_and_signer else ""
    bulletin.facts = {**(bulletin.facts or {}), **_json(facts), "title": title, "closing": closing}


def _json(facts: Facts) -> dict[str, object]:
    return {
        "kind": facts.kind, "priority": facts.priority, "because": list(facts.because),
        "days": [day.isoformat() for day in facts.days],
        "last_day": facts.last_day.isoformat() if facts.last_day else "",
    }


def proposed_last_day(bulletin: Bulletin) -> date | None:
    """The last day that the bulletin speaks of, as it was read."""
    stored = (bulletin.facts or {}).get("last_day") or ""
    return date.fromisoformat(stored) if stored else None


def has_passed(bulletin: Bulletin, day: date) -> bool:
    """True when ``day`` is after the last day on which the bulletin may be aired."""
    return bulletin.last_day is not None and bulletin.last_day < day


def passed_bulletins(session: Session, program: Program, day: date) -> Sequence[Bulletin]:
    """The bulletins of a program that are old news on ``day``."""
    return session.scalars(
        sa.select(Bulletin).join(ProgramItem, ProgramItem.bulletin_id == Bulletin.id)
        .where(ProgramItem.program_id == program.id, Bulletin.last_day < day).order_by(ProgramItem.position).distinct()
    ).all() if program.id is not None else ()

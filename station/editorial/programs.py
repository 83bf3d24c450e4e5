"""Programs: their items, their sound, and the hash of all that goes into them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from station.db.models import Approval, Bulletin, Program, ProgramItem, User
from station.db.states import BulletinState, Decision, ItemKind, ProgramState
from station.editorial import audit
from station.editorial.bulletins import current_texts
from station.editorial.facts import has_passed
from station.errors import ProgramError


@dataclass(frozen=True)
class ItemSpec:
    """One item as the page sends it."""

    kind: ItemKind = ItemKind.BULLETIN
    bulletin_id: int | None = None
    title: str = ""
    content: str = ""
    path: str = ""
    repeat: int = 1


def create_program(
    session: Session, *, title: str, air_date: date | None, template: str = "daily",
    bulletin_ids: Sequence[int] = (), user_id: int | None, station_id: int = 1,
) -> Program:
    """A new program; its bulletins in the given order."""
    program = Program(
        station_id=station_id, title=" ".join(title.split())[:500], air_date=air_date, template=template,
        created_by_id=user_id,
    )
    session.add(program)
    session.flush()
    set_items(session, program, [ItemSpec(bulletin_id=number) for number in bulletin_ids], user_id=user_id)
    audit.record(session, _user(session, user_id), "program.create", f"program:{program.id}")
    return program


def set_items(session: Session, program: Program, items: Sequence[ItemSpec], *, user_id: int | None) -> None:
    """Replace the items.  Raises :class:`ProgramError` for a bulletin that is not there or was archived."""
    wanted = [item.bulletin_id for item in items if item.kind is ItemKind.BULLETIN]
    known = {
        bulletin.id: bulletin
        for bulletin in session.scalars(sa.select(Bulletin).where(Bulletin.id.in_([i for i in wanted if i is not None])))
    }
    for number in wanted:
        if number is None or number not in known:
            raise ProgramError("Không thấy bản tin đã chọn.", mend="Hãy tải lại trang.", code="programs.bulletin")
        if known[number].state is BulletinState.ARCHIVED:
            raise ProgramError(f"Bản tin '{known[number].title}' đã cất đi.", code="programs.archived")
        if program.air_date is not None and has_passed(known[number], program.air_date):
            raise ProgramError(
                f"Bản tin '{known[number].title}' chỉ phát đến hết ngày {known[number].last_day:%d/%m/%Y}.",
                mend="Hãy bỏ bản tin này khỏi chương trình, hoặc sửa ngày hết hạn của bản tin.", code="programs.passed",
            )
    program.items.clear()
    session.flush()
    for position, item in enumerate(items):
        bulletin = known.get(item.bulletin_id or 0)
        program.items.append(ProgramItem(
            position=position, kind=item.kind, bulletin_id=item.bulletin_id, content=item.content, path=item.path,
            title=item.title or (bulletin.title if bulletin else ""), repeat=max(1, min(item.repeat, 5)),
        ))
    session.flush()
    _changed(session, program, user_id)


def set_sound(
    session: Session, program: Program, *, voice: str | None = None, profile: str | None = None,
    options: dict[str, Any] | None = None, user_id: int | None = None,
) -> None:
    """Change the voice, the loudspeaker profile or other options of how the program sounds."""
    if voice is not None:
        program.voice = voice
    if profile is not None:
        program.profile = profile
    if options is not None:
        program.options = {**program.options, **options}
    _changed(session, program, user_id)


def content_sha256(session: Session, program: Program) -> str:
    """The hash of all that decides how the program sounds: words, order, voice, template, day."""
    texts = current_texts(session, [item.bulletin_id for item in program.items if item.bulletin_id is not None])
    content = {
        "template": program.template, "air_date": program.air_date.isoformat() if program.air_date else "",
        "voice": program.voice, "profile": program.profile, "options": program.options,
        "items": [
            {
                "kind": item.kind.value, "bulletin": item.bulletin_id, "title": item.title, "path": item.path,
                "content": item.content, "text": texts.get(item.bulletin_id or 0, ""), "repeat": item.repeat,
                "priority": item.bulletin.priority.value if item.bulletin else "",
            }
            for item in program.items
        ],
    }
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def is_stale(session: Session, program: Program) -> bool:
    """True when the render was made from something else than what the program is now."""
    return program.render is None or program.render.content_sha256 != content_sha256(session, program)


def void_if_stale(session: Session, program: Program, user_id: int | None) -> bool:
    """Take a submission or an approval back when the content changed under it.  True when it was taken back."""
    if program.state not in (ProgramState.SUBMITTED, ProgramState.APPROVED, ProgramState.READY):
        return False
    if not is_stale(session, program):
        return False
    if program.state is ProgramState.APPROVED:
        session.add(Approval(
            program_id=program.id, render_id=program.render_id, decision=Decision.VOIDED, user_id=user_id,
            render_sha256=program.render.sha256 if program.render else "",
            reason="Nội dung đã thay đổi sau khi duyệt.",
        ))
        audit.record(session, _user(session, user_id), "program.void", f"program:{program.id}")
    program.state = ProgramState.DRAFT
    return True


def void_programs_of(session: Session, bulletin_id: int, user_id: int | None) -> list[int]:
    """:func:`void_if_stale` for every program that holds the bulletin; ids of those taken back."""
    session.flush()
    programs = session.scalars(
        sa.select(Program).join(ProgramItem).where(
            ProgramItem.bulletin_id == bulletin_id,
            Program.state.in_((ProgramState.SUBMITTED, ProgramState.APPROVED, ProgramState.READY)),
        ).distinct()
    ).all()
    return [program.id for program in programs if void_if_stale(session, program, user_id)]


def _changed(session: Session, program: Program, user_id: int | None) -> None:
    program.version += 1
    session.flush()
    void_if_stale(session, program, user_id)
    if program.state in (ProgramState.RETURNED, ProgramState.FAILED):
        program.state = ProgramState.DRAFT


def _user(session: Session, user_id: int | None) -> User | None:
    return session.get(User, user_id) if user_id is not None else None

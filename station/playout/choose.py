"""What fills an occurrence: the approved program, and the check of its file."""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from station.config import Settings
from station.db.models import Occurrence, Program, Slot, User
from station.db.states import FillKind, Outcome, ProgramState
from station.editorial.approvals import airable_render, latest_approval
from station.schedules.model import Planned


@dataclass(frozen=True)
class Choice:
    """A program that may go on air."""

    program_id: int
    render_id: int
    title: str
    path: str
    sha256: str
    frames: int
    sample_rate: int
    approved_by: str = ""
    chapters: tuple[dict[str, Any], ...] = ()

    @property
    def seconds(self) -> float:
        return self.frames / self.sample_rate


def choose_program(
    session: Session, program: Program | None, settings: Settings, day: date | None = None
) -> Choice | None:
    """The approved render of one program, or None when nothing of it may air; on ``day`` no bulletin is old news."""
    render = airable_render(session, program, day) if program is not None else None
    if program is None or render is None:
        return None
    approval = latest_approval(session, program.id)
    user = session.get(User, approval.user_id) if approval is not None and approval.user_id else None
    return Choice(
        program.id, render.id, program.title, str(settings.home.root / render.path), render.sha256, render.frames,
        render.sample_rate, (user.display_name or user.username) if user else "", tuple(render.chapters or ()),
    )


def choose_fill(
    session: Session, planned: Planned, settings: Settings
) -> Choice | None:
    """What fills a planned occurrence; None when nothing approved is there.  Not for relays."""
    if planned.fill_kind is FillKind.PROGRAM:
        number = int(planned.fill) if planned.fill.isdigit() else 0
        return choose_program(session, session.get(Program, number), settings, planned.local_date)
    if planned.fill_kind is FillKind.REPEAT:
        return _last_aired(session, planned.fill, settings, planned.local_date)
    return latest_of(session, planned.fill, planned.local_date, settings)


def latest_of(session: Session, template: str, day: date, settings: Settings) -> Choice | None:
    """The newest approved program of a template for a day: one made for that day first, then one with no day.

    A program for another day is stale news and never fills in.
    """
    programs = session.scalars(
        sa.select(Program).where(
            Program.template == template, Program.state == ProgramState.APPROVED,
            sa.or_(Program.air_date == day, Program.air_date.is_(None)),
        ).order_by(Program.air_date.is_(None), Program.id.desc())
    )
    for program in programs:
        choice = choose_program(session, program, settings, day)
        if choice is not None:
            return choice
    return None


def _last_aired(session: Session, slot_key: str, settings: Settings, day: date) -> Choice | None:
    slot = session.scalar(sa.select(Slot).where(Slot.key == slot_key))
    if slot is None and slot_key.isdigit():
        slot = session.get(Slot, int(slot_key))
    if slot is None:
        return None
    program_id = session.scalar(
        sa.select(Occurrence.program_id).where(
            Occurrence.slot_id == slot.id, Occurrence.outcome.in_((Outcome.AIRED, Outcome.AIRED_LATE)),
        ).order_by(Occurrence.started_at.desc()).limit(1)
    )
    return choose_program(session, session.get(Program, program_id), settings, day) if program_id else None


def hash_file(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def secure_copy(choice: Choice, folder: Path) -> tuple[str, str]:
    """(path to play, problem).  A private copy whose bytes were checked while they were copied.

    The copy makes what airs be what was approved, whatever happens to the original meanwhile.  Where there is no
    room for it the original is checked and played.  ``problem`` is "missing" or "changed", else "".
    """
    source = Path(choice.path)
    target = folder / f"{choice.sha256}{source.suffix}"
    if target.is_file() and hash_file(target) == choice.sha256:
        return str(target), ""
    if not source.is_file():
        return "", "missing"
    partial = target.with_suffix(target.suffix + ".part")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(folder).free > source.stat().st_size + 50_000_000:
            shutil.copyfile(source, partial)
            if hash_file(partial) != choice.sha256:
                partial.unlink()
                return "", "changed"
            os.replace(partial, target)
            return str(target), ""
    except OSError:
        partial.unlink(missing_ok=True)
    try:
        return (choice.path, "") if hash_file(source) == choice.sha256 else ("", "changed")
    except OSError:
        return "", "missing"


def tidy(folder: Path, keep: set[str]) -> None:
    """Delete private copies that are not needed any more."""
    if folder.is_dir():
        for path in folder.iterdir():
            if path.stem not in keep and path.is_file():
                path.unlink(missing_ok=True)

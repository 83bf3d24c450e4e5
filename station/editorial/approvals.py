"""A leader's decision.  What is approved is a hash; whatever changes afterwards is not approved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from station.config import Settings
from station.db.models import Approval, Program, Render, User
from station.db.states import Decision, ProgramState
from station.editorial import audit
from station.editorial.facts import passed_bulletins
from station.editorial.programs import is_stale
from station.errors import ProgramError


class ApprovalError(ProgramError):
    """The program cannot be approved like that."""

    code = "programs.approval"


def submit(session: Session, program: Program, *, user: User | None) -> None:
    """Send a finished program to the leader."""
    if program.render is None or is_stale(session, program):
        raise ApprovalError("Chương trình chưa dựng xong.", mend="Hãy dựng lại rồi gửi duyệt.", code="programs.stale")
    if program.state not in (ProgramState.READY, ProgramState.RETURNED):
        return
    program.state = ProgramState.SUBMITTED
    audit.record(session, user, "program.submit", f"program:{program.id}")


def hours_problems(settings: Settings, seconds: float) -> Sequence[str]:
    """What the commune's rules of hours say against a program of that length, in Vietnamese."""
    problems = []
    longest = settings.hours.longest_session_minutes
    if seconds > longest * 60:
        problems.append(f"Chương trình dài {seconds / 60:.0f} phút, quá {longest} phút cho phép một buổi.")
    return problems


def approve(session: Session, settings: Settings, program: Program, *, user: User, render_sha256: str) -> Approval:
    """Approve exactly the audio that the leader heard, named by its hash.

    Raises :class:`ApprovalError` when another one was made since, the content changed, the program is too long, or
    the two-person rule forbids it.
    """
    render = program.render
    if render is None or render.sha256 != render_sha256 or is_stale(session, program):
        raise ApprovalError(
            "Chương trình đã thay đổi từ khi mở trang này.", mend="Hãy tải lại trang và nghe lại trước khi duyệt.",
            code="programs.stale",
        )
    if program.state not in (ProgramState.READY, ProgramState.SUBMITTED, ProgramState.RETURNED, ProgramState.APPROVED):
        raise ApprovalError("Chương trình chưa sẵn sàng để duyệt.", code="programs.state")
    if settings.web.two_person_rule and program.created_by_id == user.id:
        raise ApprovalError(
            "Người soạn chương trình không được tự duyệt.", mend="Hãy nhờ một người khác duyệt.",
            code="programs.two_person",
        )
    problems = hours_problems(settings, render.seconds)
    if problems:
        raise ApprovalError(problems[0], mend="Hãy bớt mục hoặc chuyển sang buổi sau.", code="programs.hours")
    day = program.air_date or datetime.now(settings.zone).date()
    for bulletin in passed_bulletins(session, program, day):
        raise ApprovalError(
            f"Bản tin '{bulletin.title}' chỉ phát đến hết ngày {bulletin.last_day:%d/%m/%Y}.",
            mend="Hãy trả lại để bỏ bản tin này, hoặc sửa ngày hết hạn của bản tin.", code="programs.passed",
        )
    row = Approval(
        program_id=program.id, render_id=render.id, decision=Decision.APPROVED, render_sha256=render.sha256,
        script_sha256=render.script_sha256, user_id=user.id,
    )
    session.add(row)
    program.state = ProgramState.APPROVED
    session.flush()
    audit.record(
        session, user, "program.approve", f"program:{program.id}", {"render_sha256": render.sha256, "render": render.id}
    )
    return row


def send_back(session: Session, program: Program, *, user: User, reason: str, reason_audio: str = "") -> Approval:
    """Return a program to its editor with a reason (typed, or a recording)."""
    reason = " ".join(reason.split())
    if not reason and not reason_audio:
        raise ApprovalError("Chưa ghi lý do trả lại.", mend="Hãy ghi lý do để người soạn biết mà sửa.")
    row = Approval(
        program_id=program.id, render_id=program.render_id, decision=Decision.RETURNED, user_id=user.id, reason=reason,
        reason_audio=reason_audio, render_sha256=program.render.sha256 if program.render else "",
    )
    session.add(row)
    program.state = ProgramState.RETURNED
    session.flush()
    audit.record(session, user, "program.return", f"program:{program.id}", {"reason": reason})
    return row


def latest_approval(session: Session, program_id: int) -> Approval | None:
    """The newest decision on a program."""
    return session.scalar(
        sa.select(Approval).where(Approval.program_id == program_id).order_by(Approval.id.desc()).limit(1)
    )


def airable_render(session: Session, program: Program, day: date | None = None) -> Render | None:
    """The render that may go on air now, or None.

    It must be the one that was approved last, made from the program's present content, and hold no bulletin whose last
    day is before ``day`` (a local date; None asks for no day).  That the file's bytes are
    still those of ``Render.sha256`` is for the player to check when it opens the file.
    """
    if program.state is not ProgramState.APPROVED or program.render is None:
        return None
    newest = latest_approval(session, program.id)
    if newest is None or newest.decision is not Decision.APPROVED or newest.render_sha256 != program.render.sha256:
        return None
    if day is not None and passed_bulletins(session, program, day):
        return None
    return None if is_stale(session, program) else program.render

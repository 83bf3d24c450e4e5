"""The leader's view: listen, read, see what changed, approve exactly that audio, or send it back."""

from __future__ import annotations

import secrets
from pathlib import Path

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from station.db.models import Approval, Program, Render
from station.db.states import ProgramState
from station.editorial import approvals as deciding
from station.editorial.programs import is_stale
from station.web import data, forms, login, media, renders
from station.web.views.programs import decisions, load_program

approvals = Blueprint("approvals", __name__, url_prefix="/approvals")
View = str | Response | tuple[str | Response, int]
#: what a phone records, by its type, and the largest recording kept
VOICE_TYPES = {"audio/webm": ".webm", "audio/ogg": ".ogg", "audio/mp4": ".m4a", "audio/mpeg": ".mp3", "audio/wav": ".wav",
               "audio/x-wav": ".wav", "audio/aac": ".aac", "audio/x-m4a": ".m4a", "video/webm": ".webm"}
VOICE_BYTES = 8 * 1024 * 1024


@approvals.get("/")
def index() -> View:
    session = data.reading()

    def rows(*states: ProgramState, limit: int) -> list[sa.Row]:  # type: ignore[type-arg]
        return list(session.execute(
            sa.select(Program.id, Program.title, Program.state, Program.air_date, Program.updated_at, Render.frames, Render.sample_rate)
            .outerjoin(Render, Render.id == Program.render_id)
            .where(Program.station_id == 1, Program.state.in_(states)).order_by(Program.air_date, Program.id.desc()).limit(limit)
        ))

    return render_template(
        "approvals/index.html", waiting=rows(ProgramState.SUBMITTED, limit=50),
        decided=rows(ProgramState.APPROVED, ProgramState.RETURNED, limit=20),
    )


@approvals.get("/<int:program_id>")
def show(program_id: int) -> View:
    session = data.reading()
    program = load_program(session, program_id)
    if program.render is None:
        flash(_("Chương trình này chưa dựng xong nên chưa nghe được."), "warning")
        return redirect(url_for("programs.show", program_id=program_id))
    before = renders.last_approved(session, program)
    config = data.settings()
    return render_template(
        "approvals/show.html", program=program, render=program.render, stale=is_stale(session, program),
        chapters=renders.chapters(program.render), cues=renders.cues(program.render),
        decisions=decisions(session, program_id), before=before,
        changes=renders.changes(before[1].script, program.render.script)
        if before is not None and before[1].id != program.render.id else [],
        hours=deciding.hours_problems(config, program.render.seconds),
        own=config.web.two_person_rule and program.created_by_id == login.person().key,
        slot_seconds=renders.slot_seconds(session, config, program), next=_next_waiting(program_id),
    )


def _next_waiting(program_id: int) -> int | None:
    return data.reading().scalar(
        sa.select(Program.id).where(Program.station_id == 1, Program.state == ProgramState.SUBMITTED, Program.id != program_id)
        .order_by(Program.air_date, Program.id).limit(1)
    )


@approvals.post("/<int:program_id>/approve")
def approve(program_id: int) -> View:
    with data.writing() as s:
        program = load_program(s, program_id)
        deciding.approve(
            s, data.settings(), program, user=login.user_row(s), render_sha256=request.form.get("render_sha256", "")
        )
    flash(_("Đã duyệt. Chương trình sẽ phát theo lịch."), "success")
    return redirect(url_for("approvals.show", program_id=program_id), 303)


@approvals.post("/<int:program_id>/send-back")
def send_back(program_id: int) -> View:
    reason = forms.long_text("reason", longest=5000)
    voice = _keep_voice(program_id)
    with data.writing() as s:
        program = load_program(s, program_id)
        if program.state not in (ProgramState.READY, ProgramState.SUBMITTED, ProgramState.APPROVED):
            raise forms.FormError(_("Chương trình này không còn chờ duyệt."), mend=_("Hãy tải lại trang."))
        deciding.send_back(s, program, user=login.user_row(s), reason=reason, reason_audio=voice)
    flash(_("Đã trả lại chương trình kèm lý do."), "success")
    return redirect(url_for("approvals.index"), 303)


def _keep_voice(program_id: int) -> str:
    """Store a recorded reason; its path relative to the home, empty when there is none."""
    file = request.files.get("voice")
    if file is None or not file.filename:
        return ""
    suffix = VOICE_TYPES.get((file.mimetype or "").split(";")[0])
    body = file.read(VOICE_BYTES + 1)
    if suffix is None or not body or len(body) > VOICE_BYTES:
        raise forms.FormError(_("Bản ghi âm không dùng được."), mend=_("Hãy ghi lại, ngắn hơn hai phút, hoặc gõ lý do."))
    home = data.settings().home
    relative = Path("var/audio/reasons") / f"{program_id}-{secrets.token_hex(6)}{suffix}"
    (home.root / relative).parent.mkdir(parents=True, exist_ok=True)
    (home.root / relative).write_bytes(body)
    return relative.as_posix()


@approvals.get("/<int:program_id>/reasons/<int:approval_id>")
def reason_audio(program_id: int, approval_id: int) -> Response:
    row = data.reading().get(Approval, approval_id)
    if row is None or row.program_id != program_id or not row.reason_audio:
        abort(404)
    return media.send_home_file(row.reason_audio)

"""Proofreading: the page image beside the text, doubts, blocks, what will be said, autosave and locks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa
from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    jsonify,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask_babel import gettext as _
from sqlalchemy.orm import Session, selectinload
from werkzeug.wrappers import Response as BaseResponse

from station.bulletins import problem_text
from station.db.models import Bulletin, Text, User
from station.db.states import BulletinState, TextKind
from station.db.types import utc_now
from station.editorial import bulletins as editorial
from station.text.script import Script
from station.web import data, forms, login
from station.web.proofing import place_words, spoken_lines

proofread = Blueprint("proofread", __name__, url_prefix="/bulletins/<int:bulletin_id>/text")
View = str | BaseResponse | tuple[str | BaseResponse, int]
_EDITABLE = (BulletinState.PROOFREADING, BulletinState.READY)


def _bulletin(session: Session, bulletin_id: int) -> Bulletin:
    bulletin = session.scalar(
        sa.select(Bulletin).where(Bulletin.id == bulletin_id).options(selectinload(Bulletin.pages))
    )
    if bulletin is None:
        abort(404)
    return bulletin


def _script(text: str) -> Script:
    from station.voices.speak import make_station_script

    return make_station_script(text, data.settings())


def _render(session: Session, bulletin: Bulletin, *, kept: str | None = None, colleague: str = "") -> str:
    """The editor; ``kept`` is a text that could not be saved and must not be lost."""
    stored = editorial.current_text(session, bulletin)
    text = stored if kept is None else kept
    marks = place_words(bulletin.document, bulletin.spoken_blocks or {}, text)
    blocks = [
        {
            "key": editorial.block_key(page["number"], index), "role": block["role"], "text": block["text"],
            "page": page["number"],
            "spoken": (bulletin.spoken_blocks or {}).get(editorial.block_key(page["number"], index), block["spoken"]),
        }
        for page in (bulletin.document or {"pages": []})["pages"]
        for index, block in enumerate(page["blocks"]) if block["text"]
    ]
    versions = session.execute(
        sa.select(Text.id, Text.kind, Text.version, Text.created_at, User.display_name)
        .outerjoin(User, User.id == Text.created_by_id)
        .where(Text.bulletin_id == bulletin.id, Text.kind.in_((TextKind.READ, TextKind.CORRECTED)))
        .order_by(Text.id.desc()).limit(12)
    ).all()
    return render_template(
        "proofread/edit.html", bulletin=bulletin, text=text, marks_json=[mark.to_json() for mark in marks], blocks=blocks, versions=versions,
        lines=spoken_lines(_script(text)), stored=stored, conflict=kept is not None and kept != stored,
        colleague=colleague, problem_text=problem_text, doubts=[mark for mark in marks if mark.level],
    )


@proofread.get("/")
def edit(bulletin_id: int) -> View:
    with data.writing() as s:
        bulletin = data.one_or_404(s, Bulletin, bulletin_id)
        if bulletin.state not in _EDITABLE:
            return redirect(url_for("bulletins.show", bulletin_id=bulletin_id))
        mine = editorial.lock(s, bulletin, login.user_row(s))
        colleague = "" if mine or bulletin.locked_by is None else (bulletin.locked_by.display_name or bulletin.locked_by.username)
    session = data.reading()
    return _render(session, _bulletin(session, bulletin_id), colleague=colleague)


def _save(session: Session, bulletin_id: int) -> Bulletin:
    bulletin = data.one_or_404(session, Bulletin, bulletin_id)
    if bulletin.state not in _EDITABLE:
        abort(409)
    editorial.save_text(
        session, bulletin, forms.long_text("content"), user_id=login.person().key, version=forms.number("version", low=1)
    )
    return bulletin


def _conflict(bulletin_id: int) -> View:
    """Somebody saved in the meantime: this person's text stays in the editor, the other one is shown below."""
    session = data.reading()
    flash(_("Bản tin vừa được người khác sửa. Nội dung đang gõ vẫn còn ở dưới; hãy so với bản đã lưu rồi lưu lại."), "warning")
    return _render(session, _bulletin(session, bulletin_id), kept=forms.long_text("content")), 409


@proofread.post("/")
def save(bulletin_id: int) -> View:
    try:
        with data.writing() as s:
            _save(s, bulletin_id)
    except editorial.EditConflict:
        return _conflict(bulletin_id)
    flash(_("Đã lưu nội dung."), "success")
    return redirect(url_for("proofread.edit", bulletin_id=bulletin_id), 303)


@proofread.post("/autosave")
def autosave(bulletin_id: int) -> View:
    """Saves what is being typed; the lock is kept.  Answers JSON, also for a conflict (409)."""
    try:
        with data.writing() as s:
            bulletin = _save(s, bulletin_id)
            editorial.lock(s, bulletin, login.user_row(s))
            version = bulletin.version
    except editorial.EditConflict as conflict:
        return jsonify(error=conflict.code, message=conflict.for_staff(), version=conflict.version), 409
    return jsonify(version=version, state=bulletin.state.value)


@proofread.post("/ready")
def ready(bulletin_id: int) -> View:
    """Save, and say that the text is right."""
    try:
        with data.writing() as s:
            bulletin = _save(s, bulletin_id)
            editorial.mark_ready(s, bulletin, user_id=login.person().key)
            editorial.unlock(s, bulletin, login.user_row(s))
    except editorial.EditConflict:
        return _conflict(bulletin_id)
    flash(_("Bản tin đã sẵn sàng để đưa vào chương trình."), "success")
    return redirect(url_for("bulletins.show", bulletin_id=bulletin_id), 303)


@proofread.post("/blocks")
def blocks(bulletin_id: int) -> View:
    """Which parts of the page are read aloud: every known block is sent, ticked or not."""
    ticked = set(request.form.getlist("spoken"))
    known = request.form.getlist("block")
    with data.writing() as s:
        editorial.set_spoken_blocks(
            s, data.one_or_404(s, Bulletin, bulletin_id), {key: key in ticked for key in known if len(key) < 12},
            user_id=login.person().key,
        )
    flash(_("Đã đổi phần được đọc."), "success")
    return redirect(url_for("proofread.edit", bulletin_id=bulletin_id, blocks=1) + "#blocks", 303)


@proofread.post("/restore")
def restore(bulletin_id: int) -> View:
    """Bring an earlier text back, as a new version."""
    with data.writing() as s:
        bulletin = data.one_or_404(s, Bulletin, bulletin_id)
        old = s.get(Text, forms.number("text_id"))
        if old is None or old.bulletin_id != bulletin_id:
            abort(404)
        editorial.save_text(s, bulletin, old.content, user_id=login.person().key, version=bulletin.version)
    flash(_("Đã lấy lại bản cũ."), "success")
    return redirect(url_for("proofread.edit", bulletin_id=bulletin_id), 303)


@proofread.post("/beat")
def beat(bulletin_id: int) -> View:
    """Keep the lock while the editor is open."""
    with data.writing() as s:
        bulletin = data.one_or_404(s, Bulletin, bulletin_id)
        mine = editorial.lock(s, bulletin, login.user_row(s), now=utc_now())
        version = bulletin.version
    return jsonify(mine=mine, version=version)


@proofread.post("/release")
def release(bulletin_id: int) -> View:
    with data.writing() as s:
        editorial.unlock(s, data.one_or_404(s, Bulletin, bulletin_id), login.user_row(s))
    return Response(status=204)


@proofread.get("/spoken")
def spoken(bulletin_id: int) -> View:
    """What will be said, sentence by sentence; only the list when the editor asks for it."""
    session = data.reading()
    bulletin = _bulletin(session, bulletin_id)
    lines = spoken_lines(_script(editorial.current_text(session, bulletin)))
    template = "proofread/spoken_list.html" if request.args.get("part") else "proofread/spoken.html"
    return render_template(template, bulletin=bulletin, lines=lines)


@proofread.get("/say/<int:number>")
def say(bulletin_id: int, number: int) -> View:
    """One sentence as sound, in the station's voice."""
    from station.voices import default_voice, speak_script

    session = data.reading()
    config = data.settings()
    script = _script(editorial.current_text(session, _bulletin(session, bulletin_id)))
    if number >= len(script.sentences):
        abort(404)
    one = replace(script, sentences=(script.sentences[number],), doubts=())
    utterance = speak_script(one, default_voice(config).id, config)[0]
    answer = send_file(Path(utterance.path), mimetype="audio/wav", conditional=True, max_age=0)
    answer.headers["X-Sentences"] = str(len(script.sentences))
    return answer

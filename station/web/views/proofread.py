"""Proofreading: the page image beside the text, doubts, blocks, what will be said, autosave and locks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
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

from station.bulletins import document_to_json, problem_text
from station.bulletins.document import SPOKEN_ROLES, Block, Role
from station.bulletins.table_words import usual_wording
from station.db.models import Bulletin, Text, User
from station.db.states import BulletinState, TextKind
from station.db.types import utc_now
from station.editorial import bulletins as editorial
from station.editorial.blocks import edited_document
from station.editorial.facts import propose, proposed_last_day
from station.editorial.learning import station_words
from station.programs.model import Priority
from station.text.script import Script
from station.web import data, forms, login
from station.web.labels import priorities
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
    document = edited_document(bulletin)
    marks = place_words(
        document_to_json(document) if document else None, {}, text, station_words(session, bulletin.station_id)
    )
    blocks = [
        {
            "key": editorial.block_key(page.number, index), "role": block.role.value, "text": block.text,
            "page": page.number, "spoken": block.spoken, "wording": _wording(bulletin, page.number, index, block),
            "said": block.said.split("\n")[0],
        }
        for page in (document.pages if document else ()) for index, block in enumerate(page.blocks) if block.text
    ]
    facts = bulletin.facts or {}
    last_day = bulletin.last_day or (None if facts.get("day_confirmed") else proposed_last_day(bulletin))
    versions = session.execute(
        sa.select(Text.id, Text.kind, Text.version, Text.created_at, User.display_name)
        .outerjoin(User, User.id == Text.created_by_id)
        .where(Text.bulletin_id == bulletin.id, Text.kind.in_((TextKind.READ, TextKind.CORRECTED)))
        .order_by(Text.id.desc()).limit(12)
    ).all()
    return render_template(
        "proofread/edit.html", bulletin=bulletin, text=text, marks_json=[mark.to_json() for mark in marks], blocks=blocks, versions=versions,
        lines=spoken_lines(_script(text)), stored=stored, conflict=kept is not None and kept != stored,
        colleague=colleague, problem_text=problem_text, doubts=[mark for mark in marks if mark.level in ("doubt", "strong")],
        checks=[mark for mark in marks if mark.level == "check"], facts=facts, last_day=last_day,
        passed=last_day is not None and last_day < datetime.now(data.settings().zone).date(),
        days=[date.fromisoformat(day).strftime("%d/%m/%Y") for day in facts.get("days", [])], priorities=priorities(), roles=list(Role),
    )


def _wording(bulletin: Bulletin, page: int, index: int, block: Block) -> str:
    """By which sentence a row of a table is said; "" for what is no table, or one without heads."""
    if not block.rows:
        return ""
    edit = (bulletin.block_edits or {}).get(editorial.block_key(page, index), {})
    return str(edit.get("wording") or usual_wording(block.rows))


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
    if "last_day" in request.form:
        _save_details(session, bulletin)
    return bulletin


def _save_details(session: Session, bulletin: Bulletin) -> None:
    """The title, class and last day that stand beside the text; only a person sets them."""
    title, last_day = forms.text("title", longest=300) or bulletin.title, forms.day("last_day")
    chosen = forms.member(Priority, request.form.get("priority", ""), bulletin.priority)
    if (title, last_day, chosen) != (bulletin.title, bulletin.last_day, bulletin.priority):
        editorial.set_details(
            session, bulletin, title=title, priority=chosen.value, last_day=last_day, user_id=login.person().key
        )
    bulletin.facts = {**(bulletin.facts or {}), "day_confirmed": True}


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
    """Which parts of the page are read aloud, what they are, and how tables are worded: every known block is sent."""
    ticked = set(request.form.getlist("spoken"))
    known = {key for key in request.form.getlist("block") if len(key) < 12}
    with data.writing() as s:
        bulletin = data.one_or_404(s, Bulletin, bulletin_id)
        spoken, roles, wordings = {}, {}, {}
        document = edited_document(bulletin)
        for page in document.pages if document else ():
            for index, block in enumerate(page.blocks):
                key = editorial.block_key(page.number, index)
                if key not in known:
                    continue
                role = forms.member(Role, request.form.get(f"role-{key}", ""), block.role)
                spoken[key] = key in ticked
                if role is not block.role:
                    roles[key] = role.value
                    if spoken[key] == block.spoken:  # the tick was left alone: the new role says
                        spoken[key] = role in SPOKEN_ROLES
                wording = forms.text(f"wording-{key}", longest=500)
                if block.rows and wording and wording != _wording(bulletin, page.number, index, block):
                    wordings[key] = wording
        editorial.set_blocks(
            s, bulletin, spoken=spoken, roles=roles, wordings=wordings, user_id=login.person().key,
        )
        propose(data.settings(), bulletin, "")
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

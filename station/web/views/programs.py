"""Programs: putting one together, how it sounds, building it, listening to it, sending it to the leader."""

from __future__ import annotations

import secrets
import tempfile
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session, selectinload
from werkzeug.wrappers import Response

from station.db.models import Approval, Bulletin, Program, ProgramItem, Render
from station.db.states import BulletinState, ItemKind, JobState, ProgramState
from station.editorial import approvals as deciding
from station.editorial import programs as editorial
from station.editorial.audit import record
from station.editorial.fitting import spec_of
from station.programs.library import sound_names
from station.voices.delivery import LIMITS, PLAIN, parse_delivery
from station.voices.recorded import import_recording
from station.web import data, forms, jobs, login, remembered, renders
from station.web.context import day as written_day
from station.web.context import today
from station.web.paging import contains, find
from station.web.program_length import length_of, named_notices
from station.work import enqueue_build

programs = Blueprint("programs", __name__, url_prefix="/programs")
View = str | Response | tuple[str | Response, int]
_IN_USE = tuple(state for state in ProgramState if state is not ProgramState.ARCHIVED)


def _ready_bulletins(session: Session, without: set[int] = frozenset()) -> list[Bulletin]:  # type: ignore[assignment]
    rows = session.scalars(
        sa.select(Bulletin).where(Bulletin.station_id == 1, Bulletin.state == BulletinState.READY)
        .options(sa.orm.load_only(Bulletin.id, Bulletin.title, Bulletin.priority, Bulletin.created_at))
        .order_by(Bulletin.created_at.desc()).limit(60)
    )
    return [row for row in rows if row.id not in without]


@programs.get("/")
def index() -> View:
    query = " ".join(request.args.get("q", "").split())[:100]
    name = request.args.get("state", "")
    state = forms.member(ProgramState, name) if name else None
    select = sa.select(
        Program.id, Program.title, Program.state, Program.air_date, Program.updated_at, Render.frames, Render.sample_rate
    ).outerjoin(Render, Render.id == Program.render_id).where(Program.station_id == 1)
    select = select.where(Program.state == state) if state else select.where(Program.state.in_(_IN_USE))
    if query:
        select = select.where(contains(Program.title, query))
    found = find(data.reading(), select.order_by(Program.id.desc()))
    return render_template("programs/index.html", found=found, query=query, state=state)


@programs.get("/new")
def new() -> View:
    when = today() + timedelta(days=1)
    return render_template(
        "programs/new.html", bulletins=_ready_bulletins(data.reading()), templates=remembered.templates(data.settings().home), when=when,
        title=_("Chương trình %(day)s", day=written_day(when)), chosen=request.args.get("bulletin", type=int),
        template=data.settings().programs.template,
    )


@programs.post("/new")
def create() -> View:
    wanted = [int(value) for value in request.form.getlist("bulletin") if value.isdigit()]
    template = request.form.get("template", "daily")
    if template not in dict(remembered.templates(data.settings().home)):
        abort(400)
    air_date = forms.day("air_date")
    with data.writing() as s:
        program = editorial.create_program(
            s, title=forms.text("title") or _("Chương trình phát thanh"), air_date=air_date, template=template,
            bulletin_ids=wanted, user_id=login.person().key,
        )
        if wanted and request.form.get("build"):
            enqueue_build(s, program.id, login.person().key)
    return redirect(url_for("programs.show", program_id=program.id), 303)


def load_program(session: Session, program_id: int) -> Program:
    """The program with its items, bulletins, render and author in a fixed number of queries."""
    program = session.scalar(
        sa.select(Program).where(Program.id == program_id).options(
            selectinload(Program.items).selectinload(ProgramItem.bulletin).load_only(
                Bulletin.id, Bulletin.title, Bulletin.priority, Bulletin.state  # not the reading, which is large
            ), selectinload(Program.render),
            selectinload(Program.created_by),
        )
    )
    if program is None:
        abort(404)
    return program


def decisions(session: Session, program_id: int) -> list[Approval]:
    """What leaders decided, the newest first."""
    return list(session.scalars(
        sa.select(Approval).where(Approval.program_id == program_id).options(selectinload(Approval.user))
        .order_by(Approval.id.desc()).limit(20)
    ))


@programs.get("/<int:program_id>")
def show(program_id: int) -> View:
    session = data.reading()
    program = load_program(session, program_id)
    job = jobs.latest(session, program_id=program_id)
    used = {item.bulletin_id for item in program.items if item.bulletin_id is not None}
    config, length = data.settings(), length_of(session, program)
    return render_template(
        "programs/show.html", program=program, job=job, steps=jobs.steps(job),
        stale=program.render is not None and editorial.is_stale(session, program),
        chapters=renders.chapters(program.render) if program.render else [],
        cues=renders.cues(program.render) if program.render else [], decisions=decisions(session, program_id),
        bulletins=_ready_bulletins(session, used), slot_seconds=round(length.fit.limit_seconds) if length and length.slots else None,
        length=length, notices=named_notices(program),
        voices=[("", _("Giọng mặc định của đài"))] + [(v.id, v.name) for v in remembered.voices(config.home) if v.installed],
        sounds=list(sound_names(config.home).items()),
    )


def _recording(program_id: int) -> editorial.ItemSpec:
    """The uploaded or recorded sound, cleaned and checked, as an item.  Raises FormError, or VoiceError for no speech."""
    file = request.files.get("voice")
    if file is None or not file.filename:
        raise forms.FormError(_("Chưa có bản ghi."), mend=_("Hãy ghi âm hoặc chọn tệp rồi gửi lại."))
    home = data.settings().home
    target = home.uploads / "recordings" / f"{program_id:06d}-{secrets.token_hex(6)}.wav"
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home.cache) as folder:
        given = Path(folder) / "given"
        file.save(given)
        made = import_recording(given, target)
    for message in made.messages():
        flash(message, "warning")
    title = forms.text("title") or _("Bản ghi âm")
    return editorial.ItemSpec(ItemKind.RECORDING, title=title, path=target.relative_to(home.root).as_posix())


@programs.post("/<int:program_id>/items")
def items(program_id: int) -> View:
    """Add, remove or move an item; ``do`` is "add", "notice", "sound", "recording", or
    "up", "down", "remove", "repeat" with an id."""
    action, _sep, key = request.form.get("do", "").partition(":")
    with data.writing() as s:
        program = load_program(s, program_id)
        wanted = [spec_of(item) for item in program.items]
        if action == "add":
            wanted += [
                editorial.ItemSpec(bulletin_id=int(value)) for value in request.form.getlist("bulletin") if value.isdigit()
            ]
        elif action == "notice":
            content = forms.long_text("content", longest=20_000).strip()
            if not content:
                raise forms.FormError(_("Chưa có nội dung."), mend=_("Hãy gõ nội dung thông báo."))
            wanted.append(editorial.ItemSpec(ItemKind.NOTICE, title=forms.text("title") or _("Thông báo"), content=content))
        elif action == "sound":
            names = sound_names(data.settings().home)
            name = request.form.get("sound", "")
            if name not in names:
                abort(400)
            wanted.append(editorial.ItemSpec(ItemKind.SOUND, title=names[name], path=name))
        elif action == "recording":
            wanted.append(_recording(program_id))
        elif action in ("up", "down", "remove", "repeat") and key.isdigit():
            ids = [item.id for item in program.items]
            if int(key) not in ids:
                raise forms.FormError(_("Danh sách vừa thay đổi."), mend=_("Hãy xem lại rồi làm tiếp."))
            place = ids.index(int(key))
            moved = wanted.pop(place)
            if action == "repeat":
                wanted.insert(place, replace(moved, repeat=1 if moved.repeat > 1 else 2))
            elif action != "remove":
                wanted.insert(max(0, place + (-1 if action == "up" else 1)), moved)
        else:
            abort(400)
        editorial.set_items(s, program, wanted, user_id=login.person().key)
    return redirect(url_for("programs.show", program_id=program_id) + "#items", 303)


@programs.post("/<int:program_id>/order")
def order(program_id: int) -> View:
    """The order after a drag: ids of all items, as JSON or as fields ``item``."""
    body = request.get_json(silent=True) if request.is_json else {"items": request.form.getlist("item")}
    raw = body.get("items") if isinstance(body, dict) else None
    if not isinstance(raw, list) or not all(str(value).isdigit() for value in raw):
        abort(400)
    wanted = [int(value) for value in raw]
    with data.writing() as s:
        program = load_program(s, program_id)
        by_id = dict(zip([item.id for item in program.items], [spec_of(item) for item in program.items], strict=True))
        if sorted(wanted) != sorted(by_id):
            raise forms.FormError(_("Danh sách vừa thay đổi."), mend=_("Hãy tải lại trang rồi sắp xếp tiếp."))
        editorial.set_items(s, program, [by_id[key] for key in wanted], user_id=login.person().key)
        ids = [item.id for item in program.items]
        state = program.state.value
    return jsonify(items=ids, state=state)


@programs.post("/<int:program_id>/sound")
def sound(program_id: int) -> View:
    voice, profile = request.form.get("voice", ""), request.form.get("profile", "")
    known = {v.id for v in remembered.voices(data.settings().home)} | {""}
    if voice not in known or profile not in ("", "flat", "horn"):
        abort(400)
    with data.writing() as s:
        program = load_program(s, program_id)
        title, air_date = forms.text("title"), forms.day("air_date")
        program.title = title or program.title
        program.air_date = air_date
        reading = parse_delivery({key: request.form.get(key, "") for key in LIMITS})
        options = {"delivery": asdict(reading)} if reading != PLAIN or "delivery" in program.options else None
        editorial.set_sound(s, program, voice=voice, profile=profile, options=options, user_id=login.person().key)
    flash(_("Đã lưu cách đọc của chương trình."), "success")
    return redirect(url_for("programs.show", program_id=program_id), 303)


@programs.post("/<int:program_id>/build")
def build(program_id: int) -> View:
    with data.writing() as s:
        data.one_or_404(s, Program, program_id)
        enqueue_build(s, program_id, login.person().key)
    return redirect(url_for("programs.show", program_id=program_id), 303)


@programs.get("/<int:program_id>/progress")
def progress(program_id: int) -> View:
    job = jobs.latest(data.reading(), program_id=program_id)
    if job is None:
        abort(404)
    answer = Response(
        render_template(
            "bulletins/job.html", job=job, steps=jobs.steps(job), address=url_for("programs.progress", program_id=program_id)
        ), mimetype="text/html",
    )
    if job.state not in (JobState.QUEUED, JobState.RUNNING):
        answer.headers["HX-Refresh"] = "true"
    return answer


@programs.post("/<int:program_id>/submit")
def submit(program_id: int) -> View:
    with data.writing() as s:
        deciding.submit(s, data.one_or_404(s, Program, program_id), user=login.user_row(s))
    flash(_("Đã gửi chương trình để duyệt."), "success")
    return redirect(url_for("programs.show", program_id=program_id), 303)


@programs.post("/<int:program_id>/archive")
def archive(program_id: int) -> View:
    with data.writing() as s:
        program = data.one_or_404(s, Program, program_id)
        program.state = ProgramState.ARCHIVED
        record(s, login.user_row(s), "program.archive", f"program:{program_id}")
    flash(_("Đã cất chương trình."), "success")
    return redirect(url_for("programs.index"), 303)

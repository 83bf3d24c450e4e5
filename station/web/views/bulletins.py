"""Bulletins: the list, adding one, following its reading, its page images and original files."""

from __future__ import annotations

import tempfile
from pathlib import Path

import sqlalchemy as sa
from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import defer, selectinload
from werkzeug.wrappers import Response

from station.bulletins import SUPPORTED_SUFFIXES, problem_text
from station.db.models import Bulletin, BulletinFile, Page, Program, ProgramItem, User
from station.db.states import BulletinState, JobState
from station.editorial import bulletins as editorial
from station.errors import StationError
from station.programs.model import Priority
from station.web import data, forms, jobs, login, media
from station.web.errors import wants_json
from station.web.labels import priorities
from station.web.paging import contains, find
from station.work import enqueue_read

bulletins = Blueprint("bulletins", __name__, url_prefix="/bulletins")
View = str | Response | tuple[str | Response, int]
_IN_USE = (BulletinState.RECEIVED, BulletinState.READING, BulletinState.PROOFREADING, BulletinState.READY, BulletinState.FAILED)


@bulletins.get("/")
def index() -> View:
    session = data.reading()
    query = " ".join(request.args.get("q", "").split())[:100]
    name = request.args.get("state", "")
    state = forms.member(BulletinState, name) if name else None
    select = (
        sa.select(
            Bulletin.id, Bulletin.title, Bulletin.state, Bulletin.priority, Bulletin.created_at,
            User.display_name.label("author"),
        ).outerjoin(User, User.id == Bulletin.created_by_id).where(Bulletin.station_id == 1)
    )
    select = select.where(Bulletin.state == state) if state else select.where(Bulletin.state.in_(_IN_USE))
    if query:
        select = select.where(contains(Bulletin.title, query))
    found = find(session, select.order_by(Bulletin.created_at.desc(), Bulletin.id.desc()))
    counts = dict(
        session.execute(
            sa.select(Bulletin.state, sa.func.count()).where(Bulletin.station_id == 1).group_by(Bulletin.state)
        ).all()
    )
    return render_template("bulletins/index.html", found=found, query=query, state=state, counts=counts)


@bulletins.get("/new")
def new() -> View:
    return render_template(
        "bulletins/new.html", suffixes=",".join(sorted(SUPPORTED_SUFFIXES)), priorities=priorities(), form={}
    )


@bulletins.post("/upload")
def upload() -> View:
    """Store the originals and start reading them.  The page's script asks for JSON, a plain form is sent on."""
    config = data.settings()
    files = [file for file in request.files.getlist("files") if file.filename]
    config.home.cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=config.home.cache, prefix="upload-") as folder:
        uploads = []
        for place, file in enumerate(files):
            name = Path(str(file.filename).replace("\\", "/")).name
            path = Path(folder) / f"{place:03d}{Path(name).suffix.lower()[:10]}"
            file.save(path)
            uploads.append(editorial.Upload(name=name, path=path))
        with data.writing() as s:
            bulletin = editorial.receive(s, config, uploads, user_id=login.person().key)
            chosen = forms.member(Priority, request.form.get("priority", ""), Priority.NORMAL)
            bulletin.priority = chosen
            enqueue_read(s, bulletin.id, login.person().key)
    where = url_for("bulletins.show", bulletin_id=bulletin.id)
    if wants_json():
        return jsonify(location=where), 201
    return redirect(where, 303)


@bulletins.post("/paste")
def paste() -> View:
    try:
        with data.writing() as s:
            bulletin = editorial.receive_text(
                s, data.settings(), forms.text("title", longest=300), forms.long_text("text"), user_id=login.person().key
            )
    except StationError as error:
        flash(error.for_staff(), "danger")
        return render_template(
            "bulletins/new.html", suffixes=",".join(sorted(SUPPORTED_SUFFIXES)), priorities=priorities(),
            form=request.form,
        ), 400
    return redirect(url_for("proofread.edit", bulletin_id=bulletin.id), 303)


def _with_files(bulletin_id: int) -> Bulletin:
    bulletin = data.reading().scalar(
        sa.select(Bulletin).where(Bulletin.id == bulletin_id).options(
            defer(Bulletin.document), selectinload(Bulletin.files), selectinload(Bulletin.pages), selectinload(Bulletin.created_by)
        )
    )
    if bulletin is None:
        abort(404)
    return bulletin


@bulletins.get("/<int:bulletin_id>")
def show(bulletin_id: int) -> View:
    session = data.reading()
    bulletin = _with_files(bulletin_id)
    duplicate = session.scalar(
        sa.select(Bulletin).where(
            Bulletin.content_sha256 == bulletin.content_sha256, Bulletin.content_sha256 != "", Bulletin.id < bulletin.id,
            Bulletin.state != BulletinState.ARCHIVED,
        ).order_by(Bulletin.id.desc()).limit(1)
    )
    programs = session.execute(
        sa.select(Program.id, Program.title, Program.state).join(ProgramItem, ProgramItem.program_id == Program.id)
        .where(ProgramItem.bulletin_id == bulletin_id).distinct().order_by(Program.id.desc()).limit(10)
    ).all()
    job = jobs.latest(session, bulletin_id=bulletin_id)
    return render_template(
        "bulletins/show.html", bulletin=bulletin, job=job, steps=jobs.steps(job), duplicate=duplicate,
        text=editorial.current_text(session, bulletin), programs=programs, priorities=priorities(),
        problem_text=problem_text, problem=_problems(bulletin.problem),
    )


def _problems(stored: str) -> str:
    """Stored problem codes as sentences; a sentence stays what it is."""
    parts = stored.split()
    if parts and all(part.replace("_", "").isascii() and part.islower() for part in parts):
        return " ".join(problem_text(part) for part in parts)
    return stored


@bulletins.get("/<int:bulletin_id>/progress")
def progress(bulletin_id: int) -> View:
    session = data.reading()
    job = jobs.latest(session, bulletin_id=bulletin_id)
    if job is None:
        abort(404)
    answer = Response(
        render_template(
            "bulletins/job.html", job=job, steps=jobs.steps(job),
            address=url_for("bulletins.progress", bulletin_id=bulletin_id),
        ), mimetype="text/html",
    )
    if job.state not in (JobState.QUEUED, JobState.RUNNING):
        answer.headers["HX-Refresh"] = "true"
    return answer


@bulletins.get("/<int:bulletin_id>/pages/<int:number>")
def image(bulletin_id: int, number: int) -> Response:
    page = data.reading().scalar(sa.select(Page).where(Page.bulletin_id == bulletin_id, Page.number == number))
    if page is None:
        abort(404)
    if request.args.get("full"):
        return media.send_home_file(page.image)
    return media.send_home_file(media.small_picture(data.settings().home, page.image))


@bulletins.get("/<int:bulletin_id>/files/<int:file_id>")
def original(bulletin_id: int, file_id: int) -> Response:
    file = data.reading().get(BulletinFile, file_id)
    if file is None or file.bulletin_id != bulletin_id:
        abort(404)
    return media.send_home_file(
        file.path, mimetype="application/octet-stream", download_name=file.original_name or f"{file.id}"
    )


@bulletins.post("/<int:bulletin_id>/retry")
def retry(bulletin_id: int) -> View:
    with data.writing() as s:
        bulletin = data.one_or_404(s, Bulletin, bulletin_id)
        bulletin.state = BulletinState.RECEIVED
        bulletin.problem = ""
        enqueue_read(s, bulletin.id, login.person().key)
    return redirect(url_for("bulletins.show", bulletin_id=bulletin_id), 303)


@bulletins.post("/<int:bulletin_id>/archive")
def archive(bulletin_id: int) -> View:
    with data.writing() as s:
        editorial.archive(s, data.one_or_404(s, Bulletin, bulletin_id), user_id=login.person().key)
    flash(_("Đã cất bản tin."), "success")
    return redirect(url_for("bulletins.index"), 303)


@bulletins.post("/<int:bulletin_id>/details")
def priority(bulletin_id: int) -> View:
    chosen = forms.member(Priority, request.form.get("priority", ""), Priority.NORMAL)
    with data.writing() as s:
        editorial.set_details(
            s, data.one_or_404(s, Bulletin, bulletin_id), title=forms.text("title", longest=300) or None,
            priority=chosen.value, last_day=forms.day("last_day") if "last_day" in request.form else ...,
            user_id=login.person().key,
        )
    flash(_("Đã lưu thông tin bản tin."), "success")
    return redirect(url_for("bulletins.show", bulletin_id=bulletin_id), 303)

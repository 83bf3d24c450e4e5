"""The HTTP API: the same actions for other systems of the commune, by tokens with scopes."""

from __future__ import annotations

import hashlib
import tempfile
from datetime import datetime, time, timedelta
from functools import wraps
from pathlib import Path
from typing import Any, cast

import sqlalchemy as sa
from flask import Blueprint, abort, g, jsonify, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from station.db.models import ApiToken, AsRun, Bulletin, Emergency, Program, Render, User
from station.db.states import BulletinState, ProgramState
from station.db.types import utc_now
from station.editorial import bulletins as editorial
from station.editorial.audit import record
from station.playout import emergency as desk
from station.playout.wake import poke
from station.programs.model import Priority
from station.web import airstate, data, forms
from station.web.context import today
from station.web.openapi import openapi
from station.web.paging import Found, find
from station.web.scopes import SCOPES, scopes_of
from station.web.security import csrf
from station.work import enqueue_read

api = Blueprint("api", __name__, url_prefix="/api/v1")
csrf.exempt(api)  # a token in a header cannot be forged by another site's form; cookies are not looked at here
Answer = BaseResponse | tuple[BaseResponse, int]


def _refuse(code: int, error: str, message: str) -> None:
    answer = jsonify(error=error, message=message, mend="")
    answer.status_code = code
    if code == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    abort(answer)


def scoped(scope: str) -> Any:
    """The view answers only to a token that has ``scope``, whose owner may still do that."""
    assert scope in SCOPES

    def decorate(view: Any) -> Any:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            kind, _sep, token = request.headers.get("Authorization", "").partition(" ")
            row = None
            if kind.lower() == "bearer" and 20 <= len(token) <= 200:
                digest = hashlib.sha256(token.strip().encode()).hexdigest()
                row = data.reading().execute(
                    sa.select(ApiToken, User).join(User, User.id == ApiToken.user_id).where(
                        ApiToken.token_sha256 == digest, ApiToken.revoked_at.is_(None), User.active
                    )
                ).first()
            if row is None:
                _refuse(401, "api.token", "Thiếu mã truy cập, hoặc mã không còn dùng được.")
            found, user = cast(tuple[ApiToken, User], row)
            if scope not in found.scopes or scope not in scopes_of(user.role):
                _refuse(403, "api.scope", f"Mã truy cập không có phạm vi '{scope}'.")
            g.api_user_id = user.id
            if found.last_used_at is None or utc_now() - found.last_used_at > timedelta(minutes=10):
                with data.writing() as s:
                    s.execute(sa.update(ApiToken).where(ApiToken.id == found.id).values(last_used_at=utc_now()))
            return view(*args, **kwargs)

        guarded.scope = scope  # type: ignore[attr-defined]
        return guarded

    return decorate


def _page(found: Found, rows: list[dict[str, Any]]) -> Answer:
    return jsonify(items=rows, page=found.number, pages=found.last, total=found.total)


def _bulletin(row: Any) -> dict[str, Any]:
    return {
        "id": row.id, "title": row.title, "state": row.state.value, "priority": row.priority.value,
        "created_at": row.created_at.isoformat(),
    }


@api.get("/openapi.json")
def document() -> Answer:
    return jsonify(openapi())


@api.get("/")
def guide() -> str:
    return render_template("api/guide.html", document=openapi(), scopes=SCOPES)


@api.get("/status")
@scoped("status:read")
def status() -> Answer:
    return jsonify(airstate.air_now(data.reading()).to_json())


@api.get("/bulletins")
@scoped("bulletins:read")
def bulletins() -> Answer:
    select = sa.select(Bulletin.id, Bulletin.title, Bulletin.state, Bulletin.priority, Bulletin.created_at).where(Bulletin.station_id == 1)
    name = request.args.get("state", "")
    if name:
        select = select.where(Bulletin.state == forms.member(BulletinState, name))
    found = find(data.reading(), select.order_by(Bulletin.created_at.desc(), Bulletin.id.desc()))
    return _page(found, [_bulletin(row) for row in found.rows])


@api.get("/bulletins/<int:bulletin_id>")
@scoped("bulletins:read")
def bulletin(bulletin_id: int) -> Answer:
    row = data.one_or_404(data.reading(), Bulletin, bulletin_id)
    return jsonify({**_bulletin(row), "text": editorial.current_text(data.reading(), row), "problem": row.problem})


@api.post("/bulletins")
@scoped("bulletins:write")
def bulletin_create() -> Answer:
    """Push a bulletin: files as multipart ``files``, or JSON with ``title`` and ``text``."""
    config = data.settings()
    user_id = int(g.api_user_id)
    body = request.get_json(silent=True) if request.is_json else request.form
    values = body if body is not None and hasattr(body, "get") else {}
    priority = forms.member(Priority, str(values.get("priority", "")), Priority.NORMAL)
    if priority is Priority.EMERGENCY:
        # an emergency interrupts what is on air and needs a person at the station's page
        priority = Priority.PRIORITY
    files = [file for file in request.files.getlist("files") if file.filename]
    with tempfile.TemporaryDirectory(dir=config.home.cache, prefix="api-") as folder:
        uploads = []
        for place, file in enumerate(files):
            name = Path(str(file.filename).replace("\\", "/")).name
            path = Path(folder) / f"{place:03d}{Path(name).suffix.lower()[:10]}"
            file.save(path)
            uploads.append(editorial.Upload(name=name, path=path))
        with data.writing() as s:
            if uploads:
                row = editorial.receive(s, config, uploads, user_id=user_id, source="api")
                enqueue_read(s, row.id, user_id)
            else:
                row = editorial.receive_text(
                    s, config, str(values.get("title", ""))[:300], str(values.get("text", ""))[:200_000], user_id=user_id
                )
                row.source = "api"
            row.priority = priority
            record(s, s.get(User, user_id), "api.bulletin", f"bulletin:{row.id}", address=request.remote_addr or "")
            made = _bulletin(row)
    return jsonify(made), 201


@api.get("/programs")
@scoped("programs:read")
def programs() -> Answer:
    select = sa.select(Program.id, Program.title, Program.state, Program.air_date, Program.template).where(Program.station_id == 1)
    name = request.args.get("state", "")
    if name:
        select = select.where(Program.state == forms.member(ProgramState, name))
    found = find(data.reading(), select.order_by(Program.id.desc()))
    return _page(found, [
        {"id": r.id, "title": r.title, "state": r.state.value, "template": r.template,
         "air_date": r.air_date.isoformat() if r.air_date else None} for r in found.rows
    ])


@api.get("/programs/<int:program_id>")
@scoped("programs:read")
def program(program_id: int) -> Answer:
    row = data.one_or_404(data.reading(), Program, program_id)
    render = data.reading().get(Render, row.render_id) if row.render_id else None
    return jsonify(
        id=row.id, title=row.title, state=row.state.value, air_date=row.air_date.isoformat() if row.air_date else None,
        seconds=render.seconds if render else None, sha256=render.sha256 if render else None,
        script=render.script if render else "",
    )


@api.get("/occurrences")
@scoped("schedule:read")
def occurrences() -> Answer:
    """Airings of the days asked for (``from``, ``days`` up to 31), planned and past."""
    zone = data.settings().zone
    first = forms.parse_day(request.args.get("from", "")) or today()
    days = min(max(request.args.get("days", 7, type=int), 1), 31)
    start = datetime.combine(first, time(0), zone)
    return jsonify(items=[
        {"slot": one.plan.slot.name, "start": one.plan.start.isoformat(), "end": one.plan.end.isoformat(),
         "outcome": one.outcome.value if one.outcome else None, "reason": one.reason}
        for one in airstate.airings(data.reading(), start, start + timedelta(days=days))
    ])


@api.get("/log")
@scoped("log:read")
def log() -> Answer:
    """What was really sent between two dates (``from``, ``to``), newest first."""
    zone = data.settings().zone
    first = forms.parse_day(request.args.get("from", "")) or today() - timedelta(days=7)
    last = forms.parse_day(request.args.get("to", "")) or today()
    found = find(
        data.reading(), sa.select(AsRun).where(
            AsRun.station_id == 1, AsRun.real_start >= datetime.combine(first, time(0), zone),
            AsRun.real_start < datetime.combine(last + timedelta(days=1), time(0), zone),
        ).order_by(AsRun.real_start.desc(), AsRun.id.desc()), size=100, scalars=True,
    )
    return _page(found, [
        {"id": r.id, "start": r.real_start.isoformat(), "end": r.real_end.isoformat(), "title": r.title,
         "source": r.source.value, "outcome": r.outcome.value, "level_dbfs": r.level_dbfs, "peak_dbfs": r.peak_dbfs,
         "sha256": r.render_sha256, "approved_by": r.approved_by} for r in found.rows
    ])


def _notice(row: Emergency) -> dict[str, Any]:
    moments = {name: getattr(row, name) for name in ("requested_at", "accepted_at", "first_sample_at", "ended_at")}
    return {
        "id": row.id, "state": row.state.value, "test": row.test, "content": row.content, "reason": row.reason,
        **{name: value.isoformat() if value else None for name, value in moments.items()},
    }


@api.get("/emergencies")
@scoped("emergency:write")
def emergencies() -> Answer:
    """The notices of the station, newest first."""
    found = find(
        data.reading(), sa.select(Emergency).where(Emergency.station_id == 1).order_by(Emergency.id.desc()), scalars=True
    )
    return _page(found, [_notice(row) for row in found.rows])


@api.post("/emergencies")
@scoped("emergency:write")
def emergency_create() -> Answer:
    """Put a notice on air: JSON with ``content``, the typed ``confirmation`` and a ``key`` of the caller's choice.

    The same key gives the same notice (200 instead of 201), so that a caller may ask again after a lost answer.
    """
    values = request.get_json(silent=True)
    if not isinstance(values, dict) or not str(values.get("key", "")).strip():
        _refuse(400, "api.key", "Thiếu 'key': mỗi thông báo cần một mã riêng để không phát hai lần.")
    assert isinstance(values, dict)
    signal, repeats = str(values.get("signal", "")), values.get("repeats")
    if signal not in ("", "siren", "chime", "none") or not (repeats is None or (isinstance(repeats, int) and 1 <= repeats <= 20)):
        _refuse(400, "api.values", "signal là siren, chime hoặc none; repeats từ 1 đến 20.")
    key = f"api:{g.api_user_id}:{values['key']}"[:100]
    with data.writing() as s:
        known = s.scalar(sa.select(Emergency.id).where(Emergency.idempotency_key == key)) is not None
        row = desk.request_emergency(
            s, data.settings(), content=str(values.get("content", ""))[:5000], idempotency_key=key,
            confirmation=str(values.get("confirmation", "")), user=s.get(User, int(g.api_user_id)),
            test=values.get("test") is True, signal=signal, repeats=repeats,
        )
        made = _notice(row)
    poke(data.settings())
    return jsonify(made), 200 if known else 201


@api.post("/emergencies/<int:emergency_id>/stop")
@scoped("emergency:write")
def emergency_stop(emergency_id: int) -> Answer:
    """End a notice, on air or not."""
    with data.writing() as s:
        row = data.one_or_404(s, Emergency, emergency_id)
        desk.stop_emergency(s, s.get(User, int(g.api_user_id)), row, reason="API")
        made = _notice(row)
    poke(data.settings())
    return jsonify(made)

"""Speaking live: push to talk with this device's microphone or the station's own; what else is done by hand on air."""

from __future__ import annotations

import secrets
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, jsonify, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from station.db.models import AirCommand, AsRun, Heartbeat, Program
from station.db.states import ProgramState, SourceKind
from station.editorial.audit import record
from station.playout.live import page_file
from station.playout.wake import poke
from station.web import airstate, data, login

talk = Blueprint("talk", __name__, url_prefix="/talk")
View = str | Response | tuple[str | Response, int]
#: one piece of sound from a page: 16-bit mono, about a tenth of a second; more than this is nothing of ours
LONGEST_PIECE = 512_000
#: one talk: an hour of 16-bit mono at 48 kHz
LONGEST_TALK = 350_000_000


@talk.get("/")
def index() -> View:
    s = data.reading()
    row = s.get(Heartbeat, "air")
    programs = s.execute(
        sa.select(Program.id, Program.title).where(Program.station_id == 1, Program.state == ProgramState.APPROVED)
        .order_by(Program.id.desc()).limit(30)
    ).all()
    spoken = s.scalars(
        sa.select(AsRun).where(AsRun.station_id == 1, AsRun.source == SourceKind.LIVE, AsRun.item_ref == "")
        .order_by(AsRun.id.desc()).limit(10)
    ).all()
    facts: dict[str, Any] = (row.data or {}) if row else {}
    return render_template(
        "talk/index.html", air=airstate.air_now(s), facts=facts, programs=programs, spoken=spoken,
        rate=data.settings().air.sample_rate,
    )


def _order(action: str, values: dict[str, object]) -> None:
    with data.writing() as s:
        s.add(AirCommand(action=action, data=values, user_id=login.person().key))
        record(s, login.user_row(s), f"air.{action}", data=values, address=request.remote_addr or "")
    poke(data.settings())


@talk.post("/start")
def start() -> View:
    """Open a microphone: ``source`` is "page" (this device, by JSON) or "station"; ``over``: over what plays, or alone."""
    body: Any = request.get_json(silent=True) if request.is_json else request.form
    if not body or body.get("source") not in ("page", "station"):
        abort(400)
    values: dict[str, object] = {"over": str(body.get("over", "1")) not in ("", "0", "False")}
    key = ""
    if body["source"] == "page":
        key = secrets.token_hex(12)
        path = page_file(data.settings().home.run, key)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        session["talk"] = values["key"] = key
    _order("live_start", values)
    return jsonify(key=key) if request.is_json else redirect(url_for("talk.index"), 303)


@talk.post("/sound/<key>")
def sound(key: str) -> View:
    """More sound of a talk that this person began: raw 16-bit mono at the station's rate.  410 when it is over."""
    if key != session.get("talk"):
        abort(404)
    if (request.content_length or 0) > LONGEST_PIECE:
        abort(413)
    path = page_file(data.settings().home.run, key)
    if not path.is_file() or path.stat().st_size > LONGEST_TALK:
        return jsonify(over=True), 410
    piece = request.get_data(cache=False)
    with path.open("ab") as file:
        file.write(piece[:len(piece) // 2 * 2])
    return jsonify(bytes=len(piece))


@talk.post("/stop")
def stop() -> View:
    session.pop("talk", None)
    _order("live_stop", {})
    return jsonify(stopped=True) if request.is_json else redirect(url_for("talk.index"), 303)

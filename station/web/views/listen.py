"""The page for residents, off by default: programs that were aired, to hear and to read, in large type."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import sqlalchemy as sa
from flask import Blueprint, abort, render_template
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from station.db.models import Occurrence, Program, Render
from station.db.states import Outcome
from station.web import data, media, renders
from station.web.context import today

listen = Blueprint("listen", __name__, url_prefix="/listen")
DAYS = 7


def _open() -> None:
    if not data.settings().web.public_page:
        abort(404)


def _aired(session: Session) -> sa.Select:  # type: ignore[type-arg]
    """What was really on air in the last days, each render once: nothing that was not aired is public."""
    since = datetime.combine(today() - timedelta(days=DAYS), time(0), data.settings().zone)
    return (
        sa.select(Render.id, Program.title, sa.func.max(Occurrence.planned_start).label("at"), Render.frames, Render.sample_rate)
        .join(Occurrence, Occurrence.render_id == Render.id).join(Program, Program.id == Render.program_id)
        .where(
            Occurrence.station_id == 1, Occurrence.planned_start >= since,
            Occurrence.outcome.in_((Outcome.AIRED, Outcome.AIRED_LATE, Outcome.PARTIAL)),
        ).group_by(Render.id, Program.title, Render.frames, Render.sample_rate)
    )


def _render(render_id: int) -> tuple[Render, str]:
    _open()
    session = data.reading()
    row = session.execute(_aired(session).where(Render.id == render_id)).first()
    render = session.get(Render, render_id)
    if row is None or render is None:
        abort(404)
    return render, row.title


@listen.get("/")
def index() -> str:
    _open()
    session = data.reading()
    return render_template("listen/index.html", rows=session.execute(_aired(session).order_by(sa.desc("at")).limit(30)).all())


@listen.get("/<int:render_id>")
def transcript(render_id: int) -> str:
    render, title = _render(render_id)
    return render_template("listen/show.html", render=render, title=title, cues=renders.cues(render))


@listen.get("/<int:render_id>/audio")
def audio(render_id: int) -> Response:
    render, _title = _render(render_id)
    return media.send_home_file(render.preview_path or render.path)

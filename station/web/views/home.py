"""Home: what is on air, what comes next, what waits, what went wrong; live by server-sent events."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from datetime import time as clock_time

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import force_locale, get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from station.db.models import AirCommand
from station.editorial.audit import record
from station.playout.wake import poke
from station.web import airstate, data, forms, login
from station.web.context import today

home = Blueprint("home", __name__)
View = str | BaseResponse | tuple[str | BaseResponse, int]
#: a stream ends after so long and the browser opens the next one, so that a thread is never held for ever
STREAM_SECONDS = 45.0
COMMANDS = ("stop", "skip", "play_now", "play_over", "test_tone", "transmitter_on", "transmitter_off", "transmitter_auto")


def _stream_places() -> threading.Semaphore:
    """Half of the threads may stream; the others stay free for pages, and browsers left out poll."""
    places = max(1, data.settings().web.threads // 2)
    found: threading.Semaphore = current_app.extensions.setdefault("station_streams", threading.Semaphore(places))
    return found


@home.get("/")
def index() -> View:
    session = data.reading()
    zone = data.settings().zone
    start = datetime.combine(today(), clock_time(0), zone)
    return render_template(
        "home/index.html", air=airstate.air_now(session), airings=airstate.airings(session, start, start + timedelta(days=1)),
        waiting=airstate.waiting(session), alarms=airstate.open_alarms(session), failed=airstate.failed_jobs(session),
        worker=_worker_alive(),
    )


def _worker_alive() -> bool:
    from station.db.models import Heartbeat
    from station.db.types import utc_now

    row = data.reading().get(Heartbeat, "worker")
    return row is not None and utc_now() - row.at < airstate.WORKER_SILENT


def _now() -> dict[str, object]:
    session = data.reading()
    waits = airstate.waiting(session)
    return {**airstate.air_now(session).to_json(), "waiting": waits.__dict__, "alarms": len(airstate.open_alarms(session))}


@home.get("/live")
def live() -> View:
    """One reading of what is on air, for browsers that poll."""
    return jsonify(_now())


@home.get("/events")
def events() -> View:
    """The same every second, as server-sent events; 204 tells the browser to poll instead."""
    places = _stream_places()
    if not places.acquire(blocking=False):
        return Response(status=204)
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    language = str(get_locale())

    def stream() -> Iterator[str]:
        try:
            yield "retry: 3000\n\n"
            end = time.monotonic() + STREAM_SECONDS
            while time.monotonic() < end:
                with app.app_context(), force_locale(language):
                    body = json.dumps(_now(), ensure_ascii=False)
                yield f"data: {body}\n\n"
                time.sleep(1)
        finally:
            places.release()

    answer = Response(stream(), mimetype="text/event-stream")
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


@home.post("/air")
def command() -> View:
    """Stop or skip what is on air, put an approved program on air now or over it, switch the transmitter by hand."""
    action = request.form.get("action", "")
    if action not in COMMANDS:
        abort(400)
    values = {"program_id": forms.number("program_id", low=1)} if action in ("play_now", "play_over") else {}
    with data.writing() as s:
        s.add(AirCommand(action=action, data=values, user_id=login.person().key))
        record(s, login.user_row(s), f"air.{action}", data=values, address=request.remote_addr or "")
    poke(data.settings())
    flash(_("Đã gửi lệnh tới máy phát."), "success")
    return redirect(url_for("talk.index" if request.form.get("back") == "talk" else "home.index"), 303)


@home.get("/alive")
def alive() -> View:
    """For the supervisor: answers when the page and its database do."""
    from sqlalchemy import text

    data.reading().execute(text("SELECT 1"))
    return jsonify(alive=True)

"""Emergency notices: asked for on one page, meant by a typed word (and by a second person), stopped by one press."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from station.db.models import Bulletin, Emergency, User
from station.db.states import EmergencyState
from station.editorial.bulletins import current_text
from station.errors import StationError
from station.playout import emergency as desk
from station.playout.wake import poke
from station.web import airstate, data, forms, login

emergency = Blueprint("emergency", __name__, url_prefix="/emergency")
View = str | Response | tuple[str, int]


@emergency.get("/")
def index() -> View:
    session = data.reading()
    rows = session.scalars(
        sa.select(Emergency).where(Emergency.station_id == 1).order_by(Emergency.id.desc()).limit(10)
    ).all()
    names = dict(session.execute(
        sa.select(User.id, User.display_name).where(User.id.in_([row.requested_by_id for row in rows if row.requested_by_id]))
    ).all())
    number = request.args.get("bulletin", "")
    bulletin = session.get(Bulletin, int(number)) if number.isdecimal() and len(number) < 10 else None
    content = current_text(session, bulletin) if bulletin is not None else ""
    return render_template(
        "emergency/index.html", rows=rows, running=[row for row in rows if row.state in desk.OPEN_STATES], names=names,
        key=secrets.token_hex(12), form={"content": content} if content else {},
        words=(desk.CONFIRMATION, desk.CONFIRMATION_TEST),
    )


@emergency.get("/banner")
def banner() -> View:
    """What every page shows while a notice lasts; pages that were open before ask for it."""
    return render_template("emergency/banner.html")


def _say_whether_it_airs(words: str) -> None:
    """Asked for is not heard: where nothing broadcasts, the person must know at once and take another way."""
    if airstate.air_now(data.reading()).alive:
        flash(words, "success")
    else:
        flash(_("Phần phát sóng không chạy nên thông báo CHƯA ra loa. Hãy khởi động lại đài hoặc dùng cách khác ngay."), "danger")


@emergency.post("/")
def send() -> View:
    """Ask for a notice.  The key makes a double press one notice; the typed word is the second look."""
    try:
        with data.writing() as s:
            row = desk.request_emergency(
                s, data.settings(), content=forms.long_text("content", longest=5000).strip(), user=login.user_row(s),
                idempotency_key=request.form.get("key", "")[:100] or secrets.token_hex(12),
                confirmation=request.form.get("confirmation", ""), test=bool(request.form.get("test")),
                signal="siren" if request.form.get("siren") else "chime",
                repeats=forms.number("repeats", data.settings().air.emergency_repeats, low=1, high=20),
            )
            waiting = row.state is EmergencyState.WAITING
        poke(data.settings())
    except StationError as error:
        flash(error.for_staff(), "danger")
        return render_template(
            "emergency/index.html", rows=[], running=[], names={}, key=request.form.get("key", ""), form=request.form,
            words=(desk.CONFIRMATION, desk.CONFIRMATION_TEST),
        ), 400
    if waiting:
        flash(_("Đã ghi nhận; cần thêm một người xác nhận."), "success")
    else:
        _say_whether_it_airs(_("Thông báo khẩn cấp đang được phát."))
    return redirect(url_for("emergency.index"), 303)


@emergency.post("/<int:emergency_id>/confirm")
def confirm(emergency_id: int) -> View:
    """The second person's yes, where the station wants two."""
    with data.writing() as s:
        desk.confirm_emergency(s, data.one_or_404(s, Emergency, emergency_id), user=login.user_row(s))
    poke(data.settings())
    _say_whether_it_airs(_("Đã xác nhận. Thông báo được phát ngay."))
    return redirect(url_for("emergency.index"), 303)


@emergency.post("/stop")
def stop() -> View:
    with data.writing() as s:
        desk.stop_emergency(s, login.user_row(s))
    poke(data.settings())
    flash(_("Đã dừng thông báo khẩn cấp."), "success")
    return redirect(url_for("emergency.index"), 303)

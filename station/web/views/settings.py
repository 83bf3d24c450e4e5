"""Settings: each value with what it means, checked before it is kept, and a sound to try."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from station.db.models import AirCommand
from station.editorial.audit import record
from station.errors import ConfigError
from station.playout.wake import poke
from station.web import data, login
from station.web.settings_file import save_settings
from station.web.settings_words import SECTIONS, Setting, settings_of

settings = Blueprint("settings", __name__, url_prefix="/settings")
View = str | Response | tuple[str, int]


def _page(values: dict[str, str] | None = None) -> str:
    return render_template("settings/index.html", sections=settings_of(data.settings()), titles=SECTIONS, values=values or {})


@settings.get("/")
def index() -> View:
    return _page()


def read_form(known: list[Setting]) -> dict[str, Any]:
    """The form's values of one section, as the types that the settings have."""
    values: dict[str, Any] = {}
    for one in known:
        raw = request.form.get(one.key, "").strip()
        if one.kind == "bool":
            values[one.key] = bool(raw)
        elif one.kind == "list":
            values[one.key] = [line.strip() for line in raw.replace(",", "\n").splitlines() if line.strip()]
        elif one.kind in ("int", "float"):
            text = raw.replace(",", ".")
            try:
                values[one.key] = int(text) if one.kind == "int" else float(text)
            except ValueError as error:
                raise ConfigError(_("“%(name)s” phải là một số.", name=one.label)) from error
        else:
            values[one.key] = raw
    return values


@settings.post("/<section>")
def save(section: str) -> View:
    known = settings_of(data.settings()).get(section)
    if known is None:
        return redirect(url_for("settings.index"), 303)
    try:
        values = read_form(known)
        save_settings({section: values})
    except ConfigError as error:
        flash(error.for_staff(), "danger")
        return _page({f"{section}.{key}": value for key, value in request.form.items()}), 400
    with data.writing() as s:
        record(s, login.user_row(s), "settings.save", section, {k: v for k, v in values.items() if k not in ("on", "off")})
    flash(_("Đã lưu cài đặt. Phần phát sóng và xử lý nhận giá trị mới khi khởi động lại."), "success")
    return redirect(url_for("settings.index") + f"#{section}", 303)


@settings.post("/test-sound/play")
def test_sound() -> View:
    """A short tone on the transmitter, so that staff hear that the way out works."""
    with data.writing() as s:
        s.add(AirCommand(action="test_tone", user_id=login.person().key))
        record(s, login.user_row(s), "air.test_tone")
    poke(data.settings())
    flash(_("Đã gửi âm thử ra máy phát. Hãy nghe ở loa."), "success")
    return redirect(url_for("settings.index"), 303)

"""First run: commune, hamlets, hours, voice, a test of the sound, in one page of few questions."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from station.db.models import Slot, Station
from station.db.states import FillKind
from station.db.types import utc_now
from station.editorial.audit import record
from station.errors import StationError
from station.schedules.rules import parse_time
from station.web import data, forms, login, remembered
from station.web.settings_file import save_settings

setup = Blueprint("setup", __name__, url_prefix="/setup")
View = str | Response | tuple[str, int]


def _page() -> str:
    return render_template(
        "setup/index.html", voices=[("", _("Giọng tốt nhất đã cài"))] + [(v.id, v.name) for v in remembered.voices(data.settings().home) if v.installed],
    )


@setup.get("/")
def index() -> View:
    return _page()


@setup.post("/")
def save() -> View:
    """Keep the answers; the times given become the first slots of the timetable."""
    commune, name = forms.text("commune", longest=100), forms.text("name", longest=150)
    times = [part for part in request.form.get("times", "").replace(",", " ").split() if part]
    try:
        starts = [parse_time(part) for part in times]
        save_settings({
            "station": {
                "name": name or (_("Đài truyền thanh xã %(commune)s", commune=commune) if commune else data.settings().station.name),
                "commune": commune, "province": forms.text("province", longest=100),
                "hamlets": [line.strip() for line in request.form.get("hamlets", "").splitlines() if line.strip()],
            },
            "hours": {"quiet": [forms.text("quiet", longest=40) or "21:00-05:00"]},
            "voices": {"default": request.form.get("voice", "")},
        })
        with data.writing() as s:
            station = data.one_or_404(s, Station, 1)
            station.name = data.settings().station.name
            for start in starts:
                clock = f"{start:%H:%M:%S}"
                if not s.query(Slot).filter(Slot.start_time == clock, Slot.active).first():
                    s.add(Slot(name=_("Buổi %(time)s", time=f"{start:%H:%M}"), start_time=clock, duration_seconds=1800, rule={}, fill_kind=FillKind.LATEST, fill="daily"))
            record(s, login.user_row(s), "setup.save", "station:1")
    except StationError as error:
        flash(error.for_staff(), "danger")
        return _page(), 400
    flash(_("Đã lưu. Hãy phát thử âm thanh ra loa trước khi bắt đầu."), "success")
    return redirect(url_for("setup.index") + "#sound", 303)


@setup.post("/finish")
def finish() -> View:
    with data.writing() as s:
        station = data.one_or_404(s, Station, 1)
        station.set_up_at = station.set_up_at or utc_now()
        record(s, login.user_row(s), "setup.finish", "station:1")
    flash(_("Đài đã sẵn sàng. Hãy thêm bản tin đầu tiên."), "success")
    return redirect(url_for("home.index"), 303)

"""Templates of programs: their parts, order, wording and sounds, with the wording of any day to read before saving.

Everything works with forms alone: the parts travel in the form, and only "save" writes the station's file.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from station.db.models import Slot
from station.db.states import FillKind
from station.db.types import utc_now
from station.editorial.airing import Airing, place
from station.editorial.audit import record
from station.errors import ProgramError, ScheduleError
from station.programs.items import Item
from station.programs.library import sound_names
from station.programs.model import Priority
from station.programs.slot import estimate_drafts
from station.programs.template import (
    PLACEHOLDERS,
    PartKind,
    Template,
    load_template,
    outline,
    words_for,
)
from station.programs.template_file import (
    LONGEST_TITLE,
    MOST_PARTS,
    USES,
    Origin,
    checked,
    new_name,
    origin_of,
    part_values,
    readable_templates,
    remove_template,
    save_template,
)
from station.schedules.store import load_exceptions, load_slots
from station.voices.delivery import load_deliveries
from station.web import data, forms, labels, login, remembered
from station.web.context import today

templates = Blueprint("templates", __name__, url_prefix="/program-templates")
View = str | Response | tuple[str | Response, int]
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TEXTS = ("title", "sound", "separator", "bed", "name", "say_priority")
_NUMBERS = ("pause_seconds", "least_items", "most_items")


def _used(name: str) -> int:
    """How many slots of the timetable ask for the template."""
    return data.reading().scalar(
        sa.select(sa.func.count()).where(Slot.active, Slot.fill_kind == FillKind.LATEST, Slot.fill == name)
    ) or 0


@templates.get("/")
def index() -> View:
    home = data.settings().home
    good, bad = readable_templates(home)
    rows = [(one, origin_of(one.id, home), _used(one.id)) for one in good]
    return render_template("templates/index.html", rows=rows, broken=bad, longest=LONGEST_TITLE,
                           choices=[(one.id, one.title) for one in good])


@templates.post("/")
def create() -> View:
    """A template of the station's own, with the parts of another one to begin with."""
    home = data.settings().home
    base = load_template(forms.text("base", longest=64), home)
    title = forms.text("title", longest=LONGEST_TITLE)
    name = new_name(title, home)
    save_template(name, title, [part_values(part) for part in base.parts], home)
    _kept("template.create", name)
    flash(_("Đã tạo mẫu “%(title)s”.", title=title), "success")
    return redirect(url_for("templates.show", template=name), 303)


@templates.get("/<template>")
def show(template: str) -> View:
    found = _template(template)
    return _page(found.id, found.title, [part_values(part) for part in found.parts])


@templates.post("/<template>")
def edit(template: str) -> View:
    """Keep what the form holds, or change the form: ``do`` is "save", "preview", "add", or "up", "down", "remove" with a place."""
    home = data.settings().home
    name = _template(template).id
    title = forms.text("title", longest=LONGEST_TITLE) or name
    action, _sep, number = request.form.get("do", "").partition(":")
    try:
        parts = _parts_of_form()
    except ValueError as error:
        raise forms.FormError(_("Một ngày hoặc một số trong mẫu ghi chưa đúng."), mend=_("Hãy xem lại các phần rồi gửi lại."),
                              detail=str(error)) from error
    at = int(number) if number.isdigit() and int(number) < len(parts) else None
    if action == "save":
        try:
            save_template(name, title, parts, home)
        except ProgramError as error:
            return _page(name, title, parts, error), 400
        _kept("template.save", name)
        flash(_("Đã lưu mẫu. Chương trình dựng từ nay sẽ theo mẫu này."), "success")
        return redirect(url_for("templates.show", template=name), 303)
    if action == "add":
        parts.append({"kind": forms.member(PartKind, request.form.get("new_kind", "")).value})
    elif action in ("up", "down", "remove") and at is not None:
        moved = parts.pop(at)
        if action != "remove":
            parts.insert(max(0, at + (-1 if action == "up" else 1)), moved)
    elif action != "preview":
        abort(400)
    return _page(name, title, parts, changed=True)


@templates.post("/<template>/remove")
def remove(template: str) -> View:
    home, name = data.settings().home, template
    if origin_of(name, home) is Origin.OWN and (used := _used(name)):
        raise forms.FormError(_("Lịch phát đang dùng mẫu này ở %(count)s khung giờ.", count=used),
                              mend=_("Hãy chọn mẫu khác cho các khung giờ đó trước."))
    if remove_template(name, home):
        _kept("template.remove", name)
        flash(_("Đã bỏ mẫu riêng “%(name)s” của đài.", name=name), "success")
    return redirect(url_for("templates.index"), 303)


def _kept(action: str, name: str) -> None:
    remembered.forget()
    with data.writing() as s:
        record(s, login.user_row(s), action, name)


def _template(name: str) -> Template:
    if name not in {one.id for one in readable_templates(data.settings().home)[0]}:
        abort(404)
    return load_template(name, data.settings().home)


def _parts_of_form() -> list[dict[str, Any]]:
    """The parts as the form has them, in order; only what the kind of part uses.  Raises ValueError for a wrong date or number."""
    found = []
    for number in range(min(forms.number("count", 0, high=MOST_PARTS), MOST_PARTS)):
        def one(key: str, at: int = number) -> str:
            return forms.text(f"p{at}-{key}", longest=1000)

        kind = forms.member(PartKind, one("kind"))
        uses = {"title", "pause_seconds", *USES[kind]}
        values: dict[str, Any] = {"kind": kind.value}
        values |= {key: one(key) for key in _TEXTS if key in uses and one(key)}
        if "say" in uses:
            lines = forms.long_text(f"p{number}-say", longest=20_000).split("\n")
            said = [" ".join(line.split()) for line in lines if line.strip()]
            values |= {"say": said} if said else {}
        for key in _NUMBERS:
            if key in uses and one(key):
                value = float(one(key).replace(",", "."))
                values[key] = int(value) if value.is_integer() and key != "pause_seconds" else value
        days = [day for day in _DAYS if day in request.form.getlist(f"p{number}-days")]
        if days and len(days) < len(_DAYS):
            values["days"] = days
        values |= {key: date.fromisoformat(one(key)) for key in ("since", "until") if one(key)}
        found.append(values)
    return found


def _samples() -> tuple[Item, ...]:
    """Items to show the wording with."""
    words = _("(nội dung bản tin)")
    return (Item(_("Lịch cắt điện"), text=words), Item(_("Phòng chống bão"), text=words, priority=Priority.PRIORITY),
            Item(_("Lịch tiêm phòng"), text=words))


def _airing(name: str, day: date) -> Airing:
    config, session = data.settings(), data.reading()
    try:
        return place(load_slots(session), load_exceptions(session), config, name, day, utc_now())
    except ScheduleError:
        return place((), (), config, name, day, utc_now())


def _page(name: str, title: str, parts: list[dict[str, Any]], error: ProgramError | None = None, changed: bool = False) -> str:
    config = data.settings()
    try:
        day = forms.parse_day(request.form.get("day", "") or request.args.get("day", "")) or today()
    except forms.FormError:
        day = today()
    airing = _airing(name, day)
    drafts, seconds = [], 0.0
    items, following = _samples(), airing.announced()
    notices = {str(part["name"]): _("(lời của phần “%(name)s”)", name=part["name"]) for part in parts if part.get("name")}
    if error is None:
        try:
            template = checked(name, title, parts, config.home)
            drafts = outline(template, items, config, airing.start, next_program=following, notices=notices)
            seconds = estimate_drafts(drafts, config, load_deliveries(config.home).programs.get(name, "")).seconds
        except ProgramError as wrong:
            error = wrong if parts else None
    words = words_for(config, airing.start, len(items), following)
    return render_template(
        "templates/show.html", name=name, title=title, parts=parts, uses={kind.value: uses for kind, uses in USES.items()},
        kinds=[(kind.value, str(labels.PART[kind])) for kind in PartKind], sounds=sound_names(config.home), day=day,
        start=datetime.combine(day, airing.start.time()), drafts=drafts, seconds=seconds, error=error, changed=changed,
        origin=origin_of(name, config.home).value, used=_used(name), longest=LONGEST_TITLE,
        placeholders=[(key, words.get(key, "")) for key in PLACEHOLDERS],
        weekdays=list(zip(_DAYS, (_("Thứ Hai"), _("Thứ Ba"), _("Thứ Tư"), _("Thứ Năm"), _("Thứ Sáu"), _("Thứ Bảy"), _("Chủ nhật")), strict=True)),
    )

"""The week and the month of the timetable; slots, and days on which they are left out or moved."""

from __future__ import annotations

import calendar
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from station.config import HoursSettings
from station.db.models import Occurrence, Program, Slot, SlotException
from station.db.states import FillKind, LatePolicy, ProgramState
from station.editorial.audit import record
from station.schedules import Conflict, SlotSpec, WayOut, check_rules, find_conflicts
from station.schedules.rules import check_rule, parse_date, parse_time, rule_in_words
from station.schedules.store import slot_spec, touch
from station.web import airstate, data, forms, login, remembered
from station.web.context import today

schedule = Blueprint("schedule", __name__, url_prefix="/schedule")
View = str | Response | tuple[str | Response, int]
WEEKDAYS = ("T2", "T3", "T4", "T5", "T6", "T7", "CN")


def midnight_of(day: date) -> datetime:
    return datetime.combine(day, time(0), data.settings().zone)


def _range(first: date, days: int) -> tuple[list[airstate.Airing], list[Conflict], list[str]]:
    """Airings, overlaps, and broken rules in words."""
    found = airstate.airings(data.reading(), midnight_of(first), midnight_of(first + timedelta(days=days)))
    plans = [one.plan for one in found]
    hours: HoursSettings = data.settings().hours
    conflicts = find_conflicts(plans)
    broken = [f"{v.session.start:%d/%m} “{v.session.name}”: {v.message}" for v in check_rules(plans, hours, data.settings().zone)]
    return found, conflicts, broken


def _asked_day() -> date:
    try:
        return forms.parse_day(request.args.get("day", "")) or today()
    except forms.FormError:
        return today()


@schedule.get("/")
def week() -> View:
    asked = _asked_day()
    first = asked - timedelta(days=asked.weekday())
    found, conflicts, broken = _range(first, 7)
    days = [first + timedelta(days=n) for n in range(7)]
    by_day: dict[date, list[airstate.Airing]] = {day: [] for day in days}
    for one in found:
        by_day.setdefault(one.plan.local_date, []).append(one)
    session = data.reading()
    slots = [(slot, rule_in_words(slot.rule)) for slot in session.scalars(
        sa.select(Slot).where(Slot.station_id == 1).order_by(Slot.active.desc(), Slot.start_time, Slot.id)
    )]
    exceptions = list(session.scalars(
        sa.select(SlotException).where(
            SlotException.station_id == 1, SlotException.local_date >= first, SlotException.local_date < first + timedelta(days=7)
        ).order_by(SlotException.local_date)
    ))
    return render_template(
        "schedule/week.html", days=days, by_day=by_day, conflicts=conflicts, broken=broken, slots=slots, first=first,
        exceptions=exceptions, slot_names={slot.id: slot.name for slot, _rule in slots},
        previous=first - timedelta(days=7), following=first + timedelta(days=7), play_after=WayOut.PLAY_AFTER,
    )


@schedule.get("/month")
def month() -> View:
    asked = _asked_day()
    weeks = calendar.Calendar().monthdatescalendar(asked.year, asked.month)
    first = weeks[0][0]
    found, conflicts, _broken = _range(first, len(weeks) * 7)
    by_day: dict[date, list[airstate.Airing]] = {}
    for one in found:
        by_day.setdefault(one.plan.local_date, []).append(one)
    return render_template(
        "schedule/month.html", weeks=weeks, by_day=by_day, asked=asked.replace(day=1), conflicts=conflicts,
        previous=(asked.replace(day=1) - timedelta(days=1)).replace(day=1),
        following=(asked.replace(day=28) + timedelta(days=5)).replace(day=1),
    )


def _choices(session: Session) -> dict[str, Any]:
    return {
        "templates": remembered.templates(data.settings().home),
        "programs": [("", _("(chọn chương trình)"))] + [
            (str(row.id), row.title) for row in session.execute(
                sa.select(Program.id, Program.title).where(Program.station_id == 1, Program.state == ProgramState.APPROVED)
                .order_by(Program.id.desc()).limit(50)
            )
        ],
        "slots": [("", _("(chọn khung giờ)"))] + [
            (str(row.id), row.name) for row in session.execute(sa.select(Slot.id, Slot.name).where(Slot.active).order_by(Slot.start_time))
        ],
        "weekdays": list(zip(WEEKDAYS, (_("Thứ Hai"), _("Thứ Ba"), _("Thứ Tư"), _("Thứ Năm"), _("Thứ Sáu"), _("Thứ Bảy"), _("Chủ nhật")), strict=True)),
    }


def _form(row: Slot) -> View:
    rule = row.rule or {}
    dates = ", ".join(f"{parse_date(value):%d/%m/%Y}" for value in rule.get("dates", []))
    season = ["/".join(reversed(part.split("-"))) for part in rule.get("season") or ("", "")]
    return render_template("schedule/slot.html", slot=row, slot_dates=dates, slot_season=season, **_choices(data.reading()))


@schedule.get("/slots/new")
def slot_new() -> View:
    empty = Slot(name="", start_time="05:00:00", duration_seconds=1800, rule={}, fill_kind=FillKind.LATEST, fill="daily",
                 late_policy=LatePolicy.START_NOW, late_seconds=600, priority=False, active=True)
    return _form(empty)


@schedule.get("/slots/<int:slot_id>")
def slot(slot_id: int) -> View:
    row = data.one_or_404(data.reading(), Slot, slot_id)
    return _form(row)


def _rule_of_form() -> dict[str, Any]:
    rule: dict[str, Any] = {}
    weekdays = [day for day in request.form.getlist("weekdays") if day in WEEKDAYS]
    if weekdays and len(weekdays) < 7:
        rule["weekdays"] = weekdays
    lunar = [part.strip() for part in forms.text("lunar").split(",") if part.strip()]
    if lunar:
        rule["lunar"] = lunar
    dates = [forms.parse_day(part.strip()) for part in forms.text("dates").split(",") if part.strip()]
    if dates:
        rule["dates"] = [found.isoformat() for found in dates if found]
    month_days = [part.strip() for part in forms.text("month_days").split(",") if part.strip()]
    if month_days:
        rule["month_days"] = [int(part) if part.lstrip("-").isdigit() else part for part in month_days]
    season = [forms.text("season_from"), forms.text("season_to")]
    if any(season):
        rule["season"] = ["-".join(reversed(part.split("/"))) for part in season]
    for name, key in (("from", "from"), ("to", "to")):
        value = forms.day(name)
        if value is not None:
            rule[key] = value.isoformat()
    check_rule(rule)
    return rule


def _fill(row: Slot) -> None:
    """Take the form's values over into ``row``.  Raises a StationError with what is wrong."""
    name = forms.text("name", longest=200)
    if not name:
        raise forms.FormError(_("Khung giờ chưa có tên."))
    row.name = name
    row.start_time = f"{parse_time(request.form.get('start_time', '')):%H:%M:%S}"
    row.duration_seconds = forms.number("minutes", low=1, high=24 * 60) * 60
    # What the form does not show (exceptions of the rule) stays.
    shown = ("weekdays", "lunar", "dates", "month_days", "season", "from", "to")
    kept = {key: value for key, value in (row.rule or {}).items() if key not in shown}
    row.rule = {**kept, **_rule_of_form()}
    row.fill_kind = forms.member(FillKind, request.form.get("fill_kind", ""))
    row.fill = {
        FillKind.LATEST: request.form.get("template", ""), FillKind.PROGRAM: request.form.get("program", ""),
        FillKind.REPEAT: request.form.get("repeat", ""), FillKind.RELAY: forms.text("relay"),
    }[row.fill_kind]
    if not row.fill:
        raise forms.FormError(_("Chưa chọn nội dung cho khung giờ."))
    if row.fill_kind is FillKind.RELAY and not row.fill.startswith(("http://", "https://", "rtsp://", "rtp://", "udp://")):
        raise forms.FormError(_("Địa chỉ tiếp sóng chưa đúng."), mend=_("Hãy ghi địa chỉ bắt đầu bằng http:// hoặc https://."))
    row.late_policy = forms.member(LatePolicy, request.form.get("late_policy", ""))
    row.late_seconds = forms.number("late_minutes", 10, high=24 * 60) * 60
    row.priority = bool(request.form.get("priority"))
    row.active = bool(request.form.get("active"))
    touch(row)


def _warn(session: Session, row: Slot) -> None:
    """Say at once when the new timetable overlaps or breaks the hours."""
    mine: SlotSpec = slot_spec(row)
    now = midnight_of(today())
    plans = airstate.planned(session, now, now + timedelta(days=14))
    for conflict in find_conflicts(plans):
        if mine.id in (conflict.first.slot.id, conflict.second.slot.id):
            flash(_("Trùng giờ: %(words)s", words=conflict.in_words()), "warning")
            break
    for violation in check_rules([one for one in plans if one.slot.id == mine.id], data.settings().hours, data.settings().zone)[:2]:
        flash(violation.message, "warning")


@schedule.post("/slots/new")
def slot_create() -> View:
    with data.writing() as s:
        row = Slot(rule={})
        _fill(row)
        s.add(row)
        s.flush()
        record(s, login.user_row(s), "slot.create", f"slot:{row.id}", {"name": row.name, "start": row.start_time})
        _warn(s, row)
    flash(_("Đã thêm khung giờ."), "success")
    return redirect(url_for("schedule.week"), 303)


@schedule.post("/slots/<int:slot_id>")
def slot_save(slot_id: int) -> View:
    with data.writing() as s:
        row = data.one_or_404(s, Slot, slot_id)
        _fill(row)
        s.flush()
        record(s, login.user_row(s), "slot.save", f"slot:{row.id}", {"name": row.name, "start": row.start_time})
        _warn(s, row)
    flash(_("Đã lưu khung giờ."), "success")
    return redirect(url_for("schedule.week"), 303)


@schedule.post("/slots/<int:slot_id>/remove")
def slot_remove(slot_id: int) -> View:
    with data.writing() as s:
        row = data.one_or_404(s, Slot, slot_id)
        record(s, login.user_row(s), "slot.remove", f"slot:{row.id}", {"name": row.name})
        if s.scalar(sa.select(Occurrence.id).where(Occurrence.slot_id == slot_id).limit(1)):
            row.active = False  # it has a history, which stays
            touch(row)
        else:
            s.delete(row)
    flash(_("Đã bỏ khung giờ khỏi lịch."), "success")
    return redirect(url_for("schedule.week"), 303)

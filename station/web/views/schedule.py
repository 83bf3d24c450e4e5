"""The week and the month of the timetable; slots, and days on which they are left out or moved."""

from __future__ import annotations

import calendar
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from station.config import HoursSettings
from station.db.models import Occurrence, Program, Slot, SlotException
from station.db.states import FillKind, LatePolicy, ProgramState
from station.editorial.audit import record
from station.schedules import Conflict, SlotSpec, WayOut, check_rules, find_conflicts
from station.schedules.rules import check_rule, parse_time, rule_in_words
from station.schedules.store import slot_spec, touch
from station.web import airstate, data, forms, login, remembered
from station.web.context import today

schedule = Blueprint("schedule", __name__, url_prefix="/schedule")
View = str | Response | tuple[str | Response, int]
WEEKDAYS = ("T2", "T3", "T4", "T5", "T6", "T7", "CN")


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), data.settings().zone)


def _range(first: date, days: int) -> tuple[list[airstate.Airing], list[Conflict], list[str]]:
    """Airings, overlaps, and broken rules in words."""
    found = airstate.airings(data.reading(), _midnight(first), _midnight(first + timedelta(days=days)))
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


@schedule.get("/slots/new")
def slot_new() -> View:
    empty = Slot(name="", start_time="05:00:00", duration_seconds=1800, rule={}, fill_kind=FillKind.LATEST, fill="daily",
                 late_policy=LatePolicy.START_NOW, late_seconds=600, priority=False, active=True)
    return render_template("schedule/slot.html", slot=empty, **_choices(data.reading()))


@schedule.get("/slots/<int:slot_id>")
def slot(slot_id: int) -> View:
    row = data.one_or_404(data.reading(), Slot, slot_id)
    return render_template("schedule/slot.html", slot=row, **_choices(data.reading()))


def _rule_of_form() -> dict[str, Any]:
    rule: dict[str, Any] = {}
    weekdays = [day for day in request.form.getlist("weekdays") if day in WEEKDAYS]
    if weekdays and len(weekdays) < 7:
        rule["weekdays"] = weekdays
    lunar = [part.strip() for part in forms.text("lunar").split(",") if part.strip()]
    if lunar:
        rule["lunar"] = lunar
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
    # What the form does not show (month days, exceptions of the rule) stays.
    kept = {key: value for key, value in (row.rule or {}).items() if key not in ("weekdays", "lunar", "from", "to")}
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
    now = _midnight(today())
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


def _set_exception(s: Session, slot_id: int, day: date, action: str, values: dict[str, Any], reason: str) -> SlotException:
    row = s.scalar(sa.select(SlotException).where(SlotException.slot_id == slot_id, SlotException.local_date == day))
    if row is None:
        row = SlotException(slot_id=slot_id, local_date=day)
        s.add(row)
    row.action, row.data, row.reason = action, values, reason[:500]
    return row


@schedule.post("/slots/<int:slot_id>/move")
def move(slot_id: int) -> View:
    """Another time on one day: a form, or JSON after a drag."""
    body = request.get_json(silent=True) if request.is_json else request.form
    if not body:
        abort(400)
    day = forms.parse_day(str(body.get("day", "")))
    start = parse_time(str(body.get("start", "")))
    if day is None:
        abort(400)
    with data.writing() as s:
        row = data.one_or_404(s, Slot, slot_id)
        _set_exception(s, slot_id, day, "move", {"start": f"{start:%H:%M:%S}"}, " ".join(str(body.get("reason", "")).split()))
        s.flush()
        record(s, login.user_row(s), "slot.move", f"slot:{slot_id}", {"day": day.isoformat(), "start": f"{start:%H:%M}"})
        midnight = _midnight(day)
        conflicts = [
            c.in_words() for c in find_conflicts(airstate.planned(s, midnight, midnight + timedelta(days=1)))
            if row.id in (c.first.slot.id, c.second.slot.id)
        ]
    if request.is_json:
        return jsonify(conflicts=conflicts)
    flash(_("Đã đổi giờ trong ngày đó."), "success")
    for words in conflicts:
        flash(_("Trùng giờ: %(words)s", words=words), "warning")
    return redirect(url_for("schedule.week", day=day.isoformat()), 303)


@schedule.post("/slots/<int:slot_id>/carry")
def carry(slot_id: int) -> View:
    """One airing to another day (and time): left out there, added here; a form, or JSON after a drag."""
    body = request.get_json(silent=True) if request.is_json else request.form
    if not body:
        abort(400)
    day, to = forms.parse_day(str(body.get("day", ""))), forms.parse_day(str(body.get("to", "")))
    if day is None or to is None or day == to:
        raise forms.FormError(_("Chưa chọn ngày khác."), mend=_("Hãy chọn một ngày khác với ngày đang xếp."))
    if min(day, to) < today():
        raise forms.FormError(_("Ngày đã qua thì không xếp lại được."))
    with data.writing() as s:
        row = data.one_or_404(s, Slot, slot_id)
        midnight = _midnight(to)
        there = airstate.planned(s, midnight, midnight + timedelta(days=1))
        if any(one.slot.id == slot_id for one in there):
            raise forms.FormError(_("Ngày đó khung giờ này đã có buổi phát."), mend=_("Mỗi khung giờ phát nhiều nhất một buổi một ngày."))
        start = f"{parse_time(str(body.get('start') or row.start_time)):%H:%M:%S}"
        words = _("Chuyển từ ngày %(day)s", day=f"{day:%d/%m}"), _("Chuyển sang ngày %(day)s", day=f"{to:%d/%m}")
        known = s.scalar(sa.select(SlotException).where(SlotException.slot_id == slot_id, SlotException.local_date == day))
        if known is not None and known.action == "add":
            s.delete(known)  # it was carried to this day before: its rule does not mean it
        else:
            _set_exception(s, slot_id, day, "skip", {}, words[1])
        _set_exception(s, slot_id, to, "add", {"start": start}, words[0])
        s.flush()
        record(s, login.user_row(s), "slot.carry", f"slot:{slot_id}", {"day": day.isoformat(), "to": to.isoformat(), "start": start})
        conflicts = [
            c.in_words() for c in find_conflicts(airstate.planned(s, midnight, midnight + timedelta(days=1)))
            if slot_id in (c.first.slot.id, c.second.slot.id)
        ]
    if request.is_json:
        return jsonify(conflicts=conflicts)
    flash(_("Đã chuyển buổi phát sang ngày khác."), "success")
    for words_of in conflicts:
        flash(_("Trùng giờ: %(words)s", words=words_of), "warning")
    return redirect(url_for("schedule.week", day=to.isoformat()), 303)


@schedule.post("/slots/<int:slot_id>/skip")
def skip(slot_id: int) -> View:
    day = forms.day("day")
    if day is None:
        abort(400)
    with data.writing() as s:
        data.one_or_404(s, Slot, slot_id)
        _set_exception(s, slot_id, day, "skip", {}, forms.text("reason"))
        record(s, login.user_row(s), "slot.skip", f"slot:{slot_id}", {"day": day.isoformat()})
    flash(_("Khung giờ này sẽ nghỉ trong ngày đó."), "success")
    return redirect(url_for("schedule.week", day=day.isoformat()), 303)


@schedule.post("/exceptions/<int:exception_id>/remove")
def restore(exception_id: int) -> View:
    with data.writing() as s:
        row = data.one_or_404(s, SlotException, exception_id)
        day = row.local_date
        record(s, login.user_row(s), "slot.restore", f"slot:{row.slot_id}", {"day": day.isoformat()})
        s.delete(row)
    flash(_("Đã trở lại lịch thường."), "success")
    return redirect(url_for("schedule.week", day=day.isoformat()), 303)

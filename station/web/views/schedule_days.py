"""Single days of the timetable: an airing moved, carried to another day, left out; a day off; back to the usual."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from flask import abort, flash, jsonify, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from station.db.models import Slot, SlotException
from station.editorial.audit import record
from station.schedules import find_conflicts
from station.schedules.rules import parse_time
from station.web import airstate, data, forms, login
from station.web.context import today
from station.web.views.schedule import View, midnight_of, schedule


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
        data.one_or_404(s, Slot, slot_id)
        _set_exception(s, slot_id, day, "move", {"start": f"{start:%H:%M:%S}"}, " ".join(str(body.get("reason", "")).split()))
        s.flush()
        record(s, login.user_row(s), "slot.move", f"slot:{slot_id}", {"day": day.isoformat(), "start": f"{start:%H:%M}"})
        conflicts = _conflicts(s, slot_id, day)
    return _told(_("Đã đổi giờ trong ngày đó."), conflicts, day)


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
        midnight = midnight_of(to)
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
        conflicts = _conflicts(s, slot_id, to)
    return _told(_("Đã chuyển buổi phát sang ngày khác."), conflicts, to)


def _conflicts(s: Session, slot_id: int, day: date) -> list[str]:
    """In words, what the slot's airing of that day collides with."""
    midnight = midnight_of(day)
    found = find_conflicts(airstate.planned(s, midnight, midnight + timedelta(days=1)))
    return [one.in_words() for one in found if slot_id in (one.first.slot.id, one.second.slot.id)]


def _told(done: str, conflicts: list[str], day: date) -> View:
    """What was done and what it collides with: JSON after a drag, else the week of that day."""
    if request.is_json:
        return jsonify(conflicts=conflicts)
    flash(done, "success")
    for words in conflicts:
        flash(_("Trùng giờ: %(words)s", words=words), "warning")
    return redirect(url_for("schedule.week", day=day.isoformat()), 303)


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


@schedule.post("/holidays")
def holiday() -> View:
    """A day on which nothing of the timetable airs."""
    day = forms.day("day")
    if day is None or day < today():
        raise forms.FormError(_("Ngày đã qua thì không xếp lại được."))
    with data.writing() as s:
        known = s.scalar(sa.select(SlotException.id).where(SlotException.slot_id.is_(None), SlotException.local_date == day))
        if known is None:
            s.add(SlotException(slot_id=None, local_date=day, action="skip", data={}, reason=forms.text("reason")[:500]))
        record(s, login.user_row(s), "schedule.holiday", "", {"day": day.isoformat()})
    flash(_("Cả đài nghỉ ngày đó; thông báo khẩn cấp vẫn phát được."), "success")
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

"""Reports of a month: how much was sent, how it ended, what was refused, what was missed."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from station.db.models import Approval, Bulletin, Emergency, Occurrence, Program
from station.db.states import Decision, Outcome
from station.db.types import utc_now
from station.playout.report import month_report
from station.playout.report_forms import XLSX, month_workbook, to_html
from station.web import data, forms, labels, media
from station.web.context import today
from station.web.security import style_nonce

reports = Blueprint("reports", __name__, url_prefix="/reports")
View = str | Response


@dataclass(frozen=True)
class Report:
    """Counts of one month; ``days`` has a row a day: date, sessions, minutes sent, sessions that went wrong."""

    first: date
    last: date
    outcomes: dict[Outcome, int]
    minutes: float
    bulletins: int
    programs: int
    emergencies: int
    days: list[tuple[date, int, float, int]]


def _month() -> tuple[date, date]:
    text = request.args.get("month", "")
    try:
        first = (forms.parse_day(f"{text}-01") if text else None) or today().replace(day=1)
    except forms.FormError:
        first = today().replace(day=1)
    return first, (first.replace(day=28) + timedelta(days=5)).replace(day=1) - timedelta(days=1)


def monthly(session: Session, first: date, last: date) -> Report:
    """The report between two local dates, from one query of occurrences and four counts."""
    zone = data.settings().zone
    start, end = datetime.combine(first, time(0), zone), datetime.combine(last + timedelta(days=1), time(0), zone)
    rows = session.execute(
        sa.select(Occurrence.local_date, Occurrence.outcome, Occurrence.started_at, Occurrence.ended_at).where(
            Occurrence.station_id == 1, Occurrence.planned_start >= start, Occurrence.planned_start < end,
            Occurrence.outcome.is_not(None),
        )
    ).all()
    outcomes: dict[Outcome, int] = {}
    days: dict[date, list[float]] = {}
    for local_date, outcome, began, ended in rows:
        if outcome is None:
            continue
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
        day = days.setdefault(local_date, [0, 0.0, 0])
        day[0] += 1
        if began and ended:
            day[1] += (ended - began).total_seconds() / 60
        if outcome not in (Outcome.AIRED, Outcome.AIRED_LATE, Outcome.SUPERSEDED):
            day[2] += 1

    def count(column: Any, *where: sa.ColumnElement[bool]) -> int:
        return session.scalar(sa.select(sa.func.count(column)).where(*where)) or 0

    return Report(
        first, last, outcomes, sum(day[1] for day in days.values()),
        bulletins=count(Bulletin.id, Bulletin.station_id == 1, Bulletin.created_at >= start, Bulletin.created_at < end),
        programs=session.scalar(
            sa.select(sa.func.count(sa.distinct(Approval.program_id))).join(Program, Program.id == Approval.program_id)
            .where(Approval.decision == Decision.APPROVED, Approval.at >= start, Approval.at < end)
        ) or 0,
        emergencies=count(Emergency.id, Emergency.station_id == 1, ~Emergency.test, Emergency.requested_at >= start, Emergency.requested_at < end),
        days=[(day, int(v[0]), v[1], int(v[2])) for day, v in sorted(days.items())],
    )


@reports.get("/")
def index() -> View:
    first, last = _month()
    return render_template(
        "reports/index.html", report=monthly(data.reading(), first, last), month=f"{first:%Y-%m}",
        previous=f"{first - timedelta(days=1):%Y-%m}", following=f"{last + timedelta(days=1):%Y-%m}",
    )


@reports.get("/print")
def printed() -> View:
    """The report in the committee's usual form, to print and sign."""
    first, _last = _month()
    config = data.settings()
    found = month_report(data.reading(), first.year, first.month, config.zone)
    return to_html(found, config, utc_now(), nonce=style_nonce())


@reports.get("/export.xlsx")
def workbook() -> Response:
    first, _last = _month()
    config = data.settings()
    found = month_report(data.reading(), first.year, first.month, config.zone)
    return media.download(month_workbook(found, config), f"bao-cao-{first:%Y-%m}.xlsx", XLSX)


@reports.get("/export.csv")
def export() -> Response:
    first, last = _month()
    report = monthly(data.reading(), first, last)
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([_("Ngày"), _("Số buổi"), _("Số phút đã phát"), _("Số buổi có trục trặc")])
    for day, sessions, minutes, bad in report.days:
        writer.writerow([f"{day:%d/%m/%Y}", sessions, f"{minutes:.1f}", bad])
    for outcome, number in report.outcomes.items():
        writer.writerow([str(labels.OUTCOME[outcome][0]), number])
    answer = Response("\ufeff" + buffer.getvalue(), mimetype="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f"attachment; filename=bao-cao-{first:%Y-%m}.csv"
    return answer

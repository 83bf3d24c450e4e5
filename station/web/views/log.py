"""The as-run log: what was really sent; search, export, listen again."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from station.db.models import AsRun, Render
from station.db.states import Outcome, SourceKind
from station.playout.live import live_file
from station.playout.report import COLUMNS, table_row
from station.playout.report_forms import XLSX, safe_cell, workbook_bytes
from station.web import data, forms, labels, media
from station.web.context import local, today
from station.web.paging import contains, find

log = Blueprint("log", __name__, url_prefix="/log")
View = str | Response
#: rows of one export; a year of a busy station is below it
MOST_ROWS = 100_000


def _select() -> tuple[sa.Select[Any], dict[str, Any]]:
    """The rows that the address asks for, and what it asked, for the form."""
    config = data.settings()
    try:
        first = forms.parse_day(request.args.get("from", "")) or today() - timedelta(days=7)
        last = forms.parse_day(request.args.get("to", "")) or today()
    except forms.FormError:
        first, last = today() - timedelta(days=7), today()
    query = " ".join(request.args.get("q", "").split())[:100]
    name = request.args.get("outcome", "")
    outcome = forms.member(Outcome, name) if name else None
    select = sa.select(AsRun).where(
        AsRun.station_id == 1, AsRun.real_start >= datetime.combine(first, time(0), config.zone),
        AsRun.real_start < datetime.combine(last + timedelta(days=1), time(0), config.zone),
    )
    if outcome:
        select = select.where(AsRun.outcome == outcome)
    if query:
        select = select.where(contains(AsRun.title, query))
    return select.order_by(AsRun.real_start.desc(), AsRun.id.desc()), {
        "first": first, "last": last, "query": query, "outcome": outcome,
    }


@log.get("/")
def index() -> View:
    select, asked = _select()
    found = find(data.reading(), select, size=50, scalars=True)
    return render_template("log/index.html", found=found, **asked)


@log.get("/export.csv")
def export() -> Response:
    """The same rows as CSV for Excel (UTF-8 with a mark, so that Vietnamese letters open right)."""
    select, asked = _select()
    rows = list(data.reading().scalars(select.limit(MOST_ROWS)))
    head = [_("Bắt đầu"), _("Kết thúc"), _("Nội dung"), _("Nguồn"), _("Kết quả"), _("Mức âm (dBFS)"), _("Đỉnh (dBFS)"), _("Đầu ra"),
            _("Người duyệt"), _("Ghi chú"), "sha256"]

    def line(values: list[Any]) -> str:
        buffer = io.StringIO()
        csv.writer(buffer).writerow([safe_cell(str(value)) for value in values])
        return buffer.getvalue()

    def lines() -> Iterator[str]:
        yield "\ufeff" + line(head)
        for row in rows:
            yield line([
                f"{local(row.real_start):%d/%m/%Y %H:%M:%S}", f"{local(row.real_end):%d/%m/%Y %H:%M:%S}", row.title,
                str(labels.SOURCE[row.source]), str(labels.OUTCOME[row.outcome][0]),
                "" if row.level_dbfs is None else f"{row.level_dbfs:.1f}",
                "" if row.peak_dbfs is None else f"{row.peak_dbfs:.1f}", row.output, row.approved_by, row.reason,
                row.render_sha256,
            ])

    answer = Response("".join(lines()), mimetype="text/csv; charset=utf-8")
    name = f"nhat-ky-{asked['first']:%Y%m%d}-{asked['last']:%Y%m%d}.csv"
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    return answer


@log.get("/export.xlsx")
def workbook() -> Response:
    """The same rows as a workbook for Excel."""
    select, asked = _select()
    rows = list(data.reading().scalars(select.limit(MOST_ROWS)))
    zone = data.settings().zone
    table = [table_row(row, zone) for row in reversed(rows)]
    name = f"nhat-ky-{asked['first']:%Y%m%d}-{asked['last']:%Y%m%d}.xlsx"
    return media.download(workbook_bytes([("Nhật ký", COLUMNS, table)]), name, XLSX)


@log.get("/<int:row_id>/audio")
def audio(row_id: int) -> Response:
    """What was sent, once more, as far as its render is kept."""
    row = data.reading().get(AsRun, row_id)
    if row is None or not row.render_sha256:
        abort(404)
    if row.source is SourceKind.LIVE:
        spoken = live_file(data.settings().home.audio, row.render_sha256)
        if spoken.is_file():
            return media.send_home_file(str(spoken.relative_to(data.settings().home.root)))
    render = data.reading().scalar(sa.select(Render).where(Render.sha256 == row.render_sha256).limit(1))
    if render is None:
        abort(404)
    return media.send_home_file(render.preview_path or render.path)

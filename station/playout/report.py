"""The monthly report for the commune's committee, and the as-run log as a table: CSV, XLSX, printable HTML."""

from __future__ import annotations

import csv
import html
import io
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from station.config import Settings
from station.db.models import AsRun, Emergency, Occurrence
from station.db.states import Outcome, SourceKind
from station.errors import ScheduleError

OUTCOME_WORDS = {
    Outcome.AIRED: "Phát đủ, đúng giờ", Outcome.AIRED_LATE: "Phát đủ, trễ giờ", Outcome.PARTIAL: "Phát dở dang",
    Outcome.SILENT: "Phát không có tiếng", Outcome.MISSED: "Không phát được",
    Outcome.REFUSED_UNAPPROVED: "Không phát: chưa duyệt", Outcome.REFUSED_QUIET_HOURS: "Không phát: trái giờ quy định",
    Outcome.SUPERSEDED: "Đã được thay",
}
SOURCE_WORDS = {
    SourceKind.EMERGENCY: "Khẩn cấp", SourceKind.LIVE: "Trực tiếp", SourceKind.PRIORITY: "Ưu tiên",
    SourceKind.SCHEDULE: "Theo lịch", SourceKind.RELAY: "Tiếp sóng", SourceKind.FALLBACK: "Dự phòng",
    SourceKind.SILENCE: "Im lặng",
}
COLUMNS = (
    "Ngày", "Giờ dự kiến", "Bắt đầu", "Kết thúc", "Thời lượng (giây)", "Nội dung", "Nguồn", "Kết quả", "Mức âm (dBFS)",
    "Người duyệt", "Ra lệnh bởi", "Ngõ ra", "Ghi chú",
)


@dataclass(frozen=True)
class MonthReport:
    """One month in numbers and rows."""

    year: int
    month: int
    rows: list[tuple[str, ...]] = field(default_factory=list)
    outcomes: dict[Outcome, int] = field(default_factory=dict)
    seconds: dict[SourceKind, float] = field(default_factory=dict)
    not_aired: list[tuple[str, str, str, str]] = field(default_factory=list)
    emergencies: int = 0
    emergency_tests: int = 0

    @property
    def planned(self) -> int:
        return sum(self.outcomes.values())


def parse_month(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{4})-(\d{1,2})", text.strip())
    if not match or not 1 <= int(match[2]) <= 12:
        raise ScheduleError(f"Tháng '{text}' viết sai.", mend="Hãy ghi năm-tháng, ví dụ 2026-11.")
    return int(match[1]), int(match[2])


def _bounds(year: int, month: int, zone: ZoneInfo) -> tuple[datetime, datetime]:
    begin = datetime(year, month, 1, tzinfo=zone)
    end = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=zone)
    return begin.astimezone(UTC), end.astimezone(UTC)


def as_run_table(session: Session, begin: datetime, end: datetime, zone: ZoneInfo) -> list[tuple[str, ...]]:
    """The programs' own rows of a stretch of time, in words, by real start."""
    rows = session.scalars(sa.select(AsRun).where(
        AsRun.real_start >= begin, AsRun.real_start < end, AsRun.item_ref == ""
    ).order_by(AsRun.real_start, AsRun.id))
    table: list[tuple[str, ...]] = []
    for row in rows:
        real, over = row.real_start.astimezone(zone), row.real_end.astimezone(zone)
        table.append((
            f"{real:%d/%m/%Y}", f"{row.planned_start.astimezone(zone):%H:%M:%S}" if row.planned_start else "",
            f"{real:%H:%M:%S}", f"{over:%H:%M:%S}", f"{(row.real_end - row.real_start).total_seconds():.0f}", row.title,
            SOURCE_WORDS[row.source], OUTCOME_WORDS[row.outcome],
            "" if row.level_dbfs is None else f"{row.level_dbfs:.1f}", row.approved_by, row.caused_by, row.output, row.reason,
        ))
    return table


def month_report(session: Session, year: int, month: int, zone: ZoneInfo) -> MonthReport:
    """The report of a month of the station's zone."""
    begin, end = _bounds(year, month, zone)
    outcomes: Counter[Outcome] = Counter()
    not_aired = []
    for row in session.scalars(sa.select(Occurrence).where(
        Occurrence.planned_start >= begin, Occurrence.planned_start < end, Occurrence.outcome.is_not(None)
    ).order_by(Occurrence.planned_start)):
        assert row.outcome is not None
        outcomes[row.outcome] += 1
        if row.outcome not in (Outcome.AIRED, Outcome.AIRED_LATE, Outcome.SUPERSEDED):
            local = row.planned_start.astimezone(zone)
            not_aired.append((f"{local:%d/%m/%Y %H:%M}", row.slot.name, OUTCOME_WORDS[row.outcome], row.reason))
    seconds: dict[SourceKind, float] = {}
    for kind, first, last in session.execute(sa.select(AsRun.source, AsRun.real_start, AsRun.real_end).where(
        AsRun.real_start >= begin, AsRun.real_start < end, AsRun.item_ref == ""
    )):
        seconds[kind] = seconds.get(kind, 0.0) + (last - first) / timedelta(seconds=1)
    tests = dict(session.execute(sa.select(Emergency.test, sa.func.count()).where(
        Emergency.first_sample_at >= begin, Emergency.first_sample_at < end
    ).group_by(Emergency.test)).all())
    return MonthReport(
        year, month, as_run_table(session, begin, end, zone), dict(outcomes), seconds, not_aired,
        int(tests.get(False, 0)), int(tests.get(True, 0)),
    )


def to_csv(rows: list[tuple[str, ...]]) -> str:
    """A table as CSV; begins with a mark so that spreadsheets take it for UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    # a cell that begins like a formula would be one: a title is typed by people
    writer.writerows([tuple("'" + c if c[:1] in "=+@" else c for c in row) for row in rows])
    return "\ufeff" + out.getvalue()


def _summary(report: MonthReport) -> list[tuple[str, str]]:
    lines = [("Số buổi theo lịch", str(report.planned))]
    lines += [(OUTCOME_WORDS[o], str(report.outcomes[o])) for o in Outcome if report.outcomes.get(o)]
    lines += [(f"Thời lượng {SOURCE_WORDS[k].lower()} (phút)", f"{report.seconds[k] / 60:.1f}") for k in SourceKind if report.seconds.get(k)]
    lines += [("Thông báo khẩn cấp", str(report.emergencies)), ("Lần phát thử khẩn cấp", str(report.emergency_tests))]
    return lines


def write_xlsx(report: MonthReport, settings: Settings, path: Path) -> None:
    """The report as a workbook: summary, log, sessions that were not aired."""
    try:
        from openpyxl import Workbook
        from openpyxl.styles import Font
    except ImportError as error:
        raise ScheduleError("Chưa ghi được tệp XLSX.", mend="Hãy cài: pip install openpyxl") from error
    book = Workbook()
    first = book.active
    assert first is not None
    first.title = "Tổng hợp"
    first.append([f"Báo cáo phát thanh tháng {report.month}/{report.year}"])
    first.append([settings.station.name])
    for line in _summary(report):
        first.append(list(line))
    for name, columns, rows in (
        ("Nhật ký", COLUMNS, report.rows), ("Buổi không đạt", ("Giờ", "Buổi", "Kết quả", "Lý do"), report.not_aired),
    ):
        sheet = book.create_sheet(name)
        sheet.append(list(columns))
        for row in rows:
            sheet.append([("'" + c if c[:1] in "=+@" else c) for c in row])
        sheet.freeze_panes = "A2"
        for cell in sheet[1]:
            cell.font = Font(bold=True)
    first["A1"].font = Font(bold=True, size=14)
    first.column_dimensions["A"].width = 40
    book.save(path)


def to_html(report: MonthReport, settings: Settings, made_at: datetime) -> str:
    """The report to print and sign: the committee's usual form, on A4."""
    def cells(tag: str, row: tuple[str, ...] | list[str]) -> str:
        return "<tr>" + "".join(f"<{tag}>{html.escape(c)}</{tag}>" for c in row) + "</tr>"

    station = settings.station
    summary = "".join(cells("td", list(line)) for line in _summary(report))
    missed = "".join(cells("td", row) for row in report.not_aired) or '<tr><td colspan="4">Không có.</td></tr>'
    shown = (0, 1, 2, 3, 5, 6, 7, 8, 9, 12)
    log_rows = "".join(cells("td", tuple(row[i] for i in shown)) for row in report.rows)
    local = made_at.astimezone(settings.zone)
    return f"""<!doctype html>
<html lang="vi"><head><meta charset="utf-8"><title>Báo cáo phát thanh tháng {report.month}/{report.year}</title>
<style>
@page {{ size: A4; margin: 20mm 15mm 20mm 25mm }}
body {{ font-family: "Times New Roman", "Liberation Serif", serif; font-size: 13pt; color: #000 }}
.head {{ display: flex; justify-content: space-between; text-align: center }}
h1 {{ text-align: center; font-size: 15pt; text-transform: uppercase; margin: 1.2em 0 .4em }}
table {{ border-collapse: collapse; width: 100%; margin: .4em 0 1em; font-size: 10pt }}
td, th {{ border: 1px solid #000; padding: 2px 4px; text-align: left; vertical-align: top }}
tr {{ break-inside: avoid }}
.sign {{ display: flex; justify-content: space-between; text-align: center; margin-top: 2em; break-inside: avoid }}
.sign div {{ width: 45%; min-height: 90px }}
</style></head><body>
<div class="head"><div>UBND XÃ {html.escape(station.commune.upper())}<br><b>{html.escape(station.name.upper())}</b></div>
<div><b>CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM</b><br><b>Độc lập - Tự do - Hạnh phúc</b></div></div>
<p style="text-align:right"><i>{html.escape(station.commune or station.province)}, ngày {local.day} tháng {local.month} năm {local.year}</i></p>
<h1>Báo cáo<br>hoạt động phát thanh tháng {report.month} năm {report.year}</h1>
<p><b>I. Tổng hợp</b></p><table>{summary}</table>
<p><b>II. Các buổi không đạt và lý do</b></p>
<table><tr><th>Giờ</th><th>Buổi</th><th>Kết quả</th><th>Lý do</th></tr>{missed}</table>
<p><b>III. Nhật ký phát sóng</b></p><table>{cells("th", tuple(COLUMNS[i] for i in shown))}{log_rows}</table>
<div class="sign"><div><b>NGƯỜI LẬP BÁO CÁO</b><br><i>(Ký, ghi rõ họ tên)</i></div>
<div><b>THỦ TRƯỞNG ĐƠN VỊ</b><br><i>(Ký, ghi rõ họ tên)</i></div></div>
</body></html>
"""

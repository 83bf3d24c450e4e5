"""The month in numbers and rows for the commune's committee, and the as-run log as a table; written out by report_forms."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from station.db.models import Alarm, AsRun, Emergency, Occurrence
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
    not_aired: list[tuple[str, ...]] = field(default_factory=list)
    #: what went wrong with the technique: when, what, until when
    incidents: list[tuple[str, ...]] = field(default_factory=list)
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
    return [table_row(row, zone) for row in rows]


def table_row(row: AsRun, zone: ZoneInfo) -> tuple[str, ...]:
    """One row of the log in words, one for each of :data:`COLUMNS`."""
    real, over = row.real_start.astimezone(zone), row.real_end.astimezone(zone)
    return (
        f"{real:%d/%m/%Y}", f"{row.planned_start.astimezone(zone):%H:%M:%S}" if row.planned_start else "",
        f"{real:%H:%M:%S}", f"{over:%H:%M:%S}", f"{(row.real_end - row.real_start).total_seconds():.0f}", row.title,
        SOURCE_WORDS[row.source], OUTCOME_WORDS[row.outcome],
        "" if row.level_dbfs is None else f"{row.level_dbfs:.1f}", row.approved_by, row.caused_by, row.output, row.reason,
    )


def month_report(session: Session, year: int, month: int, zone: ZoneInfo) -> MonthReport:
    """The report of a month of the station's zone."""
    begin, end = _bounds(year, month, zone)
    outcomes: Counter[Outcome] = Counter()
    not_aired: list[tuple[str, ...]] = []
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
        _incidents(session, begin, end, zone), int(tests.get(False, 0)), int(tests.get(True, 0)),
    )


def _incidents(session: Session, begin: datetime, end: datetime, zone: ZoneInfo) -> list[tuple[str, ...]]:
    rows = session.scalars(sa.select(Alarm).where(
        Alarm.at >= begin, Alarm.at < end, Alarm.severity != "info", Alarm.kind != "daily"
    ).order_by(Alarm.at))
    return [
        (f"{row.at.astimezone(zone):%d/%m/%Y %H:%M}", row.message,
         f"{row.cleared_at.astimezone(zone):%d/%m/%Y %H:%M}" if row.cleared_at else "") for row in rows
    ]

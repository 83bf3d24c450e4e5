"""The days that a bulletin speaks of, and the last of them: after it the bulletin is old news."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

_DAY = re.compile(
    r"(?<![\d/.,-])(?:ngày\s+|mùng\s+)?(?P<d>\d{1,2})\s*(?:/|\.|-|\s+tháng\s+)\s*(?P<m>\d{1,2})"
    r"(?:\s*(?:/|\.|-|\s*,?\s+năm\s+)\s*(?P<y>\d{4}))?(?![\d/.]\d|\s*(?:/|-)\s*[A-ZĐ]|\s*%|\s*(?:triệu|tỷ|nghìn|đồng|kg|ha|km|m\b))",
    re.IGNORECASE,
)
_MONTH = re.compile(r"\b(?:hết|trong|đến)\s+tháng\s+(?P<m>\d{1,2})(?:\s*/\s*|\s+năm\s+)(?P<y>\d{4})", re.IGNORECASE)
#: what names another document, a birth, a feast, a day of the lunar calendar: such days are no days of the event
_ASIDE = re.compile(
    r"(số\s*:?\s*[\w/.-]+\s*(-\s*\w+)?,?\s*(ký\s+)?(ngày)?|\bsinh(\s+ngày)?|năm sinh|kỷ niệm[^.;\n]{0,40}|thành lập[^.;\n]{0,40}|"
    r"căn cước[^.;\n]{0,40}|tức(\s+ngày)?|nhằm(\s+ngày)?|âm lịch|theo (?:bản tin|tin)[^.;\n]{0,60}|từ trần[^.;\n]{0,40}|đã[^.;\n]{0,24}|"
    r"kết quả[^.;\n]{0,24}|qua kiểm tra[^.;\n]{0,24}|t[ỷỉ] lệ|hệ số|chiếm|bằng|gấp|thửa|tờ|tập|ban hành[^.;\n]{0,12})\s*\(?$", re.IGNORECASE,
)
_LUNAR_AFTER = re.compile(r"^\s*\(?\s*(âm lịch|AL\b|năm\s+(Giáp|Ất|Bính|Đinh|Mậu|Kỷ|Canh|Tân|Nhâm|Quý)\b)", re.IGNORECASE)
_OPEN_END = re.compile(
    r"\b(cho đến khi|đến khi có thông báo mới|đến khi có lệnh mới)", re.IGNORECASE
)
_STARTS = re.compile(r"\b(kể từ|bắt đầu từ|có hiệu lực(\s+kể)?\s+từ|áp dụng từ|từ)\s+(ngày\s+)?$", re.IGNORECASE)


@dataclass(frozen=True)
class EventDays:
    """Days of the event, ascending, and the last one; ``last`` is None when there is none or no end."""

    days: tuple[date, ...]
    last: date | None


def event_days(text: str, near: date) -> EventDays:
    """The days of the event in ``text``.  ``near``, the paper's own day, gives the year of a day without one."""
    text = text.replace("⁄", "/")
    found: list[tuple[int, date, bool]] = []
    for match in _DAY.finditer(text):
        explicit = match["y"] is not None
        named = "ngày" in match[0].lower() or "tháng" in match[0].lower() or "/" in match[0]
        before = text[max(0, match.start() - 70) : match.start()] + (match[0][:5] if match[0].lower().startswith("ngày") else "")
        if not named and not explicit or _ASIDE.search(before.rstrip()) or _LUNAR_AFTER.match(text[match.end() :]):
            continue
        day = _date(int(match["d"]), int(match["m"]), int(match["y"]) if explicit else None, near, text[match.end() :])
        if day is not None:
            start = bool(_STARTS.search(before)) and not re.match(r"[^.;\n]{0,40}?(đến|tới|-)\s", text[match.end() :])
            found.append((match.start(), day, start))
    for match in _MONTH.finditer(text):
        if 1 <= int(match["m"]) <= 12:
            year, month = int(match["y"]), int(match["m"])
            found.append((match.start(), date(year, month, calendar.monthrange(year, month)[1]), False))
    coming = [item for item in found if item[1] >= near - timedelta(days=3)]
    days = tuple(sorted({day for _, day, _ in coming or found}))
    if not found or _OPEN_END.search(text):
        return EventDays(days, None)
    last = max(days)
    open_end = any(start for _, day, start in found if day == last)
    return EventDays(days, None if open_end else last)


def _date(day: int, month: int, year: int | None, near: date, after: str) -> date | None:
    if year is None:
        # "từ ngày 13/3 đến hết ngày 22/3/2026": the year stands at the end
        later = re.search(r"^[^.;\n]{0,60}?\d{1,2}\s*/\s*\d{1,2}\s*/\s*(\d{4})", after)
        year = int(later[1]) if later else near.year
        guess = _make(year, month, day)
        if guess is not None and not later and guess < near - timedelta(days=200):
            guess = _make(year + 1, month, day)
        return guess
    return _make(year, month, day) if abs(year - near.year) <= 2 else None


def _make(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None

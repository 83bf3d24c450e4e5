"""Which days a rule means: weekdays, dates, seasons, lunar days.  Pure."""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, time, timedelta
from functools import lru_cache
from typing import Any

from station.errors import ScheduleError
from station.schedules.lunar import tet, to_lunar

KEYS = frozenset({
    "weekdays", "month_days", "dates", "lunar", "from", "to", "season", "except_dates", "except_lunar",
    "except_weekdays",
})
WEEKDAY_NAMES = ("T2", "T3", "T4", "T5", "T6", "T7", "CN")
_WEEKDAYS = {
    **{name.lower(): day for day, name in enumerate(WEEKDAY_NAMES)},
    **{name: day for day, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))},
    **{f"thứ {word}": day for day, word in enumerate(("hai", "ba", "tư", "năm", "sáu", "bảy"))},
    **{f"thứ {number}": number - 2 for number in range(2, 8)},
    "chủ nhật": 6,
}
_FIRST = {"mùng một", "mồng một", "mùng 1", "mồng 1", "sóc"}
_TET = {"tết", "tết nguyên đán"}


def bad_rule(what: str, mend: str) -> ScheduleError:
    return ScheduleError(f"Quy tắc ngày không hợp lệ: {what}.", mend=mend, code="schedules.rule")


def parse_time(value: object) -> time:
    """``"5:00"``, ``"05:00:30"`` or a TOML time as a time of day (seconds kept)."""
    if isinstance(value, time):
        return value.replace(microsecond=0, tzinfo=None)
    match = re.fullmatch(r"(\d{1,2})[:hg](\d{2})?(?::(\d{2}))?", str(value).strip())
    if match:
        hour, minute, second = (int(part or 0) for part in match.groups())
        if hour < 24 and minute < 60 and second < 60:
            return time(hour, minute, second)
    raise bad_rule(f"giờ '{value}'", "Hãy ghi giờ:phút, ví dụ 05:00.")


def parse_date(value: object) -> date:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise bad_rule(f"ngày '{value}'", "Hãy ghi năm-tháng-ngày, ví dụ 2026-12-22.") from error


def parse_weekday(value: object) -> int:
    """Monday is 0."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 6:
        return value
    day = _WEEKDAYS.get(unicodedata.normalize("NFC", str(value)).strip().lower())
    if day is None:
        raise bad_rule(f"thứ '{value}'", "Hãy ghi T2, T3, T4, T5, T6, T7 hoặc CN.")
    return day


def _month_day(text: object) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,2})-(\d{1,2})", str(text))
    if match:
        month, day = int(match[1]), int(match[2])
        if 1 <= month <= 12 and 1 <= day <= calendar.monthrange(2024, month)[1]:
            return month, day
    raise bad_rule(f"mùa '{text}'", "Hãy ghi tháng-ngày, ví dụ 05-01.")


@lru_cache(maxsize=256)
def _lunar_wanted(text: str) -> tuple[str, int, int]:
    """(kind, day, month): kind is "tet", "eve", "day" (every month) or "date"."""
    words = unicodedata.normalize("NFC", text).strip().lower()
    if words in _TET:
        return ("tet", 0, 0)
    if words in ("giao thừa", "tất niên"):
        return ("eve", 0, 0)
    if words in _FIRST:
        return ("day", 1, 0)
    if words == "rằm":
        return ("day", 15, 0)
    match = re.fullmatch(r"(\d{1,2})(?:/(\d{1,2}))?", words)
    if match and 1 <= int(match[1]) <= 30 and (match[2] is None or 1 <= int(match[2]) <= 12):
        return ("date" if match[2] else "day", int(match[1]), int(match[2] or 0))
    raise bad_rule(
        f"ngày âm lịch '{text}'", "Hãy ghi 'rằm', 'mùng một', 'Tết', 'giao thừa', '23' hoặc '15/7'."
    )


def is_lunar_day(day: date, text: str) -> bool:
    """Whether ``day`` is the lunar day that ``text`` names.  A leap month counts for "every month" only."""
    kind, wanted_day, wanted_month = _lunar_wanted(str(text))
    if kind == "tet":
        return 0 <= (day - tet(day.year)).days <= 2
    if kind == "eve":
        return day + timedelta(days=1) == tet((day + timedelta(days=1)).year)
    lunar = to_lunar(day)
    if kind == "day":
        return lunar.day == wanted_day
    return lunar.day == wanted_day and lunar.month == wanted_month and not lunar.leap


def _in_season(day: date, season: Iterable[object]) -> bool:
    first, last = (_month_day(part) for part in season)
    here = (day.month, day.day)
    return first <= here <= last if first <= last else here >= first or here <= last


def _list(rule: Mapping[str, Any], key: str) -> list[Any]:
    value = rule.get(key) or []
    if isinstance(value, str | int | date):
        return [value]
    return list(value)


def check_rule(rule: Mapping[str, Any]) -> None:
    """Raises :class:`ScheduleError` when a rule is wrong or can never happen."""
    for key in rule:
        if key not in KEYS:
            raise bad_rule(f"mục lạ '{key}'", f"Các mục dùng được: {', '.join(sorted(KEYS))}.")
    for key in ("month_days",):
        for number in _list(rule, key):
            if not isinstance(number, int) or not (1 <= number <= 31 or number == -1):
                raise bad_rule(f"ngày trong tháng '{number}'", "Hãy ghi từ 1 đến 31, hoặc -1 là ngày cuối tháng.")
    season = rule.get("season")
    if season and len(list(season)) != 2:
        raise bad_rule("mùa", 'Hãy ghi ngày đầu và ngày cuối: season = ["05-01", "08-31"].')
    if rule.get("from") and rule.get("to") and parse_date(rule["from"]) > parse_date(rule["to"]):
        raise bad_rule("ngày bắt đầu sau ngày kết thúc", "Hãy đổi lại hai ngày.")
    matches(rule, date(2024, 2, 29))


def matches(rule: Mapping[str, Any], day: date) -> bool:
    """Whether the rule means this day."""
    if rule.get("from") and day < parse_date(rule["from"]):
        return False
    if rule.get("to") and day > parse_date(rule["to"]):
        return False
    if rule.get("season") and not _in_season(day, rule["season"]):
        return False
    if any(day == parse_date(value) for value in _list(rule, "except_dates")):
        return False
    if any(day.weekday() == parse_weekday(value) for value in _list(rule, "except_weekdays")):
        return False
    if any(is_lunar_day(day, value) for value in _list(rule, "except_lunar")):
        return False
    chosen = [
        *(day.weekday() == parse_weekday(value) for value in _list(rule, "weekdays")),
        *(day == parse_date(value) for value in _list(rule, "dates")),
        *(_is_month_day(day, value) for value in _list(rule, "month_days")),
        *(is_lunar_day(day, value) for value in _list(rule, "lunar")),
    ]
    return any(chosen) if chosen else True


def _is_month_day(day: date, wanted: int) -> bool:
    if wanted == -1:
        return day.day == calendar.monthrange(day.year, day.month)[1]
    return day.day == wanted


def rule_in_words(rule: Mapping[str, Any]) -> str:
    """The rule for staff, in Vietnamese."""
    parts = []
    if weekdays := sorted({parse_weekday(value) for value in _list(rule, "weekdays")}):
        parts.append(", ".join(WEEKDAY_NAMES[day] for day in weekdays))
    if days := _list(rule, "month_days"):
        parts.append("ngày " + ", ".join("cuối tháng" if d == -1 else str(d) for d in days) + " hằng tháng")
    if dates := _list(rule, "dates"):
        parts.append(", ".join(f"{parse_date(value):%d/%m/%Y}" for value in dates))
    if lunar := _list(rule, "lunar"):
        parts.append(", ".join(str(value) for value in lunar) + " (âm lịch)")
    words = "; ".join(parts) or "hằng ngày"
    if rule.get("season"):
        first, last = (_month_day(part) for part in rule["season"])
        words += f", từ {first[1]}/{first[0]} đến {last[1]}/{last[0]} hằng năm"
    if rule.get("from"):
        words += f", từ {parse_date(rule['from']):%d/%m/%Y}"
    if rule.get("to"):
        words += f", đến {parse_date(rule['to']):%d/%m/%Y}"
    left_out = [
        *(WEEKDAY_NAMES[parse_weekday(v)] for v in _list(rule, "except_weekdays")),
        *(f"{parse_date(v):%d/%m/%Y}" for v in _list(rule, "except_dates")),
        *(f"{v} (âm lịch)" for v in _list(rule, "except_lunar")),
    ]
    return words + (f", trừ {', '.join(left_out)}" if left_out else "")

"""Times of day and ranges of them."""

from __future__ import annotations

import re

from station.text.numbers import cardinal
from station.text.reading import Context, Reading, Rule, rule
from station.text.rules.calendar import DATE_LEFT

TIMES: list[Rule] = []
#: times that look like dates, tried before them
ALL_DAY: list[Rule] = []
_H = r"([01]?\d|2[0-4])"
_MIN = r"([0-5]\d)"
#: the end of a time; the blank after it may be missing
_END = r"(?:(?![\w]|/\d)|(?=ngày|sáng|trưa|chiều|tối|đêm|hằng|hàng|đến))"
_CLOCK = rf"{_H}\s?(?:h|H|g|giờ)\s?{_MIN}(?:\s?(?:'|ph(?:út)?(?!\w)|p(?!\w)))?"


def clock(hour: str, minute: str | None, unit: bool = True) -> str:
    """A time of day; whole hours without minutes."""
    words = cardinal(int(hour)) + " giờ"
    if minute is None or int(minute) == 0:
        return words
    value = int(minute)
    return f"{words} {'không ' if value < 10 else ''}{cardinal(value)}" + (" phút" if unit else "")


@rule(rf"{_H}\s?(?:h|H|g(?=[\d\s–-])){_MIN}?'?(?:\s?[-–]\s?|\s?÷\s?){_H}\s?(?:h|H|g(?=\d)|giờ){_MIN}?'?{_END}", TIMES)
def _clock_range(match: re.Match[str], ctx: Context) -> Reading | None:
    hour1, minute1, hour2, minute2 = match.groups()
    return Reading(match.end(), f"{clock(hour1, minute1)} đến {clock(hour2, minute2)}", "time")


@rule(rf"{_H}:{_MIN}\s?(?:[-–]|÷)\s?{_H}:{_MIN}(?!\w)", TIMES)
def _colon_range(match: re.Match[str], ctx: Context) -> Reading | None:
    hour1, minute1, hour2, minute2 = match.groups()
    return Reading(match.end(), f"{clock(hour1, minute1)} đến {clock(hour2, minute2)}", "time")


@rule(rf"{_H}(?:h|H|g|\sgiờ\s|:){_MIN}(?:'|ph(?:út)?(?!\w)|\sphút\s|:){_MIN}(?:''|s|\"|\sgiây)?(?!\w)", TIMES)
def _with_seconds(match: re.Match[str], ctx: Context) -> Reading | None:
    return Reading(match.end(), f"{clock(match[1], match[2])} {cardinal(int(match[3]))} giây", "time")


@rule(r"(\d{1,3})'\s?([0-5]?\d)(?:''|\"|s)(?!\w)", TIMES)
def _minutes_seconds(match: re.Match[str], ctx: Context) -> Reading | None:
    return Reading(match.end(), f"{cardinal(int(match[1]))} phút {cardinal(int(match[2]))} giây", "time")


@rule(rf"{_H}\s?[-–]\s?{_CLOCK}(?!\w)", TIMES)
def _hour_to_clock(match: re.Match[str], ctx: Context) -> Reading | None:
    return Reading(match.end(), f"{cardinal(int(match[1]))} giờ đến {clock(match[2], match[3])}", "time")


@rule(rf"{_H}[hHg](\d)'?(?![\w]|[.,]\d)", TIMES)
def _one_digit_minute(match: re.Match[str], ctx: Context) -> Reading | None:
    return Reading(match.end(), f"{cardinal(int(match[1]))} giờ {cardinal(int(match[2]))} phút", "time")


@rule(rf"{_CLOCK}{_END}", TIMES)
def _one_clock(match: re.Match[str], ctx: Context) -> Reading | None:
    return Reading(match.end(), clock(match[1], match[2]), "time")


@rule(rf"{_H}:{_MIN}(?:\s?(?:h|giờ))?(?![\w:]|[.,/]\d)", TIMES)
def _colon(match: re.Match[str], ctx: Context) -> Reading | None:
    left = ctx.left(match.start())
    if re.search(r"(?:tỷ lệ|tỉ lệ|pha|pha loãng|bản đồ|loãng)\s*$", left):
        return None
    if re.search(r"(?:tỷ số|tỉ số|thắng|hòa|thua)\s*$", left):
        return Reading(match.end(), f"{cardinal(int(match[1]))} {cardinal(int(match[2]))}", "number")
    return Reading(match.end(), clock(match[1], match[2]), "time")


@rule(rf"{_H}\s?[-–]\s?{_H}\s?(?:h|H)(?!\w)", TIMES)
def _hours(match: re.Match[str], ctx: Context) -> Reading | None:
    return Reading(match.end(), f"{cardinal(int(match[1]))} đến {cardinal(int(match[2]))} giờ", "time")


@rule(r"24\s?/\s?24\s?(?:h|H|giờ)?(?!\w)", ALL_DAY)
def _all_day(match: re.Match[str], ctx: Context) -> Reading | None:
    if DATE_LEFT.search(ctx.left(match.start())) and not match[0].endswith(("h", "H", "giờ")):
        return None
    unit = " giờ" if re.search(r"[hHờ]$", match[0]) else ""
    return Reading(match.end(), "hai mươi tư trên hai mươi tư" + unit, "time")


@rule(r"24\s?/\s?7(?![\w/])", ALL_DAY)
def _all_week(match: re.Match[str], ctx: Context) -> Reading | None:
    if re.search(r"(?:ngày|sáng|chiều|tối|đêm|từ|đến|hôm)\s*$", ctx.left(match.start())):
        return None
    return Reading(match.end(), "hai mươi tư trên bảy", "time")


@rule(r"(\d{1,3})\s?[hH](?![\w])", TIMES)
def _hour(match: re.Match[str], ctx: Context) -> Reading | None:
    return Reading(match.end(), cardinal(int(match[1])) + " giờ", "time")

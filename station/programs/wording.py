"""The words an announcer uses for days, dates and names, in Vietnamese."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime

from station.config import StationSettings
from station.errors import ScheduleError
from station.schedules.lunar import to_lunar

WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")


@dataclass(frozen=True)
class NextProgram:
    """What the closing announces: a title and when it airs (aware, or local to the station)."""

    title: str
    when: datetime


def weekday_name(day: date) -> str:
    """``"thứ Hai"`` ... ``"Chủ nhật"``."""
    return WEEKDAYS[day.weekday()]


def date_words(day: date) -> str:
    """``"ngày 24 tháng 11 năm 2026"``; the digits are left to the text stage."""
    return f"ngày {day.day} tháng {day.month} năm {day.year}"


def lunar_words(day: date) -> str:
    """The lunar date as it is said: ``"rằm tháng Giêng năm Giáp Thìn"``; empty outside of 1900-2199."""
    try:
        lunar = to_lunar(day)
    except ScheduleError:
        return ""
    return lunar.spoken() if lunar.day <= 10 or lunar.day == 15 else f"ngày {lunar.spoken()}"


def clock_words(when: datetime) -> str:
    """``"5 giờ"`` or ``"17 giờ 30 phút"``."""
    return f"{when.hour} giờ {when.minute} phút" if when.minute else f"{when.hour} giờ"


def day_words(day: date, today: date) -> str:
    """A coming day as people say it: today, tomorrow, a weekday within the week, else weekday and date."""
    ahead = (day - today).days
    if ahead == 0:
        return "hôm nay"
    if ahead == 1:
        return "ngày mai"
    if 1 < ahead < 7:
        return f"{weekday_name(day)}, ngày {day.day} tháng {day.month}"
    return f"{weekday_name(day)}, {date_words(day)}"


def station_name(settings: StationSettings) -> str:
    """The station's name with its commune, each word said once: ``"Đài truyền thanh xã Hoằng Lộc"``."""
    name, commune = settings.name.strip(), settings.commune.strip()
    if not commune or commune.lower() in name.lower():
        return name
    for kind in ("xã", "phường", "thị trấn", "đặc khu"):
        if name.lower().endswith(f" {kind}") and commune.lower().startswith(f"{kind} "):
            return f"{name} {commune[len(kind) + 1:]}"
    return f"{name} {commune}"


def sentence_case(text: str) -> str:
    """A heading in capitals as a sentence: ``"THÔNG BÁO"`` -> ``"Thông báo"``; other texts unchanged."""
    letters = [letter for letter in text if letter.isalpha()]
    if letters and sum(letter.isupper() for letter in letters) > 0.7 * len(letters) and " " in text.strip():
        return text.strip().capitalize()
    return text.strip()


def plain_name(title: str) -> str:
    """A file's name from a title: ``"Nhạc hiệu xã"`` -> ``"nhac-hieu-xa"``; empty when there is no letter in it."""
    plain = unicodedata.normalize("NFD", title.strip().lower().replace("đ", "d"))
    bare = "".join(one for one in plain if not unicodedata.combining(one))
    return re.sub(r"[^a-z0-9]+", "-", bare).strip("-")[:60].strip("-")

"""Solar <-> Vietnamese lunar calendar, computed from the motions of the Sun and the Moon at UTC+7.

The rules (published by Hồ Ngọc Đức and, for the Chinese calendar, by Helmer Aslaksen): a month begins on the local
day of a new moon; the month that holds the winter solstice is the eleventh; when thirteen months lie between two
eleventh months, the first of them in which the Sun enters no new 30-degree sign is the leap month and takes the
number of the month before it.

Instants: new moons by Jean Meeus, *Astronomical Algorithms*, 2nd ed., chapter 49 (good to some seconds); the Sun's
apparent longitude by the series of Bretagnon and Simon, *Planetary Programs and Tables* (good to some arc
seconds); the slowing of the Earth by the polynomials of Espenak and Meeus.  Years 1900 to 2199.

UTC+7 is used for every year.  The civil calendar of those days went by other meridians before 1968 and, in the
South, until 1975, so that a historic almanac may differ there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

from station.errors import ScheduleError

FIRST_YEAR = 1900
LAST_YEAR = 2199
#: hours from universal time to the calendar's meridian (105 degrees east)
MERIDIAN_HOURS = 7.0
SYNODIC_MONTH_DAYS = 29.530588861
#: Julian day number of a proleptic Gregorian ordinal of 0
_ORDINAL_TO_JDN = 1721425

STEMS = ("Giáp", "Ất", "Bính", "Đinh", "Mậu", "Kỷ", "Canh", "Tân", "Nhâm", "Quý")
BRANCHES = ("Tý", "Sửu", "Dần", "Mão", "Thìn", "Tỵ", "Ngọ", "Mùi", "Thân", "Dậu", "Tuất", "Hợi")
MONTH_NAMES = (
    "Giêng", "Hai", "Ba", "Tư", "Năm", "Sáu", "Bảy", "Tám", "Chín", "Mười", "Mười Một", "Chạp",
)
_UNITS = ("", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín", "mười")


@dataclass(frozen=True)
class LunarDate:
    """A day of the Vietnamese lunar calendar; ``leap`` marks the second month of the same number."""

    year: int
    month: int
    day: int = 1
    leap: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.month <= 12 or not 1 <= self.day <= 30:
            raise ScheduleError(
                f"Không có ngày {self.day} tháng {self.month} âm lịch.",
                mend="Tháng từ 1 đến 12, ngày từ 1 đến 30.", code="schedules.lunar",
            )

    @property
    def can_chi(self) -> str:
        """The name of the year in the cycle of sixty: ``"Giáp Thìn"``."""
        return can_chi_year(self.year)

    @property
    def day_name(self) -> str:
        """How the day is said: ``"mùng một"``, ``"rằm"``, ``"hai mươi ba"``."""
        return lunar_day_name(self.day)

    @property
    def month_name(self) -> str:
        """How the month is said: ``"tháng Giêng"``, ``"tháng Sáu nhuận"``, ``"tháng Chạp"``."""
        return lunar_month_name(self.month, self.leap)

    def spoken(self, *, with_year: bool = True) -> str:
        """The date as an announcer says it: ``"mùng một tháng Giêng năm Giáp Thìn"``."""
        words = f"{self.day_name} {self.month_name}"
        return f"{words} năm {self.can_chi}" if with_year else words

    def __str__(self) -> str:
        """The date as it is written: ``"15/6 nhuận Ất Tỵ"``."""
        return f"{self.day}/{self.month}{' nhuận' if self.leap else ''} {self.can_chi}"


def can_chi_year(year: int) -> str:
    """Stem and branch of a lunar year (2024 is ``"Giáp Thìn"``)."""
    return f"{STEMS[(year + 6) % 10]} {BRANCHES[(year + 8) % 12]}"


def lunar_day_name(day: int) -> str:
    """How a lunar day (1-30) is said.  Days 1-10 are "mùng", the fifteenth is "rằm"."""
    if day <= 10:
        return f"mùng {_UNITS[day]}"
    if day == 15:
        return "rằm"
    if day < 20:
        return f"mười {_UNITS[day - 10]}"
    if day == 20:
        return "hai mươi"
    if day == 30:
        return "ba mươi"
    unit = {1: "mốt", 4: "tư", 5: "lăm"}.get(day - 20, _UNITS[day - 20])
    return f"hai mươi {unit}"


def lunar_month_name(month: int, leap: bool = False) -> str:
    """How a lunar month (1-12) is said."""
    return f"tháng {MONTH_NAMES[month - 1]}{' nhuận' if leap else ''}"


# ------------------------------------------------------------------ the sky


def _sin(degrees: float) -> float:
    return math.sin(math.radians(degrees))


def _cos(degrees: float) -> float:
    return math.cos(math.radians(degrees))


def _delta_t_days(julian_day: float) -> float:
    """Terrestrial minus universal time, in days (Espenak and Meeus 2006, 1880 to 2200)."""
    year = 2000.0 + (julian_day - 2451544.5) / 365.25
    if year < 1900:
        t = year - 1860
        seconds = 7.62 + 0.5737 * t - 0.251754 * t**2 + 0.01680668 * t**3 - 0.0004473624 * t**4 + t**5 / 233174
    elif year < 1920:
        t = year - 1900
        seconds = -2.79 + 1.494119 * t - 0.0598939 * t**2 + 0.0061966 * t**3 - 0.000197 * t**4
    elif year < 1941:
        t = year - 1920
        seconds = 21.20 + 0.84493 * t - 0.076100 * t**2 + 0.0020936 * t**3
    elif year < 1961:
        t = year - 1950
        seconds = 29.07 + 0.407 * t - t**2 / 233 + t**3 / 2547
    elif year < 1986:
        t = year - 1975
        seconds = 45.45 + 1.067 * t - t**2 / 260 - t**3 / 718
    elif year < 2005:
        t = year - 2000
        seconds = (
            63.86 + 0.3345 * t - 0.060374 * t**2 + 0.0017275 * t**3 + 0.000651814 * t**4 + 0.00002373599 * t**5
        )
    elif year < 2050:
        t = year - 2000
        seconds = 62.92 + 0.32217 * t + 0.005589 * t**2
    elif year < 2150:
        seconds = -20 + 32 * ((year - 1820) / 100) ** 2 - 0.5628 * (2150 - year)
    else:
        seconds = -20 + 32 * ((year - 1820) / 100) ** 2
    return seconds / 86400.0


#: Meeus, table 49.A: days, power of E, and the multiples of M, M', F and the node
_NEW_MOON_TERMS = (
    (-0.40720, 0, 0, 1, 0), (0.17241, 1, 1, 0, 0), (0.01608, 0, 0, 2, 0), (0.01039, 0, 0, 0, 2),
    (0.00739, 1, -1, 1, 0), (-0.00514, 1, 1, 1, 0), (0.00208, 2, 2, 0, 0), (-0.00111, 0, 0, 1, -2),
    (-0.00057, 0, 0, 1, 2), (0.00056, 1, 1, 2, 0), (-0.00042, 0, 0, 3, 0), (0.00042, 1, 1, 0, 2),
    (0.00038, 1, 1, 0, -2), (-0.00024, 1, -1, 2, 0), (-0.00007, 0, 2, 1, 0), (0.00004, 0, 0, 2, -2),
    (0.00004, 0, 3, 0, 0), (0.00003, 0, 1, 1, -2), (0.00003, 0, 0, 2, 2), (-0.00003, 0, 1, 1, 2),
    (0.00003, 0, -1, 1, 2), (-0.00002, 0, -1, 1, -2), (-0.00002, 0, 1, 3, 0), (0.00002, 0, 0, 4, 0),
)
#: Meeus, page 351: days, degrees at k = 0, degrees a lunation (planetary arguments)
_PLANET_TERMS = (
    (0.000325, 299.77, 0.107408), (0.000165, 251.88, 0.016321), (0.000164, 251.83, 26.651886),
    (0.000126, 349.42, 36.412478), (0.000110, 84.66, 18.206239), (0.000062, 141.74, 53.303771),
    (0.000060, 207.14, 2.453732), (0.000056, 154.84, 7.306860), (0.000047, 34.52, 27.261239),
    (0.000042, 207.19, 0.121824), (0.000040, 291.34, 1.844379), (0.000037, 161.72, 24.198154),
    (0.000035, 239.56, 25.513099), (0.000023, 331.55, 3.592518),
)


def new_moon(k: int) -> float:
    """Julian ephemeris day (terrestrial time) of the ``k``-th new moon after that of 6 January 2000."""
    t = k / 1236.85
    e = 1 - 0.002516 * t - 0.0000074 * t**2
    sun = 2.5534 + 29.10535670 * k - 0.0000014 * t**2 - 0.00000011 * t**3
    moon = 201.5643 + 385.81693528 * k + 0.0107582 * t**2 + 0.00001238 * t**3 - 0.000000058 * t**4
    latitude = 160.7108 + 390.67050284 * k - 0.0016118 * t**2 - 0.00000227 * t**3 + 0.000000011 * t**4
    node = 124.7746 - 1.56375588 * k + 0.0020672 * t**2 + 0.00000215 * t**3
    day = 2451550.09766 + SYNODIC_MONTH_DAYS * k + 0.00015437 * t**2 - 0.000000150 * t**3 + 0.00000000073 * t**4
    day -= 0.00017 * _sin(node)
    for days, power, m, mp, f in _NEW_MOON_TERMS:
        day += days * e**power * _sin(m * sun + mp * moon + f * latitude)
    for index, (days, start, rate) in enumerate(_PLANET_TERMS):
        argument = start + rate * k - (0.009173 * t**2 if index == 0 else 0.0)
        day += days * _sin(argument)
    return day


#: Bretagnon and Simon 1986: amplitude (1e-7 radian), phase (degrees), degrees a century
_SUN_TERMS = (
    (403406, 270.54861, 0.9287892), (195207, 340.19128, 35999.1376958), (119433, 63.91854, 35999.4089666),
    (112392, 331.26220, 35998.7287385), (3891, 317.843, 71998.20261), (2819, 86.631, 71998.4403),
    (1721, 240.052, 36000.35726), (660, 310.26, 71997.4812), (350, 247.23, 32964.4678), (334, 260.87, -19.4410),
    (314, 297.82, 445267.1117), (268, 343.14, 45036.8840), (242, 166.79, 3.1008), (234, 81.53, 22518.4434),
    (158, 3.50, -19.9739), (132, 132.75, 65928.9345), (129, 182.95, 9038.0293), (114, 162.03, 3034.7684),
    (99, 29.8, 33718.148), (93, 266.4, 3034.448), (86, 249.2, -2280.773), (78, 157.6, 29929.992),
    (72, 257.8, 31556.493), (68, 185.1, 149.588), (64, 69.9, 9037.750), (46, 8.0, 107997.405),
    (38, 197.1, -4444.176), (37, 250.4, 151.771), (32, 65.3, 67555.316), (29, 162.7, 31556.080),
    (28, 341.5, -4561.540), (27, 291.6, 107996.706), (27, 98.5, 1221.655), (25, 146.7, 62894.167),
    (24, 110.0, 31437.369), (21, 5.2, 14578.298), (21, 342.6, -31931.757), (20, 230.9, 34777.243),
    (18, 256.1, 1221.999), (17, 45.3, 62894.511), (14, 242.9, -4442.039), (13, 115.2, 107997.909),
    (13, 151.8, 119.066), (13, 285.3, 16859.071), (12, 53.3, -4.578), (10, 126.6, 26895.292),
    (10, 205.7, -39.127), (10, 85.9, 12297.536), (10, 146.1, 90073.778),
)


def sun_longitude(julian_ephemeris_day: float) -> float:
    """Apparent geocentric longitude of the Sun in degrees, 0 to 360."""
    c = (julian_ephemeris_day - 2451545.0) / 36525.0
    series = sum(size * _sin(phase + rate * c) for size, phase, rate in _SUN_TERMS)
    longitude = 282.7771834 + 36000.76953744 * c + math.degrees(series * 1e-7)
    aberration = 0.0000974 * _cos(177.63 + 35999.01848 * c) - 0.005575
    node = 124.90 - 1934.134 * c + 0.002063 * c**2
    twice_sun = 201.11 + 72001.5377 * c + 0.00057 * c**2
    nutation = -0.004778 * _sin(node) - 0.0003667 * _sin(twice_sun)
    return (longitude + aberration + nutation) % 360.0


# ------------------------------------------------------------------ days and months


def _local_midnight(jdn: int) -> float:
    """Julian ephemeris day of 0:00 at the calendar's meridian on the day ``jdn``."""
    universal = jdn - 0.5 - MERIDIAN_HOURS / 24.0
    return universal + _delta_t_days(universal)


@lru_cache(maxsize=4096)
def _month_start(k: int) -> int:
    """Julian day number of the local day on which the ``k``-th new moon falls."""
    instant = new_moon(k)
    universal = instant - _delta_t_days(instant)
    return math.floor(universal + 0.5 + MERIDIAN_HOURS / 24.0)


@lru_cache(maxsize=4096)
def _sign(jdn: int) -> int:
    """Which of the twelve 30-degree signs the Sun is in when the local day ``jdn`` begins."""
    return int(sun_longitude(_local_midnight(jdn)) // 30)


@lru_cache(maxsize=1024)
def _eleventh_month(year: int) -> int:
    """``k`` of the month of the solar ``year`` that holds the winter solstice (270 degrees, sign 9)."""
    last_day = date(year, 12, 31).toordinal() + _ORDINAL_TO_JDN
    k = round((last_day - 2451550.1) / SYNODIC_MONTH_DAYS) + 1
    while _month_start(k) > last_day:
        k -= 1
    # the solstice is on 21 or 22 December: if the Sun is already in sign 9 when the month begins, it is one earlier
    return k - 1 if _sign(_month_start(k)) >= 9 else k


class _Month(NamedTuple):
    year: int
    month: int
    leap: bool
    start: int
    days: int


@lru_cache(maxsize=1024)
def _solstice_year(year: int) -> tuple[_Month, ...]:
    """The months from the eleventh of the lunar year ``year - 1`` to before the eleventh of ``year``."""
    first, following = _eleventh_month(year - 1), _eleventh_month(year)
    leap_at = -1
    if following - first == 13:
        leap_at = next(
            index for index in range(1, 14)
            if _sign(_month_start(first + index)) == _sign(_month_start(first + index + 1))
        )
    months = []
    for index in range(following - first):
        leap = index == leap_at
        count = index - 1 if 0 <= leap_at <= index else index
        number = (count + 10) % 12 + 1
        start = _month_start(first + index)
        lunar_year = year - 1 if count < 2 else year
        months.append(_Month(lunar_year, number, leap, start, _month_start(first + index + 1) - start))
    return tuple(months)


def _check_year(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ScheduleError(
            f"Âm lịch chỉ tính được cho các năm từ {FIRST_YEAR} đến {LAST_YEAR}, không tính được cho năm {year}.",
            code="schedules.lunar",
        )


def to_lunar(day: date) -> LunarDate:
    """The lunar date of a solar day (a calendar day in Vietnam; of an aware datetime, its own calendar day).

    Raises :class:`ScheduleError` outside of 1900-2199.
    """
    _check_year(day.year)
    if isinstance(day, datetime):
        day = day.date()
    jdn = day.toordinal() + _ORDINAL_TO_JDN
    for year in (day.year, day.year + 1):
        for month in _solstice_year(year):
            if month.start <= jdn < month.start + month.days:
                return LunarDate(month.year, month.month, jdn - month.start + 1, month.leap)
    raise AssertionError(f"no lunar month holds {day}")


def from_lunar(year: int, month: int, day: int, *, leap: bool = False) -> date:
    """The solar day of a lunar date.

    Raises :class:`ScheduleError` when the year has no such leap month, or the month no thirtieth day.
    """
    _check_year(year)
    wanted = LunarDate(year, month, day, leap)
    for candidate in months_of(year):
        if candidate.month == month and candidate.leap == leap:
            if day > candidate.days:
                raise ScheduleError(
                    f"{wanted.month_name.capitalize()} năm {wanted.can_chi} ({year}) chỉ có {candidate.days} ngày.",
                    code="schedules.lunar",
                )
            return date.fromordinal(candidate.start + day - 1 - _ORDINAL_TO_JDN)
    raise ScheduleError(f"Năm {wanted.can_chi} ({year}) không có {wanted.month_name}.", code="schedules.lunar")


def months_of(year: int) -> tuple[_Month, ...]:
    """The twelve or thirteen months of a lunar year in order (number, leap, first Julian day number, days)."""
    _check_year(year)
    return tuple(
        month for part in (year, year + 1) for month in _solstice_year(part) if month.year == year
    )


def leap_month(year: int) -> int | None:
    """The number of the month that is doubled in a lunar year, or None."""
    return next((month.month for month in months_of(year) if month.leap), None)


def tet(year: int) -> date:
    """The first day of the first lunar month of ``year``."""
    return from_lunar(year, 1, 1)

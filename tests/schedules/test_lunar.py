"""Vietnamese lunar dates: known Tết days, leap months, and the astronomy under them.

The known dates are public almanac facts; 1985, 2007, 2030 and 2053 are years in which Vietnam (UTC+7) and China
(UTC+8) keep the new year on different days.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from station.errors import ScheduleError
from station.schedules.lunar import (
    LunarDate,
    can_chi_year,
    from_lunar,
    leap_month,
    lunar_day_name,
    months_of,
    new_moon,
    sun_longitude,
    tet,
    to_lunar,
)

KNOWN_TET = [
    "1968-01-29", "1975-02-11", "1976-01-31", "1984-02-02", "1985-01-21", "1986-02-09", "1995-01-31", "2000-02-05",
    "2005-02-09", "2006-01-29", "2007-02-17", "2008-02-07", "2009-01-26", "2010-02-14", "2011-02-03", "2012-01-23",
    "2013-02-10", "2014-01-31", "2015-02-19", "2016-02-08", "2017-01-28", "2018-02-16", "2019-02-05", "2020-01-25",
    "2021-02-12", "2022-02-01", "2023-01-22", "2024-02-10", "2025-01-29", "2026-02-17", "2027-02-06", "2028-01-26",
    "2029-02-13", "2030-02-02", "2031-01-23", "2033-01-31", "2053-02-18",
]


@pytest.mark.parametrize("iso", KNOWN_TET)
def test_tet_falls_on_its_known_day(iso: str) -> None:
    day = date.fromisoformat(iso)
    assert tet(day.year) == day
    assert to_lunar(day) == LunarDate(day.year, 1, 1, False)
    before = to_lunar(day - timedelta(days=1))
    assert (before.year, before.month) == (day.year - 1, 12)
    assert before.day in (29, 30)


@pytest.mark.parametrize(
    ("year", "month"),
    [(1985, 2), (1987, 7), (1995, 8), (1998, 5), (2001, 4), (2004, 2), (2006, 7), (2009, 5), (2012, 4), (2014, 9),
     (2017, 6), (2020, 4), (2023, 2), (2025, 6), (2028, 5), (2031, 3), (2033, 11), (1984, None), (2024, None),
     (2026, None)],
)
def test_leap_months_are_those_of_the_vietnamese_almanac(year: int, month: int | None) -> None:
    assert leap_month(year) == month
    assert len(months_of(year)) == (12 if month is None else 13)


@pytest.mark.parametrize(
    ("solar", "lunar"),
    [
        ("2024-09-17", LunarDate(2024, 8, 15, False)),   # mid-autumn
        ("2025-04-07", LunarDate(2025, 3, 10, False)),   # the Hùng kings
        ("2025-07-25", LunarDate(2025, 6, 1, True)),
        ("2025-08-23", LunarDate(2025, 7, 1, False)),
        ("2020-05-23", LunarDate(2020, 4, 1, True)),
        ("2023-03-22", LunarDate(2023, 2, 1, True)),
        ("2026-02-10", LunarDate(2025, 12, 23, False)),  # the kitchen gods
    ],
)
def test_feasts_and_leap_days_are_known(solar: str, lunar: LunarDate) -> None:
    day = date.fromisoformat(solar)
    assert to_lunar(day) == lunar
    assert from_lunar(lunar.year, lunar.month, lunar.day, leap=lunar.leap) == day


def test_every_solar_day_comes_back_and_the_lunar_days_run_without_a_hole() -> None:
    day, last = date(1900, 2, 1), date(2199, 12, 31)
    previous = to_lunar(day - timedelta(days=1))
    while day <= last:
        lunar = to_lunar(day)
        assert lunar.day == previous.day + 1 or (lunar.day == 1 and previous.day in (29, 30))
        if lunar.day == 1:
            assert from_lunar(lunar.year, lunar.month, 1, leap=lunar.leap) == day
            assert lunar.leap == (lunar.month == previous.month)
        previous = lunar
        day += timedelta(days=1)


def test_tet_always_lies_between_january_20_and_february_21() -> None:
    for year in range(1900, 2200):
        assert (1, 20) <= (tet(year).month, tet(year).day) <= (2, 21)


def test_the_astronomy_agrees_with_the_worked_examples_of_meeus() -> None:
    assert new_moon(-283) == pytest.approx(2443192.65118, abs=1e-5)       # example 49.a
    assert sun_longitude(2448908.5) == pytest.approx(199.906061, abs=0.001)  # example 25.b


def test_days_months_and_years_are_said_as_people_say_them() -> None:
    assert LunarDate(2024, 1, 1, False).spoken() == "mùng một tháng Giêng năm Giáp Thìn"
    assert LunarDate(2025, 6, 15, True).spoken() == "rằm tháng Sáu nhuận năm Ất Tỵ"
    assert LunarDate(2025, 12, 23, False).spoken(with_year=False) == "hai mươi ba tháng Chạp"
    assert [lunar_day_name(day) for day in (10, 11, 14, 16, 20, 21, 24, 25, 29, 30)] == [
        "mùng mười", "mười một", "mười bốn", "mười sáu", "hai mươi", "hai mươi mốt", "hai mươi tư", "hai mươi lăm",
        "hai mươi chín", "ba mươi",
    ]
    assert (can_chi_year(1968), can_chi_year(1984), can_chi_year(2023)) == ("Mậu Thân", "Giáp Tý", "Quý Mão")


@pytest.mark.parametrize(
    "call",
    [
        lambda: to_lunar(date(1899, 12, 31)), lambda: from_lunar(2200, 1, 1), lambda: from_lunar(2024, 5, 1, leap=True),
        lambda: from_lunar(2025, 1, 31), lambda: from_lunar(2025, 13, 1), lambda: from_lunar(2025, 1, 0),
        lambda: from_lunar(2025, 12, 30),
    ],
)
def test_a_date_that_does_not_exist_is_refused_in_vietnamese(call) -> None:
    with pytest.raises(ScheduleError, match="(Âm lịch|Không có|không có|chỉ có)"):
        call()

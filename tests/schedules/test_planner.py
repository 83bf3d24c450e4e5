"""The planner: rules of days, exceptions, zones, conflicts.  Tables of cases (invented slots)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.config import HoursSettings
from station.errors import ScheduleError
from station.schedules import (
    ExceptionSpec,
    Session,
    SlotSpec,
    WayOut,
    check_rules,
    check_session,
    find_conflicts,
    plan,
)
from station.schedules.rules import check_rule, matches, parse_time, rule_in_words

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


def slot(at="05:00", rule=None, **values):
    return SlotSpec(values.pop("id", 1), "Buổi", parse_time(at), rule=rule or {}, **values)


def days_of(rule, first, last):
    day, found = first, []
    while day <= last:
        if matches(rule, day):
            found.append(day)
        day += timedelta(days=1)
    return found


@pytest.mark.parametrize(("rule", "first", "last", "days"), [
    ({}, date(2028, 2, 28), date(2028, 3, 1), [28, 29, 1]),
    ({"weekdays": ["T2", "CN"]}, date(2026, 11, 23), date(2026, 11, 30), [23, 29, 30]),
    ({"weekdays": [0, "sun"]}, date(2026, 11, 23), date(2026, 11, 30), [23, 29, 30]),
    ({"month_days": [-1]}, date(2028, 2, 1), date(2028, 3, 31), [29, 31]),
    ({"month_days": [29]}, date(2027, 2, 1), date(2027, 3, 31), [29]),
    ({"dates": ["2026-12-22"]}, date(2026, 12, 1), date(2026, 12, 31), [22]),
    ({"from": "2026-12-30", "to": "2026-12-31"}, date(2026, 12, 1), date(2027, 1, 5), [30, 31]),
    ({"season": ["12-30", "01-02"]}, date(2026, 12, 28), date(2027, 1, 5), [30, 31, 1, 2]),
    ({"lunar": ["Tết"]}, date(2027, 2, 1), date(2027, 2, 28), [6, 7, 8]),
    ({"lunar": ["giao thừa"]}, date(2027, 1, 15), date(2027, 2, 28), [5]),
    ({"lunar": ["rằm", "mùng một"]}, date(2027, 2, 1), date(2027, 2, 28), [6, 20]),
    ({"lunar": ["15/7"]}, date(2026, 8, 1), date(2026, 9, 30), [27]),
    ({"weekdays": ["T7"], "except_dates": ["2026-11-28"]}, date(2026, 11, 23), date(2026, 12, 6), [5]),
    ({"lunar": ["mùng một"], "except_lunar": ["Tết"]}, date(2027, 2, 1), date(2027, 3, 31), [8]),
])
def test_a_rule_means_these_days(rule, first, last, days):
    assert [day.day for day in days_of(rule, first, last)] == days
    check_rule(rule)
    assert rule_in_words(rule)


@pytest.mark.parametrize("rule", [
    {"weekday": ["T2"]}, {"weekdays": ["T8"]}, {"lunar": ["rầm"]}, {"dates": ["2026-02-30"]}, {"month_days": [32]},
    {"season": ["13-01", "02-01"]}, {"season": ["01-01"]}, {"from": "2026-12-02", "to": "2026-12-01"}, {"lunar": ["31"]},
])
def test_a_wrong_rule_is_refused_with_a_mend(rule):
    with pytest.raises(ScheduleError) as error:
        check_rule(rule)
    assert error.value.mend


@pytest.mark.parametrize(("zone", "day", "at", "utc"), [
    (HANOI, date(2026, 11, 24), time(5), datetime(2026, 11, 23, 22, tzinfo=UTC)),
    (HANOI, date(2028, 2, 29), time(23, 59, 59), datetime(2028, 2, 29, 16, 59, 59, tzinfo=UTC)),
    # summer time begins: 02:30 does not exist and is taken an hour later; it ends: of two 02:30 the first
    (ZoneInfo("Europe/Berlin"), date(2027, 3, 28), time(2, 30), datetime(2027, 3, 28, 1, 30, tzinfo=UTC)),
    (ZoneInfo("Europe/Berlin"), date(2027, 10, 31), time(2, 30), datetime(2027, 10, 31, 0, 30, tzinfo=UTC)),
])
def test_a_local_time_is_this_moment_whatever_the_zone(zone, day, at, utc):
    rule = {"dates": [day.isoformat()]}
    (one,) = plan([SlotSpec(1, "Buổi", at, rule=rule)], [], utc - timedelta(days=2), utc + timedelta(days=2), zone)
    assert one.start.astimezone(UTC) == utc and one.local_date == day
    assert (one.end.astimezone(UTC) - one.start.astimezone(UTC)) == timedelta(seconds=1800)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)), st.integers(1, 400), st.integers(0, 400)
)
def test_a_range_cut_in_two_plans_the_same_as_the_whole(start, hours, more):
    slots = [slot("00:00", id=1), slot("05:00", {"weekdays": ["T7"]}, id=2), slot("23:59", {"lunar": ["rằm"]}, id=3)]
    middle, end = start + timedelta(hours=hours), start + timedelta(hours=hours + more)
    keys = [one.key for one in plan(slots, [], start, end, HANOI)]
    assert keys == [o.key for o in plan(slots, [], start, middle, HANOI)] + [o.key for o in plan(slots, [], middle, end, HANOI)]
    assert len(keys) == len(set(keys))


def test_exceptions_skip_move_and_fill_one_day_and_one_of_the_slot_goes_before_one_of_all():
    slots = [slot(id=1), slot("17:00", id=2)]
    day = date(2026, 9, 2)
    exceptions = [
        ExceptionSpec(None, day, "skip", reason="Quốc khánh"),
        ExceptionSpec(1, day, "move", {"start": "06:00:00"}),
        ExceptionSpec(1, date(2026, 9, 3), "fill", {"fill_kind": "program", "fill": "12"}),
    ]
    start = datetime(2026, 9, 2, tzinfo=HANOI)
    planned = plan(slots, exceptions, start, start + timedelta(days=2), HANOI)
    assert [(one.slot.id, one.start.day, one.start.hour, one.fill) for one in planned] == [
        (1, 2, 6, "daily"), (1, 3, 5, "12"), (2, 3, 17, "daily"),
    ]


def test_a_conflict_is_found_and_either_way_out_ends_it():
    slots = [slot("05:00", id=1), slot("05:20", id=2), slot("05:10", id=3, priority=True)]
    start = datetime(2026, 11, 24, tzinfo=HANOI)

    def at(exceptions):
        return plan(slots, exceptions, start, start + timedelta(days=1), HANOI)

    (conflict,) = find_conflicts(at([]))  # a priority slot interrupts: that is no conflict
    assert (conflict.first.slot.id, conflict.second.slot.id) == (1, 2)
    assert set(conflict.ways_out()) == set(WayOut)
    replaced, after = (at([conflict.solve(way)]) for way in (WayOut.REPLACE, WayOut.PLAY_AFTER))
    assert find_conflicts(replaced) == [] and find_conflicts(after) == []
    assert [one.slot.id for one in replaced] == [3, 2]
    assert [f"{one.start:%H:%M}" for one in after] == ["05:00", "05:10", "05:30"]


@pytest.mark.parametrize(("start", "minutes", "rules"), [
    ("05:00", 30, []), ("04:59", 30, ["quiet"]), ("20:45", 15, []), ("20:45", 16, ["quiet"]), ("23:00", 5, ["quiet"]),
    ("00:00", 1, ["quiet"]), ("10:00", 61, ["longest"]), ("21:00", 1, ["quiet"]),
])
def test_hours_of_the_commune(start, minutes, rules):
    begin = datetime.combine(date(2026, 11, 24), parse_time(start), tzinfo=HANOI)
    found = check_session(Session(begin, minutes * 60), [], HoursSettings(), HANOI)
    assert [violation.rule for violation in found] == rules
    assert all(violation.message for violation in found)


def test_of_a_days_limits_the_later_sessions_are_the_ones_that_break_them():
    slots = [slot(f"{hour:02}:00", id=hour) for hour in range(6, 14)]
    start = datetime(2026, 11, 28, tzinfo=HANOI)  # a Saturday
    planned = plan(slots, [], start, start + timedelta(days=1), HANOI)
    found = check_rules(planned, HoursSettings(sessions_a_day=6, daily_total_minutes=210), HANOI)
    assert [(v.rule, v.session.start.hour) for v in found] == [("sessions", 12), ("sessions", 13), ("daily_total", 13)]
    assert len(check_rules(planned, HoursSettings(weekend=False), HANOI)) >= 8

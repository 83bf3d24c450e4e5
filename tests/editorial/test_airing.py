"""A program's place in the timetable: when, how long, and what follows (invented slots)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from station.db.models import Program, Slot
from station.db.states import FillKind
from station.db.types import utc_now
from station.editorial.airing import airing_of, place
from station.schedules.model import ExceptionSpec, SlotSpec
from station.schedules.rules import parse_time

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
DAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 23, 12, tzinfo=HANOI)


def _slot(key: int, at: str, fill: str = "daily", minutes: int = 30, **values: object) -> SlotSpec:
    return SlotSpec(key, f"Buổi {at}", parse_time(at), minutes * 60, fill=fill, **values)


SLOTS = [_slot(1, "05:00"), _slot(2, "11:00", "trua", 10), _slot(3, "17:00", minutes=20),
         _slot(4, "18:00", "1", fill_kind=FillKind.REPEAT)]


def test_a_program_on_air_twice_fits_the_shorter_slot_and_announces_what_comes_after_both(settings) -> None:
    found = place(SLOTS, [], settings, "daily", DAY, NOW)
    assert (found.start, found.limit_seconds) == (datetime(2026, 11, 24, 5, tzinfo=HANOI), 1200)
    assert found.slots == ("Buổi 05:00", "Buổi 17:00")
    said = found.announced()
    assert said.title == "Buổi 05:00" and said.when == datetime(2026, 11, 25, 5, tzinfo=HANOI), "no repeat, and not what came between"
    assert (found.next_place.fill, found.next_place.local_date) == ("daily", DAY + timedelta(days=1))
    noon = place(SLOTS, [], settings, "trua", DAY, NOW)
    assert noon.announced().title == "Buổi 17:00" and noon.limit_seconds == 600


def test_a_slot_that_is_moved_or_skipped_that_day_counts_as_it_is_then(settings) -> None:
    moved = [ExceptionSpec(1, DAY, "move", {"start": "06:30"}), ExceptionSpec(3, DAY, "skip")]
    found = place(SLOTS, moved, settings, "daily", DAY, NOW)
    assert found.start.hour == 6 and found.limit_seconds == 1800 and found.slots == ("Buổi 05:00",)
    assert found.announced().title == "Buổi 11:00"


def test_a_slot_never_gives_more_than_one_session_may_last(settings) -> None:
    assert place([_slot(1, "05:00", minutes=600)], [], settings, "daily", DAY, NOW).limit_seconds == 3600


def test_a_program_without_place_or_day_has_the_usual_hour_and_no_announcement(settings) -> None:
    none = place(SLOTS, [], settings, "khac", DAY, NOW)
    assert none.start == datetime(2026, 11, 24, 5, tzinfo=HANOI) and none.slots == () and none.announced() is None
    assert none.limit_seconds == 3600
    any_day = place(SLOTS, [], settings, "daily", None, NOW)
    assert any_day.start == datetime(2026, 11, 23, 17, tzinfo=HANOI) and any_day.announced() is None


def test_a_slot_that_names_the_program_itself_is_its_place(settings) -> None:
    slots = [_slot(9, "07:00", "12", fill_kind=FillKind.PROGRAM)]
    assert place(slots, [], settings, "khac", DAY, NOW, 12).slots == ("Buổi 07:00",)
    assert place(slots, [], settings, "khac", DAY, NOW, 13).slots == ()


@pytest.mark.parametrize("rule", [{}, {"weekdays": ["hôm nào"]}])
def test_a_rule_written_wrongly_leaves_the_program_without_a_place(settings, database, rule) -> None:
    with database.session() as s:
        s.add(Slot(name="Sáng", start_time="05:00:00", duration_seconds=900, rule=rule, fill="daily"))
        program = Program(title="Thử", template="daily", air_date=DAY)
        s.add(program)
        s.flush()
        assert airing_of(s, settings, program, utc_now()).slots == (("Sáng",) if not rule else ())

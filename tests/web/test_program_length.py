"""A program against its slot: told before it is spoken, and each choice makes it shorter (the fixture's program)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from station.db.models import Audit, Bulletin, Program, Slot
from station.db.states import ProgramState
from station.db.types import utc_now
from station.editorial.fitting import fit_of_program
from station.programs.model import Priority


def _page(client) -> str:
    return client.get("/programs/1").get_data(as_text=True)


def _fit(site):
    with site.database.session(write=False) as s:
        return fit_of_program(s, site.settings, s.get_one(Program, 1), utc_now())


def _slot_of(site, seconds: int) -> None:
    with site.database.session() as s:
        s.get_one(Slot, 1).duration_seconds = seconds


@pytest.fixture
def long(site):
    """The first bulletin is a priority, so that it is repeated, and both do not fit their slot by 6 seconds."""
    with site.database.session() as s:
        s.get_one(Bulletin, 1).priority = Priority.PRIORITY
    _slot_of(site, round(_fit(site)[1].seconds) - 6)
    return site


def test_a_program_that_overruns_is_told_with_its_choices_before_it_is_spoken(long):
    page = _page(long.client("editor"))
    assert "Dài khoảng" in page and "Quá khung giờ 0:0" in page and "Buổi sáng" in page
    assert re.findall(r'name="way" value="(\w+)"', page) == ["shorten_pauses", "drop_repeats", "move", "drop"]
    assert "Chuyển “Lịch tiêm phòng” sang chương trình sau" in page, "the priority item is not offered"
    leader = _page(long.client("approver"))
    assert "Quá khung giờ" in leader and 'name="way"' not in leader
    assert long.post(long.client("approver"), "/programs/1/fit", way="drop").status_code == 403


@pytest.mark.parametrize("way", ["shorten_pauses", "drop_repeats", "move", "drop"])
def test_each_choice_makes_it_fit_and_takes_back_what_the_leader_had(long, way):
    editor = long.client("editor")
    with long.database.session() as s:
        assert s.get_one(Program, 1).state is ProgramState.SUBMITTED
    answer = long.post(editor, "/programs/1/fit", way=way)
    assert answer.status_code == 303
    content, fit = _fit(long)
    assert fit.over_seconds == 0 and fit.choices == ()
    with long.database.session(write=False) as s:
        program = s.get_one(Program, 1)
        assert program.state is ProgramState.DRAFT
        assert [item.bulletin_id for item in program.items] == ([1] if way in ("move", "drop") else [1, 2])
        others = [one for one in s.query(Program).filter(Program.id != 1)]
        if way == "move":
            assert [item.bulletin_id for item in others[0].items] == [2]
            assert others[0].air_date == program.air_date + timedelta(days=1) and others[0].template == "daily"
        else:
            assert others == []
        row = s.query(Audit).filter(Audit.action == "program.fit").one_or_none()
        assert (row is not None and row.username == "editor") == (way in ("move", "drop"))
    if way == "shorten_pauses":
        assert 0.5 <= content.pauses < 1 and "Quãng nghỉ đã rút còn" in _page(editor)
        long.post(editor, "/programs/1/fit", way="undo")
        assert _fit(long)[0].pauses == 1


def test_what_moves_goes_first_into_the_next_program_that_is_still_open(long):
    editor = long.client("editor")
    made = long.post(editor, "/programs/new", title="Ngày mai", template="daily", bulletin="1",
                     air_date=(_fit(long)[0].day + timedelta(days=1)).isoformat())
    long.post(editor, "/programs/1/fit", way="move")
    with long.database.session(write=False) as s:
        assert [item.bulletin_id for item in s.get_one(Program, int(made.location.rsplit("/", 1)[1])).items] == [2, 1]


def test_a_choice_that_is_open_no_more_changes_nothing(site):
    answer = site.post(site.client("editor"), "/programs/1/fit", way="drop")
    assert answer.status_code == 409 and "không còn dùng được" in answer.get_data(as_text=True)
    with site.database.session(write=False) as s:
        assert len(s.get_one(Program, 1).items) == 2
    assert site.post(site.client("editor"), "/programs/1/fit", way="xyz").status_code == 400


def test_shortened_pauses_are_heard_and_the_real_length_is_then_told(long):
    editor = long.client("editor")
    before = _fit(long)[1].seconds
    long.post(editor, "/programs/1/fit", way="shorten_pauses")
    with long.database.session(write=False) as s:
        gap = _first_pause(s.get_one(Program, 1).render)
    content, fit = _fit(long)
    expected = fit.seconds
    long.post(editor, "/programs/1/build")
    assert long.work() == 1
    with long.database.session(write=False) as s:
        program = s.get_one(Program, 1)
        assert program.state is ProgramState.READY, program.problem
        assert program.render.seconds == pytest.approx(expected, rel=0.05) and expected < before
        assert _first_pause(program.render) == pytest.approx(gap * content.pauses, rel=0.01)
    assert "Dài khoảng" not in _page(editor) and "Dài " in _page(editor)


def _first_pause(render) -> int:
    """Frames of silence between the first two sentences of the greeting."""
    return render.cues[1]["start_frame"] - render.cues[0]["end_frame"]


def test_words_of_the_day_are_read_and_the_closing_names_what_follows(site):
    editor = site.client("editor")
    with site.database.session() as s:
        s.add(Slot(name="Bản tin chiều", start_time="17:30:00", duration_seconds=900, rule={}, fill="chieu"))
    site.post(editor, "/programs/1/notices", {"notice-weather": "Ngày mai trời nắng."})
    site.post(editor, "/programs/1/items", do=f"repeat:{_item(site, 2)}")
    assert "đọc lại ở cuối chương trình" in _page(editor)
    site.post(editor, "/programs/1/build")
    assert site.work() == 1
    with site.database.session(write=False) as s:
        program = s.get_one(Program, 1)
        script = program.render.script
        assert "Ngày mai trời nắng." in script
        assert re.search(r"Chương trình tiếp theo, Bản tin chiều, sẽ được phát vào lúc mười bảy giờ ba mươi phút,? hôm nay", script)
        titles = [row["title"] for row in program.render.chapters]
        assert "Nhắc lại: Lịch tiêm phòng" in titles and "Dự báo thời tiết" in titles


def _item(site, bulletin_id: int) -> int:
    with site.database.session(write=False) as s:
        return next(item.id for item in s.get_one(Program, 1).items if item.bulletin_id == bulletin_id)


def test_a_sound_that_was_removed_is_left_out_and_named(site):
    editor = site.client("editor")
    site.post(editor, "/programs/1/items", do="sound", sound="chime")
    with site.database.session() as s:
        s.get_one(Program, 1).items[-1].path = "da-bo"
    assert _page(editor)
    site.post(editor, "/programs/1/build")
    assert site.work() == 1
    with site.database.session(write=False) as s:
        program = s.get_one(Program, 1)
        assert program.state is ProgramState.READY and any("da-bo" in problem for problem in program.render.problems)




def test_words_that_the_timetable_made_wrong_are_told_and_may_be_built_again(site):
    editor = site.client("editor")
    site.post(editor, "/programs/1/build")
    assert site.work() == 1
    assert "không còn đúng" not in _page(editor)
    with site.database.session() as s:
        s.add(Slot(name="Bản tin chiều", start_time="17:30:00", duration_seconds=900, rule={}, fill="chieu"))
    page = _page(editor)
    assert "lời kết của bản đã dựng không còn đúng" in page and "Dựng chương trình" in page

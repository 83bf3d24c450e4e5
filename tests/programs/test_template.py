"""Templates: what is said, in which order, and what staff are told when one is written wrongly (invented items)."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from station.config import ProgramSettings, Settings, StationSettings
from station.errors import ProgramError
from station.home import StationHome
from station.programs.assembly import assemble
from station.programs.items import Item
from station.programs.model import Clip, Priority, SegmentKind
from station.programs.template import load_template, outline, parse_template, plan_program, texts_of
from station.programs.wording import (
    NextProgram,
    date_words,
    day_words,
    lunar_words,
    station_name,
    weekday_name,
)
from tests.programs.audio import speechlike, write

WHEN = datetime(2026, 11, 24, 5, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))


def _settings(home: Path, **programs: object) -> Settings:
    return Settings(home=StationHome(home), station=StationSettings(commune="Hoằng Lộc"),
                    programs=ProgramSettings(**programs))


def _items() -> list[Item]:
    return [
        Item("Lịch cắt điện", text="Cắt điện từ tám giờ.", ref="1"),
        Item("Phòng chống bão", text="Bão đang vào gần bờ.", priority=Priority.EMERGENCY, ref="2"),
        Item("Họp thôn", text="Họp thôn lúc bảy giờ.", priority=Priority.PRIORITY, ref="3"),
    ]


def _say(text: str) -> tuple[Clip, ...]:
    return (Clip("/x.wav", 0.1, text),)


def test_a_daily_program_greets_with_the_day_reads_headlines_first_and_puts_urgent_items_first(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    template = load_template("daily", settings.home)
    later = NextProgram("Bản tin chiều", datetime(2026, 11, 24, 17, 0))
    segments = plan_program(template, _items(), settings, WHEN, _say, next_program=later)
    words = {segment.kind: [clip.text for clip in segment.clips] for segment in reversed(segments)}
    assert "Hôm nay là thứ Ba, ngày 24 tháng 11 năm 2026, tức ngày mười sáu tháng Mười năm Bính Ngọ." in words[SegmentKind.GREETING]
    assert words[SegmentKind.HEADLINES][1:] == ["Phòng chống bão.", "Họp thôn.", "Lịch cắt điện."]
    items = [segment.ref for segment in segments if segment.kind is SegmentKind.ITEM]
    assert items == ["2", "3", "1", "2", "3"]
    assert [s.title for s in segments if s.ref == "2"] == ["Phòng chống bão", "Nhắc lại: Phòng chống bão"]
    assert any("Bản tin chiều, sẽ được phát vào lúc 17 giờ, hôm nay" in text for text in words[SegmentKind.CLOSING])
    kinds = [segment.kind for segment in segments]
    assert kinds[0] is kinds[-1] is SegmentKind.CHIME
    assert kinds.index(SegmentKind.HEADLINES) < kinds.index(SegmentKind.ITEM)
    assert sum(kind is SegmentKind.SEPARATOR for kind in kinds) == 3


def test_lines_without_their_words_and_parts_without_need_are_left_out(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    template = load_template("daily", settings.home)
    one = [Item("Họp thôn", text="Họp thôn lúc bảy giờ.")]
    said = " ".join(texts_of(outline(template, one, settings, WHEN)))
    for absent in ("tin chính", "Chương trình tiếp theo", "nhắc lại", "thời tiết", "giọng máy", "quan trọng"):
        assert absent not in said
    told = " ".join(texts_of(outline(template, one, _settings(tmp_path, announce_machine_voice=True), WHEN,
                                     notices={"weather": "Ngày mai trời nắng."})))
    assert "giọng máy" in told and "Ngày mai trời nắng." in told


def test_an_item_without_speech_keeps_its_place_and_is_no_headline(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    items = [Item("Hỏng", ref="9", priority=Priority.PRIORITY), *_items()]
    segments = plan_program(load_template("daily", settings.home), items, settings, WHEN, _say)
    assert [s.clips for s in segments if s.ref == "9"] == [()]
    assert all("Hỏng" not in clip.text for s in segments for clip in s.clips)


def test_the_station_own_template_wins_and_parts_follow_the_calendar(tmp_path: Path) -> None:
    folder = tmp_path / "schedules" / "templates"
    folder.mkdir(parents=True)
    (folder / "daily.toml").write_text(
        'title = "Riêng"\n[[parts]]\nkind = "notice"\ntitle = "Chợ phiên"\nsay = ["Hôm nay có chợ phiên."]\ndays = ["tue"]\n'
        '[[parts]]\nkind = "notice"\nsay = ["Mùa lũ."]\nuntil = 2026-10-31\n', encoding="utf-8")
    settings = _settings(tmp_path)
    template = load_template("daily", settings.home)
    assert template.title == "Riêng"
    assert texts_of(outline(template, [], settings, WHEN)) == ["Hôm nay có chợ phiên."]
    assert texts_of(outline(template, [], settings, datetime(2026, 11, 25, 5))) == []


@pytest.mark.parametrize(("text", "named"), [
    ('[[parts]]\nkind = "nhạc"\n', "kind"), ("", "không có phần"), ('[[parts]]\nkind = "chime"\nvolume = 3\n', "volume"),
    ('[[parts]]\nkind = "greeting"\nsay = ["{thu}"]\n', "thu"), ('[[parts]]\nkind = "greeting"\nsay = "a"\n', "say"),
    ('[[parts]]\nkind = "greeting"\nsay = ["{"]\n', "ngoặc"), ('[[parts]]\nkind = "items"\npause_seconds = -1\n', "pause_seconds"),
    ('[[parts]\n', "cú pháp"),
])
def test_a_wrong_template_is_refused_with_the_place_to_mend(tmp_path: Path, text: str, named: str) -> None:
    folder = tmp_path / "schedules" / "templates"
    folder.mkdir(parents=True)
    (folder / "x.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ProgramError) as caught:
        load_template("x", StationHome(tmp_path))
    assert named in caught.value.message and caught.value.mend


def test_an_unknown_template_or_sound_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProgramError, match="khac"):
        load_template("khac", StationHome(tmp_path))
    template = parse_template("t", {"parts": [{"kind": "chime", "sound": "../secret"}]})
    with pytest.raises(ProgramError, match="secret"):
        outline(template, [], _settings(tmp_path), WHEN)


def test_a_sound_that_is_gone_leaves_a_program_without_it_and_a_mark(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    template = parse_template("t", {"parts": [
        {"kind": "chime", "sound": "da-bo"}, {"kind": "items", "separator": "da-bo"}, {"kind": "chime"}]})
    speech = write(tmp_path / "s.wav", speechlike(2, 22050), 22050)
    items = [Item(str(n), clips=(Clip(speech, 0.3, "Câu."),), ref=str(n)) for n in range(3)]
    render = assemble(plan_program(template, items, settings, WHEN, _say), tmp_path / "o.wav", settings)
    assert [chapter.kind for chapter in render.chapters] == [SegmentKind.ITEM] * 3 + [SegmentKind.CHIME]
    assert sum("da-bo.flac" in problem for problem in render.problems) == 2, "the chime and the separators, each told once"


@pytest.mark.parametrize(("day", "said"), [
    ((2025, 7, 25), "mùng một tháng Sáu nhuận năm Ất Tỵ"), ((2025, 8, 8), "rằm tháng Sáu nhuận năm Ất Tỵ"),
    ((2023, 3, 22), "mùng một tháng Hai nhuận năm Quý Mão"), ((2026, 2, 16), "ngày hai mươi chín tháng Chạp năm Ất Tỵ"),
    ((2026, 3, 3), "rằm tháng Giêng năm Bính Ngọ"), ((2026, 8, 27), "rằm tháng Bảy năm Bính Ngọ"),
    ((2027, 2, 6), "mùng một tháng Giêng năm Đinh Mùi"), ((2027, 2, 16), "ngày mười một tháng Giêng năm Đinh Mùi"),
])
def test_a_greeting_knows_tet_full_moons_and_leap_months(tmp_path: Path, day: tuple[int, int, int], said: str) -> None:
    settings = _settings(tmp_path)
    lines = texts_of(outline(load_template("daily", settings.home), [], settings, datetime(*day, 5)))
    assert any(line.endswith(f"tức {said}.") for line in lines)


def test_dates_and_names_are_worded_as_an_announcer_says_them() -> None:
    assert weekday_name(date(2026, 11, 29)) == "Chủ nhật"
    assert date_words(date(2026, 2, 17)) == "ngày 17 tháng 2 năm 2026"
    assert lunar_words(date(2026, 2, 17)) == "mùng một tháng Giêng năm Bính Ngọ"
    assert lunar_words(date(1800, 1, 1)) == ""
    assert day_words(date(2026, 11, 25), date(2026, 11, 24)) == "ngày mai"
    assert day_words(date(2026, 11, 27), date(2026, 11, 24)) == "thứ Sáu, ngày 27 tháng 11"
    assert station_name(StationSettings(name="Đài truyền thanh xã", commune="xã Hoằng Lộc")) == "Đài truyền thanh xã Hoằng Lộc"
    assert station_name(StationSettings(name="Đài truyền thanh xã Hoằng Lộc", commune="Hoằng Lộc")) == "Đài truyền thanh xã Hoằng Lộc"

"""Names and order of items (invented bulletins)."""

from __future__ import annotations

import pytest

from station.bulletins.document import Block, Document, Page, Role
from station.programs.items import LONGEST_TITLE, Item, by_priority, clips_of, item_of, title_of
from station.programs.model import Clip, Priority
from station.voices.api import Utterance


def _document(*blocks: tuple[Role, str]) -> Document:
    return Document((Page(1, tuple(Block(role, text) for role, text in blocks)),))


@pytest.mark.parametrize(("blocks", "title"), [
    ([(Role.TITLE, "THÔNG BÁO"), (Role.SUBJECT, "Về việc tiêm phòng"), (Role.BODY, "Nội dung.")], "Thông báo về việc tiêm phòng"),
    ([(Role.TITLE, "CÔNG ĐIỆN"), (Role.SUBJECT, "Về việc\nứng phó bão"), (Role.TITLE, "KẾ HOẠCH")], "Công điện về việc ứng phó bão"),
    ([(Role.TITLE, "THÔNG BÁO"), (Role.BODY, "Về việc cắt điện")], "Thông báo về việc cắt điện"),
    ([(Role.TITLE, "LỊCH"), (Role.SUBJECT, "UBND xã tiếp dân")], "LỊCH UBND xã tiếp dân"),
    ([(Role.BODY, "Họp thôn lúc 19h. Mời bà con.")], "Họp thôn lúc 19h"),
    ([], "tep"),
])
def test_a_bulletin_is_named_by_its_title_and_subject_or_its_first_words(blocks: list[tuple[Role, str]], title: str) -> None:
    assert title_of(_document(*blocks), "tep") == title


def test_a_long_name_is_cut_between_words() -> None:
    title = title_of(_document((Role.TITLE, "Thông báo " + "rất dài " * 60)))
    assert len(title) <= LONGEST_TITLE and title.endswith(("rất", "dài"))


def test_urgent_items_come_first_and_others_keep_their_order() -> None:
    names = [("a", Priority.NORMAL), ("b", Priority.PRIORITY), ("c", Priority.NORMAL), ("d", Priority.EMERGENCY), ("e", Priority.PRIORITY)]
    items = [Item(name, text="x", priority=priority) for name, priority in names]
    assert "".join(item.title for item in by_priority(items)) == "dbeac"


def test_spoken_sentences_become_clips_with_their_pauses() -> None:
    made = (Utterance("/a.wav", 100, 50, 0.4, "Câu một."), Utterance("/b.wav", 100, 50, 0.9, "Câu hai."))
    assert clips_of(made) == (Clip("/a.wav", 0.4, "Câu một."), Clip("/b.wav", 0.9, "Câu hai."))
    item = item_of("Tin", made, ref="7", repeat=2)
    assert item.important and not item.empty and item.ref == "7"
    assert Item("trống", text="  ").empty

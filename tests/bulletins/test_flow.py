"""Pages of one bulletin together, tables as sentences, and what a bulletin is about."""

from __future__ import annotations

from datetime import date

import pytest

from station.bulletins.classify import classify, facts_of
from station.bulletins.document import Block, Document, Page, Role
from station.bulletins.event_days import event_days
from station.bulletins.flow import mend_pages
from station.bulletins.table_words import table_sentences, usual_wording

TODAY = date(2026, 3, 1)
INJECTIONS = (("STT", "Thôn", "Ngày tiêm", "Số trẻ"), ("1", "Thôn Bù Ghe", "06/3/2026", "57"), ("2", "Thôn Đắk Wí", "", "38"))


def paper(*blocks: tuple[Role, str]) -> Document:
    return Document((Page(1, tuple(Block(role, text) for role, text in blocks)),))


def test_a_sentence_that_goes_on_overleaf_is_one_again():
    first = Page(1, (Block(Role.BODY, "Danh sách được niêm yết trong thời"), Block(Role.PAGE_NUMBER, "1/2", spoken=False)))
    second = Page(2, (Block(Role.BODY, "hạn 05 ngày."), Block(Role.BODY, "Hết.")))
    assert Document((first, second)).spoken_text() == "Danh sách được niêm yết trong thời hạn 05 ngày.\nHết."


def test_a_running_head_is_read_once_and_the_top_of_a_later_page_is_no_new_title():
    pages = mend_pages([
        Page(number, (Block(Role.TITLE, f"BẢN TIN XÃ MAI - TRANG {number}"), Block(Role.TITLE, "TIN THÔN XÓM"), Block(Role.BODY, "A.")))
        for number in (1, 2)
    ])
    assert [block.spoken for block in pages[1].blocks] == [False, True, True]
    assert pages[1].blocks[1].role is Role.HEADING


def test_a_table_is_said_row_by_row_with_the_names_of_its_columns():
    assert table_sentences(INJECTIONS) == ("Thôn Bù Ghe, ngày tiêm 06/3/2026, số trẻ 57.", "Thôn Đắk Wí, số trẻ 38.")


def test_the_wording_of_a_table_can_be_chosen_and_leaves_out_what_is_missing():
    assert usual_wording(INJECTIONS) == "{Thôn}, ngày tiêm {Ngày tiêm}, số trẻ {Số trẻ}."
    said = table_sentences(INJECTIONS, "{thôn} tiêm ngày {Ngày tiêm}, có {Số trẻ} cháu")
    assert said == ("Thôn Bù Ghe tiêm ngày 06/3/2026, có 57 cháu.", "Thôn Đắk Wí, có 38 cháu.")


@pytest.mark.parametrize(("rows", "said"), [
    ((("TT", "Họ tên", "Số tiền (đồng)"), ("1", "Bà Én", "200.000"), ("", "Tổng cộng", "200.000")),
     ("Bà Én, số tiền 200.000 đồng.", "Tổng cộng, số tiền 200.000 đồng.")),
    ((("Thời gian:", "7 giờ 30"), ("Địa điểm:", "Nhà văn hóa")), ("Thời gian: 7 giờ 30.", "Địa điểm: Nhà văn hóa.")),
    ((("Thôn", "Giờ", ""), ("", "Từ", "Đến"), ("Đoài", "7h", "9h")), ("Đoài, giờ từ 7h, giờ đến 9h.",)),
    ((("Đợt", "Trạm", "Giờ"), ("Buổi chiều", "", ""), ("1", "Cống Đồn", "15h")), ("Buổi chiều.", "Đợt 1, trạm Cống Đồn, giờ 15h.")),
])
def test_units_pairs_heads_of_two_rows_and_rows_across_are_said_as_people_say_them(rows, said):
    assert table_sentences(rows) == said


@pytest.mark.parametrize(("text", "last"), [
    ("Từ ngày 13/3 đến hết ngày 22/3/2026 cắt điện.", date(2026, 3, 22)),
    ("Họp lúc 19 giờ ngày 11 tháng 4 năm 2026 (tức ngày 24 tháng 02 năm Bính Ngọ).", date(2026, 4, 11)),
    ("Căn cứ Kế hoạch số 06/KH-UBND ngày 15/12/2026, họp ngày 05/3.", date(2026, 3, 5)),
    ("Cấm đốt nương từ ngày 06/5/2026 cho đến khi có thông báo mới.", None),
    ("Quy định có hiệu lực kể từ ngày 14/9/2026.", None),
    ("Kỷ niệm 96 năm (20/10/1930 - 20/10/2026), lễ ngày 19/10/2026.", date(2026, 10, 19)),
    ("Họp ngày 05/01 tới.", date(2026, 1, 5)),
    ("Tỷ lệ 1/3, giá 1.250 đồng, số 114.", None),
    ("Không nói ngày nào.", None),
])
def test_the_last_day_of_the_event_is_found_and_others_days_are_not_taken_for_it(text, last):
    assert event_days(text, TODAY).last == last


def test_a_day_without_year_after_new_year_is_of_the_coming_year():
    assert event_days("Phát quà ngày 10/01.", date(2026, 12, 20)).last == date(2027, 1, 10)


@pytest.mark.parametrize(("blocks", "kind", "priority"), [
    (((Role.TITLE, "CÔNG ĐIỆN"), (Role.BODY, "Bão số 7 cách bờ 200 km, sơ tán dân trước 16 giờ.")), "telegram", "emergency"),
    (((Role.TITLE, "THÔNG BÁO"), (Role.BODY, "Đang cháy rừng tại bản Khuổi.")), "notice", "emergency"),
    (((Role.TITLE, "THƯ KÊU GỌI"), (Role.SUBJECT, "Ủng hộ đồng bào bị bão lũ"), (Role.BODY, "Cơn bão đã qua.")), "appeal", "normal"),
    (((Role.STAMP, "HỎA TỐC"), (Role.TITLE, "GIẤY MỜI"), (Role.BODY, "Họp ngày mai.")), "invitation", "priority"),
    (((Role.TITLE, "THÔNG BÁO"), (Role.BODY, "Họp thôn bàn quỹ xóm.")), "notice", "normal"),
])
def test_kind_and_class_are_proposed_with_the_words_that_led_to_them(blocks, kind, priority):
    facts = classify(paper(*blocks), TODAY)
    assert (facts.kind, facts.priority) == (kind, priority)
    assert bool(facts.because) == (priority != "normal")


def test_a_story_of_days_gone_by_has_no_last_day():
    assert classify(paper((Role.TITLE, "BẢN TIN XÃ"), (Role.BODY, "Ngày 11/01, xã bàn giao nhà.")), TODAY).last_day is None


def test_a_typed_text_is_classified_by_its_first_lines():
    assert facts_of("GIẤY MỜI\nHọp thôn\nNgày 5/4/2026.", today=TODAY).kind == "invitation"

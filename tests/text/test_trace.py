"""Every spoken word is traced to what was written, in every case; guesses are told with choices."""

from __future__ import annotations

import re

import pytest

from station.bulletins.table_words import table_sentences
from station.text import Entry, make_script, normalize, places, report, spans
from station.text.script import Kind
from station.text.syllables import is_latin
from tests.text.readings import plain, rows

CASES = [item[0] for item in rows("hand", "numbers", "calendar", "amounts", "codes", "words", "text", "reviewed")]
#: what is said already is not said again: an abbreviation after its words, a number in words after its digits
_EXPLAINED = re.compile(r"\((?:[A-ZĐ][^()]{1,20}|một|hai|hai mươi phần trăm|Năm triệu đồng chẵn)\)")


@pytest.mark.parametrize("written", CASES)
def test_every_word_points_at_its_characters(written: str) -> None:
    script = make_script(written)
    covered: set[int] = set()
    last = 0
    for sentence in script.sentences:
        assert plain(" ".join(token.spoken for token in sentence.tokens)) == plain(sentence.spoken)
        for token in sentence.tokens:
            assert last <= token.start < token.end <= len(written), token
            last = token.end
            covered.update(range(token.start, token.end))
    silent = {place for match in _EXPLAINED.finditer(written) for place in range(match.start(), match.end())}
    missing = [char for place, char in enumerate(written) if (char.isdigit() or is_latin(char)) and place not in covered | silent]
    assert not missing, missing


@pytest.mark.parametrize("written", CASES)
def test_a_script_says_what_the_line_says(written: str) -> None:
    assert plain(" ".join(sentence.spoken for sentence in make_script(written).sentences)) == plain(normalize(written))


@pytest.mark.parametrize("written", CASES)
def test_a_doubt_names_its_place_and_what_was_said(written: str) -> None:
    for doubt in report(written)[1]:
        assert written[doubt.start:doubt.end] == doubt.written and doubt.written
        assert not doubt.choices or len(set(doubt.choices)) == len(doubt.choices)
        assert doubt.kind in ("abbreviation", "slash", "foreign", "lookalike", "symbol", "number")


#: invented lines: what must be reported, and one of the choices
GUESSES = [
    ("Đề nghị TT báo cáo.", "TT", "abbreviation", "trung tâm"),
    ("Các CB tham dự.", "CB", "abbreviation", "chi bộ"),
    ("Chuyển KT xử lý.", "KT", "abbreviation", "kiểm tra"),
    ("Đơn vị QZX tham gia.", "QZX", "abbreviation", "quy dét ích"),
    ("Đến nay đạt 3/7.", "3/7", "slash", "ba trên bảy"),
    ("Cán bộ/đoàn viên tham gia.", "/", "slash", "hoặc"),
    ("Thuốc Validacin trừ bệnh.", "Validacin", "foreign", "validacin"),
    ("Thuốc giá l0.000 đồng.", "l0.000", "lookalike", "10.000"),
    ("Тhôn Đồng Hải.", "Тhôn", "lookalike", "Thôn"),
    ("Giá 350,000 đồng.", "350,000 đồng", "number", "ba trăm năm mươi nghìn đồng"),
]


@pytest.mark.parametrize("line,written,kind,choice", GUESSES)
def test_a_guess_is_reported_with_choices(line: str, written: str, kind: str, choice: str) -> None:
    doubts = {doubt.written: doubt for doubt in report(line)[1]}
    assert written in doubts, doubts
    assert doubts[written].kind == kind
    assert choice in doubts[written].choices


@pytest.mark.parametrize("line", [
    "UBND xã họp lúc 7h30 ngày 20/11/2026.", "Đến nay 9/9 thôn đạt 70% - 80%.", "Trạm Y tế tiêm 0,5 ml cho trẻ từ 6-36 tháng.",
    "Gọi 114 hoặc 0912 345 678.", "Theo Quyết định 749/QĐ-TTg.", "TT Y tế và TT Đảng ủy.", "Quét mã QR trên VNeID.",
])
def test_what_is_sure_is_not_marked(line: str) -> None:
    assert report(line)[1] == ()


def test_preview_lays_readings_over_the_text() -> None:
    text = "UBND xã họp lúc 7h30.\nĐề nghị TT báo cáo, hoà giải tại thôn."
    found = spans(make_script(text))
    assert [(span.written, span.spoken, span.doubt) for span in found] == [
        ("UBND", "ủy ban nhân dân", ""), ("7h30", "bảy giờ ba mươi phút", ""), ("TT", "thông tin", "abbreviation"),
    ]
    assert all(text[span.start:span.end] == span.written for span in found)
    assert "trung tâm" in found[2].choices


def test_an_entry_is_found_where_it_changes_the_text() -> None:
    text = "Thôn Bù Ghe họp. BÙ GHE và Bù Ghen; bù  ghe."
    assert [text[start:end] for start, end in places(Entry("Bù Ghe", "bu ghe"), text)] == ["Bù Ghe", "BÙ GHE"]
    assert [text[start:end] for start, end in places(Entry("Bù Ghe", "bu ghe", case=True), text)] == ["Bù Ghe"]


def test_rows_of_a_table_are_said_as_sentences() -> None:
    rows_ = (("STT", "Thôn", "Số hộ", "Thời gian"), ("1", "Đồng Hải", "45", "7h30 ngày 23/11"), ("2", "Bù Ghe", "1.020", "14h00"))
    spoken = [normalize(sentence) for sentence in table_sentences(rows_)]
    assert plain(spoken[0]) == "đồng hải số hộ bốn mươi lăm thời gian bảy giờ ba mươi phút ngày hai mươi ba tháng mười một"
    assert plain(spoken[1]) == "bù ghe số hộ một nghìn không trăm hai mươi thời gian mười bốn giờ"


# Invented; wrapped as a scanner would.
WRAPPED = """THÔNG BÁO
Về việc tiêm phòng
Thực hiện Kế hoạch số 15/KH-UBND ngày 20/11/2026 của UBND xã về việc tiêm phòng
Trạm Y tế xã tổ chức tiêm cho trẻ từ 6-36 tháng tuổi tại Nhà văn hóa thôn Đồng
Hải và thôn Bù Ghe, thời gian từ 7h30 ngày
23/11. Đề nghị bà con đưa trẻ đi tiêm, gìn giữ khu-
vực sạch sẽ
- Trẻ em
Địa điểm: nhà văn hóa"""


def test_broken_lines_are_joined_and_others_are_not() -> None:
    script = make_script(WRAPPED)
    spoken = [sentence.spoken for sentence in script.sentences]
    assert spoken[:2] == ["thông báo", "Về việc tiêm phòng"]
    assert any("thôn Đồng Hải và thôn Bù Ghe" in sentence for sentence in spoken)
    assert any("ngày hai mươi ba tháng mười một." in sentence for sentence in spoken)
    assert any(sentence.startswith("Đề nghị") and "khu vực sạch sẽ" in sentence for sentence in spoken)
    assert "Trẻ em" in spoken and "Địa điểm, nhà văn hóa" in spoken
    assert script.sentences[0].kind is Kind.HEADING


def test_a_full_stop_stays_one_before_any_capital() -> None:
    assert normalize("Họp ngày 23/11. Đề nghị bà con dự. Ở thôn 5. Ủy ban báo cáo.") == (
        "Họp ngày hai mươi ba tháng mười một. Đề nghị bà con dự. Ở thôn năm. Ủy ban báo cáo."
    )


#: invented lines in the three house styles
REGIONS = [
    ("Giá 15.000 đồng.", "giá mười lăm nghìn đồng", "giá mười lăm nghìn đồng", "giá mười lăm ngàn đồng"),
    ("Có 105 hộ.", "có một trăm linh năm hộ", "có một trăm lẻ năm hộ", "có một trăm lẻ năm hộ"),
    ("Năm 2026.", "năm hai nghìn không trăm hai mươi sáu", "năm hai nghìn không trăm hai mươi sáu", "năm hai ngàn không trăm hai mươi sáu"),
    ("Năm 2005.", "năm hai nghìn không trăm linh năm", "năm hai nghìn không trăm lẻ năm", "năm hai ngàn không trăm lẻ năm"),
    ("Thu 50k một vé.", "thu năm mươi nghìn một vé", "thu năm mươi nghìn một vé", "thu năm mươi ngàn một vé"),
    ("Chi 20 nghìn đồng.", "chi hai mươi nghìn đồng", "chi hai mươi nghìn đồng", "chi hai mươi ngàn đồng"),
    ("Lễ 5/5 âm lịch.", "lễ mùng năm tháng năm âm lịch", "lễ mồng năm tháng năm âm lịch", "lễ mùng năm tháng năm âm lịch"),
    ("Xã có 2.005.007 cây.", "xã có hai triệu không trăm linh năm nghìn không trăm linh bảy cây",
     "xã có hai triệu không trăm lẻ năm nghìn không trăm lẻ bảy cây", "xã có hai triệu không trăm lẻ năm ngàn không trăm lẻ bảy cây"),
    ("Theo Luật 31/2024/QH15.", "theo luật ba mươi mốt trên hai nghìn không trăm hai mươi tư trên quốc hội mười lăm",
     "theo luật ba mươi mốt trên hai nghìn không trăm hai mươi tư trên quốc hội mười lăm", "theo luật ba mươi mốt trên hai ngàn không trăm hai mươi tư trên quốc hội mười lăm"),
    ("101/101 hộ.", "một trăm linh một trên một trăm linh một hộ", "một trăm lẻ một trên một trăm lẻ một hộ", "một trăm lẻ một trên một trăm lẻ một hộ"),
]


@pytest.mark.parametrize("written,north,central,south", REGIONS)
def test_each_region_has_its_house_style(written: str, north: str, central: str, south: str) -> None:
    said = [plain(normalize(written, region=region)) for region in ("north", "central", "south")]
    assert said == [north, central, south]


@pytest.mark.parametrize("region", ["central", "south"])
def test_a_region_changes_only_its_words(region: str) -> None:
    same = {"lẻ": "linh", "ngàn": "nghìn", "mồng": "mùng"}
    for written in CASES:
        north, other = (plain(normalize(written, region=item)).split() for item in ("north", region))
        assert [same.get(word, word) for word in other] == [same.get(word, word) for word in north], written

"""Promises that hold for any text at all."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.text import make_script, normalize, report
from station.text.syllables import is_latin
from tests.text.readings import rows

_BITS = st.sampled_from(
    ["UBND", "20/11", "7h30", "15-20%", "TT", "(AI)", "36A-123.45", "XIII", "-5", "°C", "km/h", "http://a.vn", "v.v.", "a)", "1.", "Đ/c", "½", "²",
     "😀", "\u200b", "\x00", "\t", "١٢", "l0.000", "Тhôn", "QĐ-TTg", "/", "-", "–", "...", "0912 345 678", "[nghỉ]", "1.500.000đ", "Hoà", "ⅷ", "㎡"]
)
_TEXT = st.one_of(st.text(max_size=80), st.lists(st.one_of(_BITS, st.text(max_size=5)), max_size=12).map(" ".join), st.lists(_BITS, max_size=10).map("".join))


@settings(max_examples=600, deadline=None)
@given(_TEXT)
def test_any_line_becomes_one_clean_spoken_line(line: str) -> None:
    spoken = normalize(line)
    assert "\n" not in spoken and "\r" not in spoken
    assert unicodedata.is_normalized("NFC", spoken)
    assert not any(char.isdigit() or char.isnumeric() and not char.isalpha() for char in spoken)
    assert not [char for char in spoken if not (is_latin(char) or char in " ,.?!")], spoken
    assert not re.search(r"\s[,.?!]|[,.?!]{2}|\s\s|^[ ,.?!]|\s$", spoken)


@settings(max_examples=300, deadline=None)
@given(_TEXT)
def test_a_script_points_into_its_source(text: str) -> None:
    script = make_script(text)
    for sentence in script.sentences:
        assert sentence.spoken.strip() and sentence.pause_seconds >= 0
        for token in sentence.tokens:
            assert 0 <= token.start <= token.end <= len(text)
    for doubt in script.doubts:
        assert text[doubt.start:doubt.end] == doubt.written


def test_what_has_been_said_is_said_the_same_again() -> None:
    for written, _, _ in rows("hand", "numbers", "calendar", "amounts", "codes", "words", "text", "reviewed"):
        spoken = normalize(written)
        assert normalize(spoken) == spoken, written


@settings(max_examples=200, deadline=None)
@given(st.lists(_TEXT, max_size=6).map("\n".join))
def test_a_report_and_a_script_say_the_same_as_the_line(text: str) -> None:
    line = " ".join(text.split())
    assert report(line)[0] == normalize(line)
    script = make_script(text)
    assert all(not char.isdigit() for sentence in script.sentences for char in sentence.spoken)
    assert script.source == text


@pytest.mark.parametrize("line,spoken", [
    ("Tốc độ ≠ 5.", "Tốc độ khác năm."), ("Giá 5 ₱.", "Giá năm bê xô."), ("Mức ∞.", "Mức vô cùng."), ("A ⇒ B.", "a suy ra bê."),
])
def test_rare_signs_are_said_by_sea_g2p_without_its_tags(line: str, spoken: str) -> None:
    assert normalize(line) == spoken


_VIETNAMESE = (
    "ủy ban nhân dân xã thông báo, từ bảy giờ ba mươi đến mười một giờ ngày hai mươi tháng tư năm hai nghìn không trăm hai mươi sáu "
    "chín trên chín thôn bảy mươi phần trăm ki lô mét vuông một trăm linh năm héc ta phây búc oai phai giê ca vê nờ e i đê quy rờ ô cốp"
).replace(",", "").split()


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(_VIETNAMESE), min_size=1, max_size=25))
def test_spoken_text_stays_as_it_is(words: list[str]) -> None:
    spoken = " ".join(words)
    assert normalize(spoken) == spoken


@pytest.mark.parametrize("text", ["a" * 100_000, "1" * 100_000, "1/" * 50_000, "A." * 50_000, "-" * 100_000, "(" * 100_000, "1.000." * 16_000,
                                  "ab.cd" * 20_000, "7h" * 50_000, "а" * 100_000, "l0" * 50_000, "\u0301" * 100_000, "XI" * 50_000,
                                  "1 000 " * 16_000, "Đ/c" * 30_000, "@." * 50_000, "[nghỉ" * 20_000, "😀" * 100_000])
@pytest.mark.timeout(30)
def test_a_line_of_100_000_characters_without_a_word_ends(text: str) -> None:
    assert not any(char.isdigit() for char in normalize(text))

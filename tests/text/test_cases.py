"""Sentences with their readings: written by hand, and readings that were reviewed once and must not change."""

from __future__ import annotations

import pytest

from station.text import normalize
from station.text.numbers import DIGITS, cardinal, roman
from tests.text.readings import fits, rows

KINDS = ("hand", "numbers", "calendar", "amounts", "codes", "words", "text")


def test_there_are_enough_cases_of_every_kind() -> None:
    found = rows(*KINDS)
    assert len({written for written, _, _ in found}) >= 600
    kinds = {kind for _, _, kind in found}
    assert len(kinds) >= 24 and all(sum(kind == item[2] for item in found) >= 4 for kind in kinds)


@pytest.mark.parametrize("written,expected,kind", rows(*KINDS))
def test_sentence_is_read_as_an_announcer_would(written: str, expected: str, kind: str) -> None:
    spoken = normalize(written)
    assert fits(expected, spoken), (kind, spoken)


@pytest.mark.parametrize("written,spoken,kind", rows("reviewed"))
def test_reviewed_reading_stays(written: str, spoken: str, kind: str) -> None:
    assert normalize(written) == spoken


def _value(words: str) -> int:
    """The number that words say: the way back, written apart from the code under test."""
    names = {name: value for value, name in enumerate(DIGITS)} | {"mốt": 1, "tư": 4, "lăm": 5}
    total = group = last = 0
    for word in words.split():
        if word in names:
            last = names[word]
            group += last
        elif word == "mười":
            group += 10
        elif word == "mươi":
            group += last * 9
        elif word == "trăm":
            group += last * 99
        elif word in ("nghìn", "triệu", "tỷ"):
            scale = {"nghìn": 10**3, "triệu": 10**6, "tỷ": 10**9}[word]
            total, group = (total + group) * scale if word == "tỷ" else total + group * scale, 0
        last = last if word in names else 0
    return total + group


def test_numbers_say_their_value() -> None:
    for number in [*range(12_000), *range(12_001, 10**12, 98_765_432_1), *(10**power + 5 for power in range(12))]:
        assert _value(cardinal(number)) == number, cardinal(number)


def test_roman_numerals_are_read_and_others_refused() -> None:
    assert [roman(text) for text in ("I", "IV", "IX", "XIV", "XL", "XCIX")] == [1, 4, 9, 14, 40, 99]
    assert [roman(text) for text in ("IIII", "VX", "IC", "", "ABC")] == [None] * 5


def test_regions_have_their_words() -> None:
    assert normalize("Có 1.005 hộ.", region="north") == "Có một nghìn không trăm linh năm hộ."
    assert normalize("Có 1.005 hộ.", region="central") == "Có một nghìn không trăm lẻ năm hộ."
    assert normalize("Có 1.005 hộ.", region="south") == "Có một ngàn không trăm lẻ năm hộ."

"""Several readings of one page become one text; look-alike figures are mended, words never."""

from __future__ import annotations

import numpy as np
import pytest

from station.bulletins.doubt import may_be_a_hook, probability
from station.bulletins.engine import RawWord
from station.bulletins.fuse import fuse
from station.bulletins.numerals import mend_numeral, mend_numerals
from station.bulletins.prepare import Prepared
from station.bulletins.rescue import read_words


def line(text: str, confidence: float = 0.9, number: int = 0) -> list[RawWord]:
    words, left = [], 100.0
    for part in text.split():
        words.append(RawWord(part, left, 100.0, left + 20 * len(part), 140.0, confidence, number))
        left += 20 * len(part) + 12
    return words


def said(words) -> str:
    return " ".join(word.text for word in sorted(words, key=lambda word: word.left))


def test_what_two_of_three_readings_say_wins_and_is_less_sure_than_what_all_say():
    result = fuse([line("ngày hột thôn"), line("ngày hội thôn", 0.8), line("ngày hội thôn", 0.8)])
    assert said(result) == "ngày hội thôn"
    sure = {word.text: word.confidence for word in result}
    assert sure["hội"] < sure["ngày"]


def test_one_sure_reading_of_a_hook_outvotes_two_acute_accents():
    assert said(fuse([line("tống thể", 0.95), line("tống thể", 0.95), line("tổng thể", 0.9)])) == "tổng thể"


def test_a_word_that_only_the_second_reading_saw_is_taken_when_it_is_sure():
    assert said(fuse([line("họp thôn")[:1], line("họp thôn", 0.95)])) == "họp thôn"
    assert said(fuse([line("họp thôn")[:1], line("họp thôn", 0.5)])) == "họp"


@pytest.mark.parametrize(
    ("seen", "meant"),
    [("l0h30", "10h30"), ("2]", "21"), ("1O/5/2026", "10/5/2026"), ("15.0OO", "15.000"), ("l.250.000", "1.250.000"),
     ("bO", "bO"), ("Iôi", "Iôi"), ("12/TB-UBND", "12/TB-UBND"), ("[3]", "[3]"), ("3B", "3B"), ("12S.", "12S."), ("1S:30", "1S:30"), ("2026", "2026")],
)
def test_only_what_can_be_nothing_but_a_number_is_mended(seen, meant):
    assert mend_numeral(seen) == meant


def test_a_mended_number_is_never_sure_and_a_wave_is_a_dash():
    mended = mend_numerals(line("~ Lúc l0h30", 0.99))
    assert said(mended) == "- Lúc 10h30"
    assert [word.confidence <= 0.6 for word in mended] == [True, False, True]


@pytest.mark.parametrize(("word", "hooked"), [("tống", "tổng"), ("thế", "thể"), ("xứ", "xử")])
def test_an_acute_accent_that_may_be_a_hook_makes_a_word_less_sure(word, hooked):
    assert may_be_a_hook(word) and not may_be_a_hook(hooked)
    assert 1 - probability(word, 0.975, 0.98, 0.98) > 2 * (1 - probability(hooked, 0.975, 0.98, 0.98))


@pytest.mark.parametrize("word", ["bất", "má", "ngấp"])
def test_an_acute_accent_where_no_hook_can_stand_is_as_sure_as_any(word):
    assert not may_be_a_hook(word)


class _Engine:
    """Reads two lines at the first looks and a single one when a strip is shown."""

    id = "counted"

    def __init__(self) -> None:
        self.pages = self.strips = 0

    def read(self, image, *, psm=3, dpi=300, letters=""):
        if image.shape[0] < 200:
            self.strips += 1
            return []
        self.pages += 1
        return line("chắc chắn đúng", 0.99, 0) + [w.moved(0, 300, 1) for w in line("chưa chắc lắm", 0.5, 1)]

    def orientation(self, image):
        return 0, 0.0


def test_only_doubtful_lines_are_read_again_and_the_second_engine_is_asked_only_about_bad_pages():
    grey = np.full((1400, 1000), 255, np.uint8)
    page = Prepared(grey, grey, (), 0, 0.0, 1.0, "scan", 0.0)
    first, asked = _Engine(), []
    read_words(grey, page, [], [first], second=lambda: asked.append(1))
    assert (first.pages, first.strips) == (2, 1)
    assert asked == [1]
    read_words(grey, page, [], [first], second=lambda: asked.append(2), lines_again=False)
    assert first.strips == 1

"""A copy of a copy: streaks of a dirty glass, rules with gaps, cells that are read twice.  All pages are drawn here."""

from __future__ import annotations

import cv2
import numpy as np

from station.bulletins import forms
from station.bulletins.engine import RawWord
from station.bulletins.prepare import drop_streaks
from station.bulletins.rescue import _is_better
from station.bulletins.tables import find_grids

ROWS, COLUMNS = (600, 700, 800, 900), (300, 800, 1500, 2200)


def page_with_text() -> np.ndarray:
    page = np.full((3508, 2480), 255, np.uint8)
    for y in range(300, 3000, 100):
        cv2.putText(page, "thong bao lich tiem chung", (300, y), cv2.FONT_HERSHEY_SIMPLEX, 2.5, 0, 5)
    return page


def test_a_streak_from_top_to_bottom_is_dropped_and_the_letters_stay() -> None:
    clean = page_with_text()
    dirty = clean.copy()
    rows = np.random.default_rng(3).random(3508) < 0.7
    dirty[rows, 1200:1204] = 0
    result = drop_streaks(dirty)
    bare = (clean == 255).all(axis=1)
    assert (result[bare] == 255).all(), "between the lines of letters nothing is left of it"
    assert (result != clean).sum() < 0.3 * (dirty != clean).sum()


def test_letters_and_the_rules_of_a_table_are_no_streaks() -> None:
    page = page_with_text()
    cv2.line(page, (1000, 800), (1000, 1800), 0, 3)
    assert (drop_streaks(page) == page).all()


def ruled(gaps: float) -> np.ndarray:
    """A table whose rules have gaps of up to 12 pixels over that share of their length."""
    page = page_with_text()
    page[560:940] = 255
    rules = np.full_like(page, 255)
    for y in ROWS:
        cv2.line(rules, (COLUMNS[0], y), (COLUMNS[-1], y), 0, 3)
    for x in COLUMNS:
        cv2.line(rules, (x, ROWS[0]), (x, ROWS[-1]), 0, 3)
    random = np.random.default_rng(4)
    for _ in range(int(gaps * 14000 / 12)):
        y, x = int(random.integers(590, 900)), int(random.integers(300, 2200))
        rules[y - 6 : y + 6, x - 6 : x + 6] = 255
    return np.minimum(page, rules)


def test_a_table_is_found_though_its_rules_are_broken() -> None:
    page = ruled(0.6)
    assert not find_grids(page)[0], "without gaps allowed there is none to find, or this test shows nothing"
    grids, mask = find_grids(page, broken=True)
    assert len(grids) == 1
    assert np.allclose(grids[0].rows, ROWS, atol=4) and np.allclose(grids[0].columns, COLUMNS, atol=4)
    assert (mask[1000:] == 0).all(), "rows of letters are no rules"


def word(text: str, confidence: float) -> RawWord:
    return RawWord(text, 0, 0, 50, 30, confidence, 0)


def test_a_cell_read_again_never_loses_what_was_read_surely() -> None:
    before = [word("13h30", 0.95), word("-", 0.96), word("I6h30", 0.72)]
    assert not _is_better([word("3h30", 0.0), word("-", 0.9), word("h30", 0.0)], before, numeric=True)
    assert _is_better([word("13h30", 0.8), word("-", 0.9), word("16h30", 0.7)], before, numeric=True)
    assert _is_better([word("61", 0.57)], [word("6l", 0.76)], numeric=True)


def test_a_byline_and_a_place_are_known_though_their_marks_are_lost() -> None:
    assert forms.is_byline("Bài và ánh: Ngọc Diễm")
    assert not forms.is_byline("Anh: tôi đã nói rồi"), "a man who speaks is no photograph"
    assert forms.begins_like_place_date("Tân Phú Đông, ngày 12 thung ? ¡án (20")
    assert forms.begins_like_place_date("Đắk Nhau. ngay 28 thíng 02")
    assert not forms.begins_like_place_date("Từ ngày 12 đến ngày 20 tháng 3, mọi hộ dân")

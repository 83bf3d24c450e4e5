"""Photos by hand of invented bulletins: the sheet is found and what is read aloud is what was printed.

A few fixed cases of ``tests.bulletins.generator``; ``station bench ocr`` reads all of its conditions.
"""

from __future__ import annotations

import numpy as np
import pytest
from rapidfuzz.distance import Levenshtein

from station.bench.ocr import plain, sheet_is_found
from station.bulletins import read_bulletin
from station.bulletins.sheet import find_sheet
from station.config import load_settings
from tests.bulletins.generator.cases import make_case
from tests.bulletins.generator.papers import KINDS, make_paper
from tests.bulletins.generator.papers_fonts import FAMILIES, missing_letters


@pytest.mark.parametrize(
    ("condition", "kind", "seed"),
    [
        ("photo_pale_shadow", "notice", 901), ("photo_neighbours", "newsletter", 902), ("photo_turned", "invitation", 903),
        ("photo_upside_down", "schedule", 904), ("photo_dim_warm", "dispatch", 905), ("photo_rolled", "guide", 906),
    ],
)
def test_a_photo_taken_by_hand_is_read_as_it_was_printed(tmp_path, condition, kind, seed):
    case = make_case(condition, seed, kind=kind, dpi=220)
    document = read_bulletin([case.write(tmp_path)], load_settings(tmp_path, environ={}))
    page = document.pages[0]
    size = (case.picture.shape[1], case.picture.shape[0])
    assert sheet_is_found(page.corners, case.corners.tolist(), size)
    truth = plain(case.paper.spoken_text)
    assert Levenshtein.distance(truth, plain(document.spoken_text())) <= 0.012 * len(truth), document.spoken_text()


@pytest.mark.parametrize(("condition", "seed"), [
    ("photo_checks", 911), ("photo_flowers", 912), ("photo_steep", 914), ("photo_cut", 915), ("photo_blinds", 916), ("photo_fingers", 917),
])
def test_the_sheet_is_found_on_patterned_tables_under_shadows_and_from_the_side(condition, seed):
    case = make_case(condition, seed, dpi=110)
    sheet = find_sheet(case.picture)
    assert sheet is not None
    assert sheet_is_found(sheet.corners, case.corners.tolist(), (case.picture.shape[1], case.picture.shape[0]))


def test_a_scan_that_the_page_fills_has_no_sheet_to_find():
    assert find_sheet(make_case("scan_150", 921, dpi=150).picture) is None


def test_the_generator_draws_the_same_paper_again_and_every_family_has_every_vietnamese_letter():
    for kind in KINDS:
        one, other = (make_paper(kind, 5, dpi=60) for _ in range(2))
        assert one.text == other.text and np.array_equal(np.asarray(one.image), np.asarray(other.image))
    assert {missing_letters(path) for family in FAMILIES for path in (family.regular, family.bold, family.italic)} == {""}

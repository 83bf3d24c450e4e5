"""The contract of an OCR engine, held by every engine of this machine."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from station.bulletins.engine import PSM_LINE, open_engine
from station.bulletins.engine_tesseract import CommandEngine, LibraryEngine
from tests.bulletins import papers

LINES = ("Kính mời toàn thể bà con nhân dân đến dự buổi họp thôn", "vào tối thứ Bảy tuần này tại nhà văn hóa của thôn",
         "để bàn việc làm đường nội đồng và vệ sinh môi trường.")
PAGE = np.asarray(papers.sheet(LINES))


#: where ``test.sh`` puts the optional engine, apart from the rest
SECOND_OCR = str(Path(sys.prefix) / "second-ocr")


def _true_ocr():
    from station.bulletins.engine_trueocr import TrueOcrEngine

    sys.path.append(SECOND_OCR)
    try:
        return TrueOcrEngine()
    finally:
        sys.path.remove(SECOND_OCR)


@pytest.fixture(scope="module", params=[LibraryEngine, CommandEngine, _true_ocr], ids=["library", "command", "trueocr"])
def engine(request):
    return request.param()


def test_words_come_in_reading_order_with_boxes_inside_the_image(engine):
    words = engine.read(PAGE)
    text = " ".join(word.text for word in words)
    right = sum(word in text.split() for word in " ".join(LINES).split())
    assert right >= 0.8 * len(" ".join(LINES).split()), text
    height, width = PAGE.shape
    for word in words:
        assert 0 <= word.left < word.right <= width and 0 <= word.top < word.bottom <= height
        assert 0 <= word.confidence <= 1
        assert word.text == word.text.strip() != ""


def test_words_of_one_printed_line_have_one_number_and_lines_have_different_ones(engine):
    words = engine.read(PAGE)
    first, last = (next(word for word in words if word.text == text) for text in ("Kính", "vào"))
    thon = [word for word in words if word.text.startswith("thôn")]
    assert first.line != last.line
    assert thon[0].line == first.line


def test_a_white_page_has_no_words(engine):
    assert engine.read(np.full((600, 400), 255, np.uint8)) == []


def test_one_line_alone_is_read_as_one_line(engine):
    words = engine.read(np.ascontiguousarray(PAGE[250:330]), psm=PSM_LINE)
    assert len({word.line for word in words}) == 1
    assert words[0].text == "Kính"


def test_an_engine_reads_the_same_again(engine):
    assert engine.read(PAGE) == engine.read(PAGE)


def test_the_library_reads_what_the_command_reads():
    assert LibraryEngine().read(PAGE) == CommandEngine().read(PAGE)


@pytest.mark.parametrize("name", ["library", "command"])
def test_which_way_up_a_page_stands_is_told(name):
    page = np.asarray(papers.sheet([*LINES, *papers.ENGLISH, *LINES]))
    turned = np.ascontiguousarray(page[::-1, ::-1])
    degrees, sure = open_engine(prefer=name).orientation(turned)
    assert degrees == 180 and sure > 2


def test_only_the_letters_that_were_asked_for_are_read():
    page = np.asarray(papers.sheet(["19h30 - 21h45"]))
    words = open_engine().read(np.ascontiguousarray(page[250:340]), psm=PSM_LINE, letters="0123456789h -")
    assert {c for word in words for c in word.text} <= set("0123456789h-")

"""One page image to a :class:`Page`: prepare, read, repair what was read badly, lay out, judge."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import cv2
import numpy as np

from station.bulletins import prepare as prep
from station.bulletins import quality
from station.bulletins.document import Block, Box, Page, Role
from station.bulletins.doubt import BAD_BELOW, judge_line
from station.bulletins.engine import Engine, RawWord, open_second_engine
from station.bulletins.layout import Piece, lay_out
from station.bulletins.legacy_text import share_of_marks, share_of_syllables
from station.bulletins.lines import drop_specks, text_height
from station.bulletins.numerals import mend_numerals
from station.bulletins.rescue import read_words
from station.bulletins.table_words import table_sentences
from station.bulletins.tables import find_grids, rub_out

#: text lower than this in the original picture is hard to read, pixels
SMALL_TEXT = 13.0
#: so many pen-sized strokes stand on a page of handwriting
PEN_STROKES = 40


def make_blocks(pieces: Sequence[Piece], page_mean: float, *, sure: bool) -> tuple[Block, ...]:
    """Blocks of judged words from the pieces of a layout."""
    blocks = []
    for piece in pieces:
        lines = tuple(judge_line(line, page_mean, sure=sure) for line in piece.lines)
        boxes = [line.box for line in lines if line.box]
        box = None
        if boxes:
            left, top = min(b.left for b in boxes), min(b.top for b in boxes)
            box = Box(
                left, top, max(b.left + b.width for b in boxes) - left, max(b.top + b.height for b in boxes) - top
            )
        said = "\n".join(table_sentences(piece.rows)) if piece.rows else ""
        blocks.append(Block(piece.role, piece.text, lines, box, piece.spoken, piece.rows, said))
    return tuple(blocks)


def read_image(
    image: np.ndarray,
    engines: Sequence[Engine],
    *,
    number: int = 1,
    corners: tuple[tuple[float, float], ...] | None = None,
    scale: float = 1.0,
    out: Path | None = None,
    skip: frozenset[str] = frozenset(),
) -> Page:
    """The page in ``image`` (uint8 BGR), read by ``engines`` side by side.

    ``corners`` given by a person in pixels of the original; ``scale``: share of its size at which ``image`` was
    read; ``out``: where the prepared image for people is written (JPEG); ``skip``: steps to leave out.
    """
    started = time.monotonic()
    engine = engines[0]
    given = tuple((x * scale, y * scale) for x, y in corners) if corners else None
    page = prep.prepare(image, engine.orientation, corners=given, skip=skip)
    problems = quality.picture_problems(image, page.corners)
    original_corners = tuple((round(x / scale, 1), round(y / scale, 1)) for x, y in page.corners)
    height, width = page.grey.shape
    name = ""
    if out is not None:
        _write_picture(page.colour, out)
        name = out.name
    blocks: tuple[Block, ...] = ()
    if quality.is_blank(page.grey):
        problems = ["blank"]
    else:
        grids, mask = find_grids(page.grey, broken=page.kind == "bilevel")
        clean = rub_out(page.grey, mask)
        words = read_words(
            clean, page, grids, engines, single="fusion" in skip, lines_again="lines" not in skip,
            second=(lambda: None) if "second" in skip else open_second_engine,
        )
        if "numerals" not in skip:
            words = mend_numerals(words)
        kept = drop_specks(words, width, height)
        mean = float(np.mean([word.confidence for word in kept])) if kept else 0.0
        blocks = make_blocks(lay_out(words, width, height, grids), mean, sure=False)
        seen = text_problems(kept, blocks, page, quality.page_ink(page.grey))
        if _cut_off(words, page):  # asked of all words: those at the very rim are kept out of the text
            seen.append("cut")
        if page.corners and {"not_text", "handwriting"} & set(seen) and quality.is_blurred(page.grey):
            seen = ["blur"]  # a sheet whose letters nobody can tell
        problems += seen
    return Page(
        number, blocks, width, height, name, engine.id, tuple(dict.fromkeys(problems)), original_corners,
        page.rotation, round(time.monotonic() - started, 2),
    )


def text_problems(
    words: Sequence[RawWord], blocks: Sequence[Block], page: prep.Prepared, ink: float
) -> list[str]:
    """Problems seen in what was read: no text, another language, handwriting, small or blurred letters."""
    text = " ".join(word.text for word in words)
    letters = sum(c.isalpha() for c in text)
    if letters < 12:
        return ["blank" if ink < 0.003 and not page.corners else _not_text(page, ink)]
    mean = float(np.mean([word.confidence for word in words]))
    syllables, marks = share_of_syllables(text), share_of_marks(text)
    problems = []
    if mean < 0.35 or (mean < 0.55 and syllables < 0.5):
        return [_not_text(page, ink)]
    if letters > 60 and (syllables < 0.45 or marks < 0.12) and mean > 0.6:
        problems.append("other_language")
    elif letters < 60 and mean < 0.6:
        problems.append("not_text")
    low = text_height(words) / max(page.scale, 0.1)
    judged = [w for b in blocks if b.spoken for line in b.lines for w in line.words]
    doubtful = sum(w.confidence < BAD_BELOW for w in judged) / len(judged) if judged else 0.0
    if doubtful > 0.2:
        problems.append("doubtful")
        if low < SMALL_TEXT:
            problems.append("low_resolution")
        elif page.kind != "bilevel" and quality.is_blurred(page.grey):
            problems.append("blur")
    return problems


def _not_text(page: prep.Prepared, ink: float) -> str:
    """ "handwriting" where strokes of a pen's size stand all over the page, else "not_text".

    Asked of the picture, not of the words: what an engine makes of handwriting changes with its version.
    """
    if page.kind == "bilevel" or ink >= 0.12:
        return "not_text"
    height = page.grey.shape[0]
    _, mask = cv2.threshold(page.grey, 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    _, _, found, _ = cv2.connectedComponentsWithStats(mask)
    tall = found[1:, cv2.CC_STAT_HEIGHT] / height
    wide = found[1:, cv2.CC_STAT_WIDTH] / found[1:, cv2.CC_STAT_HEIGHT]
    filled = found[1:, cv2.CC_STAT_AREA] / (found[1:, cv2.CC_STAT_HEIGHT] * found[1:, cv2.CC_STAT_WIDTH])
    strokes = (tall > 0.006) & (tall < 0.06) & (wide > 0.4) & (filled < 0.6)
    return "handwriting" if int(strokes.sum()) >= PEN_STROKES else "not_text"


def _cut_off(words: Sequence[RawWord], page: prep.Prepared) -> bool:
    """True when lines of text run into the left or right border of the picture."""
    width = page.grey.shape[1]
    margin = 0.008 * width
    lines: dict[int, list[RawWord]] = {}
    for word in words:
        lines.setdefault(word.line, []).append(word)
    full = [line for line in lines.values() if sum(word.confidence > 0.5 for word in line) >= 4]
    at_right = sum(max(w.right for w in line) > width - margin for line in full)
    at_left = sum(min(w.left for w in line) < margin for line in full)
    return max(at_right, at_left) >= max(3, 0.25 * len(full))


def _write_picture(colour: np.ndarray, out: Path) -> None:
    """The straightened page for people: JPEG in the frame of the boxes."""
    out.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(out), colour, [cv2.IMWRITE_JPEG_QUALITY, 82])


def mean_height(blocks: Sequence[Block]) -> float:
    """Median height of spoken lines, pixels; 0 when there are none."""
    heights = [line.box.height for block in blocks if block.role in (Role.BODY, Role.LIST_ITEM) for line in block.lines if line.box]
    return float(median(heights)) if heights else 0.0

"""Reading a prepared page: several looks fused into one text, and doubtful table cells read again alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

import cv2
import numpy as np

from station.bulletins.engine import PSM_CHAR, PSM_LINE, Engine, RawWord
from station.bulletins.fuse import fuse
from station.bulletins.lines import text_height
from station.bulletins.prepare import Prepared
from station.bulletins.tables import Grid

#: cells below this confidence are read again, alone
WEAK_CELL = 0.85
#: lines with a word below this confidence are read again, alone, as one line at another size
WEAK_WORD = 0.9
#: size of such a line, and at most so many of a page (the worst first), to stay within its time
LINE_SCALE, MOST_LINES = 0.8, 24
#: pages whose words are less sure than this on average are shown to a second engine, where one is installed
BADLY_READ = 0.9


@dataclass(frozen=True)
class Look:
    """One way to look at a prepared page: median filter, blur (pixels), scale, and the stated resolution."""

    median: int = 0
    blur: float = 0.0
    scale: float = 1.0
    dpi: int = 300


#: full size and two thirds of it: their mistakes differ, and the second is cheap
GREY_LOOKS = (Look(), Look(scale=0.65))
#: short side from which letters of a black-and-white page stay legible at half the size, pixels
HALVED_FROM = 2000
#: pages of pure black and white: specks gone, broken strokes joined, half the size
BILEVEL_LOOKS = (Look(3, 1.2, 0.5, 0), Look(3, 1.8, 0.5, 0))


def look_at(grey: np.ndarray, look: Look, engine: Engine) -> list[RawWord]:
    """The page's words by one look, in the frame of ``grey``."""
    image = cv2.medianBlur(grey, look.median) if look.median else grey
    image = cv2.GaussianBlur(image, (0, 0), look.blur) if look.blur else image
    scale = look.scale
    if scale < 1 and min(grey.shape) < 1200:
        scale = 1.0
    if scale != 1:
        image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return [
        RawWord(w.text, w.left / scale, w.top / scale, w.right / scale, w.bottom / scale, w.confidence, w.line)
        for w in engine.read(image, dpi=look.dpi)
    ]


def read_words(
    grey: np.ndarray, page: Prepared, grids: Sequence[Grid], engines: Sequence[Engine], *, single: bool = False,
    lines_again: bool = True, second: Callable[[], Engine | None] = lambda: None,
) -> list[RawWord]:
    """Words of a prepared page: several looks side by side, fused; then doubtful lines and cells, each alone.

    ``single`` takes the first look only and ``lines_again`` may be left out, for comparison.  ``second`` gives another
    engine, or None where there is none; it is asked only for pages that are read badly.
    """
    looks = BILEVEL_LOOKS if page.kind == "bilevel" and min(grey.shape) >= HALVED_FROM else GREY_LOOKS
    if single:
        return look_at(grey, Look(), engines[0])
    readings = _side_by_side(engines, [partial(look_at, grey, look) for look in looks])
    readings.sort(key=lambda words: -_mass(words))
    words = fuse(readings)
    if words and mean_confidence(words) < BADLY_READ and (other := second()) is not None:
        readings.append(_less_sure(look_at(grey, looks[0], other)))
        words = fuse(readings)
    if lines_again:
        words = _reread_lines(words, readings, grey, engines, looks[0])
    for grid in grids:
        words = _reread_cells(words, grey, grid, engines[0])
    return words


def _side_by_side(engines: Sequence[Engine], tasks: Sequence[Callable[[Engine], list[RawWord]]]) -> list[list[RawWord]]:
    """What each task reads, in their order; every engine works on its own share in a thread of its own."""
    shares = [list(range(first, len(tasks), len(engines))) for first in range(len(engines))]
    with ThreadPoolExecutor(max_workers=len(engines)) as pool:
        done = pool.map(lambda pair: [tasks[index](pair[0]) for index in pair[1]], zip(engines, shares, strict=True))
    results: dict[int, list[RawWord]] = {}
    for share, read in zip(shares, done, strict=True):
        results.update(zip(share, read, strict=True))
    return [results[index] for index in range(len(tasks))]


def _reread_lines(
    words: list[RawWord], readings: Sequence[Sequence[RawWord]], grey: np.ndarray, engines: Sequence[Engine], look: Look
) -> list[RawWord]:
    """``words`` with every doubtful line read once more, alone; the new reading votes with the ``readings`` before it."""
    usual = text_height(words)
    lines: dict[int, list[RawWord]] = {}
    for word in words:
        lines.setdefault(word.line, []).append(word)
    doubtful = []
    for line in lines.values():
        worst = min((w.confidence for w in line if any(c.isalnum() for c in w.text)), default=1.0)
        if worst < WEAK_WORD and sum(len(w.text) for w in line) >= 4:
            doubtful.append((worst, line))
    chosen: list[tuple[int, tuple[int, int, int, int]]] = []
    for _, line in sorted(doubtful, key=lambda pair: pair[0])[:MOST_LINES]:
        high = [w for w in line if w.height > 0.5 * usual] or line
        top, bottom = min(w.top for w in high), max(w.bottom for w in high)
        if bottom - top > 1.9 * usual:  # a slope, or two lines taken for one
            continue
        pad = 0.25 * usual
        left, right = min(w.left for w in line) - pad, max(w.right for w in line) + pad
        box = max(0, int(left)), max(0, int(top - pad)), min(grey.shape[1], int(right)), min(grey.shape[0], int(bottom + pad))
        chosen.append((line[0].line, box))
    again = _side_by_side(engines, [partial(_read_strip, grey, box, look) for _, box in chosen]) if chosen else []
    result = list(words)
    for (number, box), strip in zip(chosen, again, strict=True):
        first = [w for w in readings[0] if w.line == number]
        if not first or not strip:
            continue
        others = [[w for w in reading if _inside(w, box)] for reading in readings[1:]]
        mended = [replace(w, line=number) for w in fuse([first, *others, strip])]
        result = [w for w in result if w.line != number] + mended
    return result


def _inside(word: RawWord, box: tuple[int, int, int, int]) -> bool:
    """True for a word in the middle half of the height of a line's ``box``."""
    left, top, right, bottom = box
    return left <= (word.left + word.right) / 2 <= right and 4 * abs(word.middle - (top + bottom) / 2) <= bottom - top


def _read_strip(grey: np.ndarray, box: tuple[int, int, int, int], look: Look, engine: Engine) -> list[RawWord]:
    """One line of the page, read alone, in the page's frame."""
    left, top, right, bottom = box
    strip = grey[top:bottom, left:right]
    scale = LINE_SCALE if min(grey.shape) >= HALVED_FROM else 1.0
    if look.blur:  # black and white: made grey as the whole page was
        strip = cv2.GaussianBlur(cv2.medianBlur(strip, look.median) if look.median else strip, (0, 0), look.blur)
        scale = look.scale * 1.15
    if scale != 1:
        strip = cv2.resize(strip, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    pad = 16
    strip = cv2.copyMakeBorder(strip, pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=255)
    return [
        RawWord(
            w.text, (w.left - pad) / scale + left, (w.top - pad) / scale + top, (w.right - pad) / scale + left,
            (w.bottom - pad) / scale + top, w.confidence, 0,
        )
        for w in engine.read(strip, psm=PSM_LINE, dpi=look.dpi)
    ]


def _less_sure(words: Sequence[RawWord]) -> list[RawWord]:
    """Words of the second engine with the weight that they deserve: it states how sure a whole line is, too highly."""
    return [replace(word, confidence=0.65 * word.confidence**2) for word in words]


def mean_confidence(words: Sequence[RawWord]) -> float:
    """Mean confidence weighted by letters, 0-1."""
    weights = [max(1, len(word.text)) for word in words]
    return float(np.average([word.confidence for word in words], weights=weights)) if words else 0.0


def _mass(words: Sequence[RawWord]) -> float:
    """How much was read and how surely: letters of words that are no specks, times their mean confidence."""
    letters = sum(len(re.findall(r"\w", word.text)) for word in words if word.confidence > 0.3)
    return float(letters) ** 0.5 * mean_confidence(words)


def _reread_cells(words: list[RawWord], grey: np.ndarray, grid: Grid, engine: Engine) -> list[RawWord]:
    """Cells that are empty though inked, or doubtful, read alone as one line."""
    usual = text_height(words)
    result = list(words)
    next_line = max((word.line for word in words), default=0) + 1
    for row, column, left, top, right, bottom in grid.boxes():
        inside = [
            w for w in result
            if left <= (w.left + w.right) / 2 <= right and top <= w.middle <= bottom
            and grid.cell((w.left + w.right) / 2, w.middle) == (row, column)
        ]
        margin = 6
        part = grey[top + margin : bottom - margin, left + margin : right - margin]
        if part.size == 0 or bottom - top > 3.2 * usual + 40:
            continue
        ink = (part < 140).sum()
        sure = mean_confidence(inside)
        if ink < 0.4 * usual or (inside and (sure > WEAK_CELL and not _odd_cell(inside))):
            continue
        ys, xs = np.nonzero(part < 140)
        tight = part[max(0, ys.min() - 4) : ys.max() + 5, max(0, xs.min() - 4) : xs.max() + 5]
        if tight.shape[0] > 2.2 * usual + 8:
            continue
        numeric = _numeric_column(result, grid, row, column)
        again = _read_line(tight, engine, "0123456789.,/-: h" if numeric else "", PSM_CHAR if tight.shape[1] < 0.9 * tight.shape[0] else PSM_LINE)
        dx, dy = left + margin + max(0, int(xs.min()) - 4), top + margin + max(0, int(ys.min()) - 4)
        # the rest of its row vouches for a short cell, which alone might be a speck
        row_line = next((w.line for w in inside or result if grid.contains((w.left + w.right) / 2, w.middle) and top <= w.middle <= bottom), None)
        moved = [w.moved(dx, dy, next_line if row_line is None else row_line) for w in again]
        if moved and (not inside or _is_better(moved, inside, numeric)):
            result = [w for w in result if w not in inside] + moved
            inside = moved
            next_line += 1
        if numeric and len(inside) == 1 and inside[0].text in _LIKE_ONE:
            one = replace(inside[0], text="1", confidence=min(inside[0].confidence, 0.6))
            result = [one if w is inside[0] else w for w in result]
    return result


def _is_better(again: Sequence[RawWord], before: Sequence[RawWord], numeric: bool) -> bool:
    """True when a cell's second reading is the surer one, or mends an odd one without losing a letter or much certainty."""
    sure, before_sure = mean_confidence(again), mean_confidence(before)
    if sure > before_sure:
        return True
    odd = _odd_cell(before) or (numeric and not _is_number(before))
    return odd and not _odd_cell(again) and sure > 0.6 * before_sure and _letters(again) >= _letters(before)


def _letters(words: Sequence[RawWord]) -> int:
    return sum(character.isalnum() for word in words for character in word.text)


#: what a lone figure one in a column of numbers is taken for
_LIKE_ONE = ("l", "I", "Ị", "i", "|", "]", "j", "[")


def _is_number(words: Sequence[RawWord]) -> bool:
    return bool(words) and all(re.fullmatch(r"[\d.,/:h-]+", word.text) for word in words)


def _numeric_column(words: Sequence[RawWord], grid: Grid, row: int, column: int) -> bool:
    """True when nearly all other cells of the column below its head hold numbers only."""
    if row == 0:
        return False
    cells: dict[int, list[RawWord]] = {}
    for word in words:
        x, y = (word.left + word.right) / 2, word.middle
        if grid.contains(x, y):
            at = grid.cell(x, y)
            if at[1] == column and at[0] not in (0, row):
                cells.setdefault(at[0], []).append(word)
    numbers = sum(_is_number(cell) for cell in cells.values())
    return numbers >= 2 and numbers >= 0.6 * len(cells)


def _odd_cell(words: Sequence[RawWord]) -> bool:
    """True for cells such as "6l", "|" or "l0h30": digits beside letters that look like digits."""
    text = "".join(word.text for word in words)
    return bool(re.search(r"[|\[\]{}<>¡!]", text) or re.search(r"\d[lIOoGSB]|[lIOoGSB]\d", text) or text in ("l", "I", "Ị", "j"))


def _read_line(part: np.ndarray, engine: Engine, letters: str = "", psm: int = PSM_LINE) -> list[RawWord]:
    """A tight crop as one line, padded, at a height the engine likes."""
    factor = float(np.clip(44 / max(1, part.shape[0]), 0.6, 3.0))
    big = cv2.resize(part, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
    pad = 24
    framed = cv2.copyMakeBorder(big, pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=255)
    return [
        RawWord(
            w.text, (w.left - pad) / factor, (w.top - pad) / factor, (w.right - pad) / factor, (w.bottom - pad) / factor,
            w.confidence, 0,
        )
        for w in engine.read(framed, psm=psm, letters=letters)
    ]

"""Reading a prepared page: several looks fused into one text, and doubtful table cells read again alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np

from station.bulletins.engine import PSM_CHAR, PSM_LINE, Engine, RawWord
from station.bulletins.fuse import fuse
from station.bulletins.lines import text_height
from station.bulletins.prepare import Prepared
from station.bulletins.tables import Grid

#: cells below this confidence are read again, alone
WEAK_CELL = 0.85


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
    grey: np.ndarray, page: Prepared, grids: Sequence[Grid], engines: Sequence[Engine], *, single: bool = False
) -> list[RawWord]:
    """Words of a prepared page: several looks side by side, one for each engine at a time, fused; then cells.

    ``single`` takes the first look only, for comparison.
    """
    looks = BILEVEL_LOOKS if page.kind == "bilevel" and min(grey.shape) >= HALVED_FROM else GREY_LOOKS
    if single:
        return look_at(grey, Look(), engines[0])
    with ThreadPoolExecutor(max_workers=len(engines)) as pool:
        readings = list(
            pool.map(lambda pair: look_at(grey, pair[1], engines[pair[0] % len(engines)]), enumerate(looks))
            if len(engines) >= len(looks) else map(lambda look: look_at(grey, look, engines[0]), looks)
        )
    readings.sort(key=lambda words: -_mass(words))
    words = fuse(readings)
    for grid in grids:
        words = _reread_cells(words, grey, grid, engines[0])
    return words


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
        moved = [w.moved(dx, dy, next_line) for w in again]
        better = mean_confidence(moved) > sure or (_odd_cell(inside) or numeric and not _is_number(inside)) and not _odd_cell(moved)
        if moved and (not inside or better):
            result = [w for w in result if w not in inside] + moved
            next_line += 1
    return result


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

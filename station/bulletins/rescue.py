"""A second reading of what was read badly: doubtful table cells, and whole pages of weak confidence."""

from __future__ import annotations

import re
from collections.abc import Sequence

import cv2
import numpy as np

from station.bulletins.engine import PSM_LINE, Engine, RawWord
from station.bulletins.lines import text_height
from station.bulletins.prepare import Prepared, mend_bilevel
from station.bulletins.tables import Grid

#: pages below this mean confidence are read again in another preparation
WEAK_PAGE = 0.88
#: cells below this confidence are read again, alone
WEAK_CELL = 0.85


def mean_confidence(words: Sequence[RawWord]) -> float:
    """Mean confidence weighted by letters, 0-1."""
    weights = [max(1, len(word.text)) for word in words]
    return float(np.average([word.confidence for word in words], weights=weights)) if words else 0.0


def rescue_words(
    words: list[RawWord], grey: np.ndarray, page: Prepared, grids: Sequence[Grid], engine: Engine
) -> list[RawWord]:
    """``words``, or better ones where confidence says that a second look is worth its time."""
    if page.kind == "bilevel" and mean_confidence(words) < WEAK_PAGE:
        words = _reread_bilevel(words, grey, engine)
    for grid in grids:
        words = _reread_cells(words, grey, grid, engine)
    return words


def _reread_bilevel(words: list[RawWord], grey: np.ndarray, engine: Engine) -> list[RawWord]:
    """Whole page once more, specks gone and strokes joined; the surer reading wins."""
    soft = mend_bilevel(grey)
    factor = grey.shape[1] / soft.shape[1]
    again = [
        RawWord(w.text, w.left * factor, w.top * factor, w.right * factor, w.bottom * factor, w.confidence, w.line)
        for w in engine.read(soft, dpi=0)
    ]
    one, other = mean_confidence(words) * _mass(words), mean_confidence(again) * _mass(again)
    return again if other > one else words


def _mass(words: Sequence[RawWord]) -> float:
    """How much was read: letters of words that are not mere specks, damped."""
    letters = sum(len(re.findall(r"\w", word.text)) for word in words if word.confidence > 0.3)
    return float(letters) ** 0.5


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
        again = _read_line(tight, engine)
        dx, dy = left + margin + max(0, int(xs.min()) - 4), top + margin + max(0, int(ys.min()) - 4)
        moved = [w.moved(dx, dy, next_line) for w in again]
        if moved and (not inside or mean_confidence(moved) > sure or _odd_cell(inside) and not _odd_cell(moved)):
            result = [w for w in result if w not in inside] + moved
            next_line += 1
    return result


def _odd_cell(words: Sequence[RawWord]) -> bool:
    """True for cells such as "6l", "|" or "l0h30": digits beside letters that look like digits."""
    text = "".join(word.text for word in words)
    return bool(re.search(r"[|\[\]{}<>¡!]", text) or re.search(r"\d[lIOoGSB]|[lIOoGSB]\d", text) or text in ("l", "I", "Ị", "j"))


def _read_line(part: np.ndarray, engine: Engine) -> list[RawWord]:
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
        for w in engine.read(framed, psm=PSM_LINE)
    ]

"""Ruled tables: found by their lines, and rubbed out before reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from station.bulletins.engine import RawWord


@dataclass(frozen=True)
class Grid:
    """A ruled table: positions (pixels) of its horizontal and vertical lines, ascending.

    ``walls[row][column]`` tells whether a line stands to the right of that cell; without one the cell goes on.
    """

    rows: tuple[float, ...]
    columns: tuple[float, ...]
    walls: tuple[tuple[bool, ...], ...]

    def contains(self, x: float, y: float) -> bool:
        return self.columns[0] - 4 <= x <= self.columns[-1] + 4 and self.rows[0] - 4 <= y <= self.rows[-1] + 4

    def cell(self, x: float, y: float) -> tuple[int, int]:
        """Row and column of a point, merged cells counted as their first one."""
        row = int(np.clip(np.searchsorted(self.rows, y) - 1, 0, len(self.rows) - 2))
        column = int(np.clip(np.searchsorted(self.columns, x) - 1, 0, len(self.columns) - 2))
        while column > 0 and not self.walls[row][column - 1]:
            column -= 1
        return row, column

    def boxes(self) -> list[tuple[int, int, int, int, int, int]]:
        """(row, column, left, top, right, bottom) of each cell, merged cells once."""
        found = []
        for row in range(len(self.rows) - 1):
            column = 0
            while column < len(self.columns) - 1:
                last = column
                while last < len(self.columns) - 2 and not self.walls[row][last]:
                    last += 1
                found.append((
                    row, column, int(self.columns[column]), int(self.rows[row]), int(self.columns[last + 1]),
                    int(self.rows[row + 1]),
                ))
                column = last + 1
        return found


def ruling(grey: np.ndarray, *, broken: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Masks (uint8 0/255) of long horizontal and vertical lines of a prepared page.

    ``broken``: lines may have gaps, as in a copy of a copy; longer ones are asked for then, so that no row of letters
    passes for a line.
    """
    dark = (grey < 150).astype(np.uint8) * 255
    width = min(grey.shape)
    across, down = max(40, width // 24), max(26, width // 50)
    level, upright = cv2.dilate(dark, np.ones((3, 1), np.uint8)), cv2.dilate(dark, np.ones((1, 3), np.uint8))
    if broken:
        gap, across, down = max(5, width // 165), width // 10, width // 28
        level = cv2.morphologyEx(level, cv2.MORPH_CLOSE, np.ones((1, gap), np.uint8))
        upright = cv2.morphologyEx(upright, cv2.MORPH_CLOSE, np.ones((gap, 1), np.uint8))
    level = cv2.morphologyEx(level, cv2.MORPH_OPEN, np.ones((1, across), np.uint8))
    upright = cv2.morphologyEx(upright, cv2.MORPH_OPEN, np.ones((down, 1), np.uint8))
    thick = max(7, width // 140)
    # solid areas (photos, bars of a stamp) are no lines
    solid = cv2.dilate(cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((thick, thick), np.uint8)), np.ones((thick, thick), np.uint8))
    return cv2.bitwise_and(level, cv2.bitwise_not(solid)), cv2.bitwise_and(upright, cv2.bitwise_not(solid))


def _positions(mask: np.ndarray, axis: int, share: float) -> list[float]:
    """Where lines of ``mask`` lie along ``axis`` (0: y of horizontal lines, 1: x of vertical ones)."""
    sums = (mask > 0).sum(axis=1 - axis)
    strong = np.flatnonzero(sums > share * mask.shape[1 - axis])
    groups: list[list[int]] = []
    for value in strong:
        if groups and value - groups[-1][-1] <= 9:
            groups[-1].append(int(value))
        else:
            groups.append([int(value)])
    return [float(np.mean(group)) for group in groups]


def find_grids(grey: np.ndarray, *, broken: bool = False) -> tuple[list[Grid], np.ndarray]:
    """Tables of a prepared page, top to bottom, and the mask of all ruling lines to rub out; see :func:`ruling`."""
    level, upright = ruling(grey, broken=broken)
    reach = max(9, min(grey.shape) // 160)
    bridge = np.ones((reach, reach), np.uint8)
    both = cv2.dilate(cv2.bitwise_or(level, upright), bridge)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(both)
    grids = []
    table_lines = np.zeros_like(upright)
    for index in range(1, count):
        x, y, w, h, _ = stats[index]
        if w < grey.shape[1] * 0.15 or h < grey.shape[0] * 0.012:
            continue
        here = labels[y : y + h, x : x + w] == index
        part_level = np.where(here, level[y : y + h, x : x + w], 0)
        part_upright = np.where(here, upright[y : y + h, x : x + w], 0)
        rows = _positions(cv2.dilate(part_level, np.ones((5, 1), np.uint8)), 0, 0.45)
        columns = _positions(cv2.dilate(part_upright, np.ones((1, 5), np.uint8)), 1, 0.28)
        if len(rows) < 2 or len(columns) < 3:
            continue
        walls = []
        for top, bottom in zip(rows, rows[1:], strict=False):
            strip = part_upright[int(top) + 3 : max(int(top) + 4, int(bottom) - 3)]
            walls.append(tuple(
                bool((strip[:, max(0, int(c) - 6) : int(c) + 7].max(axis=1) > 0).mean() > (0.3 if broken else 0.5)) if strip.size else True
                for c in columns[1:]
            ))
        table_lines[y : y + h, x : x + w] |= (part_upright | part_level).astype(np.uint8)
        grids.append(Grid(tuple(r + y for r in rows), tuple(c + x for c in columns), tuple(walls)))
    # outside tables upright strokes may be letters; only long horizontal rules without a gap are rubbed out there
    rules = ruling(grey)[0] if broken else level
    mask = cv2.dilate(cv2.bitwise_or(rules, table_lines), np.ones((5, 5), np.uint8))
    return sorted(grids, key=lambda grid: grid.rows[0]), mask


def rub_out(grey: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """``grey`` with the ruling lines white."""
    if not mask.any():
        return grey
    result = grey.copy()
    result[mask > 0] = 255
    return result


def fill_grid(grid: Grid, words: Sequence[RawWord]) -> list[list[list[RawWord]]]:
    """Words of each cell (rows x columns), in reading order within the cell."""
    cells: list[list[list[RawWord]]] = [[[] for _ in grid.columns[1:]] for _ in grid.rows[1:]]
    for word in words:
        row, column = grid.cell((word.left + word.right) / 2, word.middle)
        cells[row][column].append(word)
    return [[_in_order(cell) for cell in line] for line in cells]


def _in_order(words: list[RawWord]) -> list[RawWord]:
    """Words of a cell line by line.  An engine numbers lines across cells, so their numbers say nothing within one."""
    lines: list[list[RawWord]] = []
    for word in sorted(words, key=lambda word: word.middle):
        same = lines and abs(word.middle - float(np.median([w.middle for w in lines[-1]]))) < 0.5 * max(
            word.height, lines[-1][0].height
        )
        if same:
            lines[-1].append(word)
        else:
            lines.append([word])
    return [word for line in lines for word in sorted(line, key=lambda word: word.left)]

"""Tables without upright rules: found by the white strips that run down between their columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, median

from station.bulletins.document import Role
from station.bulletins.engine import RawWord
from station.bulletins.lines import TextLine
from station.bulletins.zones import Piece

#: cells of one row are at least so far apart, in text heights
_GAP = 0.9
#: columns of running text fill their width; cells leave this share or more of it white
_FULL = 0.8

Interval = tuple[float, float]
Row = list[TextLine]


@dataclass(frozen=True)
class OpenTable:
    """A table, the strip of the page that it takes (pixels), and its lines."""

    top: float
    bottom: float
    piece: Piece
    lines: frozenset[int]


def visual_rows(lines: Sequence[TextLine]) -> list[Row]:
    """Lines that stand side by side, left to right; rows top to bottom."""
    rows: list[Row] = []
    for line in sorted(lines, key=lambda line: line.middle):
        if rows:
            other = rows[-1][-1]
            overlap = min(line.bottom, other.bottom) - max(line.top, other.top)
            apart = all(line.left > one.right or line.right < one.left for one in rows[-1])
            if overlap > 0.5 * min(line.height, other.height) and apart:
                rows[-1].append(line)
                continue
        rows.append([line])
    return [sorted(row, key=lambda line: line.left) for row in rows]


def find_open_tables(lines: Sequence[TextLine], usual: float) -> list[OpenTable]:
    """Tables of three columns or more among lines that belong to no ruled table."""
    rows = visual_rows(lines)
    found: list[OpenTable] = []
    at = 0
    while at < len(rows):
        end, gaps = _run(rows, at, usual)
        if end - at >= 3 and len(gaps) >= 2:
            table = _table(rows[at:end], gaps)
            if table is not None:
                found.append(table)
            at = end  # columns of running text are none, from wherever one begins to look
            continue
        at += 1
    return found


def _cells(row: Row, usual: float) -> list[list[RawWord]]:
    """Words of a row cut at wide gaps."""
    words = sorted((word for line in row for word in line.words), key=lambda word: word.left)
    cells = [[words[0]]]
    for word in words[1:]:
        if word.left - max(other.right for other in cells[-1]) > _GAP * usual:
            cells.append([word])
        else:
            cells[-1].append(word)
    return cells


def _run(rows: Sequence[Row], start: int, usual: float) -> tuple[int, list[Interval]]:
    """End of the rows from ``start`` that leave the same strips white, and those strips."""
    gaps: list[Interval] = []
    end = start
    for index in range(start, len(rows)):
        row = rows[index]
        cells = _cells(row, usual)
        spans = [(min(w.left for w in cell), max(w.right for w in cell)) for cell in cells]
        if index == start:
            if len(cells) < 3:
                return start, []
            gaps = [(one[1], other[0]) for one, other in zip(spans, spans[1:], strict=False)]
        else:
            before = rows[index - 1]
            if min(line.top for line in row) - max(line.bottom for line in before) > 3.2 * usual:
                break
            left = [part for gap in gaps for part in _without(gap, spans) if part[1] - part[0] >= 0.6 * usual]
            if len(left) < 2 or (len(cells) == 1 and spans[0][1] - spans[0][0] > 0.6 * (gaps[-1][1] - gaps[0][0])):
                break
            gaps = left
        end = index + 1
    return end, gaps


def _without(gap: Interval, spans: Sequence[Interval]) -> list[Interval]:
    """What of ``gap`` the ``spans`` leave white."""
    parts = [gap]
    for low, high in spans:
        parts = [
            part for one, other in parts for part in ((one, min(other, low)), (max(one, high), other)) if part[1] > part[0]
        ]
    return parts


def _table(rows: Sequence[Row], gaps: Sequence[Interval]) -> OpenTable | None:
    walls = [(low + high) / 2 for low, high in gaps]
    lines = [line for row in rows for line in row]
    left, right = min(line.left for line in lines), max(line.right for line in lines)
    edges = [left - 1, *walls, right + 1]
    grid: list[list[list[RawWord]]] = []
    for row in rows:
        cells: list[list[RawWord]] = [[] for _ in edges[1:]]
        for word in sorted((w for line in row for w in line.words), key=lambda word: word.left):
            column = sum((word.left + word.right) / 2 > wall for wall in walls)
            cells[column].append(word)
        grid.append(cells)
    fills = [
        [(max(w.right for w in cells[column]) - min(w.left for w in cells[column])) / (edges[column + 1] - edges[column])
         for cells in grid if cells[column]]
        for column in range(len(edges) - 1)
    ]
    if not all(fills):
        return None
    usual_fills = [median(fill) for fill in fills]
    if mean(usual_fills) > _FULL or sum(fill > _FULL for fill in usual_fills) >= 2:
        return None
    grid = _logical(grid)
    if len(grid) < 3:
        return None
    texts = tuple(tuple(" ".join(word.text for word in cell) for cell in cells) for cells in grid)
    text = "\n".join(" ".join(cell for cell in row if cell) for row in texts)
    shown = tuple(TextLine(tuple(word for cell in cells for word in cell)) for cells in grid)
    return OpenTable(
        min(line.top for line in lines), max(line.bottom for line in lines), Piece(Role.TABLE, text, shown, texts),
        frozenset(id(line) for line in lines),
    )


def _logical(grid: list[list[list[RawWord]]]) -> list[list[list[RawWord]]]:
    """Rows of the table from rows of print: a row with few cells is more of the one that it stands nearer to."""
    def middle(cells: list[list[RawWord]]) -> float:
        return median([word.middle for cell in cells for word in cell])

    full = [sum(bool(cell) for cell in cells) * 2 > len(cells) for cells in grid]
    homes = [index for index, whole in enumerate(full) if whole]
    if len(homes) < 2:
        return grid
    pitch = median([middle(grid[b]) - middle(grid[a]) for a, b in zip(homes, homes[1:], strict=False)])
    done: dict[int, list[list[RawWord]]] = {index: [list(cell) for cell in grid[index]] for index in homes}
    alone: dict[int, list[list[RawWord]]] = {}
    for index, whole in enumerate(full):
        if whole:
            continue
        home = min(homes, key=lambda one: abs(middle(grid[one]) - middle(grid[index])))
        if abs(middle(grid[home]) - middle(grid[index])) > 0.9 * pitch:
            alone[index] = grid[index]
            continue
        for column, cell in enumerate(grid[index]):
            done[home][column] = cell + done[home][column] if index < home else done[home][column] + cell
    merged = {**done, **alone}
    return [merged[index] for index in sorted(merged)]

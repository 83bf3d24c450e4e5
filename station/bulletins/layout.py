"""Blocks with roles, in reading order, from the words of one page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from station.bulletins import forms
from station.bulletins.document import Role
from station.bulletins.engine import RawWord
from station.bulletins.lines import TextLine, build_lines, drop_specks, text_height
from station.bulletins.open_tables import find_open_tables
from station.bulletins.paragraphs import is_centered, join_lines, read_order, split_paragraphs
from station.bulletins.tables import Grid, fill_grid
from station.bulletins.zones import Piece, make_piece, take_footer, take_header

__all__ = ["Piece", "lay_out"]


#: what an engine makes of the dot before an item of a list
_BULLETS = frozenset("»›·●■▪◦¢°˗")


def _with_bullet(line: TextLine) -> TextLine:
    first = line.words[0]
    if len(line.words) > 1 and first.text in _BULLETS:
        return TextLine((replace(first, text="•"), *line.words[1:]))
    return line


def _without_rules(cell: list[RawWord]) -> list[RawWord]:
    """The words of a cell without dashes at its ends, which are remains of the ruling; a dash alone is a value."""
    kept = list(cell)
    while len(kept) > 1 and forms.is_rule(kept[0].text) and kept[0].text[0] in "–—_|=":
        kept.pop(0)
    while len(kept) > 1 and forms.is_rule(kept[-1].text) and kept[-1].text[0] in "–—_|=":
        kept.pop()
    return kept


def _table_piece(grid: Grid, words: Sequence[RawWord]) -> Piece | None:
    cells = [[_without_rules(cell) for cell in row] for row in fill_grid(grid, words)]
    rows = tuple(tuple(" ".join(w.text for w in cell) for cell in row) for row in cells)
    rows = tuple(row for row in rows if any(row))
    if not rows:
        return None
    lines = tuple(TextLine(tuple(w for cell in row for w in cell)) for row in cells if any(row))
    text = "\n".join(" ".join(cell for cell in row if cell) for row in rows)
    return Piece(Role.TABLE, text, lines, rows)


def _is_page_number(group: Sequence[TextLine], text: str, top: float, bottom: float, usual: float) -> bool:
    """A number alone on the first or last line of the page, in the middle, or called "Trang"."""
    return (
        len(group) == 1 and len(text) < 16 and forms.is_page_number(text)
        and (group[0].middle < top + 1.2 * usual or group[0].middle > bottom - 1.2 * usual)
    )


def _assign_body(
    flows: list[list[TextLine]], usual: float, left: float, right: float, *, first: bool, last: bool
) -> list[Piece]:
    """Title, subject and the body's paragraphs; ``first`` and ``last``: nothing but header or footer lies beyond."""
    pieces: list[Piece] = []
    at_head = first
    titled = False
    top = min((line.top for flow in flows for line in flow), default=0.0)
    bottom = max((line.bottom for flow in flows for line in flow), default=0.0)
    for number, flow in enumerate(flows):
        low, high = (left, right) if len(flow) < 4 else (min(i.left for i in flow), max(i.right for i in flow))
        groups = split_paragraphs(flow, usual)
        for index, group in enumerate(groups):
            text = join_lines([line.text for line in group])
            if _is_page_number(group, text, top if first else -1e9, bottom if last else 1e9, usual):
                pieces.append(make_piece(Role.PAGE_NUMBER, group))
                continue
            if at_head and all(forms.is_mark(line.text) for line in group):
                pieces.append(make_piece(Role.STAMP, group))
                continue
            centered = all(is_centered(line, low, high) or is_centered(line, left, right) for line in group)
            tall = median(line.height for line in group) > 1.25 * usual
            if at_head and (centered or tall) and not forms.is_addressees(text) and len(text) < 320:
                _add_heads(pieces, group, tall, titled)
                titled = titled or any(piece.role is Role.TITLE for piece in pieces)
                continue
            at_head = False
            at_end = number == len(flows) - 1 and index == len(groups) - 1
            low_down = last and number == len(flows) - 1 and group[0].top > top + 0.55 * (bottom - top)
            if _is_bare_byline(group, text, pieces, low, high, last=at_end and last):
                pieces.append(make_piece(Role.OTHER, group))
            elif low_down and pieces and _is_footnote(group, text, pieces[-1], usual):
                pieces.append(make_piece(Role.OTHER, group))
            elif pieces and _goes_on(pieces[-1], text):
                pieces[-1] = make_piece(pieces[-1].role, (*pieces[-1].lines, *group))
            else:
                pieces.append(make_piece(forms.body_role(text), group))
    for index, (piece, after) in enumerate(pairwise(pieces)):
        if piece.role is Role.BODY and after.role is Role.BODY and forms.heads(piece.text, after.text):
            pieces[index] = replace(piece, role=Role.HEADING)
    return pieces


def _goes_on(before: Piece, text: str) -> bool:
    """True when ``text`` begins in the middle of the sentence that ``before`` leaves open."""
    return (
        before.role in (Role.BODY, Role.LIST_ITEM) and forms.ends_open(before.text) and text[:1].islower()
        and not forms.is_list_item(text) and len(before.text) > 40
    )


def _add_heads(pieces: list[Piece], group: Sequence[TextLine], tall: bool, titled: bool) -> None:
    """Adds the lines of a title or subject to ``pieces``, those of one role together."""
    for line in group:
        subject = any(piece.role is Role.SUBJECT for piece in pieces)
        names = bool(forms.title_kind(line.text)) or forms.is_upper(line.text) or (tall and not titled)
        role = Role.TITLE if names and not subject else Role.SUBJECT
        titled = titled or role is Role.TITLE
        if forms.is_mark(line.text):
            pieces.append(make_piece(Role.STAMP, [line]))
        elif pieces and pieces[-1].role is role:
            pieces[-1] = make_piece(role, (*pieces[-1].lines, line))
        else:
            pieces.append(make_piece(role, [line]))


def _is_bare_byline(
    group: Sequence[TextLine], text: str, pieces: Sequence[Piece], low: float, high: float, *, last: bool
) -> bool:
    """A name alone at the right under an article."""
    if len(group) != 1 or not forms.is_name(text) or not pieces or pieces[-1].role not in (Role.BODY, Role.LIST_ITEM):
        return False
    ended = pieces[-1].text.rstrip("”\"' ").endswith((".", "!", "?", "…"))
    return ended and (last or group[0].left > low + 0.4 * (high - low))


def _is_footnote(group: Sequence[TextLine], text: str, before: Piece, usual: float) -> bool:
    """Small print at the foot of the page, or print far below the rest, with a note's mark; or what such a note goes
    on with."""
    if before.role is Role.OTHER and forms.is_footnote(before.text):
        return True
    small = median(line.height for line in group) < 0.9 * usual
    apart = bool(before.lines) and group[0].top - max(line.bottom for line in before.lines) > 4 * usual
    return (small or apart) and forms.is_footnote(text)


def lay_out(
    words: Sequence[RawWord], width: float, height: float, grids: Sequence[Grid] = (), *, clean: bool = False
) -> list[Piece]:
    """The page's blocks in reading order.

    ``words``: from an engine or a text layer, pixels; ``grids``: ruled tables; ``clean`` leaves every word in
    (for text layers, which have no specks).
    """
    words = list(words) if clean else drop_specks(words, width, height)
    if not words:
        return []
    usual = text_height(words)
    in_grid: list[list[RawWord]] = [[] for _ in grids]
    free: list[RawWord] = []
    for word in words:
        for index, grid in enumerate(grids):
            if grid.contains((word.left + word.right) / 2, word.middle):
                in_grid[index].append(word)
                break
        else:
            free.append(word)
    tables = [(grid, _table_piece(grid, group)) for grid, group in zip(grids, in_grid, strict=True) if group]
    if not free:
        return [piece for _, piece in tables if piece]
    lines = [_with_bullet(line) for line in build_lines(free)]
    left, right = min(line.left for line in lines), max(line.right for line in lines)
    header, lines, _ = take_header(lines, usual, width)
    footer: list[Piece] = []
    if lines:
        footer, lines = take_footer(lines, usual, left, right)
    bands = [(grid.rows[0], (grid.rows[0] + grid.rows[-1]) / 2, piece) for grid, piece in tables if piece]
    for table in find_open_tables(lines, usual):
        bands.append((table.top, (table.top + table.bottom) / 2, table.piece))
        lines = [line for line in lines if id(line) not in table.lines]
    body: list[Piece] = []
    start = float("-inf")
    for top, middle, piece in [*sorted(bands, key=lambda band: band[0]), (float("inf"), 0.0, None)]:
        band = [line for line in lines if start <= line.middle < top]
        if band:
            body += _assign_body(
                read_order(band, usual), usual, left, right, first=not body, last=piece is None and not footer
            )
        if piece:
            body.append(piece)
            start = middle
    return [*header, *body, *footer]

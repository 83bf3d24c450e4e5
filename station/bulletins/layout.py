"""Blocks with roles, in reading order, from the words of one page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from station.bulletins import forms
from station.bulletins.document import SPOKEN_ROLES, Role
from station.bulletins.engine import RawWord
from station.bulletins.lines import TextLine, build_lines, drop_specks, fold, split_line, text_height
from station.bulletins.paragraphs import is_centered, join_lines, read_order, split_paragraphs
from station.bulletins.tables import Grid, fill_grid


@dataclass(frozen=True)
class Piece:
    """A block before words are judged: its role, lines of words, and cells of a table."""

    role: Role
    text: str
    lines: tuple[TextLine, ...]
    rows: tuple[tuple[str, ...], ...] = ()
    spoken: bool = True


@dataclass
class _Zones:
    """Lines of a page sorted into the parts of the form."""

    header: list[Piece] = field(default_factory=list)
    body: list[TextLine] = field(default_factory=list)
    footer: list[Piece] = field(default_factory=list)
    has_motto: bool = False


def _piece(role: Role, lines: Sequence[TextLine]) -> Piece:
    return Piece(role, join_lines([line.text for line in lines]), tuple(lines), spoken=role in SPOKEN_ROLES)


def _take_header(lines: list[TextLine], usual: float, width: float) -> tuple[list[Piece], list[TextLine], bool]:
    """The header of an official document and the lines left."""
    motto_at: tuple[TextLine, int, int] | None = None
    for phrase in (forms.MOTTO_FIRST, forms.MOTTO_SECOND, forms.PARTY_MOTTO):
        for line in lines:
            if line.middle > min(other.top for other in lines) + 14 * usual:
                continue
            found = forms.find_phrase(line, phrase)
            if found and (phrase != forms.PARTY_MOTTO or (forms.is_upper(line.text) and line.center > 0.45 * width)):
                motto_at = (line, *found)
                break
        if motto_at:
            break
    if motto_at is None:
        return [], lines, False
    motto_line, start, end = motto_at
    edge = motto_line.words[start].left - 0.6 * usual
    motto_middle = (motto_line.words[start].left + motto_line.words[end - 1].right) / 2
    # the header ends with its last number or date line within a few lines of the motto
    bottom = motto_line.bottom
    for line in sorted(lines, key=lambda line: line.middle):
        if line.middle < motto_line.top or line.middle > motto_line.bottom + 9 * usual:
            continue
        if forms.title_kind(line.text) and is_centered(line, min(i.left for i in lines), max(i.right for i in lines)):
            break
        left_part, right_part = _cut_at(line, edge)
        right_text = right_part.text if right_part else ""
        left_text = left_part.text if left_part else ""
        if (
            forms.is_date_line(right_text) or forms.is_number_line(left_text) or forms.is_number_line(line.text)
            or forms.find_phrase(line, forms.MOTTO_SECOND) or forms.is_about(left_text)
        ):
            bottom = max(bottom, line.middle + 0.55 * usual)
    agency: list[TextLine] = []
    number: list[TextLine] = []
    about: list[TextLine] = []
    motto: list[TextLine] = []
    place: list[TextLine] = []
    rest: list[TextLine] = []
    about_open = False
    for line in sorted(lines, key=lambda line: line.middle):
        if line.middle > bottom:
            narrow_left = line.right < edge + 2 * usual and line.width < 0.42 * width
            if about_open and narrow_left and line.middle < bottom + 5 * usual:
                about.append(line)
            else:
                about_open = False
                rest.append(line)
            continue
        left_part, right_part = _cut_at(line, edge)
        if left_part:
            if forms.is_about(left_part.text) or about_open:
                about.append(left_part)
                about_open = True
            elif forms.is_number_line(left_part.text):
                number.append(left_part)
            else:
                agency.append(left_part)
        if right_part:
            is_place = forms.is_date_line(right_part.text) or (motto and right_part.middle > motto[0].bottom + 1.6 * usual)
            folded = fold(right_part.text)
            is_motto = any(forms.similar(folded, phrase) > 0.6 for phrase in (forms.MOTTO_FIRST, forms.MOTTO_SECOND))
            (motto if is_motto or not is_place else place).append(right_part)
    del motto_middle
    pieces = [
        _piece(role, group)
        for role, group in (
            (Role.AGENCY, agency), (Role.NUMBER, number), (Role.MOTTO, motto), (Role.PLACE_DATE, place),
            (Role.SUBJECT, about),
        ) if group
    ]
    return pieces, rest, True


def _cut_at(line: TextLine, edge: float) -> tuple[TextLine | None, TextLine | None]:
    """A line cut into the words left and right of ``edge``, at the widest gap near it."""
    if line.right < edge + 1 or line.left > edge:
        return (line, None) if line.center < edge else (None, line)
    best, where = -1.0, None
    for index in range(1, len(line.words)):
        gap = line.words[index].left - line.words[index - 1].right
        near = abs((line.words[index].left + line.words[index - 1].right) / 2 - edge)
        value = gap - 0.25 * near
        if value > best or where is None:
            best, where = value, index
    if where is None:
        return (line, None) if line.center < edge else (None, line)
    return split_line(line, where)


def _take_footer(lines: list[TextLine], usual: float, left: float, right: float) -> tuple[list[Piece], list[TextLine]]:
    """Recipients and signature, and the lines left."""
    width = right - left
    split_x = left + 0.42 * width
    start = None
    for line in lines:
        for count in (2, 3):
            if len(line.words) >= count and forms.is_recipients(" ".join(w.text for w in line.words[:count])):
                if line.left < left + 0.35 * width:
                    start = line.top
                break
    signers = []
    for line in lines:
        left_part, part = _cut_at(line, split_x)
        apart = left_part is None or (part is not None and part.left - left_part.right > 1.5 * usual)
        if part and apart and part.left > left + 0.38 * width and forms.is_signer(part.text):
            signers.append(part)
    if start is not None:
        top = start - 0.4 * usual
        for signer in signers:
            below = [line for line in lines if signer.bottom < line.middle < start and line.left < split_x]
            if -6 * usual < signer.middle - start < 12 * usual and not below:
                top = min(top, signer.top - 0.2 * usual)
    else:
        low = [s for s in signers if s.middle > min(i.top for i in lines) + 0.35 * (max(i.bottom for i in lines) - min(i.top for i in lines))]
        after = [s for s in low if not any(i.middle > s.bottom and i.width > 0.75 * width for i in lines)]
        if not after:
            return [], lines
        top = min(s.top for s in after) - 0.2 * usual
    recipients, signature, rest = [], [], []
    for line in lines:
        if line.middle < top or (start is not None and line.middle < start - 0.4 * usual and line.left < split_x):
            rest.append(line)
            continue
        left_part, right_part = _cut_at(line, split_x) if line.right > split_x and line.left < split_x else (
            (line, None) if line.center < split_x else (None, line)
        )
        if left_part and start is None and left_part.width > 0.6 * width:
            rest.append(line)
            continue
        if left_part:
            recipients.append(left_part)
        if right_part:
            signature.append(right_part)
    pieces = []
    if recipients:
        pieces.append(_piece(Role.RECIPIENTS if start is not None else Role.OTHER, recipients))
    if signature:
        pieces.append(_piece(Role.SIGNATURE, signature))
    return pieces, rest


def _table_piece(grid: Grid, words: Sequence[RawWord]) -> Piece | None:
    cells = fill_grid(grid, words)
    rows = tuple(tuple(" ".join(w.text for w in cell) for cell in row) for row in cells)
    rows = tuple(row for row in rows if any(row))
    if not rows:
        return None
    lines = tuple(TextLine(tuple(w for cell in row for w in cell)) for row in cells if any(row))
    text = "\n".join(" ".join(cell for cell in row if cell) for row in rows)
    return Piece(Role.TABLE, text, lines, rows)


def _body_role(text: str) -> Role:
    if forms.is_addressees(text):
        return Role.ADDRESSEES
    if forms.is_byline(text):
        return Role.OTHER
    short = len(text) < 90 and not text.rstrip().endswith((".", ";", ",", ":"))
    if forms.is_numbered(text) and short and not text.lstrip().startswith("-"):
        return Role.HEADING
    if forms.is_list_item(text):
        return Role.LIST_ITEM
    if short and forms.is_upper(text):
        return Role.HEADING
    return Role.BODY


def _assign_body(flows: list[list[TextLine]], usual: float, left: float, right: float, first: bool) -> list[Piece]:
    """Title, subject and the body's paragraphs."""
    pieces: list[Piece] = []
    at_head = first
    titled = False
    for flow in flows:
        low, high = (left, right) if len(flow) < 4 else (min(i.left for i in flow), max(i.right for i in flow))
        for group in split_paragraphs(flow, usual):
            text = join_lines([line.text for line in group])
            centered = all(is_centered(line, low, high) or is_centered(line, left, right) for line in group)
            tall = median(line.height for line in group) > 1.25 * usual
            if at_head and (centered or tall) and not forms.is_addressees(text) and len(text) < 320:
                for line in group:
                    names_kind = bool(forms.title_kind(line.text)) or (
                        forms.is_upper(line.text) and not any(p.role is Role.SUBJECT for p in pieces)
                    ) or (tall and not titled)
                    role = Role.TITLE if names_kind and not any(p.role is Role.SUBJECT for p in pieces) else Role.SUBJECT
                    titled = titled or role is Role.TITLE
                    if pieces and pieces[-1].role is role:
                        pieces[-1] = _piece(role, (*pieces[-1].lines, line))
                    else:
                        pieces.append(_piece(role, [line]))
                continue
            if forms.is_page_number(text) and len(group) == 1 and len(text) < 12:
                edge = group[0]
                alone = edge.middle < min(i.top for f in flows for i in f) + 2 * usual or edge.middle > max(
                    i.bottom for f in flows for i in f
                ) - 2 * usual
                if alone and centered:
                    pieces.append(_piece(Role.PAGE_NUMBER, group))
                    continue
            at_head = False
            pieces.append(_piece(_body_role(text), group))
    return pieces


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
    lines = build_lines(free)
    left, right = min(line.left for line in lines), max(line.right for line in lines)
    header, lines, has_motto = _take_header(lines, usual, width)
    footer: list[Piece] = []
    if lines:
        footer, lines = _take_footer(lines, usual, left, right)
    body: list[Piece] = []
    bands = sorted((table for table in tables if table[1]), key=lambda table: table[0].rows[0])
    start = float("-inf")
    first = True
    for grid, piece in [*bands, (None, None)]:
        end = grid.rows[0] if grid else float("inf")
        band = [line for line in lines if start <= line.middle < end]
        if band:
            body += _assign_body(read_order(band, usual), usual, left, right, first)
            first = False
        if grid and piece:
            body.append(piece)
            start = (grid.rows[0] + grid.rows[-1]) / 2
    return [*header, *body, *footer]

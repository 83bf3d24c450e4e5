"""Header and footer of an official document: found among the lines of a page and taken out of its body.

By Nghị định 30/2020/NĐ-CP, Phụ lục I, the agency and number stand at the top left, the motto, place and date at the
top right, the recipients at the foot left and the signer at the foot right.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from station.bulletins import forms
from station.bulletins.document import SPOKEN_ROLES, Role
from station.bulletins.lines import TextLine, fold, split_line
from station.bulletins.paragraphs import is_centered, join_lines


@dataclass(frozen=True)
class Piece:
    """A block before words are judged: its role, lines of words, and cells of a table."""

    role: Role
    text: str
    lines: tuple[TextLine, ...]
    rows: tuple[tuple[str, ...], ...] = ()
    spoken: bool = True


def make_piece(role: Role, lines: Sequence[TextLine], *, broken: bool = False) -> Piece:
    """A piece of ``lines``; ``broken`` keeps each on a line of its own (recipients, signatures)."""
    texts = [line.text for line in lines]
    return Piece(role, "\n".join(texts) if broken else join_lines(texts), tuple(lines), spoken=role in SPOKEN_ROLES)


@dataclass
class _Header:
    agency: list[TextLine] = field(default_factory=list)
    number: list[TextLine] = field(default_factory=list)
    motto: list[TextLine] = field(default_factory=list)
    place: list[TextLine] = field(default_factory=list)
    about: list[TextLine] = field(default_factory=list)

    def pieces(self) -> list[Piece]:
        groups = (
            (Role.AGENCY, self.agency), (Role.NUMBER, self.number), (Role.MOTTO, self.motto),
            (Role.PLACE_DATE, self.place), (Role.SUBJECT, self.about),
        )
        return [make_piece(role, group, broken=role is Role.AGENCY) for role, group in groups if group]


def cut_at(line: TextLine, edge: float) -> tuple[TextLine | None, TextLine | None]:
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


def take_header(lines: list[TextLine], usual: float, width: float) -> tuple[list[Piece], list[TextLine], bool]:
    """The header of an official document, the lines left, and whether there was one."""
    found = _anchor(lines, usual, width)
    if found is None:
        return [], lines, False
    top, low, edge = found
    left, right = min(line.left for line in lines), max(line.right for line in lines)
    ordered = sorted(lines, key=lambda line: line.middle)
    # the header ends with its last number or date line within a few lines of the motto
    bottom = low
    for line in ordered:
        if line.middle < top or line.middle > low + 9 * usual:
            continue
        if _opens_document(line, left, right):
            break
        one, other = cut_at(line, edge)
        left_text, right_text = one.text if one else "", other.text if other else ""
        if (
            forms.is_date_line(right_text) and len(right_text) < 80 or forms.is_place_date(left_text)
            or (one is None or other is not None) and forms.begins_like_place_date(right_text)
            or forms.is_number_line(left_text) or forms.is_number_line(right_text) or forms.is_number_line(line.text)
            or forms.find_phrase(line, forms.MOTTO_SECOND)
            or (forms.is_about(left_text) and not right_text and line.right < edge + 2 * usual)
        ):
            bottom = max(bottom, line.middle + 0.55 * usual)
            bottom = max(bottom, *(_wrapped_year(part, ordered, usual) for part in (one, other) if part))
    header = _Header()
    rest: list[TextLine] = []
    about_open = False
    for line in ordered:
        if line.middle > bottom:
            narrow = line.right < edge + 2 * usual and line.width < 0.45 * width and not forms.is_mark(line.text)
            if about_open and narrow and line.middle < bottom + 7 * usual and not _opens_document(line, left, right):
                header.about.append(line)
            else:
                about_open = False
                rest.append(line)
            continue
        about_open = _sort_header(line, edge, usual, header, about_open)
    return header.pieces(), rest, True


def _anchor(lines: list[TextLine], usual: float, width: float) -> tuple[float, float, float] | None:
    """Top and bottom of the line that tells a header, and the x between its two columns; None without one."""
    first = min(line.top for line in lines)
    near = [line for line in lines if line.middle < first + 14 * usual]
    for phrase in (forms.MOTTO_FIRST, forms.MOTTO_SECOND, *forms.OWN_MOTTOS):
        own = phrase in forms.OWN_MOTTOS
        for line in near:
            found = forms.find_phrase(line, phrase, 0.84 if own else 0.76)
            if not found:
                continue
            start, end = found
            middle = (line.words[start].left + line.words[end - 1].right) / 2
            if own and not (forms.is_upper(line.text) and middle > 0.52 * width):
                continue
            return line.top, line.bottom, line.words[start].left - 0.6 * usual
    # without a motto that can be read: a number at the left and a date at the right, side by side
    for line in near:
        if not forms.is_date_line(line.text) or line.right < 0.6 * width or len(line.text) > 130:
            continue
        for other in near:
            beside = abs(other.middle - line.middle) < 2.2 * usual
            if other is not line and beside and forms.is_number_line(other.text) and other.right < line.left:
                top = min(line.top, other.top)
                return top - 6 * usual, line.bottom, (other.right + line.left) / 2
    return None


def _wrapped_year(part: TextLine, lines: Sequence[TextLine], usual: float) -> float:
    """Bottom of the line that ends a date broken before its year; 0 where none is."""
    if not forms.is_date_line(part.text) or part.text.rstrip()[-1:].isdigit():
        return 0.0
    for line in lines:
        under = 0 < line.top - part.top < 2.2 * usual and line.left > part.left - usual and line.right < part.right + usual
        if under and re.fullmatch(r"(năm\s*)?\d{4}", line.text.strip()):
            return line.bottom
    return 0.0


def _opens_document(line: TextLine, left: float, right: float) -> bool:
    """A title, the addressees, or a line of running text: the header ends before it."""
    if forms.is_addressees(line.text):
        return True
    if line.width > 0.82 * (right - left) and not forms.is_upper(line.text) and not forms.is_date_line(line.text):
        return len(line.words) > 8
    centered = is_centered(line, left, right)
    return centered and (bool(forms.title_kind(line.text)) or forms.is_about(line.text))


def _is_year(part: TextLine) -> bool:
    return bool(re.fullmatch(r"(năm\s*)?\d{4}", part.text.strip()))


def _sort_header(line: TextLine, edge: float, usual: float, header: _Header, about_open: bool) -> bool:
    """Puts the two halves of a line where they belong; whether a "V/v" is still open."""
    one, other = cut_at(line, edge)
    if one:
        if forms.is_about(one.text) or (about_open and not forms.is_number_line(one.text)):
            header.about.append(one)
            about_open = True
        elif forms.is_number_line(one.text):
            header.number.append(one)
        elif forms.is_place_date(one.text) or _is_year(one):
            header.place.append(one)
        else:
            header.agency.append(one)
    if other:
        folded = fold(other.text)
        motto = forms.is_motto(other.text) or any(
            forms.similar(folded, phrase) > 0.6 for phrase in (forms.MOTTO_FIRST, forms.MOTTO_SECOND)
        )
        if forms.is_number_line(other.text):
            header.number.append(other)
        elif not motto and (
            forms.is_date_line(other.text) or _is_year(other) or (header.motto and other.middle > header.motto[0].bottom + 1.6 * usual)
        ):
            header.place.append(other)
        else:
            header.motto.append(other)
    return about_open


def take_footer(
    lines: list[TextLine], usual: float, left: float, right: float
) -> tuple[list[Piece], list[TextLine]]:
    """Recipients and signature, and the lines left."""
    width = right - left
    split_x = left + 0.42 * width
    start = _recipients_top(lines, left, width)
    signers = _signers(lines, usual, left, width, split_x)
    if start is not None:
        top = start - 0.4 * usual
        for signer in signers:
            below = [line for line in lines if signer.bottom < line.middle < start and line.left < split_x]
            if -6 * usual < signer.middle - start < 12 * usual and not below:
                top = min(top, signer.top - 0.2 * usual)
    else:
        highest, lowest = min(line.top for line in lines), max(line.bottom for line in lines)
        low = [signer for signer in signers if signer.middle > highest + 0.35 * (lowest - highest)]
        # what is set in full lines, or opens an item, below a signer is body, and he is none
        after = [
            signer for signer in low
            if not any(line.middle > signer.bottom and (line.width > 0.75 * width) for line in lines)
        ]
        if not after:
            return _small_signature(lines, left, width)
        top = min(signer.top for signer in after) - 0.2 * usual
    top = _with_date(lines, top, usual, left, width)
    recipients: list[TextLine] = []
    signature: list[TextLine] = []
    place: list[TextLine] = []
    rest: list[TextLine] = []
    for line in lines:
        if line.middle < top or (start is not None and line.middle < start - 0.4 * usual and line.left < split_x):
            rest.append(line)
            continue
        one, other = cut_at(line, split_x) if line.left < split_x < line.right else (
            (line, None) if line.center < split_x else (None, line)
        )
        if one and other and other.left - one.right < 1.2 * usual and start is None:
            one, other = (line, None) if line.width > 0.6 * width else (None, line)
        if one and start is None and one.width > 0.6 * width:
            rest.append(line)
            continue
        if one:
            recipients.append(one)
        if other:
            (place if forms.is_place_date(other.text) else signature).append(other)
    pieces = []
    if recipients:
        role = Role.RECIPIENTS if start is not None else Role.SIGNATURE if signature else Role.OTHER
        pieces.append(make_piece(role, recipients, broken=True))
    if place:
        pieces.append(make_piece(Role.PLACE_DATE, place))
    if signature:
        pieces.append(make_piece(Role.SIGNATURE, signature, broken=True))
    return pieces, rest


def _small_signature(
    lines: list[TextLine], left: float, width: float
) -> tuple[list[Piece], list[TextLine]]:
    """The office and the name at the lower right of a paper without form: "Trưởng thôn", "Lý Công Trường"."""
    ordered = sorted(lines, key=lambda line: line.middle)
    if ordered and forms.is_page_number(ordered[-1].text):
        ordered = ordered[:-1]
    last: list[TextLine] = []
    for line in reversed(ordered):
        if line.left < left + 0.4 * width or line.width > 0.42 * width or len(last) == 5:
            break
        last.insert(0, line)
    if len(last) < 2 or len(last) == len(ordered) or not forms.is_name(last[-1].text.split(". ")[-1]):
        return [], lines
    taken = {id(line) for line in last}
    place = [line for line in last if forms.is_place_date(line.text)]
    signature = [line for line in last if not forms.is_place_date(line.text)]
    pieces = [make_piece(Role.PLACE_DATE, place)] if place else []
    pieces.append(make_piece(Role.SIGNATURE, signature, broken=True))
    return pieces, [line for line in lines if id(line) not in taken]


def _recipients_top(lines: Sequence[TextLine], left: float, width: float) -> float | None:
    """Top of the line "Nơi nhận:" at the left, the lowest one."""
    start = None
    for line in lines:
        for count in (2, 3):
            if len(line.words) >= count and forms.is_recipients(" ".join(w.text for w in line.words[:count])):
                if line.left < left + 0.35 * width:
                    start = line.top if start is None else max(start, line.top)
                break
    return start


def _signers(
    lines: Sequence[TextLine], usual: float, left: float, width: float, split_x: float
) -> list[TextLine]:
    """The parts of lines at the right that name a signer's office."""
    found = []
    for line in lines:
        one, other = cut_at(line, split_x)
        apart = one is None or (other is not None and other.left - one.right > 1.5 * usual)
        if other and apart and other.left > left + 0.38 * width and forms.is_signer(other.text):
            found.append(other)
    return found


def _with_date(lines: Sequence[TextLine], top: float, usual: float, left: float, width: float) -> float:
    """``top`` moved up over a place and date that stand right above the signature, at the right."""
    for line in lines:
        near = 0 < top - line.middle < 3.2 * usual
        if near and line.left > left + 0.3 * width and forms.is_place_date(line.text):
            return line.top - 0.2 * usual
    return top

"""Blocks with roles from the paragraphs of a text document, where nothing but order and wording tells the parts.

A header or footer that stands in two columns comes as a table without rules, as lines with a wide gap (a tab), or line
after line; all three give the same blocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from station.bulletins import forms
from station.bulletins.document import SPOKEN_ROLES, Block, Role
from station.bulletins.lines import fold
from station.bulletins.table_words import table_sentences

#: a header has no more lines than this, a footer neither
_MOST_HEAD, _MOST_FOOT = 24, 26


@dataclass(frozen=True)
class Para:
    """A paragraph or table of a text document before roles are known; a tab in ``text`` is a wide gap.

    ``side`` tells from which column of a header or footer a line came: "left", "right", "" elsewhere.
    """

    text: str
    centered: bool = False
    right: bool = False
    style: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    #: the rows with the value of a cell that is merged over several rows in each of them
    filled: tuple[tuple[str, ...], ...] = ()
    numbered: str = ""
    side: str = ""

    @property
    def whole(self) -> str:
        """The text with its list marker."""
        plain = " ".join(self.text.split())
        return f"{self.numbered} {plain}" if self.numbered else plain


def to_blocks(paragraphs: Sequence[Para]) -> tuple[Block, ...]:
    """Blocks with roles, in reading order."""
    paras = _open_sides(paragraphs)
    head = _head_end(paras)
    if any(para.side for para in paras[head:]):
        foot = next(index for index, para in enumerate(paras) if index >= head and para.side)
        foot = min(foot, _foot_start(paras, head))
    else:
        foot = _foot_start(paras, head)
    blocks = _head_blocks(paras[:head])
    blocks += _body_blocks(paras[head:foot], any(block.role is Role.SUBJECT for block in blocks), bool(blocks))
    blocks += _foot_blocks(paras[foot:])
    return tuple(block for block in blocks if block.text)


def _block(role: Role, text: str, rows: tuple[tuple[str, ...], ...] = (), said: str = "") -> Block:
    return Block(role, text, spoken=role in SPOKEN_ROLES, rows=rows, said=said)


# ---- two columns ------------------------------------------------------------------------------------------------

def _open_sides(paragraphs: Sequence[Para]) -> list[Para]:
    """Header and footer tables, and lines with a wide gap there, as lines of the left and of the right column."""
    found: list[Para] = []
    at, count = 0, len(paragraphs)
    while at < count:
        para = paragraphs[at]
        if para.rows and (_header_cells(para.rows) or _footer_cells(para.rows)):
            for row in para.rows:
                for column, cell in enumerate(row):
                    side = "left" if column == 0 and len(row) > 1 else "right"
                    found += [Para(line, side=side) for line in cell.split("\n") if line.strip()]
            at += 1
            continue
        end = at
        while end < count and not paragraphs[end].rows and end - at < _MOST_HEAD and _may_be_side(paragraphs[end]):
            end += 1
        run = paragraphs[at:end]
        if sum("\t" in one.text for one in run) >= 1 and _is_two_sided(run):
            found += _split_run(run)
            at = end
            continue
        found.append(replace(para, text=" ".join(para.text.split())) if "\t" in para.text else para)
        at += 1
    return found


def _may_be_side(para: Para) -> bool:
    """A line of a two-column header or footer: one with a gap, or a short one between such."""
    return "\t" in para.text or (
        len(para.text) < 60 and not para.numbered and not forms.title_kind(para.text) and not forms.is_addressees(para.text)
    )


def _is_two_sided(run: Sequence[Para]) -> bool:
    halves = [half.strip() for para in run for half in para.text.split("\t") if "\t" in para.text]
    return any(
        forms.is_motto(half) or forms.is_number_line(half) or forms.is_recipients(half) or forms.is_signer(half)
        or forms.is_place_date(half) for half in halves
    )


def _split_run(run: Sequence[Para]) -> list[Para]:
    first = next(index for index, para in enumerate(run) if "\t" in para.text)
    last = max(index for index, para in enumerate(run) if "\t" in para.text)
    # a footer goes on to its end (names, more recipients); what follows a header's last gap is the document
    halves = [half.strip() for para in run for half in para.text.split("\t")]
    if any(forms.is_recipients(half) or forms.is_signer(half) for half in halves):
        last = len(run) - 1
    left, right = [], []
    for para in run[first : last + 1]:
        one, gap, other = para.text.partition("\t")
        if one.strip():
            left.append(Para(one.strip(), side="left"))
        if gap and other.strip():
            right.append(Para(" ".join(other.split()), side="right"))
    return [*run[:first], *left, *right, *run[last + 1 :]]


def _header_cells(rows: tuple[tuple[str, ...], ...]) -> bool:
    """True for the table that holds the header of an official document."""
    if len(rows) > 6 or max(map(len, rows)) > 3:
        return False
    lines = [line for row in rows for cell in row for line in cell.split("\n")]
    return any(forms.is_motto(line) for line in lines) or (
        any(forms.is_number_line(line) for line in lines) and any(forms.is_place_date(line) for line in lines)
    )


def _footer_cells(rows: tuple[tuple[str, ...], ...]) -> bool:
    cells = [line for row in rows for cell in row for line in cell.split("\n")]
    return any(forms.is_recipients(line) for line in cells) or (
        len(rows) <= 4 and max(map(len, rows)) <= 3 and any(forms.is_signer(line) for line in cells)
    )


# ---- header -----------------------------------------------------------------------------------------------------

def _is_form(para: Para) -> bool:
    return forms.is_motto(para.text) or forms.is_number_line(para.text) or forms.is_place_date(para.text)


def _head_end(paras: Sequence[Para]) -> int:
    """Index after the last line of an official document's header, 0 when it has none."""
    end, sided = 0, False
    for index, para in enumerate(paras[:_MOST_HEAD]):
        text = para.text
        if para.rows or forms.is_addressees(text) or len(text) > 160 or forms.is_recipients(text):
            break
        if forms.title_kind(text) and not para.side:
            break
        if _is_form(para) or (end == index and para.side and index):
            end = index + 1
        elif end == index and index and (forms.is_rule(text) or forms.is_mark(text) or forms.is_about(text)):
            end = index + 1
        elif end and (sided or index - end >= 3):
            break  # the two columns have ended, or the line by line header has: a footer's columns are not its own
        sided = sided or bool(para.side)
    strong = sum(_is_form(para) for para in paras[:end])
    has_motto = any(forms.is_motto(para.text) for para in paras[:end])
    return end if has_motto or strong >= 2 or any(para.side for para in paras[:end]) else 0


def _head_blocks(paras: Sequence[Para]) -> list[Block]:
    blocks: list[Block] = []
    about = False
    for para in paras:
        text = para.whole
        if forms.is_motto(text):
            role = Role.MOTTO
        elif forms.is_number_line(text):
            role = Role.NUMBER
        elif forms.is_date_line(text):
            role = Role.PLACE_DATE
        elif forms.is_mark(text):
            role = Role.STAMP
        elif forms.is_about(text) or (about and blocks and blocks[-1].role is Role.SUBJECT):
            role, about = Role.SUBJECT, True
        else:
            role = Role.OTHER if forms.is_rule(text) else Role.AGENCY
        if role is Role.SUBJECT and blocks and blocks[-1].role is Role.SUBJECT:
            blocks[-1] = _block(role, f"{blocks[-1].text} {text}")
        else:
            blocks.append(_block(role, text))
    return blocks


# ---- body -------------------------------------------------------------------------------------------------------

def _body_blocks(paras: Sequence[Para], has_subject: bool, official: bool) -> list[Block]:
    blocks: list[Block] = []
    at_head, titled = True, False
    for index, para in enumerate(paras):
        if para.rows:
            at_head = False
            blocks.append(_table_block(para))
            continue
        text = para.whole
        if forms.is_mark(text):
            blocks.append(_block(Role.STAMP, text))
            continue
        if at_head and not official and not titled and _agency_line(text, paras[index + 1 :]):
            blocks.append(_block(Role.AGENCY, text))
            continue
        if at_head and _is_title(para, titled):
            blocks.append(_block(Role.TITLE, text))
            titled = True
            continue
        under = bool(blocks) and blocks[-1].role in (Role.TITLE, Role.SUBJECT)
        if at_head and titled and not has_subject and under and len(text) < 320 and (
            para.centered or forms.is_about(text)
            or (blocks[-1].role is Role.TITLE and _is_subject_line(text, paras[index + 1 :]))
        ):
            blocks.append(_block(Role.SUBJECT, text))
            continue
        at_head = False
        if _is_bare_byline(para, blocks, paras[index + 1 :]):
            blocks.append(_block(Role.OTHER, text))
            continue
        blocks.append(_block(forms.body_role(text, heading=para.style.startswith("Heading")), text))
    for index, (block, after) in enumerate(pairwise(blocks)):
        if block.role is Role.BODY and after.role is Role.BODY and forms.heads(block.text, after.text):
            blocks[index] = replace(block, role=Role.HEADING)
    return blocks


def _table_block(para: Para) -> Block:
    rows = tuple(tuple(" ".join(cell.split()) for cell in row) for row in para.rows)
    rows = tuple(row for row in rows if any(row))
    text = "\n".join(" ".join(cell for cell in row if cell) for row in rows)
    real = len(rows) > 1 and max(map(len, rows)) > 1
    if not real:
        return _block(Role.BODY, text)
    return _block(Role.TABLE, text, rows, "\n".join(table_sentences(para.filled or rows)))


def _agency_line(text: str, rest: Sequence[Para]) -> bool:
    """The name of an agency above a title, in a paper without motto and number."""
    if not forms.is_upper(text) or len(text) > 70 or forms.title_kind(text):
        return False
    names = fold(text).startswith((
        "UYBANNHANDAN", "UBND", "DANGUY", "HOIDONGNHANDAN", "MATTRAN", "UYBANMTTQ", "HOINONGDAN", "HOILIENHIEP",
        "DOANTHANHNIEN", "CONGAN", "TRAMYTE", "TRUONGTIEUHOC", "TRUONGMAMNON", "TRUONGTHCS", "HOPTACXA", "BANCHIHUY",
    ))
    return names and any(forms.title_kind(para.text) for para in rest[:4])


def _is_title(para: Para, titled: bool) -> bool:
    if forms.title_kind(para.text):
        return not titled or forms.is_upper(para.text)
    return not titled and len(para.text) < 120 and (
        (forms.is_upper(para.text) and (para.centered or len(para.text) < 70))
        or para.style.startswith(("Title", "Heading 1"))
    )


def _is_subject_line(text: str, rest: Sequence[Para]) -> bool:
    """True for a short line right under the title that is no greeting and no sentence."""
    return (
        len(text) < 200 and not text.endswith((".", ":", ";", ",", "!")) and not forms.is_list_item(text)
        and not forms.is_addressees(text) and bool(rest)
    )


def _is_bare_byline(para: Para, blocks: Sequence[Block], rest: Sequence[Para]) -> bool:
    """A name alone after an article: at the right, or before the next heading or the end."""
    if not forms.is_name(para.text) or not blocks or blocks[-1].role not in (Role.BODY, Role.LIST_ITEM):
        return False
    if not blocks[-1].text.rstrip("”\"' ").endswith((".", "!", "?", "…", "./.")):
        return False
    return para.right or not rest or len(rest[0].text) < 110


# ---- footer -----------------------------------------------------------------------------------------------------

def _foot_start(paras: Sequence[Para], head: int) -> int:
    """Index of the first line of recipients or signature; the length of ``paras`` when there are none."""
    count = len(paras)
    for index in range(max(head, count - _MOST_FOOT), count):
        para = paras[index]
        text = para.whole
        if para.rows or _more_body(paras[index:]):
            continue
        if forms.is_recipients(text):
            return _before_foot(paras, head, index)
        if index > head and (forms.is_signer(text) or _closes(paras[index:])) and _names_follow(paras[index + 1 :]):
            return _before_foot(paras, head, index)
    return count


def _before_foot(paras: Sequence[Para], head: int, index: int) -> int:
    """Takes the place and date above a signature, and signers above the recipients, along."""
    while index - 1 > head and not paras[index - 1].rows and (
        forms.is_place_date(paras[index - 1].text) or forms.is_signer(paras[index - 1].text)
        or (forms.is_signer(paras[index - 2].text) and len(paras[index - 1].text) < 50 and index - 2 > head)
    ):
        index -= 1
    return index


def _closes(rest: Sequence[Para]) -> bool:
    """A line in capitals near the end, or a place and date, with nothing but a name or two after it."""
    text = rest[0].text
    if forms.is_place_date(text):
        return len(rest) <= 8 and all(len(para.text) < 60 for para in rest)
    if not forms.is_name(rest[-1].text.split(". ")[-1]) or text.rstrip().endswith((":", ".", ";", ",", "!")):
        return False
    if len(rest) == 2 and len(text) < 40 and text[:1].isupper() and not forms.is_list_item(text):
        return not forms.is_numbered(text)  # "Trưởng thôn", "Lý Công Trường"
    return forms.is_upper(text) and not forms.title_kind(text) and len(rest) in (2, 3, 4)


def _names_follow(rest: Sequence[Para]) -> bool:
    """Below a signer stand only short lines: more of his office, "(Đã ký)", his name, recipients."""
    return all(len(para.text) < 90 and not para.rows and not forms.is_byline(para.text) for para in rest)


def _more_body(rest: Sequence[Para]) -> bool:
    return any(len(para.text) > 100 or para.rows for para in rest)


def _foot_blocks(paras: Sequence[Para]) -> list[Block]:
    blocks: list[Block] = []
    recipients = False
    for para in paras:
        text = para.whole
        if para.rows:
            blocks.append(_table_block(para))
            continue
        if forms.is_recipients(text):
            role, recipients = Role.RECIPIENTS, True
        elif forms.is_place_date(text):
            role = Role.PLACE_DATE
        elif para.side == "right" or forms.is_signer(text) or para.centered or para.right:
            role, recipients = Role.SIGNATURE, False
        else:
            role = Role.RECIPIENTS if recipients and (not forms.is_name(text) or para.side) else Role.SIGNATURE
        if blocks and blocks[-1].role is role:
            blocks[-1] = _block(role, f"{blocks[-1].text}\n{text}")
        else:
            blocks.append(_block(role, text))
    return blocks

"""Tables as sentences that a listener can follow, by a wording that staff may change."""

from __future__ import annotations

import re
from collections.abc import Sequence

_INDEX_HEADS = frozenset({"stt", "tt", "số tt", "số thứ tự", "no", "#", "s tt", "stt."})
_UNIT = re.compile(r"^(.*\S)\s*\((đồng|nghìn đồng|triệu đồng|đ|kg|tạ|tấn|ha|m|m2|m²|m3|m³|km|lít|người|hộ|con|%|tuổi|phút|giờ)\)$")


def _clean(cell: str) -> str:
    return " ".join(cell.split())


def split_heads(rows: Sequence[Sequence[str]]) -> tuple[list[str], list[list[str]]]:
    """The names of the columns (empty when the first row names none) and the rows of values.

    A head of two rows, as of merged cells, becomes one: "Thời gian" over "Từ" and "Đến" gives "Thời gian từ".
    """
    cells = [[_clean(cell) for cell in row] for row in rows]
    cells = [row for row in cells if any(row)]
    if len(cells) < 2 or _is_pairs(cells):
        return [], cells
    heads, start = cells[0], 1
    second = cells[1]
    blank = [column for column, cell in enumerate(second) if not cell]
    words = [cell for cell in second if cell]
    if len(cells) > 2 and words and not any(re.search(r"\d", cell) for cell in words) and blank and all(
        column < len(heads) and heads[column] for column in blank
    ) and any(column >= len(heads) or not heads[column] for column in range(len(second))):
        heads = _two_rows(heads, second)
        start = 2
    return heads, cells[start:]


def _two_rows(first: Sequence[str], second: Sequence[str]) -> list[str]:
    heads, above = [], ""
    for column in range(max(len(first), len(second))):
        one = first[column] if column < len(first) else ""
        other = second[column] if column < len(second) else ""
        above = one or above
        heads.append(f"{above} {_lowered(other)}" if other else one)
    return heads


def _is_pairs(rows: Sequence[Sequence[str]]) -> bool:
    """Two columns of name and value with no head: "Thời gian | 7 giờ 30", "Địa điểm | ..."."""
    if any(len(row) != 2 for row in rows):
        return False
    first = rows[0]
    return bool(re.search(r"\d", first[1])) or first[0].endswith(":") or len(first[1]) > 45


def is_index(head: str) -> bool:
    """True for the head of a running number, which is not said."""
    return head.lower().strip(". ") in _INDEX_HEADS


def _lowered(head: str) -> str:
    """A head in the middle of a sentence; abbreviations in capitals stay."""
    first = head.split()[0] if head.split() else ""
    if len(first) > 1 and first.isupper() and len(first) <= 5 and not head.isupper():
        return head
    return head.lower() if head.isupper() and " " in head else head[:1].lower() + head[1:]


def _named(head: str, value: str) -> str:
    """A value with its column's name, and the unit that the head gives."""
    unit = _UNIT.match(head)
    if unit and re.search(r"\d", value):
        return f"{_lowered(unit[1])} {value} {unit[2].replace('%', 'phần trăm')}"
    return f"{_lowered(head)} {value}"


def table_sentences(rows: Sequence[Sequence[str]], wording: str = "") -> tuple[str, ...]:
    """A table as sentences for a listener: one a row, each value after its column's name.

    The first row names the columns; a running number is left out; the first column after it is said bare, so that
    "Thôn Bù Ghe" is not said as "Thôn: Thôn Bù Ghe", unless it is a number or a day ("Đợt 1").  ``wording`` says each row otherwise: a sentence with the heads
    in braces, as :func:`usual_wording` gives it.
    """
    heads, values = split_heads(rows)
    if wording.strip() and heads:
        return tuple(filter(None, (_worded(heads, row, wording) for row in values)))
    if not heads:
        if len(values) > 1 and _is_pairs(values):
            return tuple(f"{one.rstrip(':')}: {other}".rstrip(".;,") + "." for one, other in values if one or other)
        return tuple(" ".join(cell for cell in row if cell).strip() for row in values)
    sentences = []
    for row in values:
        filled = [cell for cell in row if cell]
        if len(filled) == 1 and len(row) > 2:  # a row across the table, which names those below it
            sentences.append(filled[0].rstrip(".:") + ".")
            continue
        parts: list[str] = []
        for column, value in enumerate(row):
            head = heads[column] if column < len(heads) else ""
            if not value or is_index(head):
                continue
            first = head.split()[0].lower() if head else ""
            bare = not head or value.lower().startswith(first) or (not parts and not value[:1].isdigit())
            part = (value if bare else _named(head, value)).rstrip(".;,")
            parts.append(part if parts else part[:1].upper() + part[1:])
        if parts:
            sentences.append(", ".join(parts) + ".")
    return tuple(sentences)


def usual_wording(rows: Sequence[Sequence[str]]) -> str:
    """The sentence by which a row is said when nobody chose another: "{Thôn}, ngày tiêm {Ngày tiêm}."; "" without heads."""
    heads, _ = split_heads(rows)
    parts: list[str] = []
    for head in heads:
        if not head or is_index(head):
            continue
        unit = _UNIT.match(head)
        if not parts:
            parts.append(f"{{{head}}}")
        elif unit:
            parts.append(f"{_lowered(unit[1])} {{{head}}} {unit[2]}")
        else:
            parts.append(f"{_lowered(head)} {{{head}}}")
    return ", ".join(parts) + "." if parts else ""


def _worded(heads: Sequence[str], row: Sequence[str], wording: str) -> str:
    """``wording`` with the row's values; the words that lead to a value that is missing are left out with it."""
    values = {head.lower(): (row[column] if column < len(row) else "") for column, head in enumerate(heads) if head}
    said = []
    for part in re.split(r"(?<=[,;])\s*", " ".join(wording.split())):
        pieces = re.split(r"(\{[^{}]+\})", part)  # words, slot, words, slot, ..., words
        if len(pieces) == 1:
            said.append(part)
            continue
        kept = ""
        for words, slot in zip(pieces[::2], pieces[1::2], strict=False):
            name = slot[1:-1].strip()
            value = values.get(name.lower(), name)
            kept += words + value if value else ""
        if kept.strip():
            filled = bool(values.get(pieces[-2][1:-1].strip().lower(), "x"))
            said.append(kept.strip() + (pieces[-1] if filled else ","))
    text = re.sub(r"\s+", " ", " ".join(said)).strip().rstrip(",;")
    text = text[:1].upper() + text[1:]
    return text if not text or text.endswith((".", "!", "?")) else text + "."

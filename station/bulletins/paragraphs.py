"""Columns, reading order, and paragraphs rebuilt from lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from station.bulletins.forms import ends_open, is_addressees, is_byline, is_list_item, is_name
from station.bulletins.lines import TextLine


def _gutter(lines: Sequence[TextLine], usual: float) -> float | None:
    """x of an empty upright strip with text on both sides over many rows, or None."""
    left = min(line.left for line in lines)
    right = max(line.right for line in lines)
    width = right - left
    if width < 16 * usual or len(lines) < 8:
        return None
    best, best_score = None, 0.0
    steps = 80
    for step in range(int(steps * 0.18), int(steps * 0.83)):
        x = left + width * step / steps
        before = [line for line in lines if line.right < x]
        after = [line for line in lines if line.left > x]
        crossing = len(lines) - len(before) - len(after)
        if len(before) < 4 or len(after) < 4:
            continue
        span = min(max(b.bottom for b in before), max(a.bottom for a in after)) - max(
            min(b.top for b in before), min(a.top for a in after)
        )
        if span < 4 * usual:
            continue
        inner = sum(
            1 for line in lines if line.left < x < line.right
            and max(min(b.top for b in before), min(a.top for a in after)) < line.middle
            < min(max(b.bottom for b in before), max(a.bottom for a in after))
        )
        # lines of text must fill both columns: a column of short lines beside a body is a footer, not a column
        room_left, room_right = x - left, right - x
        full_left = median(b.width for b in before) / room_left
        full_right = median(a.width for a in after) / room_right
        if min(full_left, full_right) < 0.45:
            continue
        pairs = min(len(before), len(after))
        score = pairs - 2.5 * inner - 0.2 * crossing
        if score > best_score:
            best, best_score = x, score
    return best if best is not None and best_score >= 3 else None


def read_order(lines: Sequence[TextLine], usual: float) -> list[list[TextLine]]:
    """Flows of lines in reading order: one for each column between lines that cross all columns."""
    if not lines:
        return []
    x = _gutter(lines, usual)
    if x is None:
        return [sorted(lines, key=lambda line: line.middle)]
    flows: list[list[TextLine]] = []
    pending: list[TextLine] = []

    def flush() -> None:
        if pending:
            before = [line for line in pending if line.center < x]
            after = [line for line in pending if line.center >= x]
            before, below = _below_columns(before, after)
            for part in (before, after, below):
                flows.extend(read_order(part, usual) if part else [])
            pending.clear()

    for line in sorted(lines, key=lambda line: line.middle):
        if line.left < x - 0.5 * usual and line.right > x + 0.5 * usual:
            flush()
            if flows and flows[-1] and flows[-1][-1].left < x < flows[-1][-1].right:
                flows[-1].append(line)
            else:
                flows.append([line])
        else:
            pending.append(line)
    flush()
    return flows


def _below_columns(
    left: Sequence[TextLine], right: Sequence[TextLine]
) -> tuple[list[TextLine], list[TextLine]]:
    """The lines of the left column, and those that stand below both columns and are read after the right one.

    A short line below the columns looks like one more of the left; but where the sentence before it goes on at the top
    of the right column, the columns have ended there.
    """
    ordered = sorted(left, key=lambda line: line.middle)
    beside = any(
        min(one.bottom, other.bottom) - max(one.top, other.top) > 0.5 * other.height
        for one, other in pairwise(ordered)
    )
    if not ordered or not right or beside:  # several columns at the left: theirs to tell
        return ordered, []
    end = max(line.bottom for line in right)
    opening = min(right, key=lambda line: line.middle).text
    for index in range(1, len(ordered)):
        if ordered[index].top > end and ends_open(ordered[index - 1].text) and opening[:1].islower() and ordered[
            index
        ].text[:1].isupper():
            return ordered[:index], ordered[index:]
    return ordered, []


def is_centered(line: TextLine, left: float, right: float) -> bool:
    """True when a line stands in the middle of its column with room on both sides."""
    width = right - left
    return (
        abs(line.center - (left + right) / 2) < 0.05 * width
        and line.left - left > 0.045 * width
        and right - line.right > 0.045 * width
    )


def split_paragraphs(flow: Sequence[TextLine], usual: float) -> list[list[TextLine]]:
    """Lines of one flow grouped into paragraphs.

    A new one begins at a list marker, an indented line, a wide gap, a change of size or of alignment, or after
    a line that ends its sentence short of the right margin.
    """
    if not flow:
        return []
    left = sorted(line.left for line in flow)[max(0, len(flow) // 8)]
    right = sorted(line.right for line in flow)[min(len(flow) - 1, len(flow) - 1 - len(flow) // 12)]
    width = max(1.0, right - left)
    pitches = [b.middle - a.middle for a, b in zip(flow, flow[1:], strict=False) if b.middle - a.middle > 0.5 * usual]
    pitch = median(pitches) if pitches else 1.5 * usual
    # lines within a paragraph stand closer than paragraphs of one line each, which may be most of them
    close = sorted(pitches)[len(pitches) // 5] if pitches else pitch

    def centered(line: TextLine) -> bool:
        # A first line that is indented as others are is no centred one, wherever its end lies.
        alike = sum(abs(line.left - other.left) < 0.4 * usual for other in flow)
        return is_centered(line, left, right) and alike < 3 and not is_list_item(line.text)

    def at_right(line: TextLine) -> bool:
        return line.left > left + 0.33 * width and line.right > right - 0.06 * width

    groups: list[list[TextLine]] = [[flow[0]]]
    for before, line in zip(flow, flow[1:], strict=False):
        group = groups[-1]
        gap = line.middle - before.middle
        center_now, center_before = centered(line), centered(before)
        larger = max(line.height, before.height) / max(1.0, min(line.height, before.height))
        short = right - before.right > 0.1 * width
        ended = not ends_open(before.text)
        first_indent = line.left - left > 0.9 * usual
        hanging = group[0].left - left > 0.9 * usual and abs(line.left - group[0].left) < 0.7 * usual and is_list_item(group[0].text)
        new = (
            (is_list_item(line.text) and (ended or short or _starts_item(line.text, before.text)))
            or is_byline(line.text)
            or is_addressees(line.text)
            or (is_byline(before.text) and (ended or short or before.left > left + 0.15 * width or gap > 1.2 * pitch))
            or (at_right(before) and not at_right(line) and len(group) == 1)
            or (at_right(line) and ended and not at_right(before) and is_name(line.text))
            or gap > 1.75 * pitch
            or (ended and gap > max(1.12 * close, 0.95 * pitch) and line.text[:1].isupper())
            or (center_now != center_before and (short or center_now))
            or (larger > 1.35 and not (center_now and center_before) and _letters(line) >= 8 <= _letters(before))
            or (center_before and (gap > 1.3 * pitch or _is_title(before.text) and not _is_title(line.text)))
            or (first_indent and not center_now and not hanging and not _list_goes_on(before, line, usual, left))
            or (short and ended and not center_now)
            or (short and not center_before and right - before.right > 0.3 * width)
        )
        if new:
            groups.append([line])
        else:
            group.append(line)
    return groups


def _letters(line: TextLine) -> int:
    """How many letters a line has: the height of a line of few letters or of digits alone says nothing."""
    return sum(char.isalpha() for char in line.text)


def _is_title(text: str) -> bool:
    return text.isupper() and len(text) > 3


def _starts_item(text: str, before: str) -> bool:
    """A dash begins an item unless the line before clearly goes on ("24" / "- 48 giờ")."""
    if re.match(r"^\s*[-–—]", text):
        rest = re.sub(r"^\s*[-–—]\s*", "", text)
        return bool(rest[:1].isupper()) and not ends_open(before)
    found = re.match(r"^\s*(\d{1,2}|[a-zđ])[.)]\s+([^\W\d_])", text)
    return bool(found and found[2].isupper())


def _list_goes_on(before: TextLine, line: TextLine, usual: float, left: float) -> bool:
    """True when both lines are indented alike and the first is full: one indented paragraph."""
    return abs(before.left - line.left) < 0.6 * usual and before.left - left > 0.9 * usual and ends_open(before.text)


def join_lines(texts: Sequence[str]) -> str:
    """Text of a paragraph from its lines, codes and words broken at a hyphen mended."""
    result = ""
    for text in texts:
        text = text.strip()
        if not text:
            continue
        if re.search(r"[A-ZĐ0-9]{2,}[-–/]$", result) and re.match(r"^[A-ZĐ0-9]", text):
            result += text  # a document's number broken at its hyphen or slash
        elif re.search(r"[/]$", result) and not result.endswith(" /"):
            result += text
        else:
            result = f"{result} {text}" if result else text
    return re.sub(r"(?<=\S)\s+(\./\.|/\.)$", r"\1", result)  # the closing mark of a document, cut off by the engine

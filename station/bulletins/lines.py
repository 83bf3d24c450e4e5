"""Lines of words: built from an engine's or a text layer's words, freed of specks, split at wide gaps."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from station.bulletins.engine import RawWord

_MARK = re.compile(r"[^\W_]", re.UNICODE)


def fold(text: str) -> str:
    """Upper-case letters and digits without diacritics, for comparing what was read badly."""
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(c for c in plain.upper() if c.isalnum() and c.isascii())


@dataclass(frozen=True)
class TextLine:
    """Words of one line, left to right."""

    words: tuple[RawWord, ...]

    @property
    def left(self) -> float:
        return min(word.left for word in self.words)

    @property
    def right(self) -> float:
        return max(word.right for word in self.words)

    @property
    def top(self) -> float:
        return min(word.top for word in self.words)

    @property
    def bottom(self) -> float:
        return max(word.bottom for word in self.words)

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def center(self) -> float:
        return (self.left + self.right) / 2

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2

    @property
    def height(self) -> float:
        """Height of its tall words: marks and dashes do not count."""
        tall = [word.height for word in self.words if _MARK.search(word.text)]
        return float(median(tall or [word.height for word in self.words]))

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)


def text_height(words: Sequence[RawWord]) -> float:
    """Median height of words with letters, pixels; 30 when there are none."""
    heights = [word.height for word in words if _MARK.search(word.text) and word.confidence > 0.5]
    return float(median(heights)) if heights else 30.0


def drop_specks(words: Sequence[RawWord], width: float, height: float) -> list[RawWord]:
    """Words without those that are specks, rules, stains or the rim of the paper."""
    usual = text_height(words)
    kept = []
    lines: dict[int, list[RawWord]] = {}
    for word in words:
        lines.setdefault(word.line, []).append(word)
    for group in lines.values():
        has_text = any(_MARK.search(word.text) and word.confidence > 0.3 for word in group)
        sure = max(word.confidence for word in group)
        letters = sum(len(_MARK.findall(word.text)) for word in group)
        if not has_text or (sure < 0.45 and letters < 8) or (letters <= 2 and sure < 0.7):
            continue
        for word in group:
            if word.height > 4.5 * usual or word.height < 0.04 * usual:
                continue
            if not _MARK.search(word.text) and word.confidence < 0.35:
                continue
            at_rim = word.left < 0.012 * width or word.right > 0.988 * width
            if at_rim and (word.confidence < 0.6 or not _MARK.search(word.text)):
                continue
            kept.append(word)
    return kept


def build_lines(words: Sequence[RawWord], *, gap: float = 2.4) -> list[TextLine]:
    """Lines by the engine's numbers, split where a gap is wider than ``gap`` text heights."""
    groups: dict[int, list[RawWord]] = {}
    for word in words:
        groups.setdefault(word.line, []).append(word)
    usual = text_height(words)
    lines = []
    for group in groups.values():
        group.sort(key=lambda word: word.left)
        part = [group[0]]
        for word in group[1:]:
            if word.left - part[-1].right > gap * usual:
                lines.append(TextLine(tuple(part)))
                part = []
            part.append(word)
        lines.append(TextLine(tuple(part)))
    return _join_pieces(sorted(lines, key=lambda line: line.middle), usual, gap)


def _join_pieces(lines: list[TextLine], usual: float, gap: float) -> list[TextLine]:
    """Joins pieces that an engine cut off the same printed line (a marker, a stray last word)."""
    done: list[TextLine] = []
    for line in lines:
        for index in range(len(done) - 1, max(-1, len(done) - 8), -1):
            other = done[index]
            overlap = min(line.bottom, other.bottom) - max(line.top, other.top)
            space = max(line.left - other.right, other.left - line.right)
            short = min(line.width, other.width) < 7 * usual
            if overlap > 0.55 * min(line.height, other.height) and -0.2 * usual < space < 1.1 * usual and short:
                done[index] = TextLine(tuple(sorted(line.words + other.words, key=lambda word: word.left)))
                break
        else:
            done.append(line)
    return done


def split_line(line: TextLine, index: int) -> tuple[TextLine | None, TextLine | None]:
    """The words before ``index`` and from it on."""
    return (
        TextLine(line.words[:index]) if index > 0 else None,
        TextLine(line.words[index:]) if index < len(line.words) else None,
    )

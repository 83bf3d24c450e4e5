"""Drawing text on a page: words, justified paragraphs, ruled tables, each remembered as a part of the truth."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw

from station.bulletins.document import Role
from tests.bulletins.generator.papers_fonts import Family
from tests.bulletins.generator.papers_types import Bounds, Part

#: A4 in millimetres
WIDE, HIGH = 210, 297
INK = 18


class Canvas:
    """A blank A4 page on which parts are drawn from top to bottom; ``y`` is where the next one begins, millimetres."""

    def __init__(self, family: Family, dpi: int, *, paper: int = 253) -> None:
        self.family, self.dpi = family, dpi
        self.image = Image.new("L", (self.pixels(WIDE), self.pixels(HIGH)), paper)
        self.pen = ImageDraw.Draw(self.image)
        self.parts: list[Part] = []
        self.y = 20.0

    def pixels(self, millimetres: float) -> int:
        return round(millimetres * self.dpi / 25.4)

    def face(self, points: float, style: str = "regular"):
        return self.family.face(round(points * self.dpi / 72), style)

    def width(self, text: str, points: float, style: str = "regular") -> float:
        """Width of ``text`` in millimetres."""
        return self.face(points, style).getlength(text) * 25.4 / self.dpi

    def word(self, text: str, x: float, y: float, points: float, style: str = "regular") -> None:
        """``text`` with its left at ``x`` and the top of its line at ``y``, millimetres."""
        face = self.face(points, style)
        # every family's baseline at the same place, whatever its own ascent
        self.pen.text((x * self.dpi / 25.4, (y + 0.30 * points) * self.dpi / 25.4), text, fill=INK, font=face, anchor="ls")

    def rule(self, left: float, top: float, right: float, bottom: float, width: float = 0.3) -> None:
        points = [self.pixels(value) for value in (left, top, right, bottom)]
        self.pen.line(points, fill=INK, width=max(1, self.pixels(width)))

    def add(self, role: Role, text: str, box: tuple[float, float, float, float], rows: tuple[tuple[str, ...], ...] = ()) -> None:
        bounds: Bounds = tuple(self.pixels(value) for value in box)  # type: ignore[assignment]
        self.parts.append(Part(role, text, bounds, rows))

    def wrapped(self, text: str, width: float, points: float, style: str, first: float = 0.0) -> list[list[str]]:
        """Words of ``text`` in lines at most ``width`` millimetres wide, the first shorter by ``first``."""
        lines: list[list[str]] = [[]]
        space, used = self.width(" ", points, style), first
        for word in text.split():
            length = self.width(word, points, style)
            if lines[-1] and used + length > width:
                lines.append([])
                used = 0.0
            lines[-1].append(word)
            used += length + space
        return lines

    def paragraph(
        self, role: Role, text: str, left: float, right: float, points: float, *, style: str = "regular", first: float = 0.0,
        hanging: float = 0.0, justify: bool = True, center: bool = False, leading: float = 1.35, after: float = 1.5,
    ) -> None:
        """``text`` between ``left`` and ``right`` (millimetres), its first line indented by ``first``, others by ``hanging``."""
        step, top = leading * points * 0.3528, self.y
        lines = self.wrapped(text, right - left - hanging, points, style, first - hanging)
        edges = []
        for number, words in enumerate(lines):
            start = left + (first if number == 0 else hanging)
            natural = self.width(" ".join(words), points, style)
            gap = self.width(" ", points, style)
            if center:
                start = (left + right - natural) / 2
            elif justify and number < len(lines) - 1 and len(words) > 1:
                gap += max(0.0, min(right - start - natural, (right - left) * 0.25)) / (len(words) - 1)
            x = start
            for word in words:
                self.word(word, x, self.y, points, style)
                x += self.width(word, points, style) + gap
            edges.append((start, x - gap))
            self.y += step
        self.add(role, text, (min(e[0] for e in edges), top, max(e[1] for e in edges), self.y))
        self.y += after

    def centered(self, role: Role, text: str, middle: float, points: float, style: str = "regular", *, step: float = 1.35) -> float:
        """One line centred at ``middle``; answers its width in millimetres."""
        width = self.width(text, points, style)
        self.word(text, middle - width / 2, self.y, points, style)
        high = step * points * 0.3528
        self.add(role, text, (middle - width / 2, self.y, middle + width / 2, self.y + high))
        self.y += high
        return width

    def table(
        self, rows: Sequence[Sequence[str]], left: float, widths: Sequence[float], points: float, *, ruled: str = "all",
        head: str = "bold", centred: Sequence[int] = (), after: float = 4.0,
    ) -> None:
        """Cells with wrapped text; ``ruled``: "all", "rows" (horizontal lines only) or "none"."""
        top, step, pad = self.y, points * 0.3528 * 1.3, 1.1
        for number, row in enumerate(rows):
            style = head if number == 0 else "regular"
            cells = [self.wrapped(cell, width - 2 * pad, points, style) for cell, width in zip(row, widths, strict=True)]
            high = max(len(lines) for lines in cells) * step + 2 * pad
            x = left
            for column, (lines, width) in enumerate(zip(cells, widths, strict=True)):
                y = self.y + pad + (high - 2 * pad - len(lines) * step) / 2
                for words in lines:
                    text = " ".join(words)
                    inset = (width - self.width(text, points, style)) / 2 if number == 0 or column in centred else pad
                    self.word(text, x + inset, y, points, style)
                    y += step
                x += width
            if ruled != "none":
                self.rule(left, self.y, left + sum(widths), self.y)
            self.y += high
        right = left + sum(widths)
        if ruled != "none":
            self.rule(left, self.y, right, self.y)
        if ruled == "all":
            x = left
            for width in (*widths, 0.0):
                self.rule(x, top, x, self.y)
                x += width
        kept = tuple(tuple(row) for row in rows)
        self.add(Role.TABLE, "\n".join(" ".join(cell for cell in row if cell) for row in kept), (left, top, right, self.y), kept)
        self.y += after

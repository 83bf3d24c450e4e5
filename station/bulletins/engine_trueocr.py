"""A second opinion for pages that Tesseract reads badly: ``trueocr`` (Apache-2.0), when it is installed.

It reads whole lines with one confidence each and knows no words; their boxes are shared out by the letters' usual
widths.  It carries its models along, so nothing is fetched.  Install: ``pip install commune-station[ocr]``.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np

from station.bulletins.engine import PSM_AUTO, PSM_LINE, RawWord

_NARROW, _WIDE = frozenset("iíìỉĩịlIjtfr.,:;!|'()[]-1 "), frozenset("mwMWƯƠÔĐGOQƠ%@")
#: a taller crop is no single line
_MOST_LINE_SHARE = 0.25


def is_installed() -> bool:
    """True when the optional engine can be used on this machine."""
    return all(importlib.util.find_spec(name) is not None for name in ("trueocr", "onnxruntime"))


def _widths(text: str) -> list[float]:
    return [0.5 if c in _NARROW else 1.5 if c in _WIDE else 1.25 if c.isupper() else 1.0 for c in text]


def split_line(text: str, left: float, top: float, right: float, bottom: float, confidence: float, line: int) -> list[RawWord]:
    """The words of a line in boxes as wide as their letters usually are."""
    widths = _widths(text)
    unit = (right - left) / max(sum(widths), 1e-6)
    words, at = [], 0
    for part in text.split(" "):
        start = left + unit * sum(widths[:at])
        end = left + unit * sum(widths[: at + len(part)])
        at += len(part) + 1
        if part:
            words.append(RawWord(part, start, top, max(end, start + 1), bottom, confidence, line))
    return words


class TrueOcrEngine:
    """Lines found and read by ``trueocr``'s networks.  Raises :class:`ImportError` where it is not installed."""

    id = "trueocr"

    def __init__(self) -> None:
        import trueocr
        from trueocr.page import PageEngine

        folder = Path(trueocr.__file__).parent / "models"
        self._page = PageEngine(folder, threads=1)
        self._lines = trueocr.Recognizer(folder, threads=1)

    def read(
        self, image: np.ndarray, *, psm: int = PSM_AUTO, dpi: int = 300, letters: str = ""
    ) -> list[RawWord]:
        height, width = image.shape
        boxes = np.array([[0, 0, width, height]]) if psm == PSM_LINE else np.asarray(self._page.detect(image))
        found: list[tuple[int, int, int, int]] = []
        for box in boxes:
            left, top = np.maximum(np.floor(box[:2]).astype(int), 0)
            right, bottom = min(width, int(np.ceil(box[2]))), min(height, int(np.ceil(box[3])))
            if right > left and bottom > top and (psm == PSM_LINE or bottom - top < _MOST_LINE_SHARE * height):
                found.append((int(left), int(top), right, bottom))
        found.sort(key=lambda box: (box[1] + box[3], box[0]))
        words: list[RawWord] = []
        # a few lines at a time: a batch of all of them asks for hundreds of megabytes
        read = self._lines.predict([image[top:bottom, left:right] for left, top, right, bottom in found], batch_size=4)
        for number, (box, line) in enumerate(zip(found, read, strict=True)):
            text = "".join(c for c in line.text if not letters or c in letters or c == " ")
            words += split_line(text, *box, min(1.0, max(0.0, line.confidence)), number)
        return words

    def orientation(self, image: np.ndarray) -> tuple[int, float]:
        """Nothing is said: Tesseract is asked for it."""
        return 0, 0.0

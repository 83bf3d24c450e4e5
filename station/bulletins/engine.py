"""OCR engines behind one interface: an image in, words with boxes and raw confidences out.

The engines themselves are in ``engine_tesseract.py`` (the library inside this process, or the command) and
``engine_trueocr.py`` (a second opinion, an optional extra).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np

from station.errors import BulletinError

#: page segmentation modes of Tesseract that the station uses
PSM_AUTO, PSM_BLOCK, PSM_LINE, PSM_CHAR = 3, 6, 7, 10

_TESSDATA = (
    "/usr/share/tesseract-ocr/5/tessdata", "/usr/share/tesseract-ocr/4.00/tessdata", "/usr/share/tessdata",
    "/usr/local/share/tessdata", "/opt/homebrew/share/tessdata",
)


@dataclass(frozen=True)
class RawWord:
    """One word as an engine saw it.

    ``left``, ``top``, ``right``, ``bottom`` in pixels; ``confidence`` 0-1 as the engine states it; ``line`` is
    the same number for words of one line of the engine.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    confidence: float
    line: int

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2

    def moved(self, dx: float, dy: float, line: int) -> RawWord:
        """The same word in another frame."""
        return RawWord(
            self.text, self.left + dx, self.top + dy, self.right + dx, self.bottom + dy, self.confidence, line
        )


class Engine(Protocol):
    """What reads a prepared page: grey, dark letters on light paper."""

    id: str

    def read(
        self, image: np.ndarray, *, psm: int = PSM_AUTO, dpi: int = 300, letters: str = ""
    ) -> list[RawWord]:
        """Words of ``image`` (uint8, height x width) in the engine's reading order.

        ``dpi`` 0 lets the engine guess; ``letters`` are the only ones to expect, "" for all.
        """

    def orientation(self, image: np.ndarray) -> tuple[int, float]:
        """Clockwise degrees (0, 90, 180, 270) that would make ``image`` upright, and how sure (0 and up)."""


def find_tessdata(language: str = "vie") -> str:
    """The folder of Tesseract's models that holds ``language``.  Raises :class:`BulletinError`."""
    prefix = os.environ.get("TESSDATA_PREFIX", "")
    for folder in (prefix, os.path.join(prefix, "tessdata") if prefix else "", *_TESSDATA):
        if folder and all(os.path.exists(os.path.join(folder, f"{name}.traineddata")) for name in language.split("+")):
            return folder
    raise BulletinError(
        "Máy chưa có bộ nhận dạng chữ Việt (Tesseract, gói tiếng Việt).",
        mend="Hãy cài: sudo apt install tesseract-ocr tesseract-ocr-vie.",
        code="bulletins.no_engine", detail=f"no {language}.traineddata in known folders",
    )


@lru_cache(maxsize=4)
def open_engine(language: str = "vie", *, prefer: str = "", slot: int = 0) -> Engine:
    """The best engine of this machine; ``prefer`` is ``"command"`` or ``"library"``; another ``slot`` is another
    instance, for another thread.

    Raises :class:`BulletinError` (``bulletins.no_engine``) when there is none.
    """
    from station.bulletins.engine_tesseract import CommandEngine, LibraryEngine

    if prefer != "command":
        try:
            return LibraryEngine(language)
        except OSError:
            if prefer == "library":
                raise
    return CommandEngine(language)


def open_second_engine() -> Engine | None:
    """The optional second engine, or None where it is not installed."""
    from station.bulletins.engine_trueocr import TrueOcrEngine, is_installed

    return TrueOcrEngine() if is_installed() else None

"""OCR engines behind one interface: an image in, words with boxes and raw confidences out.

Two ways lead to the same Tesseract LSTM engine: the ``tesserocr`` package (in process, the model is loaded
once) and the ``tesseract`` command.  Both report tab-separated values, so one parser serves both.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import cv2
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


def parse_tsv(text: str) -> list[RawWord]:
    """Words of Tesseract's tab-separated output, empty ones left out."""
    words: list[RawWord] = []
    lines: dict[tuple[str, ...], int] = {}
    for row in text.splitlines():
        parts = row.split("\t")
        if len(parts) < 12 or parts[0] != "5":
            continue
        written = parts[11].strip()
        if not written:
            continue
        key = tuple(parts[1:5])
        left, top, width, height = (int(part) for part in parts[6:10])
        words.append(
            RawWord(
                written, left, top, left + width, top + height, max(0.0, float(parts[10]) / 100),
                lines.setdefault(key, len(lines)),
            )
        )
    return words


class TesserocrEngine:
    """Tesseract inside this process; the model is loaded once for each language and mode."""

    id = "tesseract"

    def __init__(self, language: str = "vie") -> None:
        os.environ.setdefault("OMP_THREAD_LIMIT", "1")
        import tesserocr

        self._tesserocr = tesserocr
        self._folder = find_tessdata(language)
        self._api = tesserocr.PyTessBaseAPI(path=self._folder, lang=language, psm=PSM_AUTO)

    def read(
        self, image: np.ndarray, *, psm: int = PSM_AUTO, dpi: int = 300, letters: str = ""
    ) -> list[RawWord]:
        api = self._api
        height, width = image.shape
        api.SetVariable("tessedit_char_whitelist", letters)
        api.SetPageSegMode(psm)
        api.SetImageBytes(np.ascontiguousarray(image).tobytes(), width, height, 1, width)
        if dpi:
            api.SetSourceResolution(dpi)
        api.Recognize()
        words = parse_tsv(api.GetTSVText(0))
        api.Clear()
        return words

    def orientation(self, image: np.ndarray) -> tuple[int, float]:
        try:
            api = self._tesserocr.PyTessBaseAPI(path=self._folder, lang="osd", psm=0)
        except RuntimeError:
            return 0, 0.0
        with api:
            height, width = image.shape
            api.SetImageBytes(np.ascontiguousarray(image).tobytes(), width, height, 1, width)
            api.SetSourceResolution(300)
            found = api.DetectOrientationScript()
        if not found:
            return 0, 0.0
        return (360 - int(found["orient_deg"])) % 360, float(found["orient_conf"])


class CommandEngine:
    """Tesseract as the ``tesseract`` command: one start for each page."""

    id = "tesseract"

    def __init__(self, language: str = "vie") -> None:
        self._command = shutil.which("tesseract")
        if self._command is None:
            raise BulletinError(
                "Máy chưa có bộ nhận dạng chữ Tesseract.",
                mend="Hãy cài: sudo apt install tesseract-ocr tesseract-ocr-vie.", code="bulletins.no_engine",
            )
        self._language = language

    def _run(self, image: np.ndarray, *arguments: str) -> str:
        with tempfile.TemporaryDirectory(prefix="station-ocr-") as folder:
            path = Path(folder) / "page.png"
            cv2.imwrite(str(path), image, [cv2.IMWRITE_PNG_COMPRESSION, 1])
            done = subprocess.run(
                [str(self._command), str(path), "-", *arguments], capture_output=True, timeout=120, check=False,
                env={**os.environ, "OMP_THREAD_LIMIT": "1"},
            )
        return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""

    def read(
        self, image: np.ndarray, *, psm: int = PSM_AUTO, dpi: int = 300, letters: str = ""
    ) -> list[RawWord]:
        more = ("--dpi", str(dpi)) if dpi else ()
        more += ("-c", f"tessedit_char_whitelist={letters}") if letters else ()
        return parse_tsv(self._run(image, "-l", self._language, "--psm", str(psm), *more, "tsv"))

    def orientation(self, image: np.ndarray) -> tuple[int, float]:
        values = {}
        for row in self._run(image, "-l", "osd", "--psm", "0", "--dpi", "300").splitlines():
            name, _, value = row.partition(":")
            values[name.strip()] = value.strip()
        try:
            return int(values["Rotate"]) % 360, float(values["Orientation confidence"])
        except (KeyError, ValueError):
            return 0, 0.0


@lru_cache(maxsize=4)
def open_engine(language: str = "vie", *, prefer: str = "", slot: int = 0) -> Engine:
    """The best engine of this machine; ``prefer`` is ``"command"`` or ``"api"``; another ``slot`` is another
    instance, for another thread.

    Raises :class:`BulletinError` (``bulletins.no_engine``) when there is none.
    """
    if prefer != "command":
        try:
            return TesserocrEngine(language)
        except (ImportError, RuntimeError):
            if prefer == "api":
                raise
    find_tessdata(language)
    return CommandEngine(language)

"""Tesseract's LSTM engine, two ways to it: its library inside this process, or its command.

The library reads the same words as the command and saves a start, a model's loading and a picture on disk for each
page and each table cell; it is used through its C interface, so that nothing beyond Debian's packages is needed.
Both report tab-separated values, so one parser serves both.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import shutil
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from station.bulletins.engine import PSM_AUTO, RawWord, find_tessdata
from station.errors import BulletinError


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


@lru_cache(maxsize=1)
def _library() -> ctypes.CDLL:
    """The C interface of libtesseract.  Raises :class:`OSError` where there is none."""
    name = ctypes.util.find_library("tesseract")
    if name is None:
        raise OSError("no libtesseract on this machine")
    os.environ.setdefault("OMP_THREAD_LIMIT", "1")  # read when the library starts; pages run side by side instead
    library = ctypes.CDLL(name)
    handle, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
    for function, result, arguments in (
        ("TessBaseAPICreate", handle, ()),
        ("TessBaseAPIDelete", None, (handle,)),
        ("TessBaseAPIInit3", number, (handle, text, text)),
        ("TessBaseAPISetVariable", number, (handle, text, text)),
        ("TessBaseAPISetPageSegMode", None, (handle, number)),
        ("TessBaseAPISetImage", None, (handle, handle, number, number, number, number)),
        ("TessBaseAPISetSourceResolution", None, (handle, number)),
        ("TessBaseAPIRecognize", number, (handle, handle)),
        ("TessBaseAPIGetTsvText", handle, (handle, number)),
        ("TessDeleteText", None, (handle,)),
        ("TessBaseAPIClear", None, (handle,)),
        ("TessBaseAPIDetectOrientationScript", number, (handle, handle, handle, handle, handle)),
    ):
        call = getattr(library, function)
        call.restype, call.argtypes = result, arguments
    return library


class _Model:
    """One loaded model of the library."""

    def __init__(self, language: str) -> None:
        self._library = _library()
        folder = find_tessdata(language)
        self._handle = self._library.TessBaseAPICreate()
        if self._library.TessBaseAPIInit3(self._handle, folder.encode(), language.encode()) != 0:
            raise OSError(f"libtesseract cannot load {language} from {folder}")
        # its remarks about resolutions are nothing for the log
        self.set("debug_file", os.devnull)

    def __del__(self) -> None:
        handle = getattr(self, "_handle", None)
        if handle:
            self._library.TessBaseAPIDelete(handle)

    def set(self, name: str, value: str) -> None:
        self._library.TessBaseAPISetVariable(self._handle, name.encode(), value.encode())

    def show(self, image: np.ndarray, psm: int, dpi: int) -> None:
        """Hands over ``image`` (uint8, height x width); the library keeps a copy."""
        pixels = np.ascontiguousarray(image)
        height, width = pixels.shape
        self._library.TessBaseAPISetPageSegMode(self._handle, psm)
        self._library.TessBaseAPISetImage(self._handle, pixels.ctypes.data, width, height, 1, width)
        if dpi:
            self._library.TessBaseAPISetSourceResolution(self._handle, dpi)

    def table(self) -> str:
        """The words of the picture, tab-separated."""
        if self._library.TessBaseAPIRecognize(self._handle, None) != 0:
            return ""
        address = self._library.TessBaseAPIGetTsvText(self._handle, 0)
        if not address:
            return ""
        try:
            return ctypes.string_at(address).decode("utf-8", "replace")
        finally:
            self._library.TessDeleteText(address)

    def clear(self) -> None:
        self._library.TessBaseAPIClear(self._handle)

    def orientation(self) -> tuple[int, float]:
        degrees, sure = ctypes.c_int(), ctypes.c_float()
        script, script_sure = ctypes.c_char_p(), ctypes.c_float()
        found = self._library.TessBaseAPIDetectOrientationScript(
            self._handle, *(ctypes.addressof(one) for one in (degrees, sure, script, script_sure))
        )
        return ((360 - degrees.value) % 360, float(sure.value)) if found else (0, 0.0)


class LibraryEngine:
    """Tesseract inside this process; a model is loaded once.  Raises :class:`OSError` without the library."""

    id = "tesseract"

    def __init__(self, language: str = "vie") -> None:
        self._model = _Model(language)

    def read(
        self, image: np.ndarray, *, psm: int = PSM_AUTO, dpi: int = 300, letters: str = ""
    ) -> list[RawWord]:
        self._model.set("tessedit_char_whitelist", letters)
        self._model.show(image, psm, dpi)
        words = parse_tsv(self._model.table())
        self._model.clear()
        return words

    def orientation(self, image: np.ndarray) -> tuple[int, float]:
        try:
            model = _Model("osd")
        except (OSError, BulletinError):
            return 0, 0.0
        model.show(image, 0, 300)
        return model.orientation()


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
        find_tessdata(language)
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
        more: tuple[str, ...] = ("--dpi", str(dpi)) if dpi else ()
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

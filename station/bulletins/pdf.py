"""PDF: pages with a good text layer are taken as text, all others as images."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import pypdfium2 as pdfium

from station.bulletins.engine import RawWord
from station.bulletins.legacy_text import looks_vietnamese, repair_encoding
from station.errors import BulletinError

#: dots an inch at which pages without text are rendered
RENDER_DPI = 300
#: pages of a file that are read at most
MOST_PAGES = 300


@dataclass(frozen=True)
class TextLayer:
    """Words of a page's text layer in pixels at :data:`RENDER_DPI`."""

    words: list[RawWord]
    width: int
    height: int


def open_pdf(path: Path) -> pdfium.PdfDocument:
    """The document.  Raises :class:`BulletinError` for encrypted and broken files."""
    try:
        return pdfium.PdfDocument(str(path))
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            raise BulletinError(
                f"Tệp PDF “{path.name}” có mật khẩu, không mở được.",
                mend="Hãy mở tệp bằng mật khẩu, lưu lại bản không có mật khẩu rồi tải lên.",
                detail=str(error), code="bulletins.encrypted",
            ) from error
        raise BulletinError(
            f"Tệp PDF “{path.name}” bị hỏng, không mở được.", mend="Hãy xuất lại tệp hoặc chụp ảnh trang giấy.",
            detail=str(error), code="bulletins.broken",
        ) from error


def count_pages(path: Path) -> int:
    document = open_pdf(path)
    try:
        count = len(document)
    finally:
        document.close()
    if count > MOST_PAGES:
        raise BulletinError(
            f"Tệp PDF “{path.name}” có {count} trang, quá nhiều cho một bản tin.",
            mend=f"Hãy tách tệp, mỗi phần không quá {MOST_PAGES} trang.", code="bulletins.too_long",
        )
    return count


def _is_scan(page: pdfium.PdfPage) -> bool:
    """True when one image covers most of the page: a scan, whatever text lies hidden under it."""
    width, height = page.get_size()
    for item in page.get_objects(filter=[pdfium.raw.FPDF_PAGEOBJ_IMAGE], max_depth=4):
        left, bottom, right, top = item.get_bounds()
        if (min(right, width) - max(left, 0)) * (min(top, height) - max(bottom, 0)) > 0.75 * width * height:
            return True
    return False


def read_text_layer(page: pdfium.PdfPage) -> TextLayer | None:
    """The text layer as words, or None when the page must be read as an image.

    A layer is refused when it is nearly empty, hidden under a scan, or not Vietnamese text even after repair of
    the old TCVN3 and VNI encodings.
    """
    if _is_scan(page):
        return None
    textpage = page.get_textpage()
    try:
        count = textpage.count_chars()
        if count < 12:
            return None
        height_points = page.get_height()
        scale = RENDER_DPI / 72
        chars: list[tuple[str, float, float, float, float]] = []
        for index in range(count):
            code = pdfium.raw.FPDFText_GetUnicode(textpage.raw, index)
            char = chr(code) if 0 < code < 0x110000 else " "
            if char in "\r\n\t" or char.isspace():
                chars.append((" ", 0, 0, 0, 0))
                continue
            if char in "\x02\ufffe\u2010\u2011":  # the first two are how the library tells a hyphen at the end of a line
                char = "-"
            left, bottom, right, top = textpage.get_charbox(index, loose=True)
            chars.append(
                (char, left * scale, (height_points - top) * scale, right * scale, (height_points - bottom) * scale)
            )
    finally:
        textpage.close()
    words = _number_lines(_make_words(chars))
    if not words:
        return None
    text = " ".join(word.text for word in words)
    repaired = repair_encoding(text)
    if repaired != text:
        parts = [repair_encoding(word.text, like=text) for word in words]
        words = [
            RawWord(part, w.left, w.top, w.right, w.bottom, 1.0, w.line)
            for part, w in zip(parts, words, strict=True) if part
        ]
    # What is drawn of a hyphen that the font calls soft is a hyphen; in TCVN3 the same code was the letter "ư".
    words = [replace(word, text=word.text.replace("\u00ad", "-")) for word in words]
    text = " ".join(word.text for word in words)
    if not looks_vietnamese(text):
        return None
    width_points, _ = page.get_size()
    return TextLayer(words, round(width_points * scale), round(height_points * scale))


def _make_words(chars: list[tuple[str, float, float, float, float]]) -> list[RawWord]:
    """Characters joined to words at spaces, jumps and gaps; combining marks composed (NFC)."""
    words: list[RawWord] = []
    current: list[tuple[str, float, float, float, float]] = []

    def close() -> None:
        if current:
            text = unicodedata.normalize("NFC", "".join(c[0] for c in current))
            text = re.sub(r"[\u200b-\u200f\ufeff]", "", text)
            if text.strip():
                words.append(
                    RawWord(
                        text, min(c[1] for c in current), min(c[2] for c in current), max(c[3] for c in current),
                        max(c[4] for c in current), 1.0, 0,
                    )
                )
            current.clear()

    for char in chars:
        if char[0] == " ":
            close()
            continue
        if current:
            last = current[-1]
            size = max(1.0, last[4] - last[2])
            jump = abs((char[2] + char[4]) / 2 - (last[2] + last[4]) / 2) > 0.6 * size
            if jump or char[1] - last[3] > 0.35 * size or char[1] < last[1] - size:
                close()
        current.append(char)
    close()
    return words


def _number_lines(words: list[RawWord]) -> list[RawWord]:
    """Words with line numbers, by the order of the file: a line ends where the next word is lower, higher, to the
    left, or far to the right.  (Columns lie after one another in the file, so they never mix.)"""
    numbered: list[RawWord] = []
    number = -1
    before: RawWord | None = None
    for word in words:
        goes_on = (
            before is not None
            and abs(word.middle - before.middle) < 0.45 * max(word.height, before.height)
            and -0.3 * before.height < word.left - before.right < 1.6 * before.height
        )
        if not goes_on:
            number += 1
        numbered.append(word.moved(0, 0, number))
        before = word
    return numbered


def render_page(page: pdfium.PdfPage, dpi: int = RENDER_DPI) -> np.ndarray:
    """The page as pixels (BGR); huge pages are rendered smaller."""
    width, height = page.get_size()
    scale = min(dpi / 72, 4200 / max(width, height, 1))
    bitmap = page.render(scale=scale)
    array = bitmap.to_numpy()
    if array.ndim == 2 or array.shape[2] == 1:
        return cv2.cvtColor(array, cv2.COLOR_GRAY2BGR)
    return np.ascontiguousarray(array[:, :, :3])

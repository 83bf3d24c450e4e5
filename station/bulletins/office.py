"""Documents of word processors as blocks with roles: DOCX, and DOC, ODT, RTF through LibreOffice; plain text."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from station.bulletins.document import Page
from station.bulletins.legacy_text import from_font, looks_vietnamese, repair_encoding, share_of_syllables
from station.bulletins.text_roles import Para, to_blocks
from station.errors import BulletinError

#: a DOCX that unpacks to more is refused
MOST_UNPACKED = 400_000_000
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def _clean(text: str) -> str:
    """NFC without invisible characters; a wide gap within a line (tabs, four spaces) becomes one tab."""
    text = unicodedata.normalize("NFC", text).replace("\u00a0", " ")
    text = re.sub(r"[\u200b-\u200f\ufeff]", "", text).replace("\u2011", "-")
    lines = []
    for line in re.split(r"\n|\v|\f|\u2028|\r\n?", text):
        cells = [" ".join(part.split()) for part in re.split(r"\t+| {4,}", line)]
        lines.append("\t".join(part for part in cells if part))
    return "\n".join(lines).strip()


def _check_zip(path: Path) -> None:
    broken = BulletinError(
        f"Tệp “{path.name}” bị hỏng, không mở được.", mend="Hãy lưu lại tệp bằng Word hoặc LibreOffice rồi tải lên.",
        code="bulletins.broken",
    )
    try:
        with zipfile.ZipFile(path) as bundle:
            if sum(item.file_size for item in bundle.infolist()) > MOST_UNPACKED:
                raise BulletinError(
                    f"Tệp “{path.name}” quá lớn sau khi giải nén.", mend="Hãy bỏ bớt hình trong tệp.", code="bulletins.size"
                )
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        if path.read_bytes()[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
            raise BulletinError(
                f"Tệp “{path.name}” có mật khẩu hoặc là tệp Word đời cũ đổi tên.",
                mend="Hãy lưu lại bản không mật khẩu dạng DOCX.", code="bulletins.encrypted",
            ) from error
        raise broken from error


def _font_of(run: Any, usual: str) -> str:
    """The font of a run by its own properties, else the document's usual one."""
    fonts = run.find(f"{_W}rPr/{_W}rFonts") if run is not None else None
    found = (fonts.get(f"{_W}ascii") or fonts.get(f"{_W}hAnsi")) if fonts is not None else None
    return str(found or usual)


def _usual_font(document: Any) -> str:
    """The font of the style "Normal", by which old documents name .VnTime once for all their text."""
    try:
        return str(document.styles["Normal"].font.name or "")
    except (KeyError, AttributeError):
        return ""


def _text_of(element: Any, usual: str = "") -> str:
    """Text of a paragraph element; runs that were deleted or hidden are left out, text boxes too.

    ``usual`` is the font of runs that name none; what was typed in an old font becomes Unicode.
    """
    parts: list[str] = []
    for node in element.iter():
        tag = node.tag
        if tag == f"{_W}t":
            if any(a.tag in (f"{_W}txbxContent", f"{_W}del") for a in _above(node, element)):
                continue
            run = node.getparent()
            if run is not None and run.find(f"{_W}rPr/{_W}vanish") is not None:
                continue
            parts.append(from_font(node.text or "", _font_of(run, usual)))
        elif tag == f"{_W}tab":
            if node.getparent() is not None and node.getparent().tag == f"{_W}r":
                parts.append("\t")
        elif tag in (f"{_W}br", f"{_W}cr"):
            parts.append("\n")
        elif tag == f"{_W}noBreakHyphen":
            parts.append("-")
    return "".join(parts)


def _above(node: Any, stop: Any) -> Iterator[Any]:
    parent = node.getparent()
    while parent is not None and parent is not stop:
        yield parent
        parent = parent.getparent()


class _Numbering:
    """The printed numbers and dashes of automatic lists, which are no part of the text."""

    def __init__(self, document: Any) -> None:
        self._formats: dict[tuple[str, str], tuple[str, str, int]] = {}
        self._counts: dict[tuple[str, str], int] = {}
        try:
            root = document.part.numbering_part.element
        except (KeyError, NotImplementedError, AttributeError):
            return
        abstract = {}
        for item in root.iter(f"{_W}abstractNum"):
            levels = {}
            for level in item.iter(f"{_W}lvl"):
                kind, text = level.find(f"{_W}numFmt"), level.find(f"{_W}lvlText")
                first = level.find(f"{_W}start")
                levels[level.get(f"{_W}ilvl")] = (
                    kind.get(f"{_W}val") if kind is not None else "bullet",
                    text.get(f"{_W}val") if text is not None else "-",
                    int(first.get(f"{_W}val") or 1) if first is not None else 1,
                )
            abstract[item.get(f"{_W}abstractNumId")] = levels
        for item in root.iter(f"{_W}num"):
            link = item.find(f"{_W}abstractNumId")
            for level, value in abstract.get(link.get(f"{_W}val") if link is not None else "", {}).items():
                self._formats[(item.get(f"{_W}numId"), level)] = value

    def mark(self, paragraph: Any) -> str:
        properties = paragraph.find(f"{_W}pPr/{_W}numPr")
        if properties is None:
            return ""
        number, level = properties.find(f"{_W}numId"), properties.find(f"{_W}ilvl")
        key = (number.get(f"{_W}val") if number is not None else "", level.get(f"{_W}val") if level is not None else "0")
        if key not in self._formats:
            return ""
        kind, text, first = self._formats[key]
        if kind == "bullet":
            return "-"
        self._counts[key] = count = self._counts.get(key, first - 1) + 1
        shown = {"lowerLetter": chr(96 + count % 27), "upperLetter": chr(64 + count % 27)}.get(kind, str(count))
        return re.sub(r"%\d", shown, text) if text.count("%") == 1 else f"{shown}."


def read_docx(path: Path) -> list[Para]:
    """Paragraphs, tables and text boxes of a DOCX in their order.  Raises :class:`BulletinError`."""
    _check_zip(path)
    import docx
    from docx.opc.exceptions import PackageNotFoundError
    from docx.table import Table
    from docx.text.paragraph import Paragraph

    try:
        document = docx.Document(str(path))
    except (PackageNotFoundError, KeyError, ValueError, SyntaxError, OSError) as error:
        raise BulletinError(
            f"Tệp “{path.name}” không phải tài liệu Word dùng được.", mend="Hãy lưu lại tệp dạng DOCX.",
            detail=str(error), code="bulletins.broken",
        ) from error
    numbering = _Numbering(document)
    usual = _usual_font(document)
    found: list[Para] = []

    def add_paragraph(element: Any) -> None:
        paragraph = Paragraph(element, document)
        try:
            alignment = paragraph.paragraph_format.alignment
            if alignment is None and paragraph.style is not None:
                alignment = paragraph.style.paragraph_format.alignment
            style = (paragraph.style.name or "") if paragraph.style is not None else ""
        except (KeyError, AttributeError, ValueError):
            alignment, style = None, ""
        mark = numbering.mark(element)
        for line in _clean(_text_of(element, usual)).split("\n"):
            if line:
                found.append(Para(line, alignment == 1, alignment == 2, style, numbered=mark))
                mark = ""
        boxes = {id(box): box for box in element.iter(f"{_W}txbxContent")}
        seen: set[str] = set()
        for box in boxes.values():
            for inner in box.iter(f"{_W}p"):
                text = _clean(_text_of(inner, usual))
                if text and text not in seen:  # Word stores a text box twice, for old readers too
                    seen.add(text)
                    found.append(Para(text))

    def add_table(element: Any) -> None:
        table = Table(element, document)
        rows, filled = [], []
        seen: dict[int, object] = {}  # the elements are kept, for the number of one that is gone comes again
        for row in table.rows:
            cells, values, before = [], [], None
            for cell in row.cells:
                text = _clean("\n".join(_text_of(p._p, usual) for p in cell.paragraphs))
                across = cell._tc is before
                # a merged cell is printed once, and its value holds for every row beside it
                cells.append("" if across or id(cell._tc) in seen else text)
                values.append("" if across else text)
                seen[id(cell._tc)] = cell._tc
                before = cell._tc
            rows.append(tuple(cells))
            filled.append(tuple(values))
        found.append(Para("", rows=tuple(rows), filled=tuple(filled) if filled != rows else ()))

    for element in document.element.body.iterchildren():
        if element.tag == f"{_W}p":
            add_paragraph(element)
        elif element.tag == f"{_W}tbl":
            add_table(element)
        elif element.tag == f"{_W}sdt":
            for inner in element.iter(f"{_W}p", f"{_W}tbl"):
                (add_table if inner.tag == f"{_W}tbl" else add_paragraph)(inner)
    return found


def convert_office(path: Path, out_dir: Path, seconds: float = 60.0) -> Path:
    """A DOC, ODT or RTF as DOCX, by LibreOffice.  Raises :class:`BulletinError`."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        raise BulletinError(
            f"Máy chưa có LibreOffice nên chưa mở được tệp “{path.name}”.",
            mend="Hãy lưu tệp dạng DOCX hoặc PDF, hoặc cài: sudo apt install libreoffice-writer-nogui.",
            code="bulletins.needs_office",
        )
    with tempfile.TemporaryDirectory(prefix="station-office-") as profile:
        process = subprocess.Popen(
            [program, f"-env:UserInstallation=file://{profile}", "--headless", "--norestore", "--convert-to", "docx",
             "--outdir", str(out_dir), str(path)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired as error:
            os.killpg(process.pid, signal.SIGKILL)
            raise BulletinError(
                f"LibreOffice không mở xong tệp “{path.name}” trong {seconds:.0f} giây.",
                mend="Hãy lưu tệp dạng DOCX hoặc PDF.", code="bulletins.timeout",
            ) from error
    result = out_dir / f"{path.stem}.docx"
    if not result.is_file():
        raise BulletinError(
            f"LibreOffice không mở được tệp “{path.name}”.", mend="Hãy lưu tệp dạng DOCX hoặc PDF.",
            code="bulletins.broken",
        )
    return result


def read_plain(path: Path) -> list[Para]:
    """Paragraphs of a text file in UTF-8, UTF-16, TCVN3 or VNI.  Raises :class:`BulletinError`."""
    data = path.read_bytes()
    text = decode_text(data)
    if text is None:
        raise BulletinError(
            f"Tệp “{path.name}” không phải văn bản đọc được.", mend="Hãy lưu lại tệp dạng UTF-8.",
            code="bulletins.encoding",
        )
    return [Para(line) for line in _clean(text).split("\n") if line]


def decode_text(data: bytes) -> str | None:
    """Text from bytes of unknown encoding (NFC), or None for bytes that are no text."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return unicodedata.normalize("NFC", data.decode("utf-16", "replace"))
    half = data[: len(data) // 2 * 2]
    if len(half) >= 8 and (half[1::2].count(0) > len(half) * 0.2 or half[0::2].count(0) > len(half) * 0.2):
        codec = "utf-16-le" if half[1::2].count(0) > half[0::2].count(0) else "utf-16-be"
        return unicodedata.normalize("NFC", half.decode(codec, "replace"))
    if data.count(0) > 0:
        return None
    try:
        return repair_encoding(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        pass
    choices = [repair_encoding(data.decode(codec, "replace")) for codec in ("latin-1", "cp1252")]
    choices.append(unicodedata.normalize("NFC", data.decode("cp1258", "replace")))
    best = max(choices, key=share_of_syllables)
    return best if looks_vietnamese(best) else None


def text_page(paragraphs: list[Para], path: Path) -> Page:
    """One page from a text document.  Raises :class:`BulletinError` when it holds no text."""
    whole = "\n".join(cell for para in paragraphs for cell in (para.text, *(c for row in para.rows for c in row)))
    old = repair_encoding(whole) != unicodedata.normalize("NFC", whole)  # an old font that the file does not name

    def mend(text: str) -> str:
        # a soft hyphen is a place where a word might be broken, but the letter "ư" of TCVN3
        return (repair_encoding(text, like=whole) if old else text).replace("\u00ad", "")

    paragraphs = [
        replace(
            para, text=mend(para.text), rows=tuple(tuple(map(mend, row)) for row in para.rows),
            filled=tuple(tuple(map(mend, row)) for row in para.filled),
        )
        for para in paragraphs
    ]
    blocks = to_blocks(paragraphs)
    if not blocks:
        raise BulletinError(
            f"Tệp “{path.name}” không có chữ nào.", mend="Hãy kiểm tra lại tệp, hoặc chụp ảnh trang giấy.",
            code="bulletins.empty",
        )
    return Page(1, blocks, source="text")

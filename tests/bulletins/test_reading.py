"""Reading bulletins with the real Tesseract.  The pages are drawn here and the text on them is invented."""

from pathlib import Path

import docx
import pytest
from PIL import Image, ImageDraw, ImageFont

from station.bulletins import read_bulletin
from station.bulletins.document_json import document_from_json, document_to_json
from station.config import load_settings
from station.errors import BulletinError

LINES = [
    "THÔNG BÁO",
    "Về việc tổng vệ sinh đường làng",
    "Ủy ban nhân dân xã kính mời toàn thể nhân dân tham gia",
    "tổng vệ sinh đường làng vào sáng thứ Bảy tuần này.",
]
FONT = "/usr/share/fonts/truetype/liberation2/LiberationSerif-Regular.ttf"


@pytest.fixture
def settings(tmp_path):
    return load_settings(tmp_path, environ={})


def draw_page(path: Path, angle: int = 0) -> Path:
    page = Image.new("L", (1654, 2339), 255)
    pen = ImageDraw.Draw(page)
    font = ImageFont.truetype(FONT, 44)
    for number, line in enumerate(LINES):
        pen.text((180, 300 + 80 * number), line, font=font, fill=0)
    page.rotate(angle, expand=True).save(path, dpi=(200, 200))
    return path


def test_a_drawn_page_is_read_with_its_words_and_boxes(tmp_path, settings):
    document = read_bulletin([draw_page(tmp_path / "a.png")], settings)
    assert "tổng vệ sinh đường làng vào sáng thứ Bảy tuần này" in " ".join(document.text().split())
    words = [word for block in document.blocks() for line in block.lines for word in line.words]
    assert all(0 <= word.confidence <= 1 for word in words)
    assert any(word.box is not None for word in words)


def test_the_original_is_never_changed(tmp_path, settings):
    path = draw_page(tmp_path / "a.png")
    before = path.read_bytes()
    read_bulletin([path], settings)
    assert path.read_bytes() == before


def test_a_word_file_gives_its_text_exactly(tmp_path, settings):
    paper = docx.Document()
    for line in LINES:
        paper.add_paragraph(line)
    paper.save(tmp_path / "a.docx")
    text = read_bulletin([tmp_path / "a.docx"], settings).text()
    assert "Ủy ban nhân dân xã kính mời" in text


def test_a_document_survives_json(tmp_path, settings):
    (tmp_path / "a.txt").write_text("\n\n".join(LINES), encoding="utf-8")
    document = read_bulletin([tmp_path / "a.txt"], settings)
    assert document_from_json(document_to_json(document)) == document


@pytest.mark.parametrize(
    ("name", "content"),
    [("empty.jpg", b""), ("broken.jpg", b"\xff\xd8\xff\xe0" + b"\0" * 200), ("broken.pdf", b"%PDF-1.7\nnothing"),
     ("program.exe", b"MZ\x90\0")],
)
def test_a_file_that_cannot_be_read_is_told_in_vietnamese_and_kept(tmp_path, settings, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BulletinError) as caught:
        read_bulletin([path], settings)
    assert any(letter in str(caught.value) for letter in "ệảôươđạếịốặăâ")
    assert path.read_bytes() == content

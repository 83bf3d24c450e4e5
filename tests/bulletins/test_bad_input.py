"""What staff may upload by mistake: each ends in words or in a marked page, soon, and the original stays as it was."""

from __future__ import annotations

import resource

import docx
import numpy as np
import pytest
from PIL import Image

from station.bulletins import problem_text, read_bulletin
from station.config import load_settings
from station.errors import BulletinError
from tests.bulletins import papers
from tests.bulletins.generator.effects_photo import Shot, shoot

#: processor time that a page may take; the clock would count what other tests do beside it
SECONDS_A_PAGE = 10.0
LINES = ("Kính mời toàn thể bà con nhân dân đến dự buổi họp thôn", "vào tối thứ Bảy tuần này tại nhà văn hóa của thôn",
         "để bàn việc làm đường nội đồng và vệ sinh môi trường.", "Đề nghị các hộ gia đình cử người tham dự đầy đủ.")


@pytest.fixture
def settings(tmp_path):
    return load_settings(tmp_path, environ={})


def processor_seconds():
    """Of the processes that have read pages so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def read(path, settings):
    """The document, with the promises that hold for every file: in time, original unchanged."""
    before, began = path.read_bytes(), processor_seconds()
    try:
        return read_bulletin([path], settings)
    finally:
        assert path.read_bytes() == before
        assert processor_seconds() - began < SECONDS_A_PAGE


@pytest.mark.parametrize(
    ("name", "picture", "problem"),
    [
        ("trang-trang.png", Image.new("L", (1654, 2339), 250), "blank"),
        ("toi-den.png", Image.new("L", (1654, 2339), 3), "blank"),
        ("con-meo.jpg", papers.cat(), "not_text"),
        ("viet-tay.png", papers.scribble(), "handwriting"),
        ("tieng-anh.png", papers.sheet(papers.ENGLISH), "other_language"),
    ],
)
def test_a_page_that_is_no_bulletin_is_marked_with_the_reason_in_vietnamese(tmp_path, settings, name, picture, problem):
    path = tmp_path / name
    picture.save(path)
    document = read(path, settings)
    assert problem in document.pages[0].problems
    assert problem in document.warnings
    assert len(problem_text(problem)) > 20


def test_a_picture_without_text_gives_no_words_to_read(tmp_path, settings):
    path = tmp_path / "con-meo.jpg"
    papers.cat().save(path)
    assert read(path, settings).spoken_text().strip() == ""


@pytest.mark.parametrize("name", ["tin-nhan.png", "tin-nhan.jpg"])
def test_a_screenshot_of_a_chat_is_told_as_what_it_is_and_harms_nothing(tmp_path, settings, name):
    path = tmp_path / name
    papers.chat().save(path, quality=85)
    assert "screenshot" in read(path, settings).warnings


def test_a_page_of_paper_is_no_screenshot(tmp_path, settings):
    path = tmp_path / "trang.png"
    papers.sheet(LINES, width=900, height=1700).save(path)
    assert "screenshot" not in read(path, settings).warnings


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("encrypted.pdf", "bulletins.encrypted"), ("truncated.jpg", "bulletins.broken"), ("empty.png", "bulletins.empty_file"),
        ("empty.pdf", "bulletins.empty_file"),
        ("picture.pdf", "bulletins.broken"), ("nothing.docx", "bulletins.broken"), ("bomb.png", "bulletins.size"),
    ],
)
def test_a_file_that_cannot_be_opened_says_why_and_what_to_do(tmp_path, settings, kind, code):
    path = tmp_path / kind
    if kind == "encrypted.pdf":
        papers.encrypted_pdf(path)
    elif kind == "truncated.jpg":
        papers.sheet(LINES).save(path, quality=80)
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    elif kind.startswith("empty"):
        path.touch()
    elif kind == "picture.pdf":
        papers.sheet(LINES).save(tmp_path / "p.png")
        path.write_bytes((tmp_path / "p.png").read_bytes())
    elif kind == "nothing.docx":
        path.write_bytes(b"PK\x03\x04 nothing")
    else:
        Image.new("1", (30000, 30000), 1).save(path)
    with pytest.raises(BulletinError) as caught:
        read(path, settings)
    assert caught.value.code == code
    assert kind in caught.value.message and caught.value.mend


def test_a_picture_with_a_wrong_ending_is_read_by_what_it_is(tmp_path, settings):
    papers.sheet(LINES).save(tmp_path / "p.png")
    path = tmp_path / "anh.jpg"
    path.write_bytes((tmp_path / "p.png").read_bytes())
    assert "Kính mời toàn thể bà con nhân dân" in read(path, settings).text()


def test_a_picture_of_100_megapixels_is_read_in_little_memory(tmp_path, settings):
    """The process that opens it is limited to the memory of the settings."""
    page = papers.sheet(LINES).resize((6616, 9356))
    big = Image.new("L", (8700, 11600), 250)
    big.paste(page, (900, 900))
    path = tmp_path / "lon.jpg"
    big.save(path, quality=60)
    assert "toàn thể bà con nhân dân" in " ".join(read(path, settings).text().split())


@pytest.mark.slow
def test_a_long_pdf_is_read_whole_and_in_order(tmp_path, settings):
    pages = [papers.sheet([f"Trang {number}", *LINES[:2]], size=32, width=1000, height=1414) for number in range(1, 21)]
    path = papers.pdf_of(pages, tmp_path / "dai.pdf")
    done = []
    document = read_bulletin([path], settings, progress=lambda now, total: done.append((now, total)))
    assert [page.number for page in document.pages] == list(range(1, 21))
    assert done[-1] == (20, 20)
    good = sum("bà con" in " ".join(block.text for block in page.blocks) for page in document.pages)
    assert good == 20


def test_four_photos_one_upside_down_are_read_in_order(tmp_path, settings):
    paths = []
    for number in range(1, 5):
        page = np.asarray(papers.numbered(number).convert("RGB"))
        shot = Shot(table="wood", megapixels=3, pitch=4.0 * number - 8, roll=180.0 if number == 3 else 2.0, shadow="person" if number == 2 else "")
        picture, _ = shoot(page, 200, shot, np.random.default_rng(number))
        paths.append(tmp_path / f"{number}.jpg")
        Image.fromarray(picture[..., ::-1]).save(paths[-1], quality=80)
    document = read_bulletin(paths, settings)
    assert [page.rotation for page in document.pages] == [0, 0, 180, 0]
    assert all(page.corners for page in document.pages)
    text = " ".join(document.spoken_text().split())
    places = [text.index(f"trang thứ {words} của bản tin") for words in ("nhất", "hai", "ba", "tư")]
    assert places == sorted(places)


def test_without_the_language_data_of_tesseract_staff_are_told_what_to_install(tmp_path):
    path = tmp_path / "a.png"
    papers.sheet(LINES).save(path)
    with pytest.raises(BulletinError) as caught:
        read_bulletin([path], load_settings(tmp_path, environ={"STATION_OCR__LANGUAGE": "vie_khong_co"}))
    assert caught.value.code == "bulletins.no_engine"
    assert "tesseract-ocr-vie" in caught.value.mend


def test_a_word_file_begins_with_its_first_paragraph(tmp_path, settings):
    paper = docx.Document()
    for line in LINES:
        paper.add_paragraph(line)
    paper.save(tmp_path / "a.docx")
    assert read(tmp_path / "a.docx", settings).text().splitlines()[0] == LINES[0]

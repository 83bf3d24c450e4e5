"""What is read aloud of documents of many forms.  All of them are invented (``forms/*.txt``)."""

from __future__ import annotations

from pathlib import Path

import docx
import pypdfium2
import pytest
from playwright.sync_api import sync_playwright
from rapidfuzz.distance import Levenshtein

from station.bulletins import read_bulletin
from station.bulletins.closing import closing_line
from station.bulletins.document import Document, Role
from station.bulletins.office import decode_text, read_docx, read_plain, text_page
from station.config import load_settings
from tests.bulletins.form_papers import FormPaper, html, papers, write_docx
from tests.bulletins.old_fonts import tcvn3, vni
from tests.web.browser import chromium

ALL = {paper.name: paper for name in ("dev", "held", "fresh") for paper in papers(name)}
#: papers that are printed and read as PDF: columns, tables, two pages, "V/v" in the header, a date broken in two
PRINTED = ("baiviet-3cot", "tin-bang", "tb-2trang", "cv-du", "gm-hoatoc")


def plain(text: str) -> str:
    return " ".join(text.split())


def word_file(paper: FormPaper, folder: Path, header: str = "table") -> Document:
    path = write_docx(paper, folder / "a.docx", header)
    return Document((text_page(read_docx(path), path),))


@pytest.fixture(scope="module")
def printed(tmp_path_factory) -> dict[str, Path]:
    """Each paper of :data:`PRINTED` as a browser prints it."""
    program = chromium()
    assert program, "./test.sh installs Chromium"
    folder = tmp_path_factory.mktemp("printed")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page()
        for name in PRINTED:
            page.set_content(html(ALL[name]))
            page.pdf(path=str(folder / f"{name}.pdf"), prefer_css_page_size=True, print_background=True)
        browser.close()
    return {name: folder / f"{name}.pdf" for name in PRINTED}


@pytest.mark.parametrize("header", ["table", "tabs", "plain"])
def test_a_word_file_of_any_form_is_read_aloud_without_header_recipients_and_signature(tmp_path, header):
    # only papers with a header differ by how it is written; the others are written once
    chosen = [paper for paper in ALL.values() if header == "table" or paper.of("L")]
    wrong = [one.name for one in chosen if plain(word_file(one, tmp_path, header).spoken_text()) != plain(one.spoken)]
    assert len(chosen) >= 22
    assert wrong == []


@pytest.mark.parametrize("name", PRINTED)
def test_a_printed_pdf_of_any_form_is_read_aloud_in_order(printed, tmp_path, name):
    read = plain(read_bulletin([printed[name]], load_settings(tmp_path, environ={})).spoken_text())
    truth = plain(ALL[name].spoken)
    assert Levenshtein.distance(read, truth) <= 0.002 * len(truth)


def test_a_scan_of_three_columns_is_read_in_order(printed, tmp_path):
    name = "baiviet-3cot"
    scan = tmp_path / "scan.png"
    pypdfium2.PdfDocument(str(printed[name]))[0].render(scale=200 / 72).to_pil().convert("L").save(scan, dpi=(200, 200))
    read = plain(read_bulletin([scan], load_settings(tmp_path, environ={})).spoken_text())
    truth = plain(ALL[name].spoken)
    assert Levenshtein.distance(read, truth) <= 0.015 * len(truth)


def test_a_text_layer_that_is_broken_is_noticed_and_the_page_is_read_as_a_picture(printed, tmp_path):
    """One page of the file keeps its letters, in the other copy the way from glyphs to letters is lost."""
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(printed["gm-hoatoc"].read_bytes().replace(b"/ToUnicode", b"/ToUnicodX"))
    document = read_bulletin([printed["gm-hoatoc"], broken], load_settings(tmp_path, environ={}))
    assert document.pages[0].source == "text" and document.pages[1].source != "text"
    assert "điều chỉnh vốn đầu tư công" in plain(document.pages[1].blocks and Document((document.pages[1],)).spoken_text())


def test_the_parts_of_an_official_document_have_their_roles(tmp_path):
    roles = {block.role for block in word_file(ALL["cd-bao"], tmp_path).blocks()}
    assert roles >= {
        Role.AGENCY, Role.NUMBER, Role.MOTTO, Role.PLACE_DATE, Role.STAMP, Role.TITLE, Role.SUBJECT, Role.LIST_ITEM,
        Role.RECIPIENTS, Role.SIGNATURE,
    }


@pytest.mark.parametrize(("name", "line"), [
    ("tb-nuoc", "Ủy ban nhân dân xã Hải Trung. Người ký: chủ tịch Đỗ Văn Tựu."),
    ("tb-dang", "Đảng ủy xã Quang Trung. Người ký: phó bí thư Quách Công Định."),
    ("tb-truong", "Trường tiểu học Đại Thắng. Người ký: hiệu trưởng Phạm Hồng Quân."),
    ("lich-tcd", ""),
])
def test_signer_and_agency_are_one_spoken_line(tmp_path, name, line):
    assert closing_line(word_file(ALL[name], tmp_path)) == line


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_text_file_is_read_in_any_unicode(tmp_path, encoding):
    path = tmp_path / "a.txt"
    path.write_bytes(ALL["tb-khonghd"].spoken.encode(encoding))
    assert plain("\n".join(para.text for para in read_plain(path))) == plain(ALL["tb-khonghd"].spoken)


@pytest.mark.parametrize("old", [tcvn3, vni])
def test_text_in_an_old_encoding_becomes_vietnamese(tmp_path, old):
    text = "đề nghị bà con nhân dân giữ vệ sinh nguồn nước, nuôi trâu bò có chuồng, mùa mưa lũ không vớt củi trên sông"
    assert decode_text(old(text).encode("latin-1")) == text
    paper = docx.Document()  # a Word file that names the font says it run by run
    paper.styles["Normal"].font.name = ".VnTime" if old is tcvn3 else "VNI-Times"
    paper.add_paragraph(old(text))
    paper.add_paragraph().add_run("Ngày mai trời nắng.").font.name = "Times New Roman"
    paper.save(tmp_path / "a.docx")
    assert [para.text for para in read_docx(tmp_path / "a.docx")] == [text, "Ngày mai trời nắng."]


def test_cells_merged_in_a_word_file_are_printed_once_and_said_for_each_row(tmp_path):
    paper = docx.Document()
    table = paper.add_table(3, 3)
    for place, text in {(0, 0): "Ngày", (0, 1): "Thôn", (0, 2): "Giờ", (1, 1): "Đoài", (1, 2): "7h", (2, 1): "Thượng", (2, 2): "8h"}.items():
        table.cell(*place).text = text
    table.cell(1, 0).merge(table.cell(2, 0)).text = "01/02"
    paper.save(tmp_path / "a.docx")
    (block,) = text_page(read_docx(tmp_path / "a.docx"), tmp_path / "a.docx").blocks
    assert plain(block.text) == "Ngày Thôn Giờ 01/02 Đoài 7h Thượng 8h"
    assert block.said.split("\n") == ["Ngày 01/02, thôn Đoài, giờ 7h.", "Ngày 01/02, thôn Thượng, giờ 8h."]


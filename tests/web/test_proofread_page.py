"""The proofreading page: proposals, roles, wording of tables, and the four corners.  Nothing is set but by a person."""

from __future__ import annotations

import re

import pytest

from station.db.models import Bulletin, Job
from station.db.states import JobKind
from station.editorial import bulletins
from tests.bulletins.form_papers import papers, write_docx

PAPERS = {paper.name: paper for paper in (*papers("dev"), *papers("held"))}


def text_of(answer) -> str:  # noqa: ANN001
    return answer.get_data(as_text=True)


@pytest.fixture
def telegram(site, tmp_path) -> int:
    """A storm telegram with a table after it, read and waiting for proofreading."""
    path = write_docx(PAPERS["doan-kh"], tmp_path / "a.docx")
    with site.database.session() as s:
        bulletin = bulletins.receive(s, site.settings, [bulletins.Upload("a.docx", path)], user_id=1)
        from station.work import enqueue_read

        enqueue_read(s, bulletin.id, 1)
        number = bulletin.id
    site.work()
    return number


def version(page: str) -> str:
    return re.search(r'name="version" value="(\d+)"', page)[1]


def test_title_and_last_day_are_proposed_and_become_the_bulletins_when_a_person_saves(site, telegram):
    editor = site.client("editor")
    page = text_of(editor.get(f"/bulletins/{telegram}/text/"))
    assert 'value="2026-06-14"' in page and "Kế hoạch" in page
    with site.database.session() as s:
        assert s.get_one(Bulletin, telegram).last_day is None
    site.post(
        editor, f"/bulletins/{telegram}/text/", content="Nội dung.", version=version(page), title="Giải bóng đá", priority="priority",
        last_day="2026-06-15",
    )
    with site.database.session() as s:
        bulletin = s.get_one(Bulletin, telegram)
        assert (bulletin.title, bulletin.priority.value, str(bulletin.last_day)) == ("Giải bóng đá", "priority", "2026-06-15")


def test_an_emptied_last_day_is_not_proposed_again(site, telegram):
    editor = site.client("editor")
    page = text_of(editor.get(f"/bulletins/{telegram}/text/"))
    site.post(editor, f"/bulletins/{telegram}/text/", content="Nội dung.", version=version(page), title="Giải", last_day="")
    assert re.search(r'name="last_day" type="date" value=""', text_of(editor.get(f"/bulletins/{telegram}/text/")))


def test_roles_and_the_wording_of_a_table_are_changed_on_the_page(site, telegram):
    editor = site.client("editor")
    page = text_of(editor.get(f"/bulletins/{telegram}/text/"))
    keys = re.findall(r'name="block" value="([\d.]+)"', page)
    ticked = re.findall(r'name="spoken" value="([\d.]+)" id="b-\d+" checked', page)
    (table,) = re.findall(r'name="wording-([\d.]+)"', page)
    assert "{Giải}" in page
    first = ticked[0]
    site.post(editor, f"/bulletins/{telegram}/text/blocks", {
        "block": keys, "spoken": ticked, f"wording-{table}": "Giải {Giải} thưởng {Tiền thưởng}.", f"role-{first}": "stamp",
    })
    with site.database.session() as s:
        text = bulletins.current_text(s, s.get_one(Bulletin, telegram))
    assert "Giải Nhất thưởng 1.500.000 đồng." in text
    assert not text.startswith("KẾ HOẠCH")


def test_a_storm_word_shows_the_way_to_the_emergency_page_and_sets_nothing(site):
    with site.database.session() as s:
        number = bulletins.receive_text(s, site.settings, "Bão", "Bão số 3 sắp đổ bộ, sơ tán ngay.", user_id=1).id
    page = text_of(site.client("administrator").get(f"/bulletins/{number}/text/"))
    assert f"/emergency/?bulletin={number}" in page and "“bão”" in page
    assert "Bão số 3 sắp đổ bộ" in text_of(site.client("administrator").get(f"/emergency/?bulletin={number}"))
    assert "/emergency/?bulletin" not in text_of(site.client("editor").get(f"/bulletins/{number}/text/"))
    with site.database.session() as s:
        assert s.get_one(Bulletin, number).priority.value == "normal"


def test_dragged_corners_read_the_page_again_and_a_correction_stays(site):
    editor = site.client("editor")
    proof = text_of(editor.get("/bulletins/1/text/"))
    site.post(editor, "/bulletins/1/text/", content="Bản do người sửa.", version=version(proof))
    page = text_of(editor.get("/bulletins/1/pages/1/corners/"))
    assert page.count("data-corner=") == 4
    assert editor.get("/bulletins/1/pages/1/corners/picture").mimetype == "image/jpeg"
    four = {"x0": 10, "y0": 12, "x1": 1640, "y1": 12, "x2": 1640, "y2": 2300, "x3": 10, "y3": 2300}
    assert site.post(editor, "/bulletins/1/pages/1/corners/", four).status_code == 303
    site.work()
    with site.database.session() as s:
        bulletin = s.get_one(Bulletin, 1)
        assert bulletin.pages[0].corners[0] == [10, 12]
        assert bulletins.current_text(s, bulletin) == "Bản do người sửa."


@pytest.mark.parametrize("four", [
    {"x0": 10, "y0": 10, "x1": 1600, "y1": 2300, "x2": 1600, "y2": 10, "x3": 10, "y3": 2300},  # crossed
    {"x0": 1600, "y0": 10, "x1": 10, "y1": 10, "x2": 10, "y2": 2300, "x3": 1600, "y3": 2300},  # a mirror
    {f"{axis}{n}": 5 for axis in "xy" for n in range(4)},  # a point
])
def test_corners_that_make_no_sheet_are_refused(site, four):
    editor = site.client("editor")
    site.post(editor, "/bulletins/1/pages/1/corners/", four)
    with site.database.session() as s:
        assert s.query(Job).filter(Job.kind == JobKind.READ, Job.bulletin_id == 1).count() == 1


def test_a_page_without_picture_has_no_corners(site, telegram):
    assert site.client("editor").get(f"/bulletins/{telegram}/pages/1/corners/").status_code == 404
    assert site.client("editor").get("/bulletins/1/pages/9/corners/").status_code == 404

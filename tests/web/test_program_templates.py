"""Templates made on the page with forms alone: parts, order, words, sounds, the wording of a day (invented words)."""

from __future__ import annotations

import re
import tomllib

import pytest

from station.db.models import Audit, Slot
from station.programs.template import PartKind, load_template


def _fields(page: str) -> dict[str, str | list[str]]:
    """What a browser would send of the editor's form, but for its buttons."""
    form = page.split('id="template"', 1)[1].split("</form>", 1)[0]
    found: dict[str, str | list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name = re.search(r'name="([^"]+)"', tag)
        kind = re.search(r'type="(\w+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if name and name[1] != "csrf_token" and (kind is None or kind[1] != "checkbox" or " checked" in tag):
            if kind is not None and kind[1] == "checkbox":
                found.setdefault(name[1], []).append(value[1])
            else:
                found[name[1]] = value[1] if value else ""
    for name, body in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.S):
        found[name] = body.replace("&#34;", '"')
    for name, body in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'value="([^"]*)" selected', body) or re.search(r'value="([^"]*)"', body)
        found[name] = chosen[1]
    return found


def _text(answer) -> str:
    return answer.get_data(as_text=True)


@pytest.fixture
def editor(site):
    return site.client("editor")


def test_a_template_is_made_from_another_changed_and_used(site, editor):
    made = site.post(editor, "/program-templates/", title="Bản tin chiều", base="daily")
    assert made.location == "/program-templates/ban-tin-chieu"
    address, home = made.location, site.settings.home
    same = load_template("ban-tin-chieu", home)
    assert same.parts == load_template("daily", home).parts and same.title == "Bản tin chiều"
    sent = _fields(_text(editor.get(address)))
    unchanged = site.post(editor, address, {**sent, "do": "save"})
    assert unchanged.status_code == 303 and load_template("ban-tin-chieu", home).parts == same.parts, "a save alone changes nothing"

    sent["p1-say"] = "Mời bà con nghe đài.\r\n\r\nHôm nay là {weekday}."
    sent["p1-days"], sent["p1-until"], sent["p1-bed"] = ["mon", "tue"], "2027-06-30", ""
    moved = _text(site.post(editor, address, {**sent, "do": "down:0"}))
    assert "chưa được lưu" in moved
    assert load_template("ban-tin-chieu", home).parts == same.parts, "nothing is written before it is saved"
    added = _text(site.post(editor, address, {**_fields(moved), "do": "add", "new_kind": "notice"}))
    more = _fields(added)
    last = int(more["count"]) - 1
    more[f"p{last}-say"] = "Hẹn gặp lại."
    assert site.post(editor, address, {**more, "do": "save"}).status_code == 303
    parts = load_template("ban-tin-chieu", home).parts
    assert [part.kind for part in parts[:2]] == [PartKind.GREETING, PartKind.CHIME]
    assert parts[0].say == ("Mời bà con nghe đài.", "Hôm nay là {weekday}.") and parts[0].days == ("mon", "tue")
    assert str(parts[0].until) == "2027-06-30" and parts[0].bed == ""
    assert parts[-1].kind is PartKind.NOTICE and parts[-1].say == ("Hẹn gặp lại.",)
    gone = _text(site.post(editor, address, {**more, "do": f"remove:{last}"}))
    assert int(_fields(gone)["count"]) == last
    assert 'value="ban-tin-chieu"' in _text(editor.get("/programs/new"))
    with site.database.session(write=False) as s:
        assert [row.action for row in s.query(Audit).filter(Audit.action.like("template.%"))] == ["template.create"] + ["template.save"] * 2
    tomllib.loads((home.schedules / "templates" / "ban-tin-chieu.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("day", "words"), [
    ("2026-11-24", "Hôm nay là thứ Ba, ngày 24 tháng 11 năm 2026, tức ngày mười sáu tháng Mười năm Bính Ngọ."),
    ("2027-02-06", "Hôm nay là thứ Bảy, ngày 6 tháng 2 năm 2027, tức mùng một tháng Giêng năm Đinh Mùi."),
])
def test_the_wording_of_any_day_is_read_before_it_is_spoken(site, editor, day, words):
    page = _text(editor.get(f"/program-templates/daily?day={day}"))
    assert words in page and "Đây là Đài truyền thanh xã Thử Nghiệm." in page and "05:00" in page
    assert "Trước hết là thông báo quan trọng." in page and page.index("Phòng chống bão") < page.index("Lịch cắt điện")
    assert "<code>{weekday}</code>" in page


@pytest.mark.parametrize(("change", "told"), [
    ({"p1-say": "Hôm nay là {thu}."}, "thu"), ({"p1-say": "Hôm nay {"}, "ngoặc"), ({"p0-sound": "khong-co"}, "khong-co"),
    ({"p1-since": "2027-02-01", "p1-until": "2027-01-01"}, "ngày bắt đầu sau"), ({"p0-pause_seconds": "500.0"}, "từ 0 đến 100"),
])
def test_what_is_wrong_is_told_keeps_what_was_typed_and_is_not_saved(site, editor, change, told):
    address = "/program-templates/daily"
    answer = site.post(editor, address, {**_fields(_text(editor.get(address))), **change, "do": "save"})
    assert answer.status_code == 400 and told in _text(answer).split('role="alert"', 1)[1][:400]
    kept = _fields(_text(answer))
    assert {key: kept[key] for key in change if key != "p0-sound"} == {k: v for k, v in change.items() if k != "p0-sound"}
    assert not (site.settings.home.schedules / "templates").exists()


@pytest.mark.parametrize("change", [{"p1-since": "hôm qua"}, {"p0-pause_seconds": "lâu"}, {"count": "x"}, {"p0-kind": "nhạc"}])
def test_a_form_that_no_browser_sends_is_refused(site, editor, change):
    address = "/program-templates/daily"
    answer = site.post(editor, address, {**_fields(_text(editor.get(address))), **change, "do": "save"})
    assert answer.status_code in (400, 409) and not (site.settings.home.schedules / "templates").exists()


def test_a_built_in_template_that_was_changed_comes_back_and_one_in_use_stays(site, editor):
    address, home = "/program-templates/daily", site.settings.home
    page = _text(editor.get(address))
    site.post(editor, address, {**_fields(page), "title": "Bản tin xã", "do": "save"})
    assert load_template("daily", home).title == "Bản tin xã"
    assert "Trở lại mẫu có sẵn" in _text(editor.get(address))
    site.post(editor, f"{address}/remove")
    assert load_template("daily", home).title != "Bản tin xã"
    site.post(editor, "/program-templates/", title="Riêng", base="daily")
    with site.database.session() as s:
        s.add(Slot(name="Chiều", start_time="17:00:00", duration_seconds=900, rule={}, fill="rieng"))
    assert "1 khung giờ" in _text(site.post(editor, "/program-templates/rieng/remove"))
    assert load_template("rieng", home).title == "Riêng"
    assert editor.get("/program-templates/../../station").status_code == 404
    assert site.post(editor, "/program-templates/", title="!!!", base="daily").status_code == 409


def test_a_file_written_wrongly_by_hand_is_told_and_stops_nothing_else(site, editor):
    folder = site.settings.home.schedules / "templates"
    folder.mkdir(parents=True)
    (folder / "hong.toml").write_text("[[parts]\n", encoding="utf-8")
    (folder / "rong.toml").write_bytes(b"\xff\xfe\x00")
    page = _text(editor.get("/program-templates/"))
    assert "hong.toml" in page and "rong.toml" in page and "viết sai cú pháp" in page
    for address in ("/programs/new", "/programs/1", "/voices/"):
        assert editor.get(address).status_code == 200
    assert site.client("operator").get("/schedule/slots/new").status_code == 200
    assert editor.get("/program-templates/hong").status_code == 404
    site.post(editor, "/program-templates/hong/remove")
    assert not (folder / "hong.toml").exists() and (folder / "rong.toml").exists()


def test_others_may_read_the_wording_and_change_nothing(site):
    leader = site.client("approver")
    page = _text(leader.get("/program-templates/daily?day=2026-11-24"))
    assert "thứ Ba" in page and 'name="do"' not in page and "csrf_token" not in page.split('id="template"', 1)[1].split("</form>")[0]
    assert site.post(leader, "/program-templates/daily", do="save").status_code == 403
    assert site.client("editor").post("/program-templates/daily", data={"do": "save"}).status_code == 400, "without its token"

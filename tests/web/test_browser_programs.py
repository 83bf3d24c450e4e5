"""A program that overruns its slot, and a template, in a real Chromium (the fixture's program)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from station.db.models import Bulletin, Program, Slot
from station.programs.model import Priority
from station.programs.template import load_template
from tests.web.browser import open_as, served, until
from tests.web.test_program_length import _fit

pytestmark = pytest.mark.browser


def test_a_program_that_overruns_is_made_to_fit_on_a_phone_and_both_profiles_are_heard(site, browser):
    with site.database.session() as s:
        s.get_one(Bulletin, 1).priority = Priority.PRIORITY
    limit = round(_fit(site)[1].seconds) - 6
    with site.database.session() as s:
        s.get_one(Slot, 1).duration_seconds = limit
    with served(site) as base:
        _, page = open_as(browser, base, "editor", "phone")
        page.goto(f"{base}/programs/1")
        box = page.locator("#length")
        expect(box).to_contain_text("Quá khung giờ 0:0")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing runs over the phone's edge"
        box.get_by_role("button", name="Rút ngắn quãng nghỉ").click()
        expect(page.locator("#length")).to_contain_text("Quãng nghỉ đã rút còn")
        expect(page.locator("#length")).not_to_contain_text("Quá khung giờ")
        page.locator("#length").get_by_role("button", name="Trở về như mẫu").click()
        page.locator("#length").get_by_role("button", name=re.compile("Chuyển “Lịch tiêm phòng” sang chương trình sau")).click()
        expect(page.locator("body")).to_contain_text("Đã chuyển sang")
        expect(page.locator("#length")).not_to_contain_text("Quá khung giờ")
        page.get_by_text("So sánh kiểu âm thanh của loa").click()
        for name in ("Loa thường", "Loa nén ngoài trời"):
            page.get_by_label(f"Nghe kiểu {name}").evaluate("sound => { sound.muted = true; return sound.play(); }")
            until(page, f"document.querySelector('[aria-label=\"Nghe kiểu {name}\"]').currentTime > 0.2")
        vtt = page.get_by_role("link", name="Phụ đề VTT").get_attribute("href")
        page.evaluate("""address => {
            const film = document.createElement('video'), track = document.createElement('track');
            track.src = address; track.default = true; track.id = 'words'; film.append(track); document.body.append(film);
            track.track.mode = 'showing';
        }""", vtt)
        until(page, "(document.getElementById('words').track.cues || []).length === document.querySelectorAll('button.cue').length")
        assert page.script_errors == []
    with site.database.session(write=False) as s:
        assert [item.bulletin_id for item in s.get_one(Program, 1).items] == [1]


def test_a_template_is_changed_read_for_a_day_and_kept(site, browser):
    with served(site) as base:
        _, page = open_as(browser, base, "editor", "desktop")
        page.goto(f"{base}/program-templates/")
        page.fill("#f-title", "Bản tin chiều")
        page.get_by_role("button", name="Tạo mẫu").click()
        page.wait_for_url(f"{base}/program-templates/ban-tin-chieu")
        page.locator("#part-1 > details > summary").click()
        page.fill("#f-p1-say", "Mời bà con nghe bản tin chiều {weekday}.")
        page.fill("#f-day", "2026-11-24")
        page.get_by_role("button", name="Xem lời của ngày này").click()
        expect(page.locator(".wording")).to_contain_text("Mời bà con nghe bản tin chiều thứ Ba.")
        page.get_by_role("button", name="Đưa lên: Lời chào").click()
        expect(page.locator("#part-0 h2")).to_contain_text("Lời chào")
        page.get_by_role("button", name="Lưu mẫu").click()
        expect(page.locator("body")).to_contain_text("Đã lưu mẫu")
        assert page.script_errors == []
    kept = load_template("ban-tin-chieu", site.settings.home).parts
    assert kept[0].say == ("Mời bà con nghe bản tin chiều {weekday}.",)

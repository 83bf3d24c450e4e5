"""The day's work in a real Chromium, at phone and desktop width.  Pages and words are invented."""

from __future__ import annotations

import re
import shutil

import pytest
from playwright.sync_api import expect

from station.db.models import Bulletin, Program
from station.db.states import ProgramState
from tests.web.browser import on_air, open_as, served, until, working
from tests.web.conftest import draw_page

pytestmark = pytest.mark.browser


@pytest.mark.slow
def test_from_photo_on_a_phone_to_approval_on_another(site, browser, tmp_path):
    with served(site) as base, working(site):
        _, editor = open_as(browser, base, "editor", "phone")
        editor.click("text=Thêm bản tin")
        first = draw_page(tmp_path / "trang1.jpg")
        shutil.copy(first, tmp_path / "trang2.jpg")
        editor.set_input_files("#files", [str(first), str(tmp_path / "trang2.jpg")])
        expect(editor.locator("#shots li")).to_have_count(2)
        editor.locator("#shots li").nth(1).get_by_role("button", name="Bỏ trang này").click()
        expect(editor.locator("#shots li")).to_have_count(1)
        editor.get_by_role("button", name="Gửi bản tin").click()
        editor.wait_for_url(re.compile(r"/bulletins/\d+$"))
        editor.reload()  # leaving and coming back loses nothing
        editor.get_by_role("link", name="Soát lại nội dung").click(timeout=60_000)

        area = editor.locator("#text")
        expect(area).to_have_value(re.compile("tạm ngừng"))
        editor.click("#next-doubt")
        expect(editor.locator("#pages rect.here")).to_have_count(1)
        area.press("End")
        area.press_sequentially(" Đã soát.")
        expect(editor.locator("#saved")).to_contain_text("Đã lưu lúc")
        expect(editor.locator("#spoken")).to_contain_text("Đã soát")
        area.press("Control+z")
        editor.get_by_role("button", name="Nội dung đã đúng").click()
        editor.get_by_role("link", name="Đưa vào chương trình mới").click()
        editor.get_by_role("button", name="Tạo và dựng ngay").click()
        editor.get_by_role("button", name="Gửi duyệt").click(timeout=90_000)
        expect(editor.locator("body")).to_contain_text("Đã gửi chương trình để duyệt")
        number = int(re.search(r"/programs/(\d+)", editor.url)[1])

        _, leader = open_as(browser, base, "approver", "phone")
        leader.goto(f"{base}/approvals/{number}")
        sound = leader.locator("#sound")
        sound.evaluate("sound => { sound.muted = true; return sound.play(); }")
        until(leader, "document.getElementById('sound').currentTime > 0.3")
        cue = leader.locator("button.cue").nth(3)
        cue.click()
        until(leader, "document.querySelectorAll('button.cue.said').length === 1")
        sound.evaluate("sound => sound.pause()")
        leader.get_by_role("button", name="Duyệt cho phát").click()
        expect(leader.locator("body")).to_contain_text("sẽ phát theo lịch")
        assert editor.script_errors == [] and leader.script_errors == []
    with site.database.session(write=False) as s:
        assert s.get_one(Program, number).state is ProgramState.APPROVED


def test_what_is_typed_survives_a_lost_network_and_a_reload(site, browser):
    with served(site) as base:
        context, page = open_as(browser, base, "editor")
        page.goto(f"{base}/bulletins/2/text/")
        context.set_offline(True)
        page.locator("#text").press("Control+End")
        page.locator("#text").press_sequentially(" Chữ gõ khi mất mạng.")
        expect(page.locator("#saved")).to_contain_text("Mất mạng")
        context.set_offline(False)
        expect(page.locator("#saved")).to_contain_text("Đã lưu lúc", timeout=15_000)
        context.set_offline(True)
        page.locator("#text").press_sequentially(" Thêm nữa.")
        expect(page.locator("#saved")).to_contain_text("Mất mạng")
        page.on("dialog", lambda dialog: dialog.accept())
        context.set_offline(False)
        page.reload()
        expect(page.locator("#text")).to_have_value(re.compile("Chữ gõ khi mất mạng. Thêm nữa."))


def test_a_bulletin_that_could_not_be_sent_stays_in_the_browser(site, browser, tmp_path):
    with served(site) as base:
        context, page = open_as(browser, base, "editor", "phone")
        page.goto(f"{base}/bulletins/new")
        page.set_input_files("#camera", str(draw_page(tmp_path / "a.jpg")))
        expect(page.locator("#shots li")).to_have_count(1)
        context.set_offline(True)
        page.get_by_role("button", name="Gửi bản tin").click()
        expect(page.locator("#upload-status")).to_contain_text("Chưa gửi được")
        expect(page.locator("#shots li")).to_have_count(1)
        context.set_offline(False)
        page.get_by_role("button", name="Gửi bản tin").click()
        page.wait_for_url(re.compile(r"/bulletins/\d+$"))
    with site.database.session(write=False) as s:
        assert s.query(Bulletin).count() == 3


def test_the_home_page_follows_what_is_on_air(site, browser):
    on_air(site, title="Bản tin sáng", position_seconds=5)
    with served(site) as base:
        _, page = open_as(browser, base, "operator", "phone")
        expect(page.locator("[data-live-title]")).to_have_text("Bản tin sáng")
        on_air(site, title="Bản tin thứ hai", position_seconds=61, rms_dbfs=-10)
        expect(page.locator("[data-live-title]")).to_have_text("Bản tin thứ hai")
        expect(page.locator("[data-live-position]")).to_have_text("1:01")
        assert page.locator("[data-live-level]").get_attribute("width") == "50"
        assert page.script_errors == []


def test_the_home_page_polls_where_streams_are_refused(site, browser):
    on_air(site, title="Một")
    with served(site) as base:
        context, page = open_as(browser, base, "operator")
        context.route("**/events", lambda route: route.fulfill(status=204))
        page.reload()
        on_air(site, title="Hai")
        expect(page.locator("[data-live-title]")).to_have_text("Hai", timeout=9_000)


def test_the_order_is_changed_by_drag(site, browser):
    with served(site) as base:
        _, page = open_as(browser, base, "editor")
        page.goto(f"{base}/programs/1")
        if page.evaluate("!window.Sortable"):
            page.locator("#order li").first.get_by_role("button", name="Đưa xuống").click()
        else:
            page.locator("#order .handle").first.drag_to(page.locator("#order li").nth(1), target_position={"x": 30, "y": 60})
        page.wait_for_timeout(1200)
        with site.database.session(write=False) as s:
            assert [item.bulletin_id for item in s.get_one(Program, 1).items] == [2, 1]
        assert page.script_errors == []


def test_an_airing_is_moved_by_drag_for_its_day_only(site, browser):
    from station.db.models import Slot, SlotException

    with site.database.session() as s:
        s.add(Slot(name="Buổi chiều", start_time="17:00:00", duration_seconds=1800, rule={}, fill="daily"))
    with served(site) as base:
        _, page = open_as(browser, base, "operator")
        page.goto(f"{base}/schedule/?day=2031-03-04")
        if page.evaluate("!window.Sortable"):
            form = page.locator(".day").first.locator("details").first
            form.locator("summary").click()
            form.locator("input[type=time]").fill("17:30")
            form.get_by_role("button", name="Đổi giờ").click()
        else:
            day = page.locator(".day").first
            day.locator(".airing .time").first.drag_to(day.locator(".airing").nth(1), target_position={"x": 20, "y": 90})
        page.wait_for_timeout(1500)
        assert page.script_errors == []
    with site.database.session(write=False) as s:
        moved = s.query(SlotException).filter(SlotException.local_date > "2031-01-01").all()
        assert [(row.slot_id, row.action, row.data) for row in moved] == [(1, "move", {"start": "17:30:00"})]


def test_one_tap_takes_a_part_of_the_paper_off_the_air(site, browser):
    with served(site) as base:
        _, page = open_as(browser, base, "editor", "phone")
        page.goto(f"{base}/bulletins/1/text/")
        page.locator("#text").press("Control+End")
        page.locator("#text").press_sequentially(" Thêm lời.")
        page.locator("summary", has_text="Phần nào của tờ giấy").click()
        title = page.locator("#blocks .form-check", has_text="THÔNG BÁO").first
        title.locator("input").uncheck(no_wait_after=True)
        expect(page.locator("body")).to_contain_text("Đã đổi phần được đọc")
        text = page.locator("#text").input_value()
        assert "THÔNG BÁO" not in text and "Thêm lời." in text
        assert page.script_errors == []


def test_a_page_taken_again_replaces_the_first_one(site, browser, tmp_path):
    with served(site) as base:
        _, page = open_as(browser, base, "editor", "phone")
        page.goto(f"{base}/bulletins/new")
        page.set_input_files("#camera", str(draw_page(tmp_path / "mo.jpg")))
        expect(page.locator("#shots li")).to_have_count(1)
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Chụp lại").click()
        chooser.value.set_files(str(draw_page(tmp_path / "ro.jpg")))
        expect(page.locator("#shots li strong")).to_have_text("Trang 1: ro.jpg")
        page.once("dialog", lambda dialog: dialog.accept())


def test_every_part_is_reached_by_keyboard(site, browser):
    with served(site) as base:
        _, page = open_as(browser, base, "editor")
        page.goto(f"{base}/bulletins/")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        seen = set()
        for _ in range(60):
            page.keyboard.press("Tab")
            seen.add(page.evaluate("document.activeElement.textContent.trim().slice(0, 40)"))
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none" or page.evaluate("document.activeElement === document.body")
        assert {"Thêm bản tin", "Lịch tiêm phòng", "Tìm", "Đăng xuất"} <= seen
        assert any(words.startswith("Thông báo") for words in seen)


def test_sentences_are_heard_from_the_chosen_one_onward(site, browser):
    with served(site) as base:
        _, page = open_as(browser, base, "editor")
        fetched = []
        page.on("request", lambda request: fetched.append(request.url) if "/say/" in request.url else None)
        page.goto(f"{base}/bulletins/1/text/")
        page.locator("#spoken a.say").nth(1).click()
        until(page, "document.querySelector('#spoken .playing') !== null")
        page.wait_for_timeout(800)
        assert any(url.endswith("/say/1") for url in fetched)
        assert not any(url.endswith("/say/0") for url in fetched)
        assert page.script_errors == []

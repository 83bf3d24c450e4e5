"""The page of voices in a real browser: a voice is heard, and one that cannot speak says why."""

from __future__ import annotations

import pytest

from station.web import remembered
from tests.web.browser import open_as, served, until

pytestmark = pytest.mark.browser


def test_a_voice_is_heard_and_a_spoilt_one_says_why_beside_its_player(site, browser, tmp_path):
    home = site.settings.home
    folder = home.models / "hong"
    folder.mkdir(parents=True)
    (folder / "m.onnx").write_bytes(b"khong phai mo hinh")
    (folder / "m.onnx.json").write_text("{}", encoding="utf-8")
    (home.voices / "hong.toml").write_text('[voice]\nname = "Giọng hỏng"\nengine = "piper"\n', encoding="utf-8")
    remembered.forget()
    with served(site) as base:
        context, page = open_as(browser, base, "administrator", "phone")
        page.goto(f"{base}/voices/")
        page.evaluate("document.querySelector('audio[data-told=\"told-espeak-bac-nu\"]').play()")
        until(page, "document.querySelector('audio[data-told=\"told-espeak-bac-nu\"]').currentTime > 0.1")
        page.evaluate("document.querySelector('audio[data-told=\"told-hong\"]').play().catch(() => {})")
        until(page, "document.getElementById('told-hong').textContent.includes('Không nạp được mô hình giọng đọc')")
        page.reload()
        assert "đọc 1 phút lời mất" in page.inner_text("section:has(#v-espeak-bac-nu)")
        page.screenshot(path=str(tmp_path / "voices.png"), full_page=True)
        assert page.script_errors == []
        context.close()

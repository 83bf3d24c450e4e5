"""Vietnamese is complete because it is the source; English is complete because this fails when a string lacks it."""

from __future__ import annotations

import re
from pathlib import Path

from station.web import messages
from station.web.settings_words import WORDS, settings_of
from tests.web.test_permissions import addresses

TEMPLATES = Path(messages.__file__).parent / "templates"
VIETNAMESE = re.compile(r"[ăâđêôơưĂÂĐÊÔƠƯàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ]")


def test_every_string_of_the_page_has_its_english():
    known = messages.stored()
    missing = []
    for message in messages.extracted():
        found = known.get(message.id) if message.id else None
        if message.id and (found is None or not found.string or (isinstance(found.string, tuple) and not all(found.string))):
            missing.append(message.id)
    assert missing == [], "run: python -m station.web.messages, and translate what it prints"


def test_every_translation_keeps_its_placeholders():
    wrong = []
    for message in messages.stored():
        if isinstance(message.id, str) and message.id:
            if set(re.findall(r"%\(\w+\)s", message.id)) != set(re.findall(r"%\(\w+\)s", str(message.string))):
                wrong.append(message.id)
    assert wrong == []


def test_the_compiled_catalog_is_the_written_one():
    assert messages.PO.with_suffix(".mo").read_bytes() == messages.compiled(messages.stored())


def test_no_template_holds_vietnamese_that_cannot_be_translated():
    found = []
    for path in TEMPLATES.rglob("*.html"):
        text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.S)
        text = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", text, flags=re.S)
        if VIETNAMESE.search(text):
            found.append((path.name, VIETNAMESE.search(text)[0]))
    assert found == []


def test_every_setting_is_explained(site):
    shown = {f"{section}.{one.key}" for section, rows in settings_of(site.settings).items() for one in rows}
    assert shown == set(WORDS)


def test_in_english_no_page_speaks_vietnamese_but_for_what_people_wrote(site):
    client = site.client("administrator")
    site.post(client, "/language", language="en")
    written = (
        "Đài truyền thanh xã Thử Nghiệm", "Thử Nghiệm", "Đông", "Tây", "Thanh Hóa", "Tiếng Việt", "lang=\"vi\"",
    )
    for address in ("/", "/bulletins/", "/bulletins/new", "/programs/new", "/approvals/", "/schedule/slots/new", "/log/",
                    "/reports/", "/settings/", "/users/new", "/health/", "/help/", "/emergency/", "/talk/", "/setup/"):
        page = re.sub(r'value="[^"]*"|<option.*?</option>|<textarea.*?</textarea>', "", client.get(address).get_data(as_text=True), flags=re.S)
        page = re.sub(r"[Ff]or example: [^<]*", "", page)
        for words in written:
            page = page.replace(words, "")
        body = re.sub(r"<[^>]+>", " ", page.split("<main", 1)[1])
        kept = [w for w in re.findall(r"[^\n<>]{0,25}" + VIETNAMESE.pattern + r"[^\n<>]{0,25}", body) if not _of_people(w)]
        assert kept == [], (address, kept)


def _of_people(words: str) -> bool:
    """Names, titles and sentences that staff or the fixture wrote."""
    return any(part in words for part in (
        "Người", "Chương trình thử", "Lịch tiêm phòng", "Buổi sáng", "Thông báo", "Báo động", "Card thử", "thử", "chương trình phát thanh",
        "ngày rằm", "mùng một",
    ))


def test_every_address_answers_in_english_too(site):
    client = site.client("administrator")
    site.post(client, "/language", language="en")
    for endpoint, method, address in addresses(site.app):
        if method == "GET" and endpoint not in ("home.events", "auth.sign_out"):
            assert client.get(address).status_code < 500, address


def test_dates_are_written_as_people_write_them(site):
    with site.app.test_request_context():
        from datetime import date

        from station.web.context import day, decimal, duration, lunar

        assert day(date(2026, 11, 24)) == "Thứ Ba, 24/11/2026"
        assert lunar(date(2026, 2, 17)) == "mùng một tháng Giêng"
        assert duration(3725) == "1:02:05" and duration(65.4) == "1:05"
        assert decimal(-16.04) == "−16,0"

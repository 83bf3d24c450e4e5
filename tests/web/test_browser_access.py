"""axe-core on every page at phone and desktop width, touch targets, zoom, and weight of pages."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from station.db.models import Alarm, Bulletin, Emergency, Job, Slot
from station.db.states import EmergencyState, JobKind, JobState
from tests.web.browser import SIZES, chromium, on_air, open_as, served
from tests.web.test_permissions import addresses

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
#: small things inside a sentence, and controls that the browser draws itself
TARGETS = """
() => [...document.querySelectorAll('button, a.btn, summary, select, input:not([type=hidden]):not([type=checkbox]), nav a')]
  .filter((e) => e.checkVisibility() && !e.closest('.visually-hidden') && !e.classList.contains('visually-hidden'))
  .map((e) => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()])
  .filter(([, box]) => box.width > 0 && (box.height < 43.5 || box.width < 43.5)).map(([html]) => html)
"""


SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"


def keep(page, size, address, violations):
    """What CI keeps where it asks for it: a picture of each page, and axe-core's result for it."""
    folder = os.environ.get("STATION_TEST_OUTPUT")
    if folder:
        out = Path(folder) / size
        out.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=out / f"{address.strip('/').replace('/', '_').split('?')[0] or 'home'}.png")
        with open(out / "axe.jsonl", "a", encoding="utf-8") as file:
            file.write(json.dumps({"page": address, "violations": [v["id"] for v in violations]}) + "\n")


def busy(site):
    """What a page shows on a bad day: a running job, a failed one, an alarm, an emergency that waits, a wrong day."""
    with site.database.session() as s:
        s.add(Job(kind=JobKind.BUILD, state=JobState.RUNNING, program_id=1, step="speaking", done=3, total=9))
        s.add(Job(kind=JobKind.READ, state=JobState.FAILED, bulletin_id=2, message="Không đọc được tệp."))
        s.add(Alarm(kind="silence", message="Phát nhưng không có tiếng."))
        s.add(Emergency(idempotency_key="cho", state=EmergencyState.WAITING, content="Chờ xác nhận", requested_by_id=1))
        s.add(Slot(name="Chồng giờ", start_time="05:10:00", duration_seconds=7200, rule={}, fill="daily"))
        s.get_one(Bulletin, 2).problem = "blur dark"


def pages_of(site):
    """Every page that answers a signed-in administrator with HTML, and the doors."""
    client = site.client("administrator")
    found = []
    for endpoint, method, address in addresses(site.app):
        if method != "GET" or endpoint in ("home.events", "static", "bootstrap.static"):
            continue
        if endpoint.endswith((".progress", ".banner")):
            continue  # no pages of their own: the progress of a job and the emergency's banner are parts of one
        answer = client.get(address)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            found.append(address)
    return sorted(set(found))


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_no_page_has_a_barrier(site, size):
    on_air(site)
    busy(site)
    pages = pages_of(site)
    assert len(pages) > 25
    trouble = []
    with sync_playwright() as playwright, served(site) as base:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        _, door = open_as(browser, base, None, size)
        _, page = open_as(browser, base, "administrator", size)
        axe = Axe()
        for where, address in [(door, "/sign-in"), (door, "/listen/"), *((page, address) for address in pages)]:
            where.goto(base + address)
            where.evaluate("document.querySelectorAll('details:not(.more)').forEach((e) => { e.open = true; })")
            found = axe.run(where, options=WCAG).response["violations"]
            trouble += [
                (address, v["id"], node["html"][:120], node.get("failureSummary", "")[:160]) for v in found for node in v["nodes"][:3]
            ]
            trouble += [(address, "target", html) for html in where.evaluate(TARGETS)]
            trouble += [(address, "scrolls sideways")] if where.evaluate(SIDEWAYS) else []
            keep(where, size, address, found)
            if size == "phone":
                # 320 pixels is a page of 1280 at 400% (WCAG 1.4.10)
                where.set_viewport_size({"width": 320, "height": 640})
                trouble += [(address, "scrolls sideways at 320")] if where.evaluate(SIDEWAYS) else []
                where.set_viewport_size(SIZES[size]["viewport"])
        browser.close()
    assert not trouble, "\n".join(map(str, trouble))

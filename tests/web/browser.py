"""A real Chromium against the page served by waitress, as a station serves it."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, Page
from waitress.server import create_server

from station.db.types import utc_now
from tests.web.conftest import PASSWORD, StationUnderTest

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 1}
DESKTOP = {"viewport": {"width": 1280, "height": 860}, "device_scale_factor": 1}
SIZES = {"phone": PHONE, "desktop": DESKTOP}


def chromium() -> str | None:
    """Debian's Chromium, or another one in PATH."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@contextmanager
def served(site: StationUnderTest) -> Iterator[str]:
    """The page's address while it is served."""
    server = create_server(site.app, host="127.0.0.1", port=0, threads=8)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        server.task_dispatcher.shutdown(timeout=1)
        server.close()


@contextmanager
def working(site: StationUnderTest) -> Iterator[None]:
    """A worker that does jobs as they come, beside the page."""
    stop = threading.Event()

    def loop() -> None:
        while not stop.wait(0.3):
            site.work()

    thread = threading.Thread(target=loop, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(60)


def on_air(site: StationUnderTest, **facts: object) -> None:
    """The air process's sign of life, as it writes it each second."""
    from station.db.models import Heartbeat

    with site.database.session() as s:
        s.merge(Heartbeat(name="worker", holder="test", at=utc_now(), data={}))
        s.merge(Heartbeat(name="air", holder="test", at=utc_now(), data={
            "source": "schedule", "title": "Chương trình thử", "program_id": 1, "position_seconds": 12,
            "duration_seconds": 100, "rms_dbfs": -20, "peak_dbfs": -3, **facts,
        }))


def until(page: Page, condition: str, seconds: float = 15.0) -> None:
    """Wait until a JavaScript condition holds.  (Playwright's own way needs eval, which the page's policy forbids.)"""
    end = time.monotonic() + seconds
    while not page.evaluate(condition):
        assert time.monotonic() < end, f"never true: {condition}"
        page.wait_for_timeout(100)


def open_as(browser: Browser, base: str, name: str | None, size: str = "desktop") -> tuple[BrowserContext, Page]:
    """A browser window, signed in by the sign-in page; errors of the page's scripts fail the test at the end."""
    context = browser.new_context(**SIZES[size], locale="vi-VN")
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.script_errors = []  # type: ignore[attr-defined]
    page.on("pageerror", lambda error: page.script_errors.append(str(error)))  # type: ignore[attr-defined]
    page.on("console", lambda m: page.script_errors.append(m.text) if "Content Security Policy" in m.text else None)  # type: ignore[attr-defined]
    if name is not None:
        page.goto(f"{base}/sign-in")
        page.fill("#f-username", name)
        page.fill("#f-password", PASSWORD)
        page.click("button.btn-primary")
        page.wait_for_url(f"{base}/")
    return context, page

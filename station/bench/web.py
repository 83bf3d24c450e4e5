"""``station bench web``: the page with 10,000 bulletins and three years of as-run rows, used by ten people at once.

The page is served by waitress in a process of its own.  Each person opens a page, looks at it for a second or so
(``--set think=1.0``), and opens the next.  Server time is what the server itself measures for a request (its
``Server-Timing`` header), so that the clients of the bench do not count.  The baseline is the list of bulletins as
one would write it first: all rows, each row's author asked for one by one.

``--set people=10 --set seconds=90 --set bulletins=10000 --set years=3``
"""

from __future__ import annotations

import http.client
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import sqlalchemy as sa

from station.bench import Figure
from station.config import load_settings
from station.db import Database, open_database
from station.db.models import (
    Approval,
    AsRun,
    Bulletin,
    Occurrence,
    Program,
    ProgramItem,
    Render,
    Slot,
    Text,
    User,
)
from station.db.states import BulletinState, Decision, Outcome, ProgramState, SourceKind, TextKind, UserRole
from station.editorial import people

PASSWORD = "do-toc-do-trang"
#: every page that staff open, by a name for the figures
PAGES: dict[str, str] = {
    "home": "/", "live": "/live", "bulletins": "/bulletins/", "bulletins_last": "/bulletins/?page=390",
    "bulletins_search": "/bulletins/?q=ti%C3%AAm+ph%C3%B2ng", "bulletin": "/bulletins/77", "new": "/bulletins/new",
    "proofread": "/bulletins/10000/text/", "spoken": "/bulletins/77/text/spoken", "programs": "/programs/",
    "program": "/programs/900", "program_new": "/programs/new", "approvals": "/approvals/", "approval": "/approvals/900",
    "week": "/schedule/", "month": "/schedule/month", "slot": "/schedule/slots/1", "log": "/log/",
    "log_years": "/log/?from=2000-01-01&to=2100-01-01", "log_search": "/log/?from=2000-01-01&to=2100-01-01&q=tin+900",
    "reports": "/reports/", "lexicon": "/lexicon/", "voices": "/voices/", "sounds": "/sounds/", "users": "/users/",
    "settings": "/settings/", "health": "/health/", "emergency": "/emergency/", "account": "/account/",
}
_TEXT = (
    "THÔNG BÁO\nNgày 25/11/2026, từ 7h30 đến 11h00, tạm ngừng cấp điện tại 9/9 thôn.\n"
    "Đề nghị các hộ gia đình chủ động trong sản xuất và sinh hoạt, hoàn thành trước 17h00.\n"
) * 3


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _document(text: str) -> dict[str, object]:
    """A reading with a box and a confidence for each word, as Tesseract gives."""
    blocks = []
    for row, line in enumerate(text.splitlines()):
        words = [
            {"text": word, "box": [100 + 90 * n, 100 + 50 * row, 80, 36], "confidence": 0.99 if n % 9 else 0.7,
             "check": "number" if word[:1].isdigit() else "", "unknown": False} for n, word in enumerate(line.split())
        ]
        blocks.append({"role": "body", "spoken": True, "text": line, "box": [100, 100 + 50 * row, 1400, 40], "rows": [],
                       "said": "", "lines": [{"text": line, "box": None, "words": words}]})
    return {"pages": [{"number": 1, "width": 1654, "height": 2339, "image": "", "source": "text", "problems": [],
                       "corners": [], "rotation": 0, "seconds": 1.0, "blocks": blocks}], "warnings": []}


def fill(database: Database, bulletins: int, years: float) -> None:
    """Years of work in one go; everything is invented."""
    now = datetime.now(UTC)
    days = max(3, int(years * 365))
    programs = min(days, max(3, bulletins // 10))
    with database.session() as s:
        for role in UserRole:
            people.create_user(s, username=role.value, password=PASSWORD, role=role, display_name=f"Người {role.value}")
        user = s.scalar(sa.select(User.id).where(User.username == "editor"))
        words = ("cắt điện", "tiêm phòng", "họp thôn", "gieo cấy", "phòng chống bão", "vệ sinh môi trường")
        states = {0: BulletinState.PROOFREADING, 1: BulletinState.READY}
        s.execute(sa.insert(Bulletin), [
            {"id": n, "title": f"Thông báo {words[n % 6]} số {n}", "created_by_id": user, "content_sha256": f"{n:064x}",
             "state": states.get(bulletins - n >> 4, BulletinState.ARCHIVED if n % 5 else BulletinState.READY),
             "created_at": now - timedelta(minutes=(bulletins - n) * 150)} for n in range(1, bulletins + 1)
        ])
        s.execute(sa.insert(Text), [
            {"bulletin_id": n, "kind": TextKind.READ, "version": 1, "content": _TEXT} for n in range(1, bulletins + 1)
        ])
        s.execute(sa.update(Bulletin).where(Bulletin.id == bulletins).values(document=_document(_TEXT)))
        cues = [{"text": f"Câu thứ {n} của chương trình.", "start_frame": n * 48000, "end_frame": n * 48000 + 40000, "segment": 0} for n in range(120)]
        chapters = [{"title": f"Phần {n}", "kind": "item", "start_frame": n * 480000, "end_frame": (n + 1) * 480000} for n in range(10)]
        s.execute(sa.insert(Program), [
            {"id": n, "title": f"Chương trình {n}", "air_date": (now - timedelta(days=programs - n)).date(), "created_by_id": user,
             "state": ProgramState.SUBMITTED if programs - n < 3 else ProgramState.APPROVED} for n in range(1, programs + 1)
        ])
        s.execute(sa.insert(Render), [
            {"id": n, "program_id": n, "path": "var/audio/x.flac", "sha256": f"{n:064x}", "script_sha256": "", "content_sha256": "",
             "frames": 48000 * 120, "sample_rate": 48000, "loudness_lufs": -16.0, "true_peak_dbtp": -1.0, "script": _TEXT,
             "cues": cues, "chapters": chapters} for n in range(1, programs + 1)
        ])
        s.execute(sa.update(Program).values(render_id=Program.id))
        s.execute(sa.insert(ProgramItem), [
            {"program_id": n, "position": k, "bulletin_id": 1 + (n * 7 + k) % bulletins, "title": f"Mục {k}"}
            for n in range(1, programs + 1) for k in range(8)
        ])
        s.execute(sa.insert(Approval), [
            {"program_id": n, "render_id": n, "decision": Decision.APPROVED, "render_sha256": f"{n:064x}", "user_id": user,
             "at": now - timedelta(days=programs - n)} for n in range(1, programs + 1)
        ])
        clocks = ("05:00:00", "11:00:00", "17:00:00")
        s.execute(sa.insert(Slot), [{"id": k + 1, "name": f"Buổi {k + 1}", "start_time": c, "fill": "daily"} for k, c in enumerate(clocks)])
        occurrences, sent = [], []
        for day in range(days):
            for k in range(3):
                at = (now - timedelta(days=day)).replace(hour=(22, 4, 10)[k], minute=0, second=0, microsecond=0)
                number = day * 3 + k + 1
                occurrences.append({
                    "id": number, "slot_id": k + 1, "local_date": (at + timedelta(hours=7)).date(), "planned_start": at,
                    "planned_end": at + timedelta(minutes=30), "started_at": at, "ended_at": at + timedelta(minutes=20),
                    "outcome": Outcome.AIRED if number % 50 else Outcome.PARTIAL,
                })
                sent += [
                    {"occurrence_id": number, "source": SourceKind.SCHEDULE, "title": f"Tin {number} mục {item}", "real_start": at + timedelta(minutes=item),
                     "real_end": at + timedelta(minutes=item + 1), "outcome": Outcome.AIRED, "level_dbfs": -20.0} for item in range(8)
                ]
        s.execute(sa.insert(Occurrence), occurrences)
        s.execute(sa.insert(AsRun), sent)


class Person:
    """One browser with a kept-open connection."""

    def __init__(self, port: int, username: str) -> None:
        self.port = port
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookie = ""
        _status, _headers, page = self.open("/sign-in")
        token = re.search(r'name="csrf-token" content="([^"]+)"', page.decode())
        assert token is not None
        body = urlencode({"csrf_token": token[1], "username": username, "password": PASSWORD})
        status, _headers, _page = self.open("/sign-in", body)
        if status != 303:
            raise RuntimeError(f"the bench could not sign in: {status}")

    def open(self, path: str, body: str | None = None) -> tuple[int, http.client.HTTPMessage, bytes]:
        headers = {"Cookie": self.cookie, "Accept": "text/html", "Accept-Encoding": "identity" if body is None and path == "/sign-in" else "gzip"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request("GET" if body is None else "POST", path, body, headers)
        answer = self.connection.getresponse()
        content = answer.read()
        for value in answer.headers.get_all("Set-Cookie") or []:
            self.cookie = value.split(";", 1)[0]
        return answer.status, answer.headers, content


def _server_ms(headers: http.client.HTTPMessage, what: str = "app") -> float:
    found = re.search(what + r";dur=([\d.]+)", headers.get("Server-Timing", ""))
    if found is None:
        raise RuntimeError("the server did not tell its time")
    return float(found[1])


def _serve(home: Path) -> tuple[subprocess.Popen[bytes], int]:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    process = subprocess.Popen(
        [sys.executable, "-m", "station", "--home", str(home), "web", "--host", "127.0.0.1", "--port", str(port)],
        stderr=subprocess.DEVNULL, env={**os.environ, "STATION_WEB_SERVER_TIMING": "1"},
    )
    for _ in range(200):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/alive")
            if connection.getresponse().status == 200:
                return process, port
        except OSError:
            time.sleep(0.2)
    process.kill()
    raise RuntimeError("the page did not start")


def _use(port: int, count: int, seconds: float, think: float) -> tuple[dict[str, list[float]], list[float]]:
    """Server milliseconds of each page while ``count`` people use them; and processor milliseconds of all pages."""
    cpu: list[float] = []
    times: dict[str, list[float]] = {name: [] for name in PAGES}
    failed: list[str] = []
    lock = threading.Lock()
    # Signing in costs a slow hash on purpose; it happens once a day and is not what is measured.
    signed_in = [Person(port, "administrator") for _ in range(count)]
    end = time.monotonic() + seconds

    def work(number: int) -> None:
        person = signed_in[number]
        dice = random.Random(number)
        names = list(PAGES)
        while time.monotonic() < end:
            dice.shuffle(names)
            for name in names:
                if time.monotonic() >= end:
                    return
                status, headers, _body = person.open(PAGES[name])
                with lock:
                    if status != 200:
                        failed.append(f"{name}: {status}")
                    times[name].append(_server_ms(headers))
                    cpu.append(_server_ms(headers, "cpu"))
                time.sleep(dice.uniform(0.5, 1.5) * think)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise RuntimeError(f"pages failed: {sorted(set(failed))}")
    return times, cpu


def p95(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.95))]


def _queries(home: Path) -> dict[str, int]:
    """SQL statements of each page, counted in this process."""
    from station.web import create_app

    settings = load_settings(home, environ={})
    database = open_database(settings)
    app = create_app(settings, database=database)
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    client.post("/sign-in", data={"username": "administrator", "password": PASSWORD})
    count = 0

    def add(*_event: object) -> None:
        nonlocal count
        count += 1

    sa.event.listen(database.engine, "before_cursor_execute", add)
    found = {}
    with database.session(write=False) as s:
        newest = {"bulletin": s.scalar(sa.select(sa.func.max(Bulletin.id))) or 1, "program": s.scalar(sa.select(sa.func.max(Program.id))) or 1}
    for name, path in PAGES.items():
        path = path.replace("/bulletins/77", f"/bulletins/{newest['bulletin']}").replace("/bulletins/10000", f"/bulletins/{newest['bulletin']}")
        path = path.replace("/programs/900", f"/programs/{newest['program']}").replace("/approvals/900", f"/approvals/{newest['program']}")
        client.get(path)
        count = 0
        client.get(path)
        found[name] = count
    database.close()
    return found


def _naive_ms(database: Database) -> float:
    """The list of bulletins as one would write it first."""
    from jinja2 import Template

    template = Template("{% for row in rows %}<li>{{ row.title }} {{ row.created_by.display_name }} {{ row.created_at }}</li>{% endfor %}")
    times = []
    for _ in range(3):
        start = time.perf_counter()
        with database.session(write=False) as s:
            template.render(rows=s.scalars(sa.select(Bulletin).order_by(Bulletin.created_at.desc())).all())
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def _home(folder: Path, bulletins: int, years: float) -> Path:
    folder.mkdir()
    (folder / "station.toml").write_text('[station]\nname = "Đài thử tải"\n[web]\nthreads = 8\n', encoding="utf-8")
    settings = load_settings(folder, environ={})
    database = open_database(settings)
    database.migrate()
    fill(database, bulletins, years)
    database.close()
    return folder


def run(options: Mapping[str, str]) -> Iterator[Figure]:
    """Yields the p95 of the slowest page, of all pages, the growth of queries, the weight of pages, and the first paint."""
    people_count, seconds = int(options.get("people", 10)), float(options.get("seconds", 90))
    bulletins, years = int(options.get("bulletins", 10000)), float(options.get("years", 3))
    think = float(options.get("think", 1.0))
    with tempfile.TemporaryDirectory() as folder:
        _say(f"filling {bulletins} bulletins and {years} years...")
        big = _home(Path(folder) / "big", bulletins, years)
        small = _home(Path(folder) / "small", 60, 0.05)
        database = open_database(load_settings(big, environ={}))
        naive = _naive_ms(database)
        database.close()
        many, few = _queries(big), _queries(small)
        grown = {name: many[name] - few[name] for name in PAGES if many[name] > few[name]}
        _say(f"queries a page: {many}; grown: {grown}")
        yield Figure("web.queries_grown_pages", len(grown), "pages", goal=0)
        yield Figure("web.queries_most", max(many.values()), "queries")
        process, port = _serve(big)
        try:
            first = Person(port, "administrator")
            for path in PAGES.values():
                first.open(path)
            yield from _weights(first)
            _say(f"{people_count} people for {seconds:.0f} s...")
            times, cpu = _use(port, people_count, seconds, think)
            for name, values in sorted(times.items(), key=lambda item: -p95(item[1])):
                _say(f"  {name}: n={len(values)} median={statistics.median(values):.1f} ms p95={p95(values):.1f} ms")
                yield Figure(f"web.p95.{name}", round(p95(values), 1), "ms", naive, 100)
            everything = [value for values in times.values() for value in values]
            yield Figure("web.p95", round(p95(everything), 1), "ms", naive, 100)
            # Processor time does not grow with what else the machine does: the figure to compare machines by.
            yield Figure("web.cpu_p95", round(p95(cpu), 1), "ms", naive, 100)
            paint = _first_paint(port)
            if paint is not None:
                yield Figure("web.first_contentful_paint", round(paint, 2), "s", goal=1.5)
        finally:
            process.terminate()
            process.wait(15)


def _weights(person: Person) -> Iterator[Figure]:
    """The heaviest page with all its styles and scripts as sent (no pictures, no sound)."""
    heaviest, where = 0, ""
    seen: dict[str, int] = {}
    for name, path in PAGES.items():
        _status, _headers, body = person.open(path)
        weight = len(body)
        import gzip

        page = gzip.decompress(body).decode() if body[:2] == b"\x1f\x8b" else body.decode()
        for asset in set(re.findall(r'(?:src|href)="(/(?:bootstrap/)?static/[^"]+)"', page)):
            if asset not in seen:
                seen[asset] = len(person.open(asset.replace("&amp;", "&"))[2])
            weight += seen[asset]
        if weight > heaviest:
            heaviest, where = weight, name
    _say(f"heaviest page: {where}")
    yield Figure("web.heaviest_page", round(heaviest / 1000, 1), "kB", goal=150)


def _first_paint(port: int) -> float | None:
    """Seconds to the first contentful paint of the sign-in and home pages on a throttled phone; None without Chromium.

    The profile is the usual one of a slow phone: 150 ms round trip, 1.6 Mbit/s, a quarter of this processor.
    """
    import shutil

    executable = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        executable = None
    if executable is None:
        _say("no Chromium or playwright: the first paint is not measured")
        return None
    slowest = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        for round_number in range(3):
            context = browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
            page = context.new_page()
            page.goto(f"http://127.0.0.1:{port}/sign-in")
            page.fill("#f-username", "editor")
            page.fill("#f-password", PASSWORD)
            page.click("button.btn-primary")
            page.wait_for_selector("#air")
            cold = browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True, storage_state=context.storage_state())
            page = cold.new_page()
            session = cold.new_cdp_session(page)
            session.send("Network.enable")
            session.send("Network.emulateNetworkConditions", {
                "offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8,
            })
            session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
            page.goto(f"http://127.0.0.1:{port}/", wait_until="commit")
            page.wait_for_selector("#air")
            page.wait_for_timeout(500)
            paints = page.evaluate("performance.getEntriesByName('first-contentful-paint').map((entry) => entry.startTime)")
            _say(f"first paint, round {round_number + 1}: {paints}")
            slowest.append(paints[0] / 1000)
            cold.close()
            context.close()
        browser.close()
    return statistics.median(slowest)

"""Makes docs/screenshots: a station with invented content, served for real, photographed by Chromium.

usage: python scripts/take_screenshots.py [OUT_DIR]   (needs chromium, tesseract, espeak-ng and the "test" extra)
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
import threading
from datetime import datetime, time, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from PIL import Image  # noqa: E402
from playwright.sync_api import Page, sync_playwright  # noqa: E402
from waitress.server import create_server  # noqa: E402

from station.config import load_settings  # noqa: E402
from station.db import open_database  # noqa: E402
from station.db.models import AsRun, Bulletin, Heartbeat, Occurrence, Program, Slot  # noqa: E402
from station.db.states import Outcome, SourceKind, UserRole  # noqa: E402
from station.db.types import utc_now  # noqa: E402
from station.editorial import approvals, bulletins, people, programs  # noqa: E402
from station.programs.model import Priority  # noqa: E402
from station.web import create_app  # noqa: E402
from station.work import enqueue_build, enqueue_read  # noqa: E402
from station.work.worker import Runner  # noqa: E402

PASSWORD = "anh-chup-man-hinh"
SETTINGS = """
[station]
name = "Đài truyền thanh xã Xuân Mẫu"
commune = "Xuân Mẫu"
hamlets = ["Đông Thịnh", "Tây Hồ", "Trung Chính"]
"""
TYPED = (
    ("Tiêm phòng cho trẻ dưới 5 tuổi", "Trạm Y tế xã tổ chức tiêm phòng cho trẻ dưới 5 tuổi vào lúc 7h30 ngày 26/11/2026 tại trạm.\nCác gia đình mang theo sổ tiêm chủng."),
    ("Lịch gieo cấy vụ Chiêm Xuân", "Hợp tác xã thông báo lịch lấy nước đổ ải từ ngày 05/01/2027.\nDiện tích gieo cấy toàn xã là 412 ha, đạt 100% kế hoạch."),
    ("Họp thôn bàn tiêu chí nông thôn mới", "Mời đại diện các hộ dự họp lúc 19h30 tối thứ Bảy tại nhà văn hóa thôn.\nNội dung: 9/9 thôn đăng ký tiêu chí NTM nâng cao."),
)


def fill(home: Path):  # noqa: ANN201
    """A morning at the station."""
    (home / "station.toml").write_text(SETTINGS, encoding="utf-8")
    shutil.copytree(ROOT / "voices", home / "voices")
    settings = load_settings(home, environ={})
    settings.home.ensure()
    database = open_database(settings)
    database.migrate()
    runner = Runner(settings, database)
    today = utc_now().astimezone(settings.zone).date()
    with database.session() as s:
        for name, role in (("lan", UserRole.EDITOR), ("chutich", UserRole.APPROVER), ("quantri", UserRole.ADMINISTRATOR)):
            shown = {"lan": "Nguyễn Thị Lan", "chutich": "Lê Văn Minh", "quantri": "Phạm Đức"}[name]
            people.create_user(s, username=name, password=PASSWORD, role=role, display_name=shown)
        photo = ROOT / "bulletins" / "sample-photo.jpg"
        read = bulletins.receive(s, settings, [bulletins.Upload("anh-chup.jpg", photo)], user_id=1)
        enqueue_read(s, read.id, 1)
        for title, text in TYPED:
            row = bulletins.receive_text(s, settings, title, text, user_id=1)
            bulletins.mark_ready(s, row, user_id=1)
        s.get_one(Bulletin, 2).priority = Priority.PRIORITY
    runner.run_waiting()
    with database.session() as s:
        for title, days, ids in (("Chương trình sáng mai", 1, [2, 3, 4]), ("Chương trình hôm nay", 0, [3, 4])):
            program = programs.create_program(s, title=title, air_date=today + timedelta(days=days), bulletin_ids=ids, user_id=1)
            enqueue_build(s, program.id, 1)
    runner.run_waiting()
    with database.session() as s:
        lan, leader = people.find_user(s, "lan"), people.find_user(s, "chutich")
        assert lan is not None and leader is not None
        for number in (1, 2):
            approvals.submit(s, s.get_one(Program, number), user=lan)
        done = s.get_one(Program, 2)
        approvals.approve(s, settings, done, user=leader, render_sha256=done.render.sha256)
        for clock, name, rule in (("05:00:00", "Buổi sáng", {}), ("17:00:00", "Buổi chiều", {}), ("19:30:00", "Tối thứ Bảy", {"weekdays": ["T7"]})):
            s.add(Slot(name=name, start_time=clock, duration_seconds=1800, rule=rule, fill="daily"))
        s.flush()
        monday = today - timedelta(days=today.weekday())
        for n in range(today.weekday() + 1):
            when = datetime.combine(monday + timedelta(days=n), time(5), settings.zone)
            end = when + timedelta(seconds=done.render.seconds)
            s.add(Occurrence(slot_id=1, local_date=when.date(), planned_start=when, planned_end=when + timedelta(minutes=30), started_at=when, ended_at=end, outcome=Outcome.AIRED, program_id=2, render_id=done.render_id))
            s.add(AsRun(program_id=2, render_sha256=done.render.sha256, source=SourceKind.SCHEDULE, title="Chương trình buổi sáng", real_start=when, real_end=end, outcome=Outcome.AIRED, level_dbfs=-19.4, peak_dbfs=-1.3, output="USB Audio", approved_by="Lê Văn Minh"))
    return settings, database


def beat(database, settings, stop: threading.Event) -> None:  # noqa: ANN001
    """What the air and worker processes would say of themselves."""
    position = 61.0
    while True:
        position += 1
        with database.session() as s:
            s.merge(Heartbeat(name="worker", holder="x", at=utc_now(), data={}))
            s.merge(Heartbeat(name="air", holder="x", at=utc_now(), data={
                "source": "schedule", "title": "Chương trình hôm nay", "program_id": 2, "position_seconds": position,
                "duration_seconds": 431.0, "rms_dbfs": -18.5, "peak_dbfs": -2.0, "output": "USB Audio",
                "next": {"title": "Buổi chiều", "at": utc_now().astimezone(settings.zone).replace(hour=17, minute=0).isoformat()},
            }))
        if stop.wait(1):
            return


def sign_in(page: Page, base: str, name: str) -> None:
    page.goto(f"{base}/sign-in")
    page.fill("#f-username", name)
    page.fill("#f-password", PASSWORD)
    page.click("button.btn-primary")
    page.wait_for_url(f"{base}/")


SHOTS = (
    ("add", "lan", "/bulletins/new"), ("proofread", "lan", "/bulletins/1/text/"),
    ("program", "lan", "/programs/1"), ("approve", "chutich", "/approvals/1"),
    ("home", "quantri", "/"), ("week", "quantri", "/schedule/"),
    ("log", "quantri", "/log/"), ("emergency", "quantri", "/emergency/"), ("settings", "quantri", "/settings/"),
    ("health", "quantri", "/health/"),
)


def main(out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("Cần Chromium: sudo apt-get install chromium")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "dai"
        home.mkdir()
        settings, database = fill(home)
        stop = threading.Event()
        threading.Thread(target=beat, args=(database, settings, stop), daemon=True).start()
        server = create_server(create_app(settings, database=database), host="127.0.0.1", port=0, threads=8)
        threading.Thread(target=server.run, daemon=True).start()
        base = f"http://127.0.0.1:{server.effective_port}"
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            for width, height, kind in ((1280, 860, "desktop"), (390, 844, "phone")):
                signed = ""
                context = None
                for name, user, path in SHOTS:
                    if user != signed:
                        context = browser.new_context(viewport={"width": width, "height": height}, device_scale_factor=1, locale="vi-VN", has_touch=kind == "phone", is_mobile=kind == "phone")
                        page = context.new_page()
                        sign_in(page, base, user)
                        signed = user
                    page.goto(base + path)
                    page.wait_for_timeout(900)
                    if name == "proofread" and page.locator("#next-doubt").is_visible():
                        page.click("#next-doubt")
                        page.wait_for_timeout(200)
                    picture = Image.open(io.BytesIO(page.screenshot()))
                    picture.convert("RGB").save(out / f"{name}-{kind}.webp", quality=72, method=6)
                    print(out / f"{name}-{kind}.webp")
            browser.close()
        stop.set()
        server.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "screenshots")

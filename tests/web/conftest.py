"""A station with people, a bulletin read from a drawn page, and a built program.  All of it is invented."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image, ImageDraw, ImageFont

from station.config import Settings, load_settings
from station.db import Database, open_database
from station.db.models import AsRun, Bulletin, Emergency, Occurrence, Program, Slot, SlotException
from station.db.states import EmergencyState, Outcome, SourceKind, UserRole
from station.db.types import utc_now
from station.editorial import approvals, bulletins, people, programs
from station.web import create_app
from station.work import enqueue_build, enqueue_read
from station.work.worker import Runner

PASSWORD = "mat-khau-thu-1"
#: the day that the invented bulletins tell of: ahead, whenever the tests run
SOON = f"{utc_now() + timedelta(days=7):%d/%m/%Y}"
PAGE_LINES = (
    ("THÔNG BÁO", 60), ("Về việc tạm ngừng cấp điện", 46),
    (f"Ngày {SOON}, từ 7h30 đến 11h00, Điện lực huyện tạm ngừng", 40),
    ("cấp điện để sửa chữa đường dây tại 9/9 thôn của xã.", 40),
    ("Đề nghị nhân dân chủ động trong sản xuất và sinh hoạt.", 40),
)
FONT = "/usr/share/fonts/truetype/liberation2/LiberationSerif-Regular.ttf"
SETTINGS = """
[station]
name = "Đài truyền thanh xã Thử Nghiệm"
commune = "Thử Nghiệm"
hamlets = ["Đông", "Tây"]
[web]
threads = 8
public_page = true
[voices]
default = "espeak-bac-nu"
"""


def draw_page(path: Path) -> Path:
    """A paper bulletin as a photo of 200 dpi."""
    page = Image.new("L", (1654, 2339), 252)
    pen = ImageDraw.Draw(page)
    top = 320
    for line, size in PAGE_LINES:
        pen.text((170, top), line, font=ImageFont.truetype(FONT, size), fill=15)
        top += 100
    page.save(path, dpi=(200, 200), quality=90)
    return path


@dataclass
class StationUnderTest:
    """A station home in a temporary folder, its database and its page."""

    settings: Settings
    database: Database
    app: Flask

    def client(self, username: str | None = None) -> FlaskClient:
        """A browser without scripts, signed in as ``username``."""
        client = self.app.test_client()
        if username is not None:
            answer = self.post(client, "/sign-in", username=username, password=PASSWORD)
            assert answer.status_code == 303, answer.get_data(as_text=True)
        return client

    def post(self, client: FlaskClient, url: str, data: dict | None = None, **fields: object):  # noqa: ANN201
        """A form sent as a browser does: with the page's own token against forgery."""
        page = client.get("/help/", follow_redirects=True).get_data(as_text=True)
        token = re.search(r'name="csrf-token" content="([^"]+)"', page)[1]
        return client.post(url, data={"csrf_token": token, **(data or {}), **fields})

    def work(self) -> int:
        """Do all jobs that wait, as the worker would."""
        return Runner(self.settings, self.database).run_waiting()


def serve(home: Path) -> StationUnderTest:
    settings = load_settings(home, environ={})
    database = open_database(settings)
    database.migrate()
    app = create_app(settings, database=database)
    return StationUnderTest(settings, database, app)


@pytest.fixture(scope="session")
def built_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A station whose first bulletin was read by Tesseract and whose first program was spoken by eSpeak NG."""
    home = tmp_path_factory.mktemp("built") / "home"
    home.mkdir()
    (home / "station.toml").write_text(SETTINGS, encoding="utf-8")
    settings = load_settings(home, environ={})
    settings.home.ensure()
    database = open_database(settings)
    database.migrate()
    photo = draw_page(home / "photo.jpg")
    with database.session() as s:
        for role in UserRole:
            people.create_user(s, username=role.value, password=PASSWORD, role=role, display_name=f"Người {role.value}")
        read = bulletins.receive(s, settings, [bulletins.Upload("thong-bao.jpg", photo)], user_id=1)
        enqueue_read(s, read.id, 1)
        typed = bulletins.receive_text(s, settings, "Lịch tiêm phòng", f"Trạm Y tế xã tiêm phòng lúc 7h30 ngày {SOON}.", user_id=1)
        bulletins.mark_ready(s, typed, user_id=1)
    Runner(settings, database).run_waiting()
    with database.session() as s:
        bulletins.mark_ready(s, s.get_one(Bulletin, 1), user_id=1)
        program = programs.create_program(
            s, title="Chương trình thử", air_date=utc_now().astimezone(settings.zone).date(), bulletin_ids=[1, 2], user_id=1
        )
        enqueue_build(s, program.id, 1)
    Runner(settings, database).run_waiting()
    with database.session() as s:
        program = s.get_one(Program, 1)
        assert program.render is not None, program.problem
        editor = people.find_user(s, "editor")
        approvals.submit(s, program, user=editor)
        slot = Slot(name="Buổi sáng", start_time="05:00:00", duration_seconds=1800, rule={}, fill="daily")
        s.add(slot)
        s.flush()
        today = utc_now().astimezone(settings.zone).date()
        aired = Occurrence(
            slot_id=slot.id, local_date=today, planned_start=utc_now(), planned_end=utc_now(), started_at=utc_now(),
            ended_at=utc_now(), outcome=Outcome.AIRED, program_id=1, render_id=program.render.id,
        )
        s.add(aired)
        s.flush()
        s.add(SlotException(slot_id=slot.id, local_date=today, action="move", data={"start": "05:30:00"}, reason="Thử"))
        s.add(AsRun(
            occurrence_id=aired.id, program_id=1, render_sha256=program.render.sha256, source=SourceKind.SCHEDULE,
            title="Chương trình thử", real_start=utc_now(), real_end=utc_now(), outcome=Outcome.AIRED, level_dbfs=-20.5,
            peak_dbfs=-1.2, output="Card thử", approved_by="Người approver",
        ))
        s.add(Emergency(idempotency_key="cu", state=EmergencyState.DONE, content="Báo động thử", requested_by_id=1))
    database.close()
    return home


@pytest.fixture
def site(built_home: Path, tmp_path: Path) -> StationUnderTest:
    """A copy of the built station, to change at will."""
    home = tmp_path / "home"
    shutil.copytree(built_home, home)
    found = serve(home)
    yield found
    found.database.close()


@pytest.fixture
def empty(tmp_path: Path) -> StationUnderTest:
    """A station that nobody has used."""
    home = tmp_path / "empty"
    home.mkdir()
    (home / "station.toml").write_text('[station]\nname = "Đài mới"\n', encoding="utf-8")
    found = serve(home)
    yield found
    found.database.close()


@pytest.fixture(scope="module")
def browser():
    """A Chromium for the tests of one file; sound plays without a touch."""
    from playwright.sync_api import sync_playwright

    from tests.web.browser import chromium

    assert chromium(), "the browser tests need chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
        )
        yield opened
        opened.close()

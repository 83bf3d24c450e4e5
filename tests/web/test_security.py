"""What must not be possible: forged forms, files outside the home, kept sessions, leaks."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image

from station.db.models import Page, User
from station.web.media import inside_home
from tests.web.conftest import PASSWORD
from tests.web.test_permissions import addresses


def test_every_form_without_its_token_is_refused(site):
    client = site.client("administrator")
    wrong = []
    for endpoint, method, address in addresses(site.app):
        if method != "POST" or endpoint.startswith("api."):
            continue
        if client.post(address, data={"title": "x"}).status_code != 400:
            wrong.append(endpoint)
    assert wrong == []


def test_every_answer_has_the_protecting_headers(site):
    for address in ("/", "/bulletins/1", "/khong-co", "/listen/", "/api/v1/status", "/static/css/station.css"):
        answer = site.client("editor").get(address)
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy and "default-src 'self'" in policy and "frame-ancestors 'none'" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_no_page_holds_an_inline_script_or_style(site):
    client = site.client("administrator")
    for endpoint, method, address in addresses(site.app):
        if method != "GET" or endpoint in ("home.events", "static", "bootstrap.static"):
            continue
        answer = client.get(address)
        if answer.mimetype != "text/html":
            continue
        page = answer.get_data(as_text=True)
        assert " style=" not in page and " onclick=" not in page, endpoint
        for tag in page.split("<style")[1:]:   # the printed report is one file that can be kept: by its nonce alone
            nonce = re.match(r' nonce="([\w-]{16,})">', tag)
            assert nonce and f"'nonce-{nonce[1]}'" in answer.headers["Content-Security-Policy"], endpoint
        for tag in page.split("<script")[1:]:
            head = tag.split(">", 1)[0]
            assert "src=" in head or 'type="application/json"' in head, endpoint


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(site):
    client = site.app.test_client()
    answer = site.post(client, "/sign-in", username="editor", password=PASSWORD)
    cookie = next(value for value in answer.headers.getlist("Set-Cookie") if value.startswith("station="))
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie


@pytest.mark.parametrize("path", [
    "../../etc/passwd", "/etc/passwd", "var/../station.toml", "station.toml", "var/secrets/web.key", "var/station.db",
    "var/uploads", "", "var/uploads/\x00",
])
def test_a_stored_path_never_leads_out_of_the_data_folder(site, path):
    assert inside_home(site.settings.home, path) is None


def test_a_link_out_of_the_data_folder_is_not_followed(site, tmp_path):
    (tmp_path / "geheim.txt").write_text("x")
    link = site.settings.home.uploads / "link.txt"
    link.symlink_to(tmp_path / "geheim.txt")
    assert inside_home(site.settings.home, "var/uploads/link.txt") is None


def test_a_page_row_that_points_elsewhere_gives_nothing(site):
    with site.database.session() as s:
        s.query(Page).first().image = "var/secrets/web.key"
    assert site.client("editor").get("/bulletins/1/pages/1").status_code == 404


def test_a_page_picture_is_small_enough_for_a_slow_line_and_whole_when_asked(site):
    client = site.client("editor")
    small, full = client.get("/bulletins/1/pages/1"), client.get("/bulletins/1/pages/1?full=1")
    assert small.status_code == full.status_code == 200
    assert len(small.data) < 150_000
    with Image.open(io.BytesIO(small.data)) as a, Image.open(io.BytesIO(full.data)) as b:
        assert a.width <= 1100 <= b.width
        assert abs(a.width / a.height - b.width / b.height) < 0.01


def test_an_original_is_only_ever_a_download(site):
    answer = site.client("editor").get("/bulletins/1/files/1")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.mimetype == "application/octet-stream"


def test_sound_is_served_in_ranges(site):
    answer = site.client("approver").get("/programs/1/renders/1/audio", headers={"Range": "bytes=100-199"})
    assert answer.status_code == 206
    assert len(answer.data) == 100


def test_ending_sessions_ends_them_at_once(site):
    editor, admin = site.client("editor"), site.client("administrator")
    with site.database.session(write=False) as s:
        key = s.query(User).filter_by(username="editor").one().id
    assert editor.get("/bulletins/").status_code == 200
    site.post(admin, f"/users/{key}/end-sessions")
    assert editor.get("/bulletins/").status_code == 302


def test_a_new_password_is_asked_for_before_anything_else(site):
    with site.database.session() as s:
        s.query(User).filter_by(username="editor").one().must_change_password = True
    client = site.client("editor")
    assert client.get("/bulletins/").location.endswith("/password")
    answer = site.post(client, "/password", old=PASSWORD, new="mat-khau-rieng-2", again="mat-khau-rieng-2")
    assert answer.status_code == 303
    assert client.get("/bulletins/").status_code == 200


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"])
def test_signing_in_never_leads_to_another_site(site, target):
    client = site.app.test_client()
    answer = site.post(client, "/sign-in", username="editor", password=PASSWORD, next=target)
    assert answer.location == "/"


def test_the_first_account_needs_the_code_from_the_machine(empty):
    client = empty.app.test_client()
    assert client.get("/").location.startswith("/sign-in")
    assert client.get("/sign-in").location == "/first-user"
    person = {"username": "truong.dai", "password": PASSWORD, "display_name": "Trưởng đài"}
    assert empty.post(client, "/first-user", person, code="doan-bua").status_code == 400
    code = (empty.settings.home.secrets / "first-run.txt").read_text(encoding="utf-8").strip()
    assert empty.post(client, "/first-user", person, code=code).location == "/setup/"
    assert empty.post(empty.app.test_client(), "/first-user", person, code=code).location == "/sign-in"


def test_the_last_administrator_cannot_lock_everybody_out(site):
    admin = site.client("administrator")
    with site.database.session(write=False) as s:
        key = s.query(User).filter_by(username="administrator").one().id
    site.post(admin, f"/users/{key}", role="editor", active="1")
    site.post(admin, f"/users/{key}", role="administrator")
    with site.database.session(write=False) as s:
        user = s.get_one(User, key)
        assert user.active and user.role.value == "administrator"


def test_a_name_in_a_title_is_text_and_never_markup(site):
    editor = site.client("editor")
    answer = site.post(editor, "/bulletins/paste", title="<script>alert(1)</script>", text="Nội dung <b>đậm</b>")
    page = editor.get(answer.location).get_data(as_text=True)
    assert "<script>alert(1)" not in page and "&lt;script&gt;alert(1)" in page


def test_a_spreadsheet_never_runs_what_somebody_typed(site):
    from station.db.models import AsRun

    with site.database.session() as s:
        first = s.query(AsRun).first()
        s.add(AsRun(station_id=first.station_id, source=first.source, title="=HYPERLINK(0)",
                    real_start=first.real_start, real_end=first.real_end, outcome=first.outcome))
    table = site.client("operator").get("/log/export.csv").get_data(as_text=True)
    assert "'=HYPERLINK(0)" in table

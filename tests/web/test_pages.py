"""What staff do beside the day's flow: timetable, log, pronunciation, sounds, people, settings, the API.

Names and words are invented.
"""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib

import numpy as np
import pytest
import soundfile

from station.db.models import AirCommand, ApiToken, Audit, Bulletin, Occurrence, Slot, SlotException, User
from station.db.states import BulletinState, Outcome
from station.web.openapi import openapi


def text_of(answer):
    return answer.get_data(as_text=True)


SLOT = {
    "name": "Buổi trưa", "start_time": "11:00", "minutes": "20", "fill_kind": "latest", "template": "daily",
    "late_policy": "skip", "late_minutes": "5", "active": "1",
}


def test_a_slot_is_made_changed_and_removed(site):
    operator = site.client("operator")
    made = site.post(operator, "/schedule/slots/new", {**SLOT, "weekdays": ["T2", "T4"], "lunar": "rằm, mùng một"})
    assert made.status_code == 303
    with site.database.session(write=False) as s:
        row = s.query(Slot).filter_by(name="Buổi trưa").one()
        assert row.rule == {"weekdays": ["T2", "T4"], "lunar": ["rằm", "mùng một"]}
        assert (row.start_time, row.duration_seconds) == ("11:00:00", 1200)
    page = text_of(operator.get("/schedule/"))
    assert "Buổi trưa" in page and "rằm" in page
    site.post(operator, f"/schedule/slots/{row.id}", {**SLOT, "name": "Buổi trưa mới"})
    assert "Buổi trưa mới" in text_of(operator.get("/schedule/"))
    site.post(operator, f"/schedule/slots/{row.id}/remove")
    assert "Buổi trưa mới" not in text_of(operator.get("/schedule/"))


def test_a_slot_with_a_wrong_rule_is_refused_with_words(site):
    operator = site.client("operator")
    answer = site.post(operator, "/schedule/slots/new", {**SLOT, "lunar": "ngày đẹp trời"})
    assert answer.status_code == 409
    assert "âm lịch" in text_of(answer).lower()


def test_an_overlap_is_told_when_it_is_made(site):
    operator = site.client("operator")
    site.post(operator, "/schedule/slots/new", {**SLOT, "name": "Chen ngang", "start_time": "05:10"})
    assert "Đã thêm khung giờ" in text_of(operator.get("/schedule/"))
    page = text_of(operator.get("/schedule/?day=2031-03-04"))
    assert page.count("Trùng giờ") >= 5
    assert "Cho “Buổi sáng” nghỉ hôm đó" in page and "Phát “Chen ngang” sau, lúc 05:30" in page
    with site.database.session(write=False) as s:
        late = s.query(Slot).filter_by(name="Chen ngang").one().id
    site.post(operator, f"/schedule/slots/{late}/move", day="2031-03-04", start="05:30")
    assert text_of(operator.get("/schedule/?day=2031-03-04")).count("Trùng giờ") == page.count("Trùng giờ") - 1


def test_one_day_is_moved_left_out_and_brought_back(site):
    operator = site.client("operator")
    site.post(operator, "/schedule/slots/1/move", day="2030-05-06", start="06:15")
    assert "06:15" in text_of(operator.get("/schedule/?day=2030-05-06"))
    site.post(operator, "/schedule/slots/1/skip", day="2030-05-06", reason="Sửa máy")
    with site.database.session(write=False) as s:
        row = s.query(SlotException).filter_by(reason="Sửa máy").one()
        assert row.action == "skip"
    site.post(operator, f"/schedule/exceptions/{row.id}/remove")
    assert "Sửa máy" not in text_of(operator.get("/schedule/?day=2030-05-06"))


def test_the_month_shows_lunar_days_and_airings(site):
    page = text_of(site.client("editor").get("/schedule/month?day=2026-11-01"))
    assert page.count("05:00") >= 28 and "Lịch tháng 11/2026" in page


def test_a_slot_that_has_aired_keeps_its_history_when_it_is_removed(site):
    site.post(site.client("operator"), "/schedule/slots/1/remove")
    with site.database.session(write=False) as s:
        assert s.get_one(Slot, 1).active is False
        assert s.query(Occurrence).filter_by(slot_id=1).count() == 1


def test_the_log_is_searched_exported_and_heard_again(site):
    client = site.client("operator")
    assert "Chương trình thử" in text_of(client.get("/log/?q=chương"))
    assert "Chương trình thử" not in text_of(client.get("/log/?q=không+có"))
    assert "Chương trình thử" not in text_of(client.get("/log/?outcome=missed"))
    rows = list(csv.reader(io.StringIO(text_of(client.get("/log/export.csv")).lstrip("\ufeff"))))
    assert rows[1][2] == "Chương trình thử" and rows[1][5] == "-20.5"
    assert client.get("/log/1/audio").status_code == 200


def test_the_report_counts_what_was_aired(site):
    client = site.client("editor")
    page = text_of(client.get("/reports/"))
    assert "Đã phát" in page
    assert "Số buổi" in text_of(client.get("/reports/export.csv"))


def test_a_reading_is_taught_tried_and_taken_back(site):
    editor = site.client("editor")
    site.post(editor, "/lexicon/", written="BQL NTM", spoken="ban quản lý nông thôn mới")
    page = text_of(editor.get("/lexicon/?try=Mời+BQL+NTM+họp."))
    assert "<rt>ban quản lý nông thôn mới</rt>" in page
    refused = site.post(editor, "/lexicon/", written="X9", spoken="9 9")
    assert refused.status_code == 409 and "Cách đọc chỉ được gồm chữ" in text_of(refused)
    site.post(editor, "/lexicon/remove", written="BQL NTM")
    assert "Bỏ cách đọc BQL NTM" not in text_of(editor.get("/lexicon/"))


def test_a_sound_is_added_heard_and_removed(site):
    editor = site.client("editor")
    sound = io.BytesIO()
    soundfile.write(sound, 0.2 * np.sin(np.arange(48000) / 20), 48000, format="WAV")
    answer = site.post(editor, "/sounds/", name="Nhạc hiệu Đông", file=(io.BytesIO(sound.getvalue()), "a.wav"))
    assert answer.status_code == 303
    assert editor.get("/sounds/nhac-hieu-dong/audio").mimetype == "audio/flac"
    broken = site.post(editor, "/sounds/", name="Hỏng", file=(io.BytesIO(b"khong phai am thanh"), "b.wav"))
    assert "Không đọc được tệp âm thanh" in text_of(broken)
    site.post(editor, "/sounds/nhac-hieu-dong/remove")
    assert editor.get("/sounds/nhac-hieu-dong/audio").status_code == 409


def test_a_voice_is_heard_before_it_is_chosen(site):
    admin = site.client("administrator")
    sample = admin.get("/voices/espeak-nam-nu/sample")
    samples, rate = soundfile.read(io.BytesIO(sample.data))
    assert len(samples) > rate and abs(samples).max() > 0.05
    site.post(admin, "/voices/default", voice="espeak-nam-nu")
    stored = tomllib.loads(site.settings.home.settings_file.read_text(encoding="utf-8"))
    assert stored["voices"]["default"] == "espeak-nam-nu"


def test_a_new_person_gets_a_password_to_be_changed(site):
    admin = site.client("administrator")
    page = text_of(site.post(admin, "/users/new", username="hoa", display_name="Lê Hoa", role="editor"))
    password = re.search(r'<code class="fs-4">([^<]+)</code>', page)[1]
    client = site.app.test_client()
    assert site.post(client, "/sign-in", username="hoa", password=password).status_code == 303
    assert client.get("/").location.endswith("/password")
    twice = site.post(admin, "/users/new", username="hoa", display_name="X", role="editor")
    assert twice.status_code == 400 and "Đã có người dùng" in text_of(twice)


def test_a_wrong_setting_changes_nothing_and_says_why(site):
    admin = site.client("administrator")
    before = site.settings.home.settings_file.read_text(encoding="utf-8")
    answer = site.post(admin, "/settings/voices", default="", speed="9", cache_mb="500", idle_release_seconds="300", fallback="", workers="0")
    assert answer.status_code == 400 and "0.5" in text_of(answer)
    assert site.settings.home.settings_file.read_text(encoding="utf-8") == before
    site.post(admin, "/settings/voices", default="", speed="0,9", cache_mb="500", idle_release_seconds="300", fallback="", workers="0")
    assert tomllib.loads(site.settings.home.settings_file.read_text(encoding="utf-8"))["voices"]["speed"] == 0.9


def test_every_section_of_settings_can_be_saved_as_it_is_shown(site):
    admin = site.client("administrator")
    page = text_of(admin.get("/settings/"))
    for section in re.findall(r'action="/settings/(\w+)" class="card"', page):
        form = page.split(f'action="/settings/{section}"', 1)[1].split("</form>", 1)[0]
        values = {m[1]: m[2] for m in re.finditer(r'<input class="form-control"[^>]* name="(\w+)" value="([^"]*)"', form)}
        values |= {m[1]: m[2] for m in re.finditer(r'<textarea[^>]* name="(\w+)"[^>]*>([^<]*)</textarea>', form)}
        values |= {m[1]: "1" for m in re.finditer(r'type="checkbox"[^>]* name="(\w+)"[^>]* checked', form)}
        values |= {m[1]: m[2] for m in re.finditer(r'<select[^>]* name="(\w+)".*?<option selected>([^<]+)</option>', form, re.S)}
        assert site.post(admin, f"/settings/{section}", values).status_code == 303, section


def test_the_guided_set_up_writes_the_station_and_its_hours(empty):
    code_page = empty.app.test_client()
    code_page.get("/first-user")
    code = (empty.settings.home.secrets / "first-run.txt").read_text().strip()
    empty.post(code_page, "/first-user", username="truong", password="mat-khau-thu-1", display_name="Trưởng", code=code)
    answer = empty.post(
        code_page, "/setup/", commune="Mới", province="Thanh Hóa", name="", hamlets="Đông\nTây", times="05:00, 17:00", quiet="21:30-04:45", voice="",
    )
    assert answer.status_code == 303
    stored = tomllib.loads(empty.settings.home.settings_file.read_text(encoding="utf-8"))
    assert stored["station"]["hamlets"] == ["Đông", "Tây"] and stored["hours"]["quiet"] == ["21:30-04:45"]
    assert "Đài truyền thanh xã Mới" in text_of(code_page.get("/"))
    with empty.database.session(write=False) as s:
        assert [slot.start_time for slot in s.query(Slot).order_by(Slot.id)] == ["05:00:00", "17:00:00"]
    empty.post(code_page, "/settings/test-sound/play")
    with empty.database.session(write=False) as s:
        assert s.query(AirCommand).one().action == "test_tone"


def test_residents_hear_only_what_was_aired_and_only_when_the_page_is_open(site):
    visitor = site.app.test_client()
    assert "Chương trình thử" in text_of(visitor.get("/listen/"))
    assert visitor.get("/listen/1/audio").status_code == 200
    with site.database.session() as s:
        s.query(Occurrence).one().outcome = Outcome.MISSED
    assert "Chương trình thử" not in text_of(visitor.get("/listen/"))
    assert visitor.get("/listen/1/audio").status_code == 404
    from station.web.settings_file import save_settings

    with site.app.app_context():
        save_settings({"web": {"public_page": False}})
    assert visitor.get("/listen/").status_code == 404


def token_of(site, username, *scopes):
    client = site.client(username)
    page = text_of(site.post(client, "/account/tokens", {"name": "Hệ thống xã", "scope": list(scopes)}))
    return {"Authorization": "Bearer " + re.search(r"tram_[\w-]+", page)[0]}


def test_another_system_pushes_a_bulletin_with_its_token(site):
    token = token_of(site, "editor", "bulletins:write", "bulletins:read")
    api = site.app.test_client()
    made = api.post("/api/v1/bulletins", json={"title": "Mất nước", "text": "Ngày mai mất nước.", "priority": "emergency"}, headers=token)
    assert made.status_code == 201 and made.json["priority"] == "priority", "an emergency needs a person"
    got = api.get(f"/api/v1/bulletins/{made.json['id']}", headers=token)
    assert got.json["text"] == "Ngày mai mất nước."
    with site.database.session(write=False) as s:
        row = s.get_one(Bulletin, made.json["id"])
        assert (row.state, row.source) == (BulletinState.PROOFREADING, "api")
    assert api.post("/api/v1/bulletins", json={"text": ""}, headers=token).json["error"] == "bulletins.empty"


def test_a_token_does_what_its_scopes_and_its_owner_may_and_no_more(site):
    api = site.app.test_client()
    reader = token_of(site, "editor", "bulletins:read")
    assert api.get("/api/v1/bulletins", headers=reader).status_code == 200
    assert api.post("/api/v1/bulletins", json={"text": "x"}, headers=reader).status_code == 403
    assert api.get("/api/v1/log", headers={"Authorization": "Bearer tram_khong_co_that_dau_ca_dau"}).status_code == 401
    with site.database.session() as s:
        assert all(len(row.token_sha256) == 64 for row in s.query(ApiToken))
        s.query(User).filter_by(username="editor").one().active = False
    assert api.get("/api/v1/bulletins", headers=reader).status_code == 401


def test_a_revoked_token_is_dead(site):
    token = token_of(site, "editor", "log:read")
    site.post(site.client("editor"), "/account/tokens/1/revoke")
    assert site.app.test_client().get("/api/v1/log", headers=token).status_code == 401


def test_the_api_document_names_every_address_and_every_answer_fits_it(site):
    document = openapi()
    rules = {
        re.sub(r"<int:(\w+)>", r"{\1}", rule.rule): rule for rule in site.app.url_map.iter_rules()
        if rule.endpoint.startswith("api.") and rule.endpoint not in ("api.document", "api.guide")
    }
    assert set(document["paths"]) == set(rules)
    token = token_of(site, "administrator", "status:read", "bulletins:read", "programs:read", "schedule:read", "log:read", "emergency:write")
    api = site.app.test_client()
    for path, methods in document["paths"].items():
        if "get" not in methods:
            continue
        answer = api.get(re.sub(r"\{\w+\}", "1", path), headers=token)
        schema = methods["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        assert answer.status_code == 200, path
        assert_fits(answer.json, schema, path)
    assert json.loads(text_of(api.get("/api/v1/openapi.json"))) == document


def assert_fits(value, schema, where):
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool, "null": type(None)}
    wanted = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    assert any(isinstance(value, kinds[kind]) for kind in wanted), (where, value, schema)
    if isinstance(value, dict):
        assert set(schema["properties"]) == set(value), where
        for key, part in schema["properties"].items():
            assert_fits(value[key], part, f"{where}.{key}")
    if isinstance(value, list):
        for part in value:
            assert_fits(part, schema["items"], where)


def test_what_people_do_is_in_the_audit_without_secrets(site):
    site.post(site.client("administrator"), "/users/new", username="moi", display_name="Mới", role="operator")
    with site.database.session(write=False) as s:
        row = s.query(Audit).filter_by(action="user.create").one()
        assert row.username == "administrator"
        assert "password" not in json.dumps(row.data)


@pytest.mark.parametrize("page", ["/bulletins/?page=0", "/bulletins/?page=999999", "/bulletins/?page=x", "/log/?from=rác", "/reports/?month=13",
                                  "/schedule/?day=hôm+qua", "/bulletins/?q=%25_%5C"])
def test_nonsense_in_an_address_is_answered_with_a_page(site, page):
    assert site.client("administrator").get(page).status_code == 200


@pytest.mark.parametrize("page", ["/bulletins/99999", "/programs/99999", "/approvals/99999", "/khong-co", "/bulletins/?state=rac"])
def test_what_is_not_there_is_said_in_words(site, page):
    answer = site.client("administrator").get(page)
    assert answer.status_code in (400, 404)
    assert "Về trang Hôm nay" in text_of(answer)


def test_a_stuck_job_is_cancelled_and_a_failed_one_tried_again(site, tmp_path):
    from station.db.models import Job
    from station.work import enqueue_read

    with site.database.session() as s:
        job = enqueue_read(s, 1, 1)
        number = job.id
    editor = site.client("editor")
    assert "Nhận chữ bản tin" in text_of(editor.get("/health/"))
    site.post(editor, f"/health/jobs/{number}", action="cancel")
    with site.database.session(write=False) as s:
        assert s.get_one(Job, number).state.value == "cancelled"
    site.post(editor, f"/health/jobs/{number}", action="retry")
    with site.database.session(write=False) as s:
        assert s.get_one(Job, number).state.value == "queued"

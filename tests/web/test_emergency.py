"""Emergency notices from the page.  The words are invented."""

from __future__ import annotations

import re

import pytest

from station.db.models import AirCommand, Emergency
from station.db.states import EmergencyState
from tests.web.browser import on_air
from tests.web.test_pages import token_of


def ask(site, client, key="mot-lan", typed="KHẨN CẤP", **fields):
    return site.post(
        client, "/emergency/", content="Vỡ đê, bà con sơ tán ngay.", key=key, repeats="3", siren="1",
        confirmation=typed, **fields,
    )


def notices(site):
    with site.database.session(write=False) as s:
        return [(row.state, row.content, row.test) for row in s.query(Emergency).filter(Emergency.idempotency_key != "cu")]


def test_a_notice_is_asked_for_once_however_often_the_button_is_pressed(site):
    on_air(site)
    leader = site.client("approver")
    for _ in range(3):
        assert ask(site, leader).status_code == 303
    assert notices(site) == [(EmergencyState.PREPARING, "Vỡ đê, bà con sơ tán ngay.", False)]
    assert "đang được phát" in leader.get("/emergency/").get_data(as_text=True)


@pytest.mark.parametrize("typed", ["", "yes", "khẩn", "THỬ"])
def test_without_the_typed_word_nothing_airs(site, typed):
    answer = ask(site, site.client("approver"), typed=typed)
    assert answer.status_code == 400
    assert "Vỡ đê" in answer.get_data(as_text=True), "what was typed is still there"
    assert notices(site) == []


def test_a_phone_without_vietnamese_keys_can_confirm(site):
    on_air(site)
    assert ask(site, site.client("approver"), typed=" khan  cap ").status_code == 303
    assert len(notices(site)) == 1


def test_a_station_that_does_not_broadcast_says_so_at_once(site):
    leader = site.client("approver")
    ask(site, leader)
    assert "CHƯA ra loa" in leader.get("/").get_data(as_text=True)


def test_where_two_people_are_wanted_the_first_cannot_confirm(site):
    from station.web.settings_file import save_settings

    with site.app.app_context():
        save_settings({"air": {"emergency_two_person": True}})
    on_air(site)
    first, second = site.client("approver"), site.client("operator")
    ask(site, first)
    with site.database.session(write=False) as s:
        number = s.query(Emergency).order_by(Emergency.id.desc()).first().id
    site.post(first, f"/emergency/{number}/confirm")
    assert notices(site)[0][0] is EmergencyState.WAITING
    site.post(second, f"/emergency/{number}/confirm")
    assert notices(site)[0][0] is EmergencyState.PREPARING


STOP = re.compile(r'<form method="post" action="/emergency/stop".*?Dừng thông báo</button>', re.S)


def test_every_page_tells_of_it_and_one_press_stops_it(site):
    on_air(site)
    leader, editor = site.client("approver"), site.client("editor")
    open_before = leader.get("/emergency/banner").get_data(as_text=True)
    assert not STOP.search(open_before)
    ask(site, leader)
    for address in ("/", "/bulletins/", "/programs/", "/schedule/", "/log/", "/reports/", "/talk/", "/emergency/", "/emergency/banner"):
        page = leader.get(address).get_data(as_text=True)
        assert STOP.search(page) and "Vỡ đê" in page, address
    told = editor.get("/bulletins/").get_data(as_text=True)
    assert "Đang có thông báo khẩn cấp" in told and not STOP.search(told), "who may not stop it is told of it"
    site.post(leader, "/emergency/stop")
    with site.database.session(write=False) as s:
        assert [row.action for row in s.query(AirCommand)] == ["emergency_stop"]


def test_an_exercise_is_marked_as_one(site):
    on_air(site)
    operator = site.client("operator")
    assert ask(site, operator, typed="KHẨN CẤP", test="1").status_code == 400, "an exercise has a word of its own"
    ask(site, operator, typed="thử", test="1")
    assert notices(site)[0][2] is True
    assert "diễn tập" in operator.get("/bulletins/").get_data(as_text=True)


def test_the_api_airs_a_notice_once_and_stops_it(site):
    on_air(site)
    header = token_of(site, "approver", "emergency:write")
    api = site.app.test_client()
    body = {"content": "Lũ về.", "confirmation": "KHẨN CẤP", "key": "dap-nuoc-1", "repeats": 2, "signal": "siren"}
    first = api.post("/api/v1/emergencies", json=body, headers=header)
    again = api.post("/api/v1/emergencies", json=body, headers=header)
    assert (first.status_code, again.status_code) == (201, 200) and first.json["id"] == again.json["id"]
    assert [state for state, *_ in notices(site)] == [EmergencyState.PREPARING]
    assert api.get("/api/v1/emergencies", headers=header).json["items"][0]["content"] == "Lũ về."
    assert api.post(f"/api/v1/emergencies/{first.json['id']}/stop", headers=header).status_code == 200
    with site.database.session(write=False) as s:
        assert [row.action for row in s.query(AirCommand)] == ["emergency_stop"]


@pytest.mark.parametrize("wrong", [{"confirmation": "yes"}, {"key": ""}, {"content": " "}, {"repeats": 99}, {"signal": "x"}])
def test_the_api_refuses_what_nobody_meant(site, wrong):
    header = token_of(site, "approver", "emergency:write")
    body = {"content": "Lũ về.", "confirmation": "KHẨN CẤP", "key": "k", **wrong}
    answer = site.app.test_client().post("/api/v1/emergencies", json=body, headers=header)
    assert answer.status_code in (400, 409) and answer.json["message"]
    assert notices(site) == []


def test_a_token_without_the_scope_airs_nothing(site):
    header = token_of(site, "approver", "status:read")
    body = {"content": "Lũ về.", "confirmation": "KHẨN CẤP", "key": "k"}
    assert site.app.test_client().post("/api/v1/emergencies", json=body, headers=header).status_code == 403
    assert notices(site) == []

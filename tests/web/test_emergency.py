"""Emergency notices from the page.  The words are invented."""

from __future__ import annotations

from station.db.models import AirCommand, Emergency
from station.db.states import EmergencyState
from tests.web.browser import on_air


def ask(site, client, key="mot-lan", **fields):
    return site.post(
        client, "/emergency/", content="Vỡ đê, bà con sơ tán ngay.", key=key, repeats="3", siren="1",
        confirmation="yes", **fields,
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


def test_without_the_second_look_nothing_airs(site):
    answer = site.post(site.client("approver"), "/emergency/", content="Thử", key="x", repeats="1")
    assert answer.status_code == 400
    assert "Thử" in answer.get_data(as_text=True), "what was typed is still there"
    assert notices(site) == []


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


def test_every_page_tells_of_it_and_one_press_stops_it(site):
    on_air(site)
    leader = site.client("approver")
    ask(site, leader)
    assert "Đang có thông báo khẩn cấp" in leader.get("/bulletins/").get_data(as_text=True)
    site.post(leader, "/emergency/stop")
    with site.database.session(write=False) as s:
        assert [row.action for row in s.query(AirCommand)] == ["emergency_stop"]


def test_an_exercise_is_marked_as_one(site):
    on_air(site)
    ask(site, site.client("operator"), test="1")
    assert notices(site)[0][2] is True

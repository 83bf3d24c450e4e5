"""Every page by every role, from the map of addresses; what is not in the table is closed.  Names are invented."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.db.states import UserRole
from station.web.permissions import GRANTS, PAGES, Permission, allowed, document

#: addresses that answer "sign in" with their own 401, or need no address at all
STREAMS = {"home.events"}
#: things of the station in the fixture, for the parts of addresses
PARTS = {"filename": "css/station.css", "voice_id": "espeak-bac-nu", "name": "chime", "section": "text", "number": 1,
         "template": "daily", "profile": "flat", "ending": "vtt"}


def addresses(app):
    """(endpoint, method, address) of every page, with the fixture's own things in it."""
    with app.test_request_context():
        from flask import url_for

        for rule in app.url_map.iter_rules():
            values = {part: PARTS.get(part, 1) for part in rule.arguments}
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                yield rule.endpoint, method, url_for(rule.endpoint, **values)


def test_every_page_has_a_permission_and_every_permission_a_page(site):
    endpoints = {rule.endpoint for rule in site.app.url_map.iter_rules()}
    assert endpoints == set(PAGES)


@pytest.mark.parametrize("role", [None, *UserRole])
def test_every_page_answers_every_role_as_the_table_says(site, role):
    client = site.client(role.value if role else None)
    wrong = []
    for endpoint, method, address in addresses(site.app):
        if endpoint in STREAMS or endpoint == "auth.sign_out":
            continue
        if method == "GET":
            code = client.get(address).status_code
        else:
            code = site.post(client, address).status_code
        refused = code in (401, 403) or (code == 302 and role is None and not PAGES[endpoint] == Permission.PUBLIC)
        if PAGES[endpoint] is Permission.API:
            expected_refused = True  # no token was sent
        else:
            expected_refused = not allowed(role, endpoint)
        # a sign-in with an empty name is refused by itself, not by the table
        if endpoint in ("auth.sign_in_post",):
            continue
        if refused != expected_refused or code >= 500:
            wrong.append((endpoint, method, code))
        if role is not None:  # an act of this loop may have ended the session or changed the account
            client = _again(site, client, role)
    assert wrong == []


def _again(site, client, role):
    if client.get("/account/").status_code == 200:
        return client
    from station.editorial import people

    with site.database.session() as s:
        user = people.find_user(s, role.value)
        user.active = True
        user.role = role
        people.change_password(s, user, "mat-khau-thu-1")
    return site.client(role.value)


def test_a_page_that_is_not_in_the_table_is_refused_to_the_administrator(site):
    site.app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    answer = site.client("administrator").get("/forgotten")
    assert answer.status_code == 403
    assert "secret" not in answer.get_data(as_text=True)


def test_no_role_but_the_administrator_manages_people():
    assert [role for role in UserRole if Permission.ADMIN in GRANTS[role]] == [UserRole.ADMINISTRATOR]


def test_the_document_is_what_the_table_says():
    stored = (Path(__file__).parents[2] / "docs" / "permissions.md").read_text(encoding="utf-8")
    assert stored == document(), "run: python -m station.web.permissions > docs/permissions.md"

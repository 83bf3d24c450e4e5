"""Speaking live from the page, and what else is done on air by hand.  The sound is invented."""

from __future__ import annotations

import re

import numpy as np
import soundfile
import sqlalchemy as sa

from station.db.models import AirCommand, AsRun
from station.db.states import Outcome, SourceKind
from station.db.types import utc_now
from station.playout.choose import hash_file
from station.playout.live import live_file, page_file


def token(client):
    return {"X-CSRFToken": re.search(r'name="csrf-token" content="([^"]+)"', client.get("/talk/").get_data(as_text=True))[1]}


def orders(site):
    with site.database.session(write=False) as s:
        return [(row.action, row.data) for row in s.scalars(sa.select(AirCommand).order_by(AirCommand.id))]


def test_what_is_said_while_the_button_is_held_goes_into_the_talk_in_order(site):
    client = site.client("operator")
    header = token(client)
    key = client.post("/talk/start", json={"source": "page", "over": "1"}, headers=header).json["key"]
    assert orders(site) == [("live_start", {"over": True, "key": key})]
    pieces = [bytes([n]) * 9600 for n in (1, 2, 3)]
    for piece in pieces:
        answer = client.post(f"/talk/sound/{key}", data=piece, headers={**header, "Content-Type": "application/octet-stream"})
        assert answer.status_code == 200
    assert page_file(site.settings.home.run, key).read_bytes() == b"".join(pieces)
    assert client.post("/talk/stop", json={}, headers=header).status_code == 200
    assert orders(site)[-1][0] == "live_stop"
    assert client.post(f"/talk/sound/{key}", data=b"xx", headers=header).status_code == 404, "the talk is over"


def test_nobody_speaks_into_the_talk_of_another_or_without_the_right(site):
    first, second = site.client("operator"), site.client("approver")
    key = first.post("/talk/start", json={"source": "page"}, headers=token(first)).json["key"]
    assert second.post(f"/talk/sound/{key}", data=b"xx", headers=token(second)).status_code == 404
    assert site.client("editor").get("/talk/").status_code == 403
    assert first.post(f"/talk/sound/{key}", data=b"xx").status_code == 400, "another site's form cannot speak"
    assert first.post("/talk/start", json={"source": "elsewhere"}, headers=token(first)).status_code == 400


def test_by_hand_are_the_stations_microphone_the_transmitter_a_test_tone_and_a_notice_over_the_program(site):
    client = site.client("operator")
    assert site.post(client, "/talk/start", source="station", over="0").status_code == 303
    assert site.post(client, "/talk/stop").status_code == 303
    for action in ("transmitter_on", "transmitter_auto", "test_tone"):
        assert site.post(client, "/air", action=action, back="talk").headers["Location"] == "/talk/"
    site.post(client, "/air", action="play_over", program_id="1")
    assert orders(site) == [
        ("live_start", {"over": False}), ("live_stop", {}), ("transmitter_on", {}), ("transmitter_auto", {}), ("test_tone", {}),
        ("play_over", {"program_id": 1}),
    ]


def test_what_was_said_live_is_heard_again_from_the_log(site):
    audio = site.settings.home.audio
    recording = audio / "talk.wav"
    soundfile.write(recording, np.full(4800, 0.1), 48000)
    sha256 = hash_file(recording)
    live_file(audio, sha256).parent.mkdir(parents=True, exist_ok=True)
    recording.replace(live_file(audio, sha256))
    with site.database.session() as s:
        row = AsRun(source=SourceKind.LIVE, title="Phát trực tiếp", real_start=utc_now(), real_end=utc_now(), outcome=Outcome.AIRED,
                    render_sha256=sha256, caused_by="Người operator")
        s.add(row)
        s.flush()
        number = row.id
    client = site.client("operator")
    assert "Người operator" in client.get("/talk/").get_data(as_text=True)
    assert client.get(f"/log/{number}/audio").data == live_file(audio, sha256).read_bytes()

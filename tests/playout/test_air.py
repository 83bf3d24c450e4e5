"""The air process on a real sound server: what was approved is heard, in its second, sample for sample."""

import signal

import pytest
import sqlalchemy as sa

from station.db.models import AirCommand, AsRun, Heartbeat, Level
from station.db.states import Outcome, SourceKind
from tests.playout.make import noise
from tests.pulse import find

pytestmark = pytest.mark.sound


def on_air(session):
    row = session.get(Heartbeat, "air")
    return row is not None and row.data.get("state") == "on_air" and row.data


def test_a_scheduled_program_is_heard_in_its_second_sample_for_sample(station, pulse):
    samples = noise(4)
    chapters = [
        {"kind": "item", "title": "Mục một", "start_frame": 0, "end_frame": 96000, "ref": "7"},
        {"kind": "item", "title": "Mục hai", "start_frame": 96000, "end_frame": 192000, "ref": "8"},
    ]
    station.program(samples, chapters=chapters)
    start = station.slot(9)
    station.air(pulse)
    station.wait(lambda session: (session.get(Heartbeat, "air") or Heartbeat(data={})).data.get("output"))
    recording = pulse.record()
    playing = station.wait(on_air, 20)
    assert playing["source"] == "schedule" and playing["title"] == "Bản tin thử"
    (occurrence,) = station.ended()
    heard = recording.stop()
    at = find(heard, samples[:, 0])
    assert at >= 0
    assert abs(recording.zero + at / 48000 - start.timestamp()) < 0.15
    assert occurrence.outcome is Outcome.AIRED
    (row,) = station.as_run()
    assert row.frames == len(samples) and row.source is SourceKind.SCHEDULE and row.approved_by == "Lê Văn Hùng"
    assert row.level_dbfs == pytest.approx(-18.75, abs=0.5)
    assert abs((row.real_start - start).total_seconds()) < 0.15
    with station.database.session(write=False) as session:
        parts = session.scalars(sa.select(AsRun).where(AsRun.item_ref != "").order_by(AsRun.id)).all()
        assert [(p.item_ref, p.frames) for p in parts] == [("1:7", 96000), ("2:8", 96000)]
        assert session.scalar(sa.select(sa.func.max(Level.rms_dbfs))) == pytest.approx(-18.75, abs=0.5)


def test_what_nobody_approved_is_never_heard(station, pulse):
    station.program(noise(2), approved=False)
    station.slot(6)
    recording = pulse.record()
    station.air(pulse)
    (occurrence,) = station.ended()
    assert occurrence.outcome is Outcome.REFUSED_UNAPPROVED
    assert not recording.stop().any()
    assert station.as_run() == []


def test_an_audio_file_that_is_not_the_approved_one_is_never_heard(station, pulse):
    program = station.program(noise(3))
    path = station.render_path(program)
    data = bytearray(path.read_bytes())
    data[5000] ^= 1
    path.write_bytes(data)
    station.slot(6)
    station.air(pulse)
    (occurrence,) = station.ended()
    assert occurrence.outcome is Outcome.REFUSED_UNAPPROVED


def test_play_now_stop_and_skip_are_obeyed_once(station, pulse):
    program = station.program(noise(20))
    other = station.program(noise(2, seed=5), approved=False)
    station.air(pulse)
    station.wait(lambda session: session.get(Heartbeat, "air"))
    with station.database.session() as session:
        session.add(AirCommand(action="play_now", data={"program_id": program}, user_id=station.leader_id))
        session.add(AirCommand(action="play_now", data={"program_id": other}))
    station.wait(on_air)
    with station.database.session() as session:
        session.add(AirCommand(action="stop", user_id=station.leader_id, data={"reason": "thử"}))
    station.wait(lambda session: session.scalar(sa.select(AsRun)))
    with station.database.session(write=False) as session:
        results = session.scalars(sa.select(AirCommand.result).order_by(AirCommand.id)).all()
    assert results[0].startswith("Đang phát") and "chưa được duyệt" in results[1] and "Đã dừng" in results[2]
    (row,) = station.as_run()
    assert row.outcome is Outcome.PARTIAL and row.caused_by == "Lê Văn Hùng" and "thử" in row.reason
    assert row.frames < 20 * 48000


def test_a_clean_stop_gives_the_lease_back_and_ends(station, pulse):
    process = station.air(pulse)
    station.wait(lambda session: session.get(Heartbeat, "air"))
    process.send_signal(signal.SIGTERM)
    assert process.wait(6) == 0

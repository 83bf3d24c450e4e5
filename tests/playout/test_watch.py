"""What is really sent is watched second by second, and so is what a receiver hears of it.  Levels are invented."""

from __future__ import annotations

import numpy as np
import pytest
import sqlalchemy as sa

from station.db.models import Alarm, Level, Render
from station.db.states import Outcome, SourceKind
from station.playout.receiver import STEP_SECONDS, Heard, compare, envelope
from tests.playout.make import noise
from tests.playout.sim import RATE
from tests.playout.test_clock import World

GOOD = {"rms": -20.0, "peak": -3.0, "clips": 0, "stuck": 0, "passes": 40}
SILENT = {**GOOD, "rms": -90.0, "peak": -80.0}
STUCK = {**GOOD, "rms": -6.0, "peak": -6.0, "stuck": 40}
BROKEN = {**GOOD, "rms": -1.0, "peak": 0.0, "clips": 36}
LOUD = {**GOOD, "rms": -8.0, "peak": 0.0, "clips": 6}


@pytest.fixture
def on_air(tmp_path, monkeypatch):
    """A station whose program began half a minute ago."""
    one = World(tmp_path, monkeypatch)
    one.sim.mixer.lengths |= {"chime-48000": 3 * RATE, "tone-48000": 10 * RATE}
    one.until(-1)
    sends(one, 30, GOOD)
    yield one
    one.close()


def sends(one, seconds, level):
    """So many seconds with that level, each told by the mixer as the real one does."""
    for _ in range(seconds):
        feed = min((f for f, p in one.sim.mixer.playing.items() if p["begun"]), key="priority schedule relay fallback".split().index, default="silence")
        playing = one.sim.mixer.playing.get(feed, {})
        one.sim.mixer._event("level", feed=feed, item=playing.get("item", ""), position=one.sim.mixer._now_at(playing) if playing else 0,
                             underflows=0, **{"pace": 1.0, **level})
        one.sim.tick()
        one.clock.advance(1.0)


def alarms(one):
    with one.station.database.session(write=False) as session:
        return [row.kind for row in session.scalars(sa.select(Alarm).where(Alarm.severity != "info").order_by(Alarm.id))]


def playing(one):
    return {item.feed: item.title for item in one.sim.deputy.items.values()}


@pytest.mark.parametrize(("level", "kind"), [(SILENT, "silence"), (STUCK, "stuck"), (BROKEN, "clipping")])
def test_silence_a_stuck_sample_and_clipping_are_an_alarm_and_the_next_source(on_air, level, kind):
    sends(on_air, 9, level)
    assert alarms(on_air) == [] and "schedule" in playing(on_air), "not before the setting's ten seconds"
    sends(on_air, 3, level)
    assert alarms(on_air) == [kind]
    assert playing(on_air) == {"fallback": "Nhạc hiệu dự phòng"}
    assert on_air.result.outcome is Outcome.PARTIAL and "10 giây" in on_air.result.reason


@pytest.mark.parametrize("level", [GOOD, LOUD])
def test_a_pause_in_speech_and_music_that_touches_full_scale_are_no_fault(on_air, level):
    for _ in range(5):
        sends(on_air, 9, SILENT)
        sends(on_air, 2, level)
    sends(on_air, 30, level)
    assert alarms(on_air) == [] and "schedule" in playing(on_air)


def test_the_fallback_is_the_program_that_aired_last_before_chime_and_tone(on_air):
    other = on_air.station.program(noise(0.04, seed=9), template="other", title="Bản tin hôm qua")
    with on_air.station.database.session() as session:
        render = session.get(Render, other)
        render.frames = 600 * RATE
        on_air.sim.mixer.lengths[render.sha256] = render.frames
        from datetime import timedelta

        from station.db.models import Occurrence, Slot

        slot = session.scalars(sa.select(Slot)).one()
        day = on_air.start - timedelta(days=1)
        session.add(Occurrence(
            slot_id=slot.id, local_date=day.date(), planned_start=day, planned_end=day, started_at=day, ended_at=day,
            program_id=other, render_id=render.id, outcome=Outcome.AIRED,
        ))
    sends(on_air, 12, SILENT)
    assert playing(on_air) == {"fallback": "Bản tin hôm qua"}


def test_every_second_of_sound_is_kept_with_its_level(on_air):
    with on_air.station.database.session() as session:
        session.add_all(on_air.sim.deputy.take_levels())
    with on_air.station.database.session(write=False) as session:
        rows = session.scalars(sa.select(Level)).all()
    assert len(rows) >= 29 and {(r.rms_dbfs, r.source) for r in rows} == {(-20.0, SourceKind.SCHEDULE)}


@pytest.mark.parametrize(("pace", "told"), [(1.0, []), (1.0003, []), (0.95, ["pace"]), (1.04, ["pace"])])
def test_frames_that_go_out_faster_or_slower_than_time_passes_are_told(on_air, pace, told):
    sends(on_air, 3, {**GOOD, "pace": pace})
    assert alarms(on_air) == told


def speech(seconds, seed):
    """An envelope like speech (dBFS): syllables and pauses."""
    generator = np.random.default_rng(seed)
    count = round(seconds / STEP_SECONDS)
    levels = np.repeat(generator.choice([-55.0, -25.0, -18.0, -22.0], count // 4 + 1), 4)[:count]
    return levels + generator.normal(0, 1.5, count)


SENT = speech(10, 1)


@pytest.mark.parametrize("delay", [0.0, 0.3, 1.4, 2.9])
@pytest.mark.parametrize("gain", [0.0, -20.0])
def test_a_receiver_that_hears_the_program_late_and_at_another_level_hears_it(delay, gain):
    steps = round(delay / STEP_SECONDS)
    heard = np.concatenate([speech(steps * STEP_SECONDS, 5)[:steps], SENT, np.full(60 - steps, -40.0)])
    # a radio adds hiss: what is below it is heard as hiss
    assert compare(SENT, np.maximum(heard + gain, -52.0), -50.0)[0] is Heard.SAME


@pytest.mark.parametrize(("heard", "wanted"), [
    (np.full(260, -95.0), Heard.NOTHING),
    (speech(13, 2), Heard.OTHER),
    (np.random.default_rng(3).normal(-30.0, 1.0, 260), Heard.OTHER),  # the hiss of an empty channel
    (np.full(260, np.nan), Heard.UNKNOWN),  # the receiver's input is not open yet
])
def test_a_receiver_that_hears_nothing_hiss_or_another_program_is_noticed(heard, wanted):
    assert compare(SENT, heard, -50.0)[0] is wanted


def test_where_nothing_is_sent_nothing_is_expected():
    assert compare(np.full(200, -120.0), np.full(260, -95.0), -50.0)[0] is Heard.UNKNOWN


def test_an_envelope_has_the_loudest_of_each_step_and_knows_what_it_does_not_know():
    rows = [(9.99, -20.0), (9.96, -10.0), (9.91, -30.0)]
    found = envelope(rows, 10.0, 0.2)
    assert np.array_equal(found, [np.nan, np.nan, -30.0, -10.0], equal_nan=True)

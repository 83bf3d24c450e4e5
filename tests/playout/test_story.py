"""A recorded hour of the station, shortened: program, emergency over it, the program again, relay, the next program.

Everything is real: ``station air``, its mixer, the sound server, the voice, the stream server, the receiver (the sink's
own monitor).  What was recorded is compared sample for sample with the files that were to be heard.
``STATION_STORY_MINUTES=60`` makes it an hour.
"""

import os
import subprocess
import sys
import time

import numpy as np
import pytest
import soundfile
import sqlalchemy as sa

from station.db.models import AsRun, Emergency, Heartbeat, Level
from station.db.states import EmergencyState, FillKind, Outcome, SourceKind
from station.playout.feeds import FADE_FRAMES
from station.playout.reader import FileSource
from station.playout.signals import signal_file
from tests.playout.make import TOML, StationUnderTest, noise
from tests.playout.test_faults import playing_for
from tests.playout.test_relay import Radio
from tests.pulse import find

pytestmark = [pytest.mark.sound, pytest.mark.slow]
RATE = 48000
#: how often the parts of the shortened story fit into the wanted one
SCALE = max(1.0, float(os.environ.get("STATION_STORY_MINUTES", "0")) * 60 / 45)


def whole(heard, samples, start=0):
    """Where a sound lies in the recording sample for sample; fails where it does not."""
    place = find(heard, samples, start)
    assert place >= 0
    return place


def sounded(source):
    """A file as the mixer reads it, at its own rate; float, mono."""
    blocks = []
    while len(block := source.read(RATE)):
        blocks.append(block[:, 0])
    source.close()
    return np.concatenate(blocks)


def near(heard, samples, start):
    """Where a sound that was resampled lies: each sample within the last two bits of what was recorded."""
    wanted = samples * 32768
    probe = int(np.argmax(np.abs(wanted) > 1000))
    part = wanted[probe:probe + 4800]
    for at in start + probe + np.flatnonzero(np.abs(heard[start + probe:len(heard) - 4800, 0] - part[0]) <= 2):
        if np.abs(heard[at:at + 4800, 0] - part).max() <= 2:
            place = at - probe
            assert np.abs(heard[place:place + len(wanted), 0] - wanted).max() <= 2
            return int(place)
    raise AssertionError("it was not heard")


def test_an_hour_with_an_emergency_a_relay_and_the_program_taken_up_again(tmp_path, pulse):
    station = StationUnderTest(
        tmp_path / "home", f'{TOML}\n[air]\nreturn_device = "default"\nemergency_repeats = 2\nemergency_gap_seconds = 0.5\n'
    )
    radio = Radio(tmp_path)
    first, last = noise(round(7 * SCALE), seed=21), noise(round(3 * SCALE), seed=22)
    # louder and quieter like speech, so that a receiver can tell it from another program
    first[:, 0] = first[:, 0] * np.repeat(np.random.default_rng(4).choice([0.02, 0.3, 1.0], len(first) // 9600 + 1), 9600)[:len(first)]
    station.program(first)
    station.program(last, template="evening", title="Bản tin cuối")
    began = station.slot(7)
    relay_seconds = round(8 * SCALE)
    relayed = station.slot(round(22 + 7 * SCALE), fill_kind=FillKind.RELAY, fill=radio.url, name="Tiếp sóng", duration_seconds=relay_seconds)
    closing = station.slot(round(22 + 7 * SCALE) + relay_seconds, fill="evening", name="Cuối ngày")
    station.air(pulse, PULSE_SOURCE=f"{pulse.sink}.monitor")
    station.wait(lambda session: (session.get(Heartbeat, "air") or Heartbeat(data={})).data.get("output"))
    recording = pulse.record()

    # a notice is typed while the program plays
    station.wait(playing_for(2), 30)
    command = [sys.executable, "-m", "station", "--home", str(station.settings.home.root), "emergency", "start",
               "Nước sông lên nhanh, bà con thôn ba di dời ngay.", "--confirm", "khan cap", "--user", "hung"]
    assert subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0
    notice = station.wait(lambda session: session.scalar(sa.select(Emergency).where(Emergency.state == EmergencyState.DONE)), 40 + 60 * SCALE)
    assert station.wait(lambda session: session.get(Heartbeat, "air").data["receiver"] == "same", 20)
    occurrences = station.ended(3, seconds=60 * SCALE)
    time.sleep(0.5)
    heard = recording.stop()

    # the program, in its second, until the notice
    siren = soundfile.read(signal_file("siren", station.settings.home.cache / "signals", RATE), dtype="int16")[0]
    source = FileSource(station.settings.home.root / notice.path, RATE, 1)
    spoken = sounded(source)
    at_program = whole(heard, first[:RATE, 0])
    assert abs(recording.zero + at_program / RATE - began.timestamp()) < 0.15
    at_siren = whole(heard, siren[np.flatnonzero(siren)[0]:]) - np.flatnonzero(siren)[0]
    assert 0 <= notice.first_sample_at.timestamp() - notice.accepted_at.timestamp() < 0.5
    cut = at_siren - FADE_FRAMES - at_program
    assert np.array_equal(heard[at_program:at_program + cut, 0], first[:cut, 0]), "the program up to the notice"

    # siren, twice the words with their pause, then the program from the frame where it was held
    once = near(heard, spoken, int(at_siren) + len(siren))
    again = near(heard, spoken, once + len(spoken))
    assert again - once - len(spoken) == 0.5 * RATE, "the pause between the times, to the frame"
    rest = first[cut + FADE_FRAMES:, 0]
    back = whole(heard, rest, again + len(spoken))
    assert back - FADE_FRAMES - again - len(spoken) <= 1200, "it goes on with the next block"
    assert not heard[again + len(spoken):back - FADE_FRAMES].any(), "and nothing else sounds between"

    # the relay for its time, then the last program in its second
    at_last = whole(heard, last[:, 0], back)
    assert abs(recording.zero + at_last / RATE - closing.timestamp()) < 0.15
    relay = heard[back + len(rest):at_last, 0].astype(float)
    loud = np.flatnonzero(np.abs(relay) > 3000)
    assert (loud[-1] - loud[0]) / RATE > relay_seconds - 3.0
    middle = relay[(loud[0] + loud[-1]) // 2:][:RATE]
    assert abs(int(np.argmax(np.abs(np.fft.rfft(middle)))) - 997) <= 1
    assert recording.zero + (back + len(rest) + loud[0]) / RATE - relayed.timestamp() > -0.1

    # one story in the log
    assert "tạm dừng" in occurrences[0].reason
    assert [row.outcome for row in occurrences] == [Outcome.AIRED] * 3, [row.reason for row in occurrences]
    rows = station.as_run()
    assert [row.source for row in rows if row.emergency_id is None] == [SourceKind.SCHEDULE, SourceKind.RELAY, SourceKind.SCHEDULE]
    assert rows[-1].frames == len(last) and next(r for r in rows if r.source is SourceKind.SCHEDULE).frames == len(first)
    spoken_rows = [row for row in rows if row.emergency_id == notice.id and "Thông báo khẩn" in row.title]
    assert len(spoken_rows) == 2 and all(row.level_dbfs > -40 and row.caused_by == "Lê Văn Hùng" for row in spoken_rows)
    with station.database.session(write=False) as session:
        kinds = set(session.scalars(sa.select(Level.source).distinct()))
        assert session.scalar(sa.select(sa.func.count(AsRun.id)).where(AsRun.level_dbfs.is_(None), AsRun.title.not_like("Khoảng%"))) == 0
    assert kinds >= {SourceKind.SCHEDULE, SourceKind.EMERGENCY, SourceKind.RELAY}
    station.close()

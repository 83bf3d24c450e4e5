"""Live speech over a program: from the page and from the station's microphone, recorded, ducked, by the rules of hours."""

import subprocess
import threading
import time

import numpy as np
import pytest
import soundfile

from station.db.models import AirCommand
from station.db.states import Outcome, SourceKind
from station.playout.live import live_file, page_file
from tests.playout.make import noise
from tests.playout.test_clock import World
from tests.playout.test_faults import coverage, playing_for

RATE = 48000


def order(station, action, **values):
    with station.database.session() as session:
        session.add(AirCommand(action=action, data=values, user_id=station.leader_id))


def likeness(heard, piece):
    """How much of a piece is in a recording, at the best place: 1.0 is all of it."""
    size = len(heard) + len(piece)
    match = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(piece, size)), size)
    return float(match[:len(heard)].max() / np.dot(piece, piece)), int(match[:len(heard)].argmax())


@pytest.mark.sound
@pytest.mark.slow
def test_what_is_said_is_heard_over_the_quiet_program_and_kept_for_the_log(station, pulse):
    pulse.control("load-module", "module-null-sink", "sink_name=micro", "rate=48000", "channels=1", "format=s16le")
    samples = noise(13)
    station.program(samples)
    station.slot(4)
    station.air(pulse, PULSE_SOURCE="micro.monitor")
    recording = pulse.record()
    station.wait(playing_for(1), 30)

    # from the page: pieces of a tenth of a second, as its script sends them
    said = noise(2.5, seed=31)[:, 0]
    file = page_file(station.settings.home.run, "trang1")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()

    def speak():
        for at in range(0, len(said), 4800):
            with file.open("ab") as out:
                out.write(said[at:at + 4800].tobytes())
            time.sleep(0.1)

    talking = threading.Thread(target=speak)
    talking.start()
    order(station, "live_start", key="trang1", over=True)
    talking.join()
    time.sleep(0.7)
    order(station, "live_stop")
    (row,) = station.wait(lambda session: [r for r in station.as_run() if r.source is SourceKind.LIVE])

    # from the station's microphone
    spoken = noise(2, seed=32)
    wav = station.settings.home.cache / "spoken.wav"
    soundfile.write(wav, spoken, RATE)
    order(station, "live_start", over=True)
    time.sleep(1.0)
    subprocess.run(["paplay", "-d", "micro", str(wav)], env=pulse.environment, check=True, timeout=20)
    order(station, "live_stop")
    station.wait(lambda session: len([r for r in station.as_run() if r.source is SourceKind.LIVE]) == 2)
    (occurrence,) = station.ended()
    heard = recording.stop()

    assert occurrence.outcome is Outcome.AIRED
    assert row.caused_by == "Lê Văn Hùng" and row.render_sha256
    kept = soundfile.read(live_file(station.settings.home.audio, row.render_sha256), dtype="int16")[0]
    assert np.array_equal(kept, said), "every sample that the page sent is kept"
    assert not file.exists()
    found, place = likeness(heard[:, 0].astype(float), said.astype(float))
    assert found > 0.9
    rest = heard[place + 24000:place + 60000, 0].astype(float) - said[24000:60000]
    assert 0.15 < rest.std() / samples.std() < 0.25, "the program is a fifth as loud under speech"
    assert likeness(heard[place + len(said):, 0].astype(float), spoken[:, 0].astype(float))[0] > 0.8
    places = coverage(heard, samples)
    exact = places >= 0
    assert exact[:5].all() and exact[-10:].all(), "before and after, the program is as it is"


@pytest.fixture
def world(tmp_path, monkeypatch):
    made = World(tmp_path, monkeypatch, toml='[hours]\nquiet = ["21:00-04:00"]\n')
    yield made
    made.close()


def test_nobody_speaks_live_in_quiet_hours(world):
    world.until(3 * 3600 - 60)  # two in the morning
    assert "Không mở micrô" in world.sim.deputy.live_start("", "Lan", over=True)
    assert "Không phát âm thử" in world.sim.deputy._test_tone(1, "Lan")
    assert world.sim.mixer.playing == {}


def test_a_page_that_is_gone_does_not_hold_the_microphone_open(world):
    world.until(-400)
    file = page_file(world.station.settings.home.run, "trang2")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    world.sim.mixer.lengths["trang2"] = 3600 * RATE
    assert world.sim.deputy.live_start("", "Lan", over=True, key="trang2") == "Đã mở micrô."
    world.run(3)
    assert "live" in world.sim.mixer.playing
    import os

    os.utime(file, (time.time() - 60, time.time() - 60))
    world.run(3)
    assert "live" not in world.sim.mixer.playing
    (row,) = [r for r in world.station.as_run() if r.source is SourceKind.LIVE]
    assert row.outcome is Outcome.AIRED and "không gửi tiếng nữa" in row.reason

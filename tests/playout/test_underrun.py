"""Underruns and broken-off streams on a busy machine are counted; only a device that stays away is an alarm."""

import signal
import subprocess
import time

import psutil
import pytest
import sqlalchemy as sa

from station.db.models import Alarm, Heartbeat
from station.db.states import Outcome
from tests.playout.make import StationUnderTest, noise
from tests.playout.test_faults import playing_for
from tests.pulse import find

pytestmark = [pytest.mark.sound, pytest.mark.slow]


def alarms(station, kind):
    with station.database.session(write=False) as session:
        return session.scalars(sa.select(Alarm.message).where(Alarm.kind == kind)).all()


def engine_of(process):
    (engine,) = [p for p in psutil.Process(process.pid).children() if "station.playout.engine" in " ".join(p.cmdline())]
    return engine


def on_air_for_a_second(station, pulse, seconds):
    samples = noise(seconds)
    station.program(samples)
    station.slot(5)
    process = station.air(pulse)
    station.wait(playing_for(1), 30)
    return samples, process


def test_a_mixer_that_was_not_let_run_reports_no_lost_device(station, pulse):
    _, process = on_air_for_a_second(station, pulse, 7)
    engine = engine_of(process)
    engine.send_signal(signal.SIGSTOP)
    time.sleep(1.6)
    engine.send_signal(signal.SIGCONT)
    (occurrence,) = station.ended()
    assert occurrence.outcome is Outcome.AIRED
    assert alarms(station, "device") == []


def test_a_sound_server_that_stutters_is_no_lost_device(station, pulse):
    on_air_for_a_second(station, pulse, 6)
    for _ in range(2):
        pulse.process.send_signal(signal.SIGSTOP)
        time.sleep(0.5)
        pulse.process.send_signal(signal.SIGCONT)
        time.sleep(0.5)
    (occurrence,) = station.ended()
    assert occurrence.outcome is Outcome.AIRED
    assert alarms(station, "device") == []


def drop_clients(pulse):
    """Close the server's connections and listen again at once, told by a second door."""
    door = pulse.folder / "second"
    pulse.control("load-module", "module-native-protocol-unix", "auth-anonymous=1", f"socket={door}")
    listed = pulse.control("list", "short", "modules").stdout.decode().splitlines()
    number = next(line.split()[0] for line in listed if str(pulse.socket) in line)
    environment = {**pulse.environment, "PULSE_SERVER": f"unix:{door}"}
    for words in (
        ["unload-module", number], ["load-module", "module-native-protocol-unix", "auth-anonymous=1", f"socket={pulse.socket}"],
    ):
        subprocess.run(["pactl", *words], env=environment, check=True, capture_output=True, timeout=10)


def test_a_stream_that_broke_off_is_open_again_at_once_counted_and_noted(station, pulse):
    on_air_for_a_second(station, pulse, 8)
    drop_clients(pulse)
    (occurrence,) = station.ended()
    assert occurrence.outcome is Outcome.AIRED and "vấp" in occurrence.reason
    assert alarms(station, "device") == []
    with station.database.session(write=False) as session:
        assert session.get(Heartbeat, "air").data["interruptions"] == 1


@pytest.mark.parametrize("broken", [{}, {"ALSA_CONFIG_PATH": "/dev/null"}], ids=["no-card", "alsa-aborts"])
def test_without_a_sound_card_the_program_goes_to_a_file_and_staff_are_told(tmp_path, broken):
    import soundfile

    station = StationUnderTest(tmp_path / "home")
    try:
        samples = noise(3)
        station.program(samples)
        station.slot(6)
        station.air(HOME=str(tmp_path), PULSE_SERVER="unix:/nonexistent", **broken)
        (occurrence,) = station.ended()
        assert occurrence.outcome is Outcome.AIRED
        (message,) = alarms(station, "no_card")
        folder = station.settings.home.audio / "air"
        assert "không có card âm thanh" in message and str(folder) in message
        (file,) = folder.glob("*.wav")
        assert find(soundfile.read(file, dtype="int16")[0], samples[:, 0]) >= 0
    finally:
        station.close()

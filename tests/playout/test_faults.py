"""Faults while on air, each done for real: the program goes on, and the as-run log tells one story."""

import resource
import signal
import socket
import sqlite3
import subprocess
import sys
import time

import numpy as np
import psutil
import pytest
import sqlalchemy as sa

from station.db.models import Alarm, Heartbeat, Occurrence
from station.db.states import Outcome, SourceKind
from tests.playout.make import TOML, StationUnderTest, noise
from tests.playout.test_air import on_air
from tests.pulse import breaks, find

pytestmark = [pytest.mark.sound, pytest.mark.slow]


def playing_for(seconds):
    def check(session):
        data = on_air(session)
        return data and data["position_seconds"] >= seconds and data
    return check


def coverage(heard, samples, piece=4800):
    """Which pieces of the program were heard sample for sample, in order of the recording."""
    places = [find(heard, samples[i:i + piece, 0]) for i in range(0, len(samples) - piece + 1, piece)]
    return np.array(places)


def one_story(station, samples, *, rows):
    """The stretches join to the whole program, nothing left out, at most a buffer said again."""
    (occurrence,) = station.ended(seconds=40)
    story = station.as_run()
    assert len(story) == rows
    total = sum(row.frames for row in story)
    assert len(samples) <= total <= len(samples) + 48000
    assert all(a.real_end <= b.real_start for a, b in zip(story, story[1:], strict=False))
    return occurrence, story


def test_air_killed_in_mid_program_resumes_where_it_was_within_three_seconds(station, pulse):
    samples = noise(8)
    station.program(samples)
    station.slot(4)
    first = station.air(pulse)
    recording = pulse.record()
    station.wait(playing_for(1.5), 30)
    first.kill()
    killed = time.time() - recording.zero
    first.wait()
    station.air(pulse)
    occurrence, story = one_story(station, samples, rows=2)
    heard = recording.stop()
    places = coverage(heard, samples)
    assert (places >= 0).mean() > 0.9  # but for the one or two pieces that the kill cut through
    back = places[places / 48000 > killed + 0.3].min() / 48000
    assert back - killed < 3.0
    assert occurrence.outcome is Outcome.AIRED and "bị ngắt" in occurrence.reason
    assert [row.outcome for row in story] == [Outcome.PARTIAL, Outcome.AIRED]


def test_the_mixer_killed_in_mid_program_is_started_again_and_goes_on(station, pulse):
    samples = noise(7)
    station.program(samples)
    station.slot(4)
    process = station.air(pulse)
    station.wait(playing_for(1), 30)
    recording = pulse.record()
    (engine,) = [p for p in psutil.Process(process.pid).children() if "station.playout.engine" in " ".join(p.cmdline())]
    engine.kill()
    occurrence, _ = one_story(station, samples, rows=2)
    places = coverage(recording.stop(), samples[3 * 48000:])
    assert (places >= 0).mean() > 0.9
    assert occurrence.outcome is Outcome.AIRED


def test_the_sound_server_killed_and_back_costs_only_the_gap(station, pulse):
    samples = noise(8)
    station.program(samples)
    station.slot(4)
    station.air(pulse)
    station.wait(playing_for(1), 30)
    pulse.stop()
    station.wait(lambda session: session.scalar(sa.select(Alarm).where(Alarm.kind == "device")), 5)
    time.sleep(1)
    pulse.start()
    recording = pulse.record()
    occurrence, (row,) = one_story(station, samples, rows=1)
    places = coverage(recording.stop(), samples[5 * 48000:])
    assert (places >= 0).mean() > 0.9
    assert occurrence.outcome is Outcome.AIRED and "mất thiết bị âm thanh" in row.reason


def test_a_removed_sink_is_noticed_and_used_again_when_it_is_back(station, pulse):
    samples = noise(9)
    station.program(samples)
    station.slot(4)
    station.air(pulse)
    station.wait(playing_for(1), 30)
    pulse.control("unload-module", "module-null-sink")
    station.wait(lambda session: session.scalar(sa.select(Alarm).where(Alarm.kind == "device")), 5)
    pulse.control("load-module", "module-null-sink", f"sink_name={pulse.sink}", "rate=48000", "channels=2", "format=s16le")
    recording = pulse.record()
    occurrence, _ = one_story(station, samples, rows=1)
    assert (coverage(recording.stop(), samples[5 * 48000:]) >= 0).mean() > 0.9
    assert occurrence.outcome is Outcome.AIRED


@pytest.mark.parametrize("harm", ["delete", "truncate"])
def test_the_programs_file_deleted_or_truncated_while_playing_is_not_heard(station, pulse, harm):
    samples = noise(6)
    path = station.render_path(station.program(samples))
    station.slot(4)
    recording = pulse.record()
    station.air(pulse)
    station.wait(playing_for(1), 30)
    if harm == "delete":
        path.unlink()
    else:
        with path.open("r+b") as file:
            file.truncate(5000)
    (occurrence,) = station.ended()
    assert occurrence.outcome is Outcome.AIRED
    assert (coverage(recording.stop(), samples) >= 0).mean() > 0.9


def test_a_private_copy_cut_off_on_the_disk_ends_as_partial_with_an_alarm_and_a_fallback(station, pulse):
    station.program(noise(9))
    station.slot(4)
    station.air(pulse)
    station.wait(playing_for(1), 30)
    (copy,) = (station.settings.home.run / "spool").glob("*.wav")
    with copy.open("r+b") as file:
        file.truncate(48000 * 2 * 6)
    (occurrence,) = station.ended()
    assert occurrence.outcome is Outcome.PARTIAL
    station.wait(lambda session: session.scalar(sa.select(Alarm).where(Alarm.kind == "broken")))
    station.wait(lambda session: (on_air(session) or {}).get("source") == SourceKind.FALLBACK, 10)


def test_a_database_locked_for_ten_seconds_delays_no_program(station, pulse):
    samples = noise(4)
    station.program(samples)
    start = station.slot(9)
    station.air(pulse)
    station.wait(lambda session: session.get(Heartbeat, "air"))
    recording = pulse.record()
    time.sleep(max(0, start.timestamp() - 5 - time.time()))
    blocker = sqlite3.connect(station.settings.home.database_file, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    time.sleep(10)
    blocker.execute("ROLLBACK")
    (occurrence,) = station.ended()
    heard = recording.stop()
    at = find(heard, samples[:9600, 0])
    assert at >= 0, breaks(heard, samples)
    assert abs(recording.zero + at / 48000 - start.timestamp()) < 0.15
    assert occurrence.outcome is Outcome.AIRED and abs((occurrence.started_at - start).total_seconds()) < 0.2
    assert len(station.as_run()) == 1


def test_a_full_disk_stops_no_program_and_the_log_is_written_when_there_is_room(station, pulse):
    samples = noise(6)
    station.program(samples)
    start = station.slot(7)
    process = station.air(pulse)
    station.wait(lambda session: session.get(Heartbeat, "air"))
    recording = pulse.record()
    time.sleep(max(0, start.timestamp() - 2 - time.time()))
    # as a full disk does: no file of the process can grow any more
    psutil.Process(process.pid).rlimit(psutil.RLIMIT_FSIZE, (70_000, resource.RLIM_INFINITY))
    time.sleep(max(0, start.timestamp() + 8 - time.time()))
    assert all(row.outcome is None for row in station.occurrences())
    psutil.Process(process.pid).rlimit(psutil.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    (occurrence,) = station.ended()
    assert occurrence.outcome is Outcome.AIRED
    assert (coverage(recording.stop(), samples) >= 0).mean() > 0.9
    assert [row.frames for row in station.as_run()] == [len(samples)]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_a_second_air_stands_by_and_takes_over_within_ten_seconds(station, pulse, how):
    samples = noise(12 if how == signal.SIGSTOP else 6)
    station.program(samples)
    station.slot(5)
    first = station.air(pulse)
    station.wait(lambda session: session.get(Heartbeat, "air"))
    second = station.air(pulse)
    station.wait(playing_for(1.5), 30)
    with station.database.session(write=False) as session:
        assert session.get(Heartbeat, "air").holder.split(":")[1] == str(first.pid)
    first.send_signal(how)
    began = time.monotonic()

    def taken(session):
        row = session.get(Heartbeat, "air")
        return row.holder.split(":")[1] == str(second.pid) and row.data["state"] == "on_air"

    station.wait(taken, 15)
    assert time.monotonic() - began < (10 if how == signal.SIGKILL else 14)
    if how == signal.SIGSTOP:
        first.send_signal(signal.SIGCONT)
        assert first.wait(10) != 0  # it finds that it lost the lease, and leaves
    (occurrence,) = station.ended(seconds=50)
    assert occurrence.outcome is Outcome.AIRED
    assert len([r for r in station.as_run() if r.source is SourceKind.SCHEDULE]) == 2


def test_an_occurrence_never_airs_twice_however_often_air_is_killed(station, pulse):
    samples = noise(5)
    station.program(samples)
    station.slot(4)
    recording = pulse.record()
    process = station.air(pulse)
    station.wait(playing_for(1), 30)
    process.kill()
    station.air(pulse)
    station.ended()
    for _ in range(2):
        station.processes[-1].kill()
        station.processes[-1].wait()
        station.air(pulse)
        time.sleep(2.5)
    heard = recording.stop()
    start = find(heard, samples[:9600, 0])
    assert start >= 0 and find(heard, samples[:9600, 0], start + 1) == -1
    with station.database.session(write=False) as session:
        assert session.scalar(sa.select(sa.func.count(Occurrence.id))) == 1


def test_with_worker_and_web_both_dead_the_program_goes_on_untouched(tmp_path, pulse):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    station = StationUnderTest(tmp_path / "home", f"{TOML}\n[web]\nport = {port}\n")
    samples = noise(8)
    station.program(samples)
    station.slot(10)
    command = [sys.executable, "-m", "station", "--home", str(station.settings.home.root), "run"]
    supervisor = subprocess.Popen(command, env=pulse.environment)
    station.processes.append(supervisor)
    recording = pulse.record()
    station.wait(playing_for(1), 60)

    def parts():
        found = {}
        for child in psutil.Process(supervisor.pid).children(recursive=True):
            words = child.cmdline()
            found |= {name: child for name in ("web", "worker", "air") if words[-1:] == [name]}
        return found

    before = parts()
    before["web"].kill()
    before["worker"].kill()
    (occurrence,) = station.ended()
    heard = recording.stop()
    assert occurrence.outcome is Outcome.AIRED
    assert (coverage(heard, samples) >= 0).mean() > 0.95
    assert parts()["air"].pid == before["air"].pid
    assert not before["web"].is_running() and not before["worker"].is_running()
    station.close()

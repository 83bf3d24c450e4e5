"""``station run``: what dies or hangs is started again; one supervisor for a home; a clean stop."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest

from station import supervise
from station.db.models import Heartbeat
from station.db.types import utc_now
from station.supervise import AlreadyRunning, Child, Supervisor


def wait_for(condition, seconds=30.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


@pytest.fixture
def supervisor(settings, database):
    """A supervisor over one small process that only sleeps."""
    supervisor = Supervisor(settings, database, parts=())
    supervisor.children = [Child("nap", [sys.executable, "-c", "import time; time.sleep(600)"], lambda: True)]
    yield supervisor
    supervisor.stop()


def test_a_killed_process_is_started_again_at_once(supervisor):
    supervisor.look()
    (child,) = supervisor.children
    first = child.process.pid
    os.kill(first, signal.SIGKILL)

    def again():
        supervisor.look()
        return child.process is not None and child.process.pid != first

    wait_for(again, 5)
    assert child.process.poll() is None


def test_a_process_that_keeps_ending_is_started_with_growing_pauses(supervisor):
    (child,) = supervisor.children
    child.arguments = [sys.executable, "-c", "raise SystemExit(3)"]
    pauses = []
    for _ in range(3):
        child.start_at = 0
        supervisor.look()
        child.process.wait(10)
        supervisor.look()
        pauses.append(child.start_at - time.monotonic())
    assert pauses[0] <= 0.01 < 0.5 < pauses[1] < pauses[2]


def test_a_process_that_lives_but_gives_no_sign_is_started_again(supervisor, monkeypatch):
    monkeypatch.setattr(supervise, "CHECK_SECONDS", 0.1)
    (child,) = supervisor.children
    signs = iter([True])
    child.is_well = lambda: next(signs, False)
    supervisor.look()
    first = child.process.pid

    def again():
        supervisor.look()
        return child.process is not None and child.process.pid != first

    wait_for(again, 10)


def test_one_that_is_slow_to_start_is_given_time(supervisor, monkeypatch):
    monkeypatch.setattr(supervise, "CHECK_SECONDS", 0.0)
    (child,) = supervisor.children
    child.is_well = lambda: False
    supervisor.look()
    first = child.process.pid
    for _ in range(20):
        supervisor.look()
    assert child.process.pid == first


def test_the_sign_of_life_is_the_heartbeat_of_the_database(settings, database):
    child = Supervisor(settings, database, parts=("worker",)).children[0]
    assert not child.is_well()
    with database.session() as session:
        session.merge(Heartbeat(name="worker", holder="x", at=utc_now()))
    assert child.is_well()
    with database.session() as session:
        session.merge(Heartbeat(name="worker", holder="x", at=utc_now() - timedelta(minutes=2)))
    assert not child.is_well()


def test_a_second_supervisor_of_the_same_home_is_refused(settings, database, supervisor):
    with supervisor._alone(), pytest.raises(AlreadyRunning), supervisor._alone():
        pass
    with supervisor._alone():
        pass


def test_sigterm_stops_everything_and_kill_leaves_nothing_behind(settings, database, tmp_path):
    """The real worker under a real supervisor: SIGTERM ends both; SIGKILL of the supervisor ends the worker too."""
    code = (
        "import sys; from pathlib import Path\n"
        "from station.config import load_settings; from station.db.database import open_database\n"
        "from station.supervise import Supervisor\n"
        "s = load_settings(Path(sys.argv[1])); d = open_database(s); d.migrate()\n"
        "Supervisor(s, d, parts=('worker',)).run()\n"
    )

    def worker_pid():
        with database.session(write=False) as session:
            row = session.get(Heartbeat, "worker")
            return int(row.holder.split(":")[1]) if row and utc_now() - row.at < timedelta(seconds=4) else 0

    def gone(pid):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        return False

    for how in (signal.SIGTERM, signal.SIGKILL):
        with database.session() as session:
            session.query(Heartbeat).delete()
        process = subprocess.Popen([sys.executable, "-c", code, str(settings.home.root)])
        reaper = threading.Thread(target=process.wait)
        reaper.start()
        pid = wait_for(worker_pid, 40)
        os.kill(process.pid, how)
        reaper.join(30)
        assert process.returncode == (0 if how == signal.SIGTERM else -signal.SIGKILL)
        wait_for(lambda pid=pid: gone(pid), 20)
    assert (settings.home.logs / "worker.log").is_file()

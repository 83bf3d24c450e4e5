"""``station run``: keeps the three processes of a station alive.

A process that ends is started again at once, then with growing pauses while it keeps ending.  One that lives but
gives no sign (its heartbeat row, or for the web an answer on its port) is ended and started again.
"""

from __future__ import annotations

import fcntl
import http.client
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import sqlalchemy as sa

from station.config import Settings
from station.db.database import Database
from station.db.models import Heartbeat
from station.db.types import utc_now
from station.errors import StationError

_LOG = logging.getLogger(__name__)
PARTS = ("air", "worker", "web")
#: pauses before a new start, seconds, while a process keeps ending within STEADY_SECONDS
PAUSES = (0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0)
STEADY_SECONDS = 60.0
CHECK_SECONDS = 5.0
#: a process that gave no sign for so long is taken to hang; it has longer to start
SILENT_AFTER = timedelta(seconds=45)
START_SECONDS = 90.0
STOP_SECONDS = 15.0


class AlreadyRunning(StationError):
    """This station is run by another process already."""

    code = "run.twice"


@dataclass
class Child:
    """One supervised process."""

    name: str
    arguments: Sequence[str]
    is_well: Callable[[], bool]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    checked: float = 0.0
    start_at: float = 0.0
    failures: int = 0
    was_well: bool = field(default=False)

    def start(self, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(self.arguments, env=environment, stdin=subprocess.DEVNULL)
        self.started = self.checked = time.monotonic()
        self.was_well = False
        _LOG.info("%s started as process %s", self.name, self.process.pid)


class Supervisor:
    """Starts, watches and stops the processes.  :meth:`run` returns after SIGTERM or SIGINT."""

    def __init__(self, settings: Settings, database: Database, parts: Sequence[str] = PARTS) -> None:
        self.settings = settings
        self.database = database
        self.stopping = False
        self.children = [
            Child(part, self._arguments(part), self._web_is_well if part == "web" else self._beats(part))
            for part in parts
        ]

    def _arguments(self, part: str) -> list[str]:
        return [sys.executable, "-m", "station", "--home", str(self.settings.home.root), part]

    def _environment(self, part: str) -> dict[str, str]:
        return {
            **os.environ, "STATION_SUPERVISOR": str(os.getpid()),
            "STATION_LOG_FILE": str(self.settings.home.logs / f"{part}.log"),
        }

    def run(self) -> None:
        """Keep everything running until asked to stop.  Raises :class:`AlreadyRunning`."""
        with self._alone():
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, self._on_signal)
            _LOG.info("station at %s is being run by process %s", self.settings.home.root, os.getpid())
            try:
                while not self.stopping:
                    self.look()
                    time.sleep(0.2)
            finally:
                self.stop()

    def look(self) -> None:
        """One round over the processes."""
        now = time.monotonic()
        for child in self.children:
            if child.process is None:
                if now >= child.start_at:
                    child.start(self._environment(child.name))
            elif (code := child.process.poll()) is not None:
                self._ended(child, code)
            elif now - child.checked >= CHECK_SECONDS:
                child.checked = now
                if child.is_well():
                    child.was_well = True
                elif child.was_well or now - child.started > START_SECONDS:
                    _LOG.error("%s gives no sign of life and is started again", child.name)
                    child.process.terminate()
                    self._wait(child, 5.0)

    def _ended(self, child: Child, code: int) -> None:
        lived = time.monotonic() - child.started
        child.failures = 1 if lived > STEADY_SECONDS else child.failures + 1
        pause = PAUSES[min(child.failures - 1, len(PAUSES) - 1)]
        _LOG.error("%s ended with status %s after %.0f s; started again in %.0f s", child.name, code, lived, pause)
        child.process = None
        child.start_at = time.monotonic() + pause

    def _wait(self, child: Child, seconds: float) -> None:
        assert child.process is not None
        try:
            child.process.wait(seconds)
        except subprocess.TimeoutExpired:
            _LOG.error("%s does not end and is killed", child.name)
            child.process.kill()
            child.process.wait()

    def stop(self) -> None:
        """End all processes: the page first, what is on air last."""
        for child in reversed(self.children):
            if child.process is not None and child.process.poll() is None:
                child.process.terminate()
        for child in reversed(self.children):
            if child.process is not None:
                self._wait(child, STOP_SECONDS)
        _LOG.info("station stopped")

    def _on_signal(self, number: int, frame: object) -> None:
        self.stopping = True

    def _beats(self, part: str) -> Callable[[], bool]:
        def is_well() -> bool:
            try:
                with self.database.session(write=False) as session:
                    row = session.get(Heartbeat, part)
                    return row is not None and utc_now() - row.at < SILENT_AFTER
            except sa.exc.SQLAlchemyError:  # a locked or full database says nothing about the process: leave it alone
                _LOG.exception("cannot read the heartbeat of %s", part)
                return True

        return is_well

    def _web_is_well(self) -> bool:
        host = self.settings.web.host if self.settings.web.host not in ("0.0.0.0", "::", "") else "127.0.0.1"
        connection = http.client.HTTPConnection(host, self.settings.web.port, timeout=10)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status < 500
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _alone(self) -> _Lock:
        return _Lock(self.settings)


class _Lock:
    """One supervisor for a home; the system frees the lock however the process ends."""

    def __init__(self, settings: Settings) -> None:
        self._path = settings.home.run / "supervisor.lock"

    def __enter__(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._path.open("a+")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._file.close()
            raise AlreadyRunning(
                "Đài này đang chạy rồi.", mend="Hãy mở trang web của đài, hoặc dừng lần chạy kia trước."
            ) from error
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()

    def __exit__(self, *exc: object) -> None:
        self._file.close()


def follow_supervisor() -> None:
    """In a supervised process: end (by SIGTERM) when the supervisor is gone, so that none stays behind alone."""
    parent = os.environ.pop("STATION_SUPERVISOR", "")
    if not parent.isdigit() or not sys.platform.startswith("linux"):
        return
    import ctypes

    pr_set_pdeathsig = 1
    ctypes.CDLL(None, use_errno=True).prctl(pr_set_pdeathsig, signal.SIGTERM)
    if os.getppid() != int(parent):
        os.kill(os.getpid(), signal.SIGTERM)

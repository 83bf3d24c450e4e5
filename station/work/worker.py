"""The ``worker`` process: takes jobs from the queue, runs them, and stays honest about how they went."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable

from station.config import Settings
from station.db.database import Database, open_database
from station.db.models import Heartbeat
from station.db.states import JobKind, JobState
from station.db.types import utc_now
from station.errors import JobCancelled, StationError
from station.work.identity import is_gone, process_name
from station.work.inbox import Inbox
from station.work.jobs import Claim, JobStore
from station.work.queue import open_queue, push

_LOG = logging.getLogger(__name__)
LOOK_SECONDS = 0.5
BEAT_SECONDS = 2.0
#: a job's number is handed to the queue again when nobody took it for so long (a lost queue file, for instance)
PUSH_AGAIN_SECONDS = 60.0
#: rounds of the keeper that may fail one after the other before the process gives up and is started anew
PATIENCE = 20


class Progress:
    """What a job's function reports with; writes at most five rows a second, the last one of a step always."""

    def __init__(self, store: JobStore, job_id: int) -> None:
        self._store = store
        self._job_id = job_id
        self._written = 0.0
        self._asked = 0.0
        self._cancelled = False

    def step(self, name: str, done: int, total: int) -> None:
        now = time.monotonic()
        if done == 0 or done >= total or now - self._written > 0.2:
            self._store.progress(self._job_id, name, done, total)
            self._written = now

    def cancelled(self) -> bool:
        now = time.monotonic()
        if not self._cancelled and now - self._asked > 0.5:
            self._asked = now
            self._cancelled = self._store.cancelled(self._job_id)
        return self._cancelled

    def check(self) -> None:
        """Raises :class:`JobCancelled` when a person cancelled the job."""
        if self.cancelled():
            raise JobCancelled


Function = Callable[[Settings, Database, Claim, Progress], str]


def functions() -> dict[JobKind, Function]:
    """What each kind of job runs.  Each returns a Vietnamese sentence about its result."""
    from station.work.build import build_program
    from station.work.read import read_pages

    return {JobKind.READ: read_pages, JobKind.BUILD: build_program}


class Runner:
    """Runs jobs by their number, whoever hands them over."""

    def __init__(self, settings: Settings, database: Database, name: str = "") -> None:
        self.settings = settings
        self.database = database
        self.store = JobStore(database, name or process_name())
        self._running: set[int] = set()
        self._lock = threading.Lock()

    @property
    def running(self) -> list[int]:
        with self._lock:
            return sorted(self._running)

    def run(self, job_id: int) -> bool:
        """Run one job to its end; False when it was not free.  Never raises on a job's own failure."""
        claim = self.store.claim(job_id)
        if claim is None:
            return False
        with self._lock:
            self._running.add(job_id)
        try:
            self._run(claim)
        finally:
            with self._lock:
                self._running.discard(job_id)
        return True

    def run_waiting(self) -> int:
        """Run all that waits, in this thread; how many.  For commands and tests that need no second process."""
        count = 0
        for job_id in self.store.waiting():
            count += self.run(job_id)
        return count

    def _run(self, claim: Claim) -> None:
        began = time.monotonic()
        try:
            message = functions()[claim.kind](self.settings, self.database, claim, Progress(self.store, claim.id))
        except JobCancelled as error:
            self.store.end(claim.id, JobState.CANCELLED, error.message)
        except StationError as error:
            _LOG.warning("job %s %s failed: %s %s", claim.id, claim.kind, error.message, error.detail)
            self.store.end(claim.id, JobState.FAILED, error.for_staff(), error.detail)
        except Exception as error:  # noqa: BLE001 - the job's row tells of it, and the job is tried again
            _LOG.exception("job %s %s broke", claim.id, claim.kind)
            again = self.store.put_back(
                claim.id, "Việc này gặp lỗi ngoài dự kiến. Hãy thử lại; nếu vẫn lỗi, hãy báo người quản trị.", repr(error)
            )
            _LOG.warning("job %s %s", claim.id, "is tried again" if again else "is given up")
        else:
            self.store.end(claim.id, JobState.DONE, message)
            _LOG.info("job %s %s done in %.1f s", claim.id, claim.kind, time.monotonic() - began)


_current: Runner | None = None


def current_runner() -> Runner:
    """The runner of this worker process."""
    if _current is None:
        raise RuntimeError("a job was taken from the queue outside of a worker process")
    return _current


class Keeper(threading.Thread):
    """Beats for the worker and its jobs, looks for lost jobs, new jobs and new scans."""

    def __init__(self, runner: Runner, settings: Settings) -> None:
        super().__init__(name="keeper", daemon=True)
        self.runner = runner
        self.settings = settings
        self.stopping = threading.Event()
        self._inbox = Inbox(settings, runner.database)
        self._pushed: dict[int, float] = {}
        self._beaten = 0.0

    def run(self) -> None:
        failures = 0
        while not self.stopping.wait(LOOK_SECONDS):
            try:
                self.look()
                failures = 0
            except Exception:  # noqa: BLE001 - the database may be locked or its disk full: try again, but not for ever
                failures += 1
                _LOG.exception("the keeper failed (%s in a row)", failures)
                if failures >= PATIENCE:
                    os.kill(os.getpid(), signal.SIGTERM)
                    return

    def look(self) -> None:
        """One round."""
        now = time.monotonic()
        if now - self._beaten >= BEAT_SECONDS:
            self._beaten = now
            self.runner.store.beat(self.runner.running)
            self._beat()
            self.runner.store.take_back_lost(is_gone, utc_now())
            self._inbox.look()
        waiting = self.runner.store.waiting()
        for job_id in waiting:
            if now - self._pushed.get(job_id, -PUSH_AGAIN_SECONDS) >= PUSH_AGAIN_SECONDS:
                push(self.settings, job_id)
                self._pushed[job_id] = now
        self._pushed = {job_id: at for job_id, at in self._pushed.items() if job_id in waiting}

    def _beat(self) -> None:
        with self.runner.database.session() as session:
            session.merge(Heartbeat(
                name="worker", holder=self.runner.store.worker, at=utc_now(), data={"jobs": self.runner.running}
            ))


def run_worker(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT; a running job is put back into the queue by the next worker."""
    global _current
    settings.home.ensure()
    database = open_database(settings)
    database.migrate()
    _current = Runner(settings, database)
    queue = open_queue(settings)
    keeper = Keeper(_current, settings)
    _current.store.take_back_lost(is_gone, utc_now())
    keeper.start()
    # One job at a time: speech and reading already use every core.
    consumer = queue.create_consumer(
        workers=1, periodic=False, max_delay=1.0, initial_delay=0.1, check_worker_health=True, shutdown_timeout=2.0
    )
    _LOG.info("worker %s is ready", _current.store.worker)
    try:
        consumer.run()
    finally:
        keeper.stopping.set()
        keeper.join(5)
        database.close()

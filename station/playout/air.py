"""The ``air`` process: lease, APScheduler, conductor, commands, signs of life."""

from __future__ import annotations

import logging
import queue
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import sqlalchemy as sa
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.orm import Session

from station.config import Settings
from station.db import open_database
from station.db.models import Heartbeat, Occurrence
from station.errors import PlayoutError
from station.playout.alarms import Alarms
from station.playout.clock import Clock, SystemClock
from station.playout.commands import Deputy
from station.playout.engine_client import EngineClient, position_of
from station.playout.journal import Journal
from station.playout.lease import LeaseKeeper, own_name
from station.playout.ledger import make_impatient
from station.playout.notify import Notifier, daily_words
from station.playout.wake import WakeSocket

log = logging.getLogger(__name__)

#: the mixer and whoever pokes end a wait sooner
_TICK = 0.2
#: the database is looked through so often, whatever it says of changes
_LOOK_SECONDS = 5.0
_STANDBY_TICK = 0.5
#: stands for the daily report among the numbers of due occurrences
_DAILY = -1


class LeaseLost(PlayoutError):
    """Another process is on air now."""

    code = "playout.lease"


class AirProcess:
    """Runs one station's air until it is told to stop."""

    def __init__(self, settings: Settings, *, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock = clock or SystemClock()
        self.stopping = threading.Event()
        self._due: queue.Queue[int] = queue.Queue()

    def run(self) -> None:
        """Stand by for the lease, then be on air.  Ends on SIGTERM, SIGINT or :meth:`stop`."""
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: self.stopping.set())
        settings = self.settings
        settings.home.ensure()
        self.database = open_database(settings)
        self.database.migrate()
        make_impatient(self.database)
        self.lease = LeaseKeeper("air", own_name(), self.clock, settings.home.run / "air.beat")
        try:
            if self._stand_by():
                self._on_air()
        finally:
            self.database.close()

    def stop(self) -> None:
        self.stopping.set()

    # ---------------------------------------------------------------- standby

    def _stand_by(self) -> bool:
        told = -1e9
        while not self.stopping.is_set():
            try:
                with self.database.session(write=False) as session:
                    worth = self.lease.look(session)
                if worth:
                    with self.database.session() as session:
                        taken = self.lease.take(session)
                    if taken:
                        return True
                elif self.clock.monotonic() - told > 5:
                    told = self.clock.monotonic()
                    with self.database.session() as session:
                        self._beat_row(session, "air.standby", {"state": "standby"})
            except sa.exc.DBAPIError as error:
                log.warning("standby: the database cannot be used: %s", error)
            self.stopping.wait(_STANDBY_TICK)
        return False

    # ---------------------------------------------------------------- on air

    def _on_air(self) -> None:
        settings = self.settings
        self.lease.beat()
        mixer = EngineClient(settings)
        before = {feed: position_of(settings, feed) for feed in ("emergency", "priority", "schedule", "fallback")}
        journal = Journal(settings.home.run / "air.journal")
        executor = ThreadPoolExecutor(1, thread_name_prefix="prepare")
        first = [True]

        def position(feed: str) -> int | None:
            # the mixer clears its positions when it starts: what a dead one left was read before
            return before.get(feed) if first[0] else position_of(settings, feed)

        self.conductor = Deputy(
            settings, self.database, mixer, self.clock, journal, executor, position=position,
            alarms=Alarms(self.clock),
        )
        self.scheduler = BackgroundScheduler(
            timezone=settings.zone,
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        self.conductor.on_plan.append(self._derive_jobs)
        mixer.start()
        wake = WakeSocket(settings)
        mixer.on_event = wake.nudge
        notifier = Notifier(settings, self.database)
        notifier.start()
        if settings.alarms.daily_report:
            self.scheduler.add_job(self._due.put, "cron", args=[_DAILY], hour=21, minute=15, id="daily")
        try:
            self.scheduler.start()
            self.conductor.start()
            first[0] = False
            self._loop(mixer, wake)
        finally:
            wake.close()
            notifier.stopping.set()
            self.scheduler.shutdown(wait=False)
            self.conductor.shut_down()
            mixer.close()
            executor.shutdown(wait=False, cancel_futures=True)
            try:
                with self.database.session() as session:
                    self.lease.release(session)
            except sa.exc.DBAPIError as error:
                log.warning("the lease could not be given back: %s", error)
            journal.close()

    def _loop(self, mixer: EngineClient, wake: WakeSocket) -> None:
        next_second = next_look = 0.0
        renewed = self.clock.monotonic()
        while not self.stopping.is_set():
            now = self.clock.monotonic()
            if now >= next_second:
                next_second = now + 1.0
                self.lease.beat()
                mixer.ping()
                # its own writes are nothing new; one of somebody else in that very moment is seen by the next full look
                news = wake.database_changed(self.database) or now >= next_look
                state = self._each_second()
                wake.pass_over(self.database)
                if news:
                    next_look = now + _LOOK_SECONDS
                    self.conductor.poll()
                if state is False:
                    raise LeaseLost("Một tiến trình phát khác đã nhận việc.")
                if state:
                    renewed = self.clock.monotonic()
            self._take_due()
            self.conductor.tick()
            if wake.wait(_TICK) or wake.database_changed(self.database):
                self.conductor.poll()
        log.info("air stops; the lease was renewed %.1f s ago", self.clock.monotonic() - renewed)

    def _each_second(self) -> bool | None:
        """Lease, sign of life, resume points and levels in one transaction.

        True when written, False when the lease is somebody else's, None when the database could not be written.
        """
        conductor = self.conductor
        levels = conductor.take_levels()
        points = conductor.resume_points()
        data = conductor.state()
        try:
            with self.database.session() as session:
                if not self.lease.renew(session):
                    return False
                self._beat_row(session, "air", data)
                for number, frame in points:
                    session.execute(
                        sa.update(Occurrence).where(Occurrence.id == number).values(resume_frame=frame)
                    )
                session.add_all(levels)
        except sa.exc.DBAPIError as error:
            log.warning("the sign of life could not be written: %s", error)
            conductor.give_back_levels(levels)
            return None
        return True

    def _beat_row(self, session: Session, name: str, data: dict[str, Any]) -> None:
        row = session.get(Heartbeat, name)
        if row is None:
            session.add(Heartbeat(name=name, holder=self.lease.holder, at=self.clock.now(), data=data))
        else:
            row.holder, row.at, row.data = self.lease.holder, self.clock.now(), data

    # ---------------------------------------------------------------- APScheduler

    def _derive_jobs(self) -> None:
        """One date job for each pending occurrence; the database stays the only truth."""
        derive_jobs(self.scheduler, self.conductor, self._due.put)

    def _take_due(self) -> None:
        woken = False
        while not self._due.empty():
            if self._due.get_nowait() == _DAILY:
                self._daily()
            woken = True
        if woken:
            self.conductor.start_due()

    def _daily(self) -> None:
        """The day in a sentence, also when all went well: a silent alarm system looks like a quiet one."""
        try:
            with self.database.session(write=False) as session:
                words, good = daily_words(session, self.clock.now(), self.settings.zone)
        except sa.exc.DBAPIError as error:
            log.warning("no daily report: %s", error)
            return
        self.conductor.alarms.note("daily", words, severity="info" if good else "warning")


def derive_jobs(scheduler: Any, conductor: Any, fire: Any) -> None:
    """Make the scheduler's jobs match the pending occurrences."""
    from datetime import timedelta

    wanted = {f"occ:{one.id}": one for one in conductor.pending.values()}
    for job in scheduler.get_jobs():
        if job.id.startswith("occ:") and job.id not in wanted:
            scheduler.remove_job(job.id)
    for job_id, one in wanted.items():
        scheduler.add_job(
            fire, "date", id=job_id, args=[one.id], replace_existing=True,
            run_date=one.start - timedelta(seconds=conductor.arm_seconds),
        )


def measure_start(process: AirProcess, seconds: float) -> bool:
    """Wait until a process that runs in another thread is on air; for benches and tests."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if getattr(process, "conductor", None) is not None and process.conductor.output:
            return True
        time.sleep(0.05)
    return False

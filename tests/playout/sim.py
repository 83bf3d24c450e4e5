"""A station in fake time: the real planner, conductor, journal, database and APScheduler; a mixer that keeps the
contract of the real one and remembers what was heard.  Programs are invented, files tiny, lengths pretended."""

from __future__ import annotations

import random
from concurrent.futures import Executor, Future
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import apscheduler.schedulers.base as aps_base
from apscheduler.executors.debug import DebugExecutor
from apscheduler.schedulers.base import BaseScheduler

from station.playout.air import derive_jobs
from station.playout.alarms import Alarms
from station.playout.commands import Deputy
from station.playout.journal import Journal
from station.playout.ledger import make_impatient

RATE = 48000


class Killed(BaseException):
    """The process died here."""


class FakeClock:
    """A wall clock that can be set, and a steady one that cannot."""

    def __init__(self, start: datetime) -> None:
        self._wall, self._steady = start, 1000.0

    def now(self) -> datetime:
        return self._wall

    def monotonic(self) -> float:
        return self._steady

    def advance(self, seconds: float) -> None:
        self._wall += timedelta(seconds=seconds)
        self._steady += seconds

    def set_by(self, seconds: float) -> None:
        self._wall += timedelta(seconds=seconds)


class SimMixer:
    """Plays in fake time.  ``heard`` is the truth: (item, path, first frame, last frame, wall start)."""

    def __init__(self, clock: FakeClock, lengths: dict[str, int], rng: random.Random, kill_chance: float = 0.0) -> None:
        self.clock, self.lengths, self.rng, self.kill_chance = clock, lengths, rng, kill_chance
        self.heard: list[tuple[str, str, int, int, datetime]] = []
        self.playing: dict[str, dict[str, Any]] = {}
        self.queue: list[dict[str, Any]] = []
        self.last_positions: dict[str, int] = {}
        #: everything that the conductor told it
        self.told: list[tuple[str, dict[str, Any]]] = []

    def start(self) -> None:
        self.playing.clear()
        self._event("device", state="open", name="sim")

    def _event(self, kind: str, **data: Any) -> None:
        data.setdefault("wall", self.clock.now().timestamp())
        self.queue.append({"event": kind, **data})

    def _die_perhaps(self) -> None:
        if self.rng.random() < self.kill_chance:
            raise Killed

    def send(self, do: str, **data: Any) -> None:
        self._die_perhaps()
        self.told.append((do, data))
        if do == "play":
            length = self.lengths[Path(data["path"]).stem]
            start = data.get("start")
            begin = self.clock.monotonic() + (max(0.0, start - self.clock.now().timestamp()) if start else 0.0)
            self.playing[data["feed"]] = {**data, "begin": begin, "length": length, "begun": False}
        elif do == "stop":
            for feed, one in list(self.playing.items()):
                if feed == data.get("feed") or one["item"] == data.get("item"):
                    self._finish(feed, complete=False)
        self._die_perhaps()

    def _now_at(self, one: dict[str, Any]) -> int:
        return min(one["length"], one["offset"] + max(0, round((self.clock.monotonic() - one["begin"]) * RATE)))

    def position(self, feed: str) -> int | None:
        one = self.playing.get(feed)
        if one is None or self.clock.monotonic() < one["begin"]:
            return self.last_positions.get(feed) if one is None else None
        return self._now_at(one)

    def next_event(self) -> float:
        """Seconds to the next start or end; infinite when nothing plays."""
        now = self.clock.monotonic()
        return min((
            (one["begin"] if not one["begun"] else one["begin"] + (one["length"] - one["offset"]) / RATE) - now
            for one in self.playing.values()
        ), default=float("inf"))

    def turn(self) -> None:
        for feed, one in list(self.playing.items()):
            now = self.clock.monotonic()
            if not one["begun"] and now >= one["begin"]:
                one["begun"] = True
                one["wall"] = self.clock.now() - timedelta(seconds=now - one["begin"])
                self._event("started", item=one["item"], feed=feed, wall=one["wall"].timestamp(), offset=one["offset"])
            if one["begun"] and self._now_at(one) >= one["length"]:
                self._finish(feed, complete=True)

    def _finish(self, feed: str, *, complete: bool) -> None:
        one = self.playing.pop(feed)
        frames = self._now_at(one) - one["offset"] if one["begun"] else 0
        if one["begun"]:
            self.heard.append((one["item"], one["path"], one["offset"], one["offset"] + frames, one["wall"]))
        self._event(
            "ended", item=one["item"], feed=feed, frames=frames, offset=one["offset"], complete=complete, begun=one["begun"],
            problem="" if complete else "stopped", rms=-18.0, peak=-3.0,
        )

    def die(self) -> None:
        """The mixer's process is gone: what was handed over last was perhaps not heard."""
        self.last_positions = {feed: self._now_at(one) for feed, one in self.playing.items() if one["begun"]}
        for one in self.playing.values():
            if one["begun"] and self._now_at(one) > one["offset"]:
                self.heard.append((one["item"], one["path"], one["offset"], self._now_at(one), one["wall"]))
        self.playing.clear()
        self.queue.clear()

    def events(self) -> list[dict[str, Any]]:
        self.turn()
        found, self.queue = self.queue, []
        return found

    def alive(self) -> bool:
        return True

    def ping(self) -> None:
        return

    def close(self) -> None:
        self.die()


class InlineExecutor(Executor):
    """Does it at once."""

    def submit(self, function: Any, /, *arguments: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(function(*arguments, **named))
        return future


class SteppedScheduler(BaseScheduler):
    """APScheduler's own logic of due jobs, turned by hand."""

    def shutdown(self, wait: bool = True) -> None:
        super().shutdown(wait)

    def wakeup(self) -> None:
        return

    def process(self) -> None:
        self._process_jobs()


class SimStation:
    """The air process of a station in fake time, to be killed and started at will."""

    def __init__(self, station: Any, clock: FakeClock, lengths: dict[str, int], *, seed: int = 1) -> None:
        self.station, self.clock = station, clock
        self.rng = random.Random(seed)
        self.mixer = SimMixer(clock, lengths, self.rng)
        self.deputy: Deputy | None = None
        self.kills = 0
        make_impatient(station.database)

    def fake_datetime(self) -> type:
        clock = self.clock

        class Now(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> datetime:
                return clock.now().astimezone(tz or UTC)

        return Now

    def start(self) -> None:
        settings = self.station.settings
        self.mixer.start()
        journal = Journal(settings.home.run / "air.journal")
        self.journal = journal
        self.due: list[int] = []
        self.scheduler = SteppedScheduler(
            timezone=settings.zone, executors={"default": DebugExecutor()},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        deputy = self.deputy = Deputy(
            settings, self.station.database, self.mixer, self.clock, journal, InlineExecutor(),
            position=self.mixer.position, alarms=Alarms(self.clock),
        )
        deputy.on_plan.append(lambda: derive_jobs(self.scheduler, deputy, self.due.append))
        self.scheduler.start()
        deputy.start()
        self.mixer.last_positions = {}

    def kill(self) -> None:
        """SIGKILL, power cut: nothing is said good-bye to."""
        self.kills += 1
        self.mixer.die()
        self.deputy = None
        self.journal.close()

    def tick(self) -> None:
        assert self.deputy is not None
        self.scheduler.process()
        self.due.clear()
        self.deputy.tick()

    def until_next(self) -> float:
        """How long nothing happens, at most six hours."""
        assert self.deputy is not None
        now = self.clock.now()
        waits = [6 * 3600.0, self.mixer.next_event()]
        for one in self.deputy.pending.values():
            ahead = (one.start - now).total_seconds()
            for moment in (20.0, 8.0, 1.0, 0.0):
                if ahead > moment:
                    waits.append(ahead - moment + 0.01)
                    break
            else:
                waits.append(30.0)
        return max(0.05, min(waits))

    def patch(self, monkeypatch: Any) -> None:
        monkeypatch.setattr(aps_base, "datetime", self.fake_datetime())

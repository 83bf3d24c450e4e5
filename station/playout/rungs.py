"""What the mixer's control thread knows of the ladder: the files of every feed, opened, filled ahead, placed, ended."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from station.errors import PlayoutError
from station.playout.feeds import Feed
from station.playout.mixer import Mixer
from station.playout.reader import Source, open_source
from station.playout.stream_clock import StreamClock

_CHUNK_SECONDS = 0.5
_PRELOAD_SECONDS = 0.5
#: an immediate start leaves the feeds below this many frames to fade out
_START_MARGIN = 480
_NEVER = 1 << 60


def live_recording(folder: Path, item: str) -> Path:
    """Where live speech is recorded while it lasts."""
    return folder / f"live-{item.replace(':', '-')}.wav"


@dataclass
class Item:
    """One file (or stream) in a feed."""

    number: int
    id: str
    path: str
    offset: int
    source: Source | None
    start_wall: float | None = None
    start_position: int = 0
    end_position: int | None = None
    begun: bool = False
    begin_wall: float = 0.0
    square: float = 0.0
    sounded: int = 0
    peak: float = 0.0
    problem: str = ""


@dataclass
class Rung:
    """One feed and its items, the one on air first."""

    feed: Feed
    items: deque[Item] = field(default_factory=deque)
    anchor_position: int = 0
    anchor_frame: int = 0
    mark_square: float = 0.0
    mark_read: int = 0
    sounding: bool = False


class Rungs:
    """All feeds.  ``fill`` is the reader's thread; the rest belongs to the control thread."""

    def __init__(
        self, mixer: Mixer, positions: np.ndarray, clock: StreamClock, folder: Path, emit: Callable[..., None]
    ) -> None:
        """``positions`` is written by the callback too, see :class:`Mixer`; ``folder`` gets recordings of live speech."""
        self.mixer, self.positions, self.clock = mixer, positions, clock
        self.rate, self.channels = mixer.rate, mixer.channels
        self.by_name = {feed.name: Rung(feed) for feed in mixer.feeds}
        self.lock = threading.Lock()
        #: turns what the callback noted into events, and tells of an item's end; set by the engine
        self.monitor: Callable[[], None] = lambda: None
        self.tell_end: Callable[..., None] = lambda *_, **__: None
        #: whether an output takes frames now: a feed fades away only then
        self.rendering: Callable[[], bool] = lambda: True
        self._folder, self._emit = folder, emit
        self._numbers = 0
        self._wake = threading.Event()

    # ---------------------------------------------------------------- reading ahead

    def fill(self, running: Callable[[], bool]) -> None:
        """Reader's thread: keeps every ring filled, bounded."""
        while running():
            for rung in self.by_name.values():
                if rung.items:
                    with self.lock:
                        self._fill_one(rung, _CHUNK_SECONDS)
            self._wake.wait(0.25)
            self._wake.clear()

    def _fill_one(self, rung: Rung, seconds: float) -> None:
        """Up to ``seconds`` more into a ring; under the lock."""
        feed = rung.feed
        wanted = int(seconds * self.rate)
        chunk = int(_CHUNK_SECONDS * self.rate)
        for item in rung.items:
            while item.end_position is None and item.source is not None:
                count = min(chunk, feed.room, wanted)
                if count <= 0:
                    return
                try:
                    block = item.source.read(count)
                    problem = item.source.problem
                except (OSError, RuntimeError, ValueError) as error:
                    block, problem = np.zeros((0, self.channels), np.float32), f"read error: {error}"
                if len(block):
                    feed.write(block)
                    wanted -= len(block)
                if problem:
                    item.problem = problem
                if not len(block) and getattr(item.source, "live", False):
                    return
                if not len(block):
                    item.source.close()
                    item.source = None
                    item.end_position = feed.written
                    following = [other for other in rung.items if other.number > item.number]
                    if following:
                        following[0].start_position = feed.written
        if rung.items and not feed.realtime and all(item.end_position is not None for item in rung.items):
            feed.closed = True

    # ---------------------------------------------------------------- play and stop

    def play(self, command: dict[str, Any]) -> None:
        """Put a file on its feed: now, at a wall-clock moment ("at"), or after what plays there ("after")."""
        rung = self.by_name[command["feed"]]
        feed = rung.feed
        offset = int(command.get("offset", 0))
        try:
            path = command["path"]
            if path.startswith("live:"):
                path += f"|{live_recording(self._folder, command['item'])}"
            source = open_source(path, self.rate, self.channels, offset)
        except PlayoutError as error:
            self._emit("ended", item=command["item"], feed=feed.name, frames=0, complete=False, begun=False,
                       problem=f"{error.message} {error.detail}")
            return
        with self.lock:
            self._numbers += 1
            item = Item(self._numbers, command["item"], command["path"], offset, source)
            if command.get("mode") == "after" and rung.items:
                feed.closed = False
                item.start_position = feed.written
                rung.items.append(item)
                if not feed.active:
                    self.reopen(rung)
                return
        if rung.items or feed.active:
            self.halt(rung)
        with self.lock:
            feed.reset()
            feed.over = bool(command.get("over", False))
            feed.realtime = bool(getattr(source, "live", False))
            if feed.realtime:
                feed.starved = feed.starved_limit + 1  # it holds nobody down before it says something
            rung.items.append(item)
            rung.sounding = False
            self._fill_one(rung, _PRELOAD_SECONDS)
            self.positions[feed.index] = (item.number, 0, offset, 0)
            if command.get("mode") == "at" and command.get("start") is not None:
                item.start_wall = float(command["start"])
                # before the first callbacks nobody knows which frame that is: place() finds out
                feed.start_frame = self.clock.frame_at(item.start_wall) if self.clock.known else _NEVER
            else:
                feed.start_frame = self.mixer.frame + _START_MARGIN
            feed.active = True
        self._wake.set()

    def reopen(self, rung: Rung) -> None:
        """The callback closed the feed in the moment in which one more item came: go on with that."""
        self._fill_one(rung, _PRELOAD_SECONDS)
        rung.feed.start_frame = self.mixer.frame
        rung.feed.active = True

    def stop(self, feed: str | None, item: str | None, problem: str) -> None:
        """Halt the feed of that name, and the one that has that item."""
        for rung in self.by_name.values():
            if rung.items and (feed == rung.feed.name or any(one.id == item for one in rung.items)):
                self.halt(rung, problem)

    def halt(self, rung: Rung, problem: str = "stopped") -> None:
        """Fade a feed out and drop what it had."""
        feed = rung.feed
        if feed.active:
            feed.stopping = True
            until = time.monotonic() + 0.5
            while feed.active and time.monotonic() < until and self.rendering():
                time.sleep(0.005)
        with self.lock:
            self.monitor()
            feed.active = False
            for item in list(rung.items):
                if item.source is not None:
                    item.source.close()
                    item.source = None
                whole = item.end_position is not None and feed.read >= item.end_position and not item.problem
                self.tell_end(rung, item, complete=whole, problem="" if whole else item.problem or problem)
            feed.reset()
            rung.sounding = False
            self.positions[feed.index] = 0

    def place(self) -> None:
        """Follow the stream's clock (and steps of the wall clock) until shortly before a planned start."""
        if not self.clock.known:
            return
        for rung in self.by_name.values():
            item = rung.items[0] if rung.items else None
            if item is None or item.start_wall is None or item.begun:
                continue
            if rung.feed.start_frame - self.mixer.frame > self.rate // 4:
                rung.feed.start_frame = max(self.clock.frame_at(item.start_wall), self.mixer.frame + _START_MARGIN)

    def step_back(self, frames: int) -> None:
        """The output is gone: what was handed over and not heard any more is played again."""
        with self.lock:
            for rung in self.by_name.values():
                if rung.feed.sounding and not rung.feed.realtime and rung.items:
                    rung.anchor_frame += rung.feed.step_back(frames, rung.items[0].start_position)

    @property
    def busy(self) -> bool:
        return any(rung.items for rung in self.by_name.values())

"""The mixer's own process: commands in as JSON lines, events out as JSON lines, sound to the output.

It knows no database.  It ends when its standard input closes (``air`` is gone) or nobody pinged it for a while (``air``
hangs), so that two of them are never heard at once.  Run as ``python -m station.playout.engine JSON``.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import queue
import sys
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from station.errors import PlayoutError
from station.playout.feeds import KIND, LADDER, Feed
from station.playout.mixer import Mixer
from station.playout.outputs import Output, open_output, refresh_devices
from station.playout.reader import Source, open_source

log = logging.getLogger(__name__)

#: without a ping for so long the engine ends
DEAD_MAN_SECONDS = 6.0
#: an output that did not ask for frames for so long is lost; a sound server may take longer to get going
STALL_SECONDS = 1.0
SETTLE_SECONDS = 4.0
_TICK = 0.04
_CLOCK_SECONDS = 0.2
_PAUSES = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
_CHUNK_SECONDS = 0.25
_PRELOAD_SECONDS = 0.5
#: an immediate start leaves the feeds below this many frames to fade out
_START_MARGIN = 480
_NEVER = 1 << 60


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
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass
class Rung:
    """What the control thread knows of a feed."""

    feed: Feed
    items: deque[Item] = field(default_factory=deque)
    anchor_position: int = 0
    anchor_frame: int = 0
    mark_square: float = 0.0
    mark_read: int = 0
    sounding: bool = False


class Engine:
    """Control thread of the mixer."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.config = config
        self.rate, self.channels = int(config["rate"]), int(config["channels"])
        self.buffer_ms = int(config["buffer_ms"])
        path = Path(config["positions"])
        path.parent.mkdir(parents=True, exist_ok=True)
        shape = (len(LADDER), 4)
        if not path.is_file() or path.stat().st_size != 8 * shape[0] * shape[1]:
            path.write_bytes(bytes(8 * shape[0] * shape[1]))
        positions = np.memmap(path, np.int64, "r+", shape=shape)
        positions[:] = 0
        self.mixer = Mixer(self.rate, self.channels, positions)
        self.positions = positions
        self.rungs = {feed.name: Rung(feed) for feed in self.mixer.feeds}
        self.commands: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self.fill_lock = threading.Lock()
        self.output: Output | None = None
        self.output_kind = str(config["output"])
        self.offsets = np.full(64, np.nan)
        self.offset_count = 0
        self.clock = float("nan")
        self.last_ping = time.monotonic()
        self.running = True
        self._seen_log = self._seen_levels = 0
        self._numbers = 0
        self._pause_index = 0
        self._retry_at = 0.0
        self._lost_at = 0.0
        self._opened_at = 0.0
        self._watched_at = time.monotonic()
        self._busy_until = 0.0
        self._recheck_at = time.monotonic() + 30
        self._wake = threading.Event()

    # ---------------------------------------------------------------- output

    def emit(self, event: str, **data: Any) -> None:
        sys.stdout.write(json.dumps({"event": event, "wall": data.pop("wall", time.time()), **data}) + "\n")
        sys.stdout.flush()

    def note_time(self, heard_at: float) -> None:
        """Called by the output's thread just before a block: when its first frame will be heard (monotonic)."""
        self.offsets[self.offset_count % 64] = heard_at - self.mixer.frame / self.rate
        self.offset_count += 1

    def open(self) -> None:
        config = self.config
        try:
            self.offset_count = 0
            self.offsets.fill(np.nan)
            self.output = open_output(
                self.output_kind, config.get("device", ""), self.rate, self.channels, self.buffer_ms,
                Path(config["folder"]), self.mixer.render, self.note_time,
            )
        except PlayoutError as error:
            pause = _PAUSES[min(self._pause_index, len(_PAUSES) - 1)]
            if self._pause_index == 0:
                self.emit("device", state="missing", name=config.get("device", ""), problem=f"{error} {error.detail}")
            self._pause_index += 1
            self._retry_at = time.monotonic() + pause
            self._lost_at = self._lost_at or time.monotonic()
            return
        self._pause_index = 0
        self._opened_at = time.monotonic()
        gap = time.monotonic() - self._lost_at if self._lost_at else 0.0
        self._lost_at = 0.0
        if not self.output.name.startswith("file:") and self.output_kind == "auto":
            self.output_kind = "sounddevice"  # it has a card: never slip to a file when that card goes away
        self.clock = float("nan")
        self.emit("device", state="open", name=self.output.name, gap=round(gap, 3), latency=self.output.latency_frames)

    def watch_output(self) -> None:
        now = time.monotonic()
        output = self.output
        if output is None:
            if now >= self._retry_at:
                if self.output_kind in ("auto", "sounddevice"):
                    try:
                        refresh_devices()
                    except (PlayoutError, OSError) as error:
                        log.warning("devices could not be listed again: %s", error)
                self.open()
            return
        if now - self._watched_at > STALL_SECONDS / 2:
            # this thread was not let run either: the machine is busy, which says nothing of the device
            self._busy_until = now + STALL_SECONDS
        self._watched_at = now
        settled = now - self._opened_at > SETTLE_SECONDS and now > self._busy_until
        if output.lost.is_set() or now - output.last_call > (STALL_SECONDS if settled else SETTLE_SECONDS):
            self._lost_at = now
            self.output = None
            self.emit("device", state="lost", name=output.name)
            closing = threading.Thread(target=output.close, daemon=True)
            closing.start()
            closing.join(2.0)
            if closing.is_alive():
                # PortAudio hangs in a dead device: a fresh process is the only cure, air starts one
                self.emit("device", state="hung", name=output.name)
                os._exit(3)
            with self.fill_lock:
                for rung in self.rungs.values():
                    if rung.feed.sounding and not rung.feed.realtime and rung.items:
                        # what was handed over and not heard any more is played again
                        back = rung.feed.step_back(output.latency_frames, rung.items[0].start_position)
                        rung.anchor_frame += back
            self._retry_at = now + _PAUSES[0]
        elif self.output_kind == "auto" and now > self._recheck_at and not any(r.items for r in self.rungs.values()):
            self._recheck_at = now + 30
            self._try_card()

    def _try_card(self) -> None:
        """A card was plugged in since the start: take it."""
        from station.playout.outputs import find_device

        try:
            refresh_devices()
            find_device(self.config.get("device", ""))
        except (PlayoutError, OSError):
            return
        if self.output is not None:
            self.output.close()
            self.output = None
        self.open()

    # ---------------------------------------------------------------- time

    def update_clock(self) -> None:
        """The median of the last offsets: single callbacks come late, most do not."""
        count = min(self.offset_count, 64)
        if count >= 3:
            self.clock = sorted(self.offsets[:count].tolist())[count // 2]

    def wall_of(self, frame: int) -> float:
        """The wall-clock time (seconds) at which a frame of the stream is heard."""
        if np.isnan(self.clock):
            return time.time()
        return time.time() - time.monotonic() + self.clock + frame / self.rate

    def frame_at(self, wall: float) -> int:
        """The frame of the stream that is heard at a wall-clock time."""
        if np.isnan(self.clock):
            return self.mixer.frame
        return round((wall - time.time() + time.monotonic() - self.clock) * self.rate)

    # ---------------------------------------------------------------- feeds

    def fill(self) -> None:
        """Reader's thread: keeps every ring filled, bounded."""
        while self.running:
            for rung in self.rungs.values():
                if rung.items:
                    with self.fill_lock:
                        self._fill_one(rung, _CHUNK_SECONDS)
            self._wake.wait(0.1)
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

    def play(self, command: dict[str, Any]) -> None:
        rung = self.rungs[command["feed"]]
        feed = rung.feed
        offset = int(command.get("offset", 0))
        try:
            path = command["path"]
            if path.startswith("live:"):
                path += f"|{self.config['folder']}/live-{command['item'].replace(':', '-')}"
            source = open_source(path, self.rate, self.channels, offset)
        except PlayoutError as error:
            self.emit("ended", item=command["item"], feed=feed.name, frames=0, complete=False, begun=False,
                      problem=f"{error.message} {error.detail}")
            return
        with self.fill_lock:
            self._numbers += 1
            item = Item(self._numbers, command["item"], command["path"], offset, source)
            if command.get("mode") == "after" and rung.items:
                feed.closed = False
                item.start_position = feed.written
                rung.items.append(item)
                if feed.active:
                    return
                self._reopen(rung)
                return
        if rung.items or feed.active:
            self.halt(rung)
        with self.fill_lock:
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
                # before the first callbacks nobody knows which frame that is: _place finds out
                feed.start_frame = _NEVER if np.isnan(self.clock) else self.frame_at(item.start_wall)
            else:
                feed.start_frame = self.mixer.frame + _START_MARGIN
            feed.active = True
        self._wake.set()

    def _reopen(self, rung: Rung) -> None:
        """The callback closed the feed in the moment in which one more item came: go on with that."""
        feed = rung.feed
        self._fill_one(rung, _PRELOAD_SECONDS)
        feed.start_frame = self.mixer.frame
        feed.active = True

    def halt(self, rung: Rung, problem: str = "stopped") -> None:
        """Fade a feed out and drop what it had."""
        feed = rung.feed
        if feed.active:
            feed.stopping = True
            until = time.monotonic() + 0.5
            while feed.active and time.monotonic() < until and self.output is not None:
                time.sleep(0.005)
        with self.fill_lock:
            self.monitor()
            feed.active = False
            for item in list(rung.items):
                if item.source is not None:
                    item.source.close()
                    item.source = None
                whole = item.end_position is not None and feed.read >= item.end_position and not item.problem
                self._end(rung, item, complete=whole, problem="" if whole else item.problem or problem)
            feed.reset()
            rung.sounding = False
            self.positions[feed.index] = 0

    # ---------------------------------------------------------------- events

    def monitor(self) -> None:
        """Turn what the callback noted into events."""
        mixer = self.mixer
        while self._seen_log < mixer.log_count:
            kind, index, position, frame = (int(v) for v in mixer.log[self._seen_log % len(mixer.log)])
            self._seen_log += 1
            rung = self.rungs[LADDER[index]]
            if kind == KIND.BEGIN:
                rung.anchor_position, rung.anchor_frame = position, frame
                rung.mark_square, rung.mark_read = mixer.square_sum, position
                if rung.items and rung.items[0].begun:
                    self.emit("resumed", item=rung.items[0].id, feed=rung.feed.name, wall=self.wall_of(frame))
                rung.sounding = True
            else:
                self._begin_items(rung)
                self._account(rung, position)
                rung.sounding = False
                if kind == KIND.END and rung.items and rung.items[-1].end_position is None and not rung.feed.active:
                    rung.feed.closed = False
                    self._reopen(rung)
                if kind == KIND.HOLD and rung.items:
                    self.emit("held", item=rung.items[0].id, feed=rung.feed.name, wall=self.wall_of(frame))
        for rung in self.rungs.values():
            self._begin_items(rung)
            while rung.items:
                item = rung.items[0]
                if item.end_position is None or rung.feed.read < item.end_position:
                    break
                last = rung.anchor_frame + item.end_position - rung.anchor_position
                if self.output is not None and self.wall_of(last) > time.time() and self.running:
                    break  # handed over, not heard yet
                self._account(rung, item.end_position)
                self._end(rung, item, complete=not item.problem, problem=item.problem)
                self._begin_items(rung)
        while self._seen_levels < mixer.level_count:
            row = mixer.levels[self._seen_levels % len(mixer.levels)].copy()
            self._seen_levels += 1
            self._level(row)

    def _begin_items(self, rung: Rung) -> None:
        if not rung.items:
            return
        item = rung.items[0]
        if item.begun or not rung.sounding or rung.feed.read <= item.start_position:
            return
        item.begun = True
        frame = rung.anchor_frame + item.start_position - rung.anchor_position
        item.begin_wall = self.wall_of(frame)
        self.positions[rung.feed.index, :3] = (item.number, item.start_position, item.offset)
        self.emit("started", item=item.id, feed=rung.feed.name, wall=item.begin_wall, frame=frame,
                  offset=item.offset)

    def _account(self, rung: Rung, position: int) -> None:
        """Add what sounded since the last mark to the item on air."""
        if rung.items and rung.sounding:
            item = rung.items[0]
            item.square += self.mixer.square_sum - rung.mark_square
            item.sounded += max(0, position - rung.mark_read)
            item.peak = max(item.peak, self.mixer._second_peak)
        rung.mark_square, rung.mark_read = self.mixer.square_sum, position

    def _end(self, rung: Rung, item: Item, *, complete: bool, problem: str) -> None:
        rung.items.remove(item)
        last = item.end_position if complete else min(rung.feed.read, item.end_position or rung.feed.read)
        frames = max(0, (last or 0) - item.start_position) if item.begun else 0
        frame = rung.anchor_frame + item.start_position + frames - rung.anchor_position
        mean = item.square / item.sounded if item.sounded > 0 else 0.0
        self.emit(
            "ended", item=item.id, feed=rung.feed.name, wall=self.wall_of(frame) if item.begun else time.time(),
            started=item.begin_wall, frames=frames, offset=item.offset, complete=complete and item.begun,
            begun=item.begun, problem=problem or ("" if item.begun else "empty"), rms=dbfs(mean ** 0.5),
            peak=dbfs(item.peak), underruns=rung.feed.underruns,
        )

    def _level(self, row: np.ndarray) -> None:
        rung = self.rungs[LADDER[int(row[3])]]
        item = rung.items[0] if rung.items else None
        if item is not None and item.begun:
            item.peak = max(item.peak, float(row[2]))
        self.emit(
            "level", wall=self.wall_of(int(row[0])), rms=dbfs(float(row[1]) ** 0.5), peak=dbfs(float(row[2])),
            feed=rung.feed.name, clips=int(row[4]), stuck=int(row[5]), item=item.id if item else "",
            position=(rung.feed.read - item.start_position + item.offset) if item and item.begun else 0,
            underflows=self.output.underflows if self.output else 0,
        )

    # ---------------------------------------------------------------- commands

    def handle(self, command: dict[str, Any]) -> None:
        self.last_ping = time.monotonic()
        action = command.get("do")
        if action == "play":
            self.play(command)
        elif action == "stop":
            for rung in self.rungs.values():
                if rung.items and (
                    command.get("feed") == rung.feed.name or any(i.id == command.get("item") for i in rung.items)
                ):
                    self.halt(rung, command.get("reason", "stopped"))
        elif action == "quit":
            self.running = False

    def run(self) -> None:
        threading.Thread(target=self._listen, daemon=True).start()
        self.open()
        threading.Thread(target=self.fill, name="reader", daemon=True).start()
        gc.collect()
        gc.freeze()
        gc.disable()  # a collection in the middle of a callback would be heard; nothing here makes cycles
        self.emit("ready", pid=os.getpid())
        clock_at = 0.0
        while self.running:
            try:
                command = self.commands.get(timeout=_TICK)
                if command is None:
                    break
                self.handle(command)
            except queue.Empty:
                pass
            if np.isnan(self.clock) or time.monotonic() - clock_at > _CLOCK_SECONDS:
                clock_at = time.monotonic()
                self.update_clock()
                self._place()
            self.monitor()
            self.watch_output()
            if time.monotonic() - self.last_ping > DEAD_MAN_SECONDS:
                log.error("no sign of life from air: the engine ends")
                break
        self.running = False
        for rung in self.rungs.values():
            if rung.feed.active:
                rung.feed.stopping = True
        time.sleep(self.buffer_ms / 1000)
        if self.output is not None:
            self.output.close()

    def _place(self) -> None:
        """Follow the stream's clock (and steps of the wall clock) until shortly before a planned start."""
        if np.isnan(self.clock):
            return
        for rung in self.rungs.values():
            item = rung.items[0] if rung.items else None
            if item is None or item.start_wall is None or item.begun:
                continue
            if rung.feed.start_frame - self.mixer.frame > self.rate // 4:
                rung.feed.start_frame = max(self.frame_at(item.start_wall), self.mixer.frame + _START_MARGIN)

    def _listen(self) -> None:
        for line in sys.stdin:
            self.commands.put(json.loads(line))
        self.commands.put(None)


def dbfs(value: float) -> float:
    """A linear level as dBFS, not below -120."""
    return round(max(-120.0, 20 * np.log10(value)) if value > 1e-6 else -120.0, 2)


def main() -> None:
    logging.basicConfig(level=os.environ.get("STATION_LOG_LEVEL", "WARNING"), stream=sys.stderr)
    try:
        os.nice(-10)  # sound goes first where the system allows it
    except OSError:
        log.info("the engine runs at the usual priority")
    Engine(json.loads(sys.argv[1])).run()
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()

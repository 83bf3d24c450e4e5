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
from pathlib import Path
from typing import Any

import numpy as np

from station.playout.feeds import LADDER
from station.playout.happenings import Happenings, dbfs
from station.playout.keeper import OutputKeeper
from station.playout.mixer import Mixer
from station.playout.rungs import Rungs
from station.playout.stream_clock import StreamClock

log = logging.getLogger(__name__)

#: without a ping for so long the engine ends
DEAD_MAN_SECONDS = 6.0
#: as sound servers use it: above all ordinary work, below the kernel's own threads
REALTIME_PRIORITY = 10
#: how long another thread of this process may keep the callback waiting
_SWITCH_SECONDS = 0.001
_TICK = 0.1
_CLOCK_SECONDS = 0.2


class Positions:
    """What the callback has read, int64 ``(feeds, 4)``, and the file that keeps it for whoever comes after a kill.

    The callback writes plain memory; this thread copies it.  A mapped file would hold the callback up: writing to its
    page waits while the disk writes that page.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.table = np.zeros((len(LADDER), 4), np.int64)
        self._kept = b""
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        os.ftruncate(self._file, self.table.nbytes)
        self.keep()

    def keep(self) -> None:
        """Bring the file up to date; 224 bytes, written only when something moved."""
        now = self.table.tobytes()
        if now != self._kept:
            os.pwrite(self._file, now, 0)
            self._kept = now


class Engine:
    """Control thread of the mixer."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.positions = Positions(Path(config["positions"]))
        self.mixer = Mixer(int(config["rate"]), int(config["channels"]), self.positions.table)
        self.clock = StreamClock(self.mixer)
        self.rungs = Rungs(self.mixer, self.positions.table, self.clock, Path(config["folder"]), self.emit)
        self.keeper = OutputKeeper(config, self.rungs, self.emit)
        self.rungs.rendering = lambda: self.keeper.output is not None
        self.happenings = Happenings(self.rungs, self.emit, self._end_is_waited_for, self._about_level)
        self.commands: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self.last_ping = time.monotonic()
        self.running = True
        self._buffer_seconds = int(config["buffer_ms"]) / 1000
        self._tells_envelope = bool(config.get("envelope"))
        self._seen_passes = 0

    def emit(self, event: str, **data: Any) -> None:
        sys.stdout.write(json.dumps({"event": event, "wall": data.pop("wall", time.time()), **data}) + "\n")
        sys.stdout.flush()

    def _end_is_waited_for(self) -> bool:
        return self.keeper.output is not None and self.running

    def _about_level(self) -> dict[str, Any]:
        """What goes with every level: late frames, and the level of every pass where somebody compares it."""
        facts: dict[str, Any] = {"underflows": self.keeper.underflows}
        if self._tells_envelope:
            rows, mixer = [], self.mixer
            first = max(self._seen_passes, mixer.pass_count - len(mixer.passes) // 2)
            for number in range(first, mixer.pass_count):
                frame, mean = mixer.passes[number % len(mixer.passes)]
                rows.append((round(self.clock.wall_of(int(frame)), 3), dbfs(float(mean) ** 0.5)))
            self._seen_passes = mixer.pass_count
            facts["envelope"] = rows
        return facts

    def handle(self, command: dict[str, Any]) -> None:
        self.last_ping = time.monotonic()
        action = command.get("do")
        if action == "play":
            self.rungs.play(command)
        elif action == "stop":
            self.rungs.stop(command.get("feed"), command.get("item"), command.get("reason", "stopped"))
        elif action == "bed":
            self.mixer.lay_bed(float(command["level"]))
        elif action == "quit":
            self.running = False

    def run(self) -> None:
        threading.Thread(target=self._listen, daemon=True).start()
        self.keeper.open()
        threading.Thread(target=self.rungs.fill, args=(lambda: self.running,), name="reader", daemon=True).start()
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
            if not self.clock.known or time.monotonic() - clock_at > _CLOCK_SECONDS:
                clock_at = time.monotonic()
                self.clock.update()
                self.rungs.place()
            self.happenings.monitor()
            self.positions.keep()
            self.keeper.watch()
            if time.monotonic() - self.last_ping > DEAD_MAN_SECONDS:
                log.error("no sign of life from air: the engine ends")
                break
        self.running = False
        for feed in self.mixer.feeds:
            if feed.active:
                feed.stopping = True
        time.sleep(self._buffer_seconds)
        self.keeper.close()

    def _listen(self) -> None:
        for line in sys.stdin:
            self.commands.put(json.loads(line))
        self.commands.put(None)


def _go_first() -> None:
    """Sound goes before every other work of the machine, where the system allows it.

    All threads together, before they are made: one that holds the interpreter at a low priority would hold up the
    callback's.  What this process starts is calmed down again (:func:`station.playout.reader.calm`).
    """
    sys.setswitchinterval(_SWITCH_SECONDS)
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(REALTIME_PRIORITY))
        return
    except (AttributeError, OSError) as error:
        log.info("no real-time priority: %s", error)
    try:
        os.nice(-10)
    except OSError:
        log.info("the engine runs at the usual priority")


def main() -> None:
    logging.basicConfig(level=os.environ.get("STATION_LOG_LEVEL", "WARNING"), stream=sys.stderr)
    _go_first()
    Engine(json.loads(sys.argv[1])).run()
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()

"""The mixer's process as seen from ``air``: start it, tell it, hear from it."""

from __future__ import annotations

import json
import logging
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from station.config import Settings
from station.playout.feeds import LADDER

log = logging.getLogger(__name__)

_SHORT_LIFE_SECONDS = 5.0


class MixerPort(Protocol):
    """What the conductor needs of a mixer; the tests' simulated one keeps the same contract.

    ``play`` is answered by "started" and "ended" events, or by "ended" alone when nothing could begin.
    """

    def start(self) -> None: ...

    def send(self, do: str, **data: Any) -> None: ...

    def events(self) -> list[dict[str, Any]]: ...

    def alive(self) -> bool: ...

    def ping(self) -> None: ...

    def close(self) -> None: ...


class EngineClient:
    """Starts the engine and talks with it by pipes."""

    #: what is started, before the configuration
    program: tuple[str, ...] = (sys.executable, "-m", "station.playout.engine")

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._process: subprocess.Popen[str] | None = None
        self._events: queue.Queue[dict[str, Any]] = queue.Queue()
        self._lock = threading.Lock()
        #: called by the listening thread after each event
        self.on_event: Callable[[], None] = lambda: None
        self._closing = False
        self._short_lives = 0

    @property
    def positions_file(self) -> Path:
        return positions_file(self._settings)

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    def start(self) -> None:
        air = self._settings.air
        config = {
            "rate": air.sample_rate, "channels": air.channels, "buffer_ms": air.buffer_ms, "output": air.output,
            "device": air.device, "folder": str(self._settings.home.audio / "air"),
            "positions": str(self.positions_file), "envelope": bool(air.return_device),
        }
        self._process = subprocess.Popen(
            [*self.program, json.dumps(config)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
            # numpy's own helpers are of no use for blocks so short, and would be threads of another priority
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        )
        threading.Thread(target=self._listen, args=(self._process,), daemon=True).start()

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        began = time.monotonic()
        for line in process.stdout:
            try:
                self._events.put(json.loads(line))
                self.on_event()
            except ValueError:
                log.warning("the engine said: %s", line.strip()[:200])
        status = process.wait()
        if process is self._process and not self._closing:
            log.warning("the engine (%d) ended with status %s", process.pid, status)
            # one that cannot live is started again with growing pauses
            self._short_lives = self._short_lives + 1 if time.monotonic() - began < _SHORT_LIFE_SECONDS else 0
            if self._short_lives > 1:
                time.sleep(min(5.0, 0.2 * 2 ** (self._short_lives - 2)))
        self._events.put({"event": "gone", "pid": process.pid})
        self.on_event()

    def send(self, do: str, **data: Any) -> None:
        process = self._process
        if process is None or process.stdin is None:
            return
        try:
            with self._lock:
                process.stdin.write(json.dumps({"do": do, **data}) + "\n")
                process.stdin.flush()
        except (OSError, ValueError) as error:
            log.warning("the engine could not be told %s: %s", do, error)

    def ping(self) -> None:
        self.send("ping")

    def events(self) -> list[dict[str, Any]]:
        found = []
        while True:
            try:
                found.append(self._events.get_nowait())
            except queue.Empty:
                return found

    def wait(self, seconds: float) -> dict[str, Any] | None:
        """The next event, waited for."""
        try:
            return self._events.get(timeout=seconds)
        except queue.Empty:
            return None

    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def close(self) -> None:
        process = self._process
        if process is None:
            return
        self._closing = True
        self.send("quit")
        try:
            if process.stdin is not None:
                process.stdin.close()
            process.wait(3)
        except (OSError, subprocess.TimeoutExpired):
            process.kill()
            process.wait()


def positions_file(settings: Settings) -> Path:
    """Where the engine keeps what the callback has read, a tenth of a second old at most: survives a kill of both."""
    return settings.home.run / "mixer.positions"


def position_of(settings: Settings, feed: str) -> int | None:
    """How many frames of its present file a feed has read (offset included); None when it played nothing.

    Readable after the engine died: this is where a resumed program goes on.
    """
    path = positions_file(settings)
    if not path.is_file() or path.stat().st_size != 8 * 4 * len(LADDER):
        return None
    number, base, offset, read = np.fromfile(path, np.int64).reshape(-1, 4)[LADDER.index(feed)]
    if number == 0 or read < base:
        return None
    return int(offset + read - base)

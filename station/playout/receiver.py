"""What a receiver hears, compared with what was sent: a transmitter may take the sound and send nothing, or another.

A receiver tuned to the station is plugged into a line-in.  A child process (``python -m station.playout.receiver DEVICE
RATE``) writes the level of every 50 ms of it; the levels of what was sent come with the mixer's events.  The two
envelopes are compared at every delay up to a few seconds: sound cards, transmitters and receivers all take their time.
"""

from __future__ import annotations

import json
import logging
import queue
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import numpy as np

from station.config import Settings
from station.playout.clock import Clock

log = logging.getLogger(__name__)

STEP_SECONDS = 0.05
#: how much is compared, and the longest delay of the receiver
WINDOW_SECONDS = 10.0
DELAY_SECONDS = 3.0
#: the receiver's level while something sounds on air must be above this
FLOOR_DBFS = -60.0
#: envelopes that go together at least so much are the same program; hiss and another program stay well below
LIKENESS = 0.5
_RESTART_SECONDS = 5.0


class Heard(StrEnum):
    """What the comparison found."""

    UNKNOWN = "unknown"  # nothing was sent, or too little was heard so far
    SAME = "same"
    NOTHING = "nothing"
    OTHER = "other"


def envelope(rows: Sequence[tuple[float, float]], end: float, seconds: float) -> np.ndarray:
    """Levels (wall seconds, dBFS) as one value each :data:`STEP_SECONDS` up to ``end``; NaN where nothing is known."""
    count = round(seconds / STEP_SECONDS)
    found = np.full(count, np.nan)
    for at, level in rows:
        place = count - 1 - int((end - at) / STEP_SECONDS)
        if 0 <= place < count:
            found[place] = level if np.isnan(found[place]) else max(found[place], level)
    return found


def compare(sent: np.ndarray, heard: np.ndarray, silence_dbfs: float) -> tuple[Heard, float]:
    """What was heard of what was sent, and the likeness (-1 to 1).

    Both are envelopes (dBFS, NaN unknown) of one step; ``heard`` is longer by the delays that are tried, and
    ``heard[n]`` is at the time of ``sent[n]``.
    """
    known = ~np.isnan(sent)
    if known.mean() < 0.8 or (sent[known] > silence_dbfs).mean() < 0.3:
        return Heard.UNKNOWN, 0.0
    if np.isnan(heard).mean() > 0.3:
        return Heard.UNKNOWN, 0.0
    if np.nanpercentile(heard, 90) < FLOOR_DBFS:
        return Heard.NOTHING, 0.0
    first = np.clip(np.where(known, sent, silence_dbfs), silence_dbfs, 0.0)
    if first.std() < 1.0:
        return Heard.UNKNOWN, 0.0  # a steady tone is like any other
    second = np.clip(np.where(np.isnan(heard), FLOOR_DBFS, heard), FLOOR_DBFS, 0.0)
    best = -1.0
    for delay in range(len(heard) - len(sent) + 1):
        part = second[delay:delay + len(sent)]
        if part.std() > 0.5:
            best = max(best, float(np.corrcoef(first, part)[0, 1]))
    return (Heard.SAME if best >= LIKENESS else Heard.OTHER), best


class ReceiverWatch:
    """Listens to the receiver and tells, once a second, how it goes together with what was sent."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self.enabled = bool(settings.air.return_device)
        kept = int((WINDOW_SECONDS + 2 * DELAY_SECONDS) / 0.02)
        self._sent: deque[tuple[float, float]] = deque(maxlen=kept)
        self._heard: deque[tuple[float, float]] = deque(maxlen=kept)
        self._rows: queue.Queue[tuple[float, float]] = queue.Queue()
        self._process: subprocess.Popen[str] | None = None
        self._start_at = 0.0
        self._bad_since: float | None = None
        self._turn_at = 0.0
        self.state, self.likeness = Heard.UNKNOWN, 0.0

    def sent(self, rows: Sequence[tuple[float, float]]) -> None:
        """Levels of what was sent, from the mixer: (wall seconds, dBFS)."""
        self._sent.extend((float(at), float(level)) for at, level in rows)

    def turn(self) -> tuple[Heard, float]:
        """Called all the time: (what is heard, for how many seconds it was not the program)."""
        steady = self._clock.monotonic()
        if not self.enabled or steady < self._turn_at:
            return self.state, 0.0 if self._bad_since is None else steady - self._bad_since
        self._turn_at = steady + 1.0
        self._keep_running(steady)
        while not self._rows.empty():
            self._heard.append(self._rows.get_nowait())
        now = self._clock.now().timestamp()
        end = now - DELAY_SECONDS
        self.state, self.likeness = compare(
            envelope(self._sent, end, WINDOW_SECONDS), envelope(self._heard, now, WINDOW_SECONDS + DELAY_SECONDS),
            self._settings.air.silence_dbfs,
        )
        if self.state in (Heard.NOTHING, Heard.OTHER):
            self._bad_since = steady if self._bad_since is None else self._bad_since
        else:
            self._bad_since = None
        return self.state, 0.0 if self._bad_since is None else steady - self._bad_since

    def _keep_running(self, steady: float) -> None:
        if (self._process is not None and self._process.poll() is None) or steady < self._start_at:
            return
        self._start_at = steady + _RESTART_SECONDS
        self._process = subprocess.Popen(
            [sys.executable, "-m", "station.playout.receiver", self._settings.air.return_device, str(self._settings.air.sample_rate)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        threading.Thread(target=self._listen, args=(self._process,), daemon=True).start()

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            try:
                at, level = json.loads(line)
            except ValueError:
                continue
            self._rows.put((float(at), float(level)))

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


def listen(device: str, rate: int) -> None:
    """The child: levels of the input as JSON lines, until nobody reads them."""
    import sounddevice

    index = next((
        d["index"] for d in sounddevice.query_devices() if d["max_input_channels"] > 0 and device.lower() in d["name"].lower()
    ), None)
    if index is None:
        log.error("no input device with '%s' in its name", device)
        sys.exit(1)
    blocks: queue.Queue[tuple[float, float]] = queue.Queue()

    def take(data: np.ndarray, frames: int, moment: Any, status: Any) -> None:
        blocks.put((time.time(), float(np.mean(data * data))))

    threading.Thread(target=_end_with_parent, daemon=True).start()
    with sounddevice.InputStream(
        samplerate=rate, channels=1, dtype="float32", device=index, latency=0.1, blocksize=int(rate * STEP_SECONDS), callback=take
    ):
        while True:
            try:
                at, mean = blocks.get(timeout=2.0)
            except queue.Empty:
                sys.exit(1)  # the device is gone: a new process finds it again
            sys.stdout.write(json.dumps((round(at, 3), round(10 * np.log10(max(mean, 1e-12)), 1))) + "\n")
            sys.stdout.flush()


def _end_with_parent() -> None:
    import os

    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    listen(sys.argv[1], int(sys.argv[2]))

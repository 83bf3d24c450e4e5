"""Keeps an output open: notices within a second that it is lost, opens it again with growing pauses."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from station.errors import PlayoutError
from station.playout.outputs import Output, find_device, open_output, refresh_devices
from station.playout.rungs import Rungs

log = logging.getLogger(__name__)

#: an output that did not ask for frames for so long is lost; a sound server may take longer to get going
STALL_SECONDS = 1.0
SETTLE_SECONDS = 4.0
_PAUSES = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
_RECHECK_SECONDS = 30.0


class OutputKeeper:
    """The one output of the engine.  Control thread only."""

    def __init__(self, config: dict[str, Any], rungs: Rungs, emit: Callable[..., None]) -> None:
        self._config, self._rungs, self._emit = config, rungs, emit
        self.output: Output | None = None
        self._kind = str(config["output"])
        self._device = str(config.get("device", ""))
        self._pause_index = 0
        self._retry_at = self._lost_at = self._opened_at = self._busy_until = 0.0
        self._watched_at = time.monotonic()
        self._recheck_at = self._watched_at + _RECHECK_SECONDS

    def open(self) -> None:
        """Open it, or say what is missing and when it is tried again."""
        rungs, config = self._rungs, self._config
        rungs.clock.forget()
        try:
            self.output = open_output(
                self._kind, self._device, rungs.rate, rungs.channels, int(config["buffer_ms"]), Path(config["folder"]),
                rungs.mixer.render, rungs.clock.note_time,
            )
        except PlayoutError as error:
            pause = _PAUSES[min(self._pause_index, len(_PAUSES) - 1)]
            if self._pause_index == 0:
                self._emit("device", state="missing", name=self._device, problem=f"{error} {error.detail}")
            self._pause_index += 1
            self._retry_at = time.monotonic() + pause
            self._lost_at = self._lost_at or time.monotonic()
            return
        self._pause_index = 0
        now = self._opened_at = time.monotonic()
        gap, self._lost_at = now - self._lost_at if self._lost_at else 0.0, 0.0
        if not self.output.name.startswith("file:") and self._kind == "auto":
            self._kind = "sounddevice"  # it has a card: never slip to a file when that card goes away
        self._emit("device", state="open", name=self.output.name, gap=round(gap, 3), latency=self.output.latency_frames)

    def watch(self) -> None:
        """Called all the time."""
        now = time.monotonic()
        output = self.output
        if output is None:
            if now >= self._retry_at:
                self._open_again()
            return
        if now - self._watched_at > STALL_SECONDS / 2:
            # this thread was not let run either: the machine is busy, which says nothing of the device
            self._busy_until = now + STALL_SECONDS
        self._watched_at = now
        settled = now - self._opened_at > SETTLE_SECONDS and now > self._busy_until
        if output.lost.is_set() or now - output.last_call > (STALL_SECONDS if settled else SETTLE_SECONDS):
            self._lose(output)
        elif self._kind == "auto" and now > self._recheck_at and not self._rungs.busy:
            self._recheck_at = now + _RECHECK_SECONDS
            self._try_card()

    def _open_again(self) -> None:
        if self._kind in ("auto", "sounddevice"):
            try:
                refresh_devices()
            except (PlayoutError, OSError) as error:
                log.warning("devices could not be listed again: %s", error)
        self.open()

    def _lose(self, output: Output) -> None:
        now = self._lost_at = time.monotonic()
        self.output = None
        self._emit("device", state="lost", name=output.name)
        closing = threading.Thread(target=output.close, daemon=True)
        closing.start()
        closing.join(2.0)
        if closing.is_alive():
            # PortAudio hangs in a dead device: a fresh process is the only cure, air starts one
            self._emit("device", state="hung", name=output.name)
            os._exit(3)
        self._rungs.step_back(output.latency_frames)
        self._retry_at = now + _PAUSES[0]

    def _try_card(self) -> None:
        """A card was plugged in since the start: take it."""
        try:
            refresh_devices()
            find_device(self._device)
        except (PlayoutError, OSError):
            return
        self.close()
        self.open()

    @property
    def underflows(self) -> int:
        return self.output.underflows if self.output is not None else 0

    def close(self) -> None:
        if self.output is not None:
            self.output.close()
            self.output = None

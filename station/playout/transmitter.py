"""Switching the carrier, in a process of its own that turns it off whatever happens to ``air``.

``air`` writes "on" or "off" to the child's standard input; when that closes (a clean stop, a crash, a kill) the child
switches off and ends.  It switches off when it starts, too.  Run as ``python -m station.playout.transmitter JSON LOG``.
"""

from __future__ import annotations

import codecs
import json
import logging
import queue
import shlex
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from station.config import Settings, TransmitterSettings
from station.errors import PlayoutError

log = logging.getLogger(__name__)

_DTMF = {key: (row, column) for r, row in zip(("123A", "456B", "789C", "*0#D"), (697, 770, 852, 941), strict=True)
         for key, column in zip(r, (1209, 1336, 1477, 1633), strict=True)}


class TransmitterError(PlayoutError):
    """The carrier could not be switched."""

    code = "playout.transmitter"


# ------------------------------------------------------------------ drivers


def _serial(settings: TransmitterSettings) -> Callable[[bool], None]:
    import serial

    def switch(on: bool) -> None:
        text = settings.on if on else settings.off
        with serial.serial_for_url(settings.port, timeout=2, write_timeout=2) as line:
            line.write(codecs.escape_decode(text.encode())[0])
            line.flush()

    return switch


def _gpio(settings: TransmitterSettings) -> Callable[[bool], None]:
    import gpiozero

    # kept open: closing a pin lets it float
    device = gpiozero.DigitalOutputDevice(settings.port, active_high=settings.on != "low")

    def switch(on: bool) -> None:
        (device.on if on else device.off)()

    return switch


def _http(settings: TransmitterSettings) -> Callable[[bool], None]:
    def switch(on: bool) -> None:
        url = settings.on if on else settings.off
        if not url.startswith(("http://", "https://")):
            raise TransmitterError("Địa chỉ bật máy phát không phải http.", mend="Hãy sửa transmitter.on và off.")
        with urllib.request.urlopen(urllib.request.Request(url, method="POST", data=b""), timeout=5) as answer:
            if answer.status >= 300:
                raise TransmitterError("Máy phát từ chối lệnh.", detail=str(answer.status))

    return switch


def _command(settings: TransmitterSettings) -> Callable[[bool], None]:
    def switch(on: bool) -> None:
        done = subprocess.run(
            shlex.split(settings.on if on else settings.off), timeout=10, check=False, capture_output=True
        )
        if done.returncode:
            raise TransmitterError("Lệnh điều khiển máy phát báo lỗi.", detail=done.stderr.decode(errors="replace")[:300])

    return switch


_DRIVERS = {"serial": _serial, "gpio": _gpio, "http": _http, "command": _command}


def open_switch(settings: TransmitterSettings) -> Callable[[bool], None]:
    """A function that switches the carrier.  Raises what the driver raises."""
    return _DRIVERS[settings.kind](settings)


def guard(settings: TransmitterSettings, log_file: Path) -> None:
    """The child: off, then as told, then off."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    switch: Callable[[bool], None] | None = None

    def note(*words: str) -> None:
        at = datetime.now().astimezone().isoformat(timespec="milliseconds")
        with log_file.open("a", encoding="utf-8") as file:
            file.write(" ".join((at, *words)).rstrip() + "\n")

    def turn(on: bool, why: str) -> None:
        nonlocal switch
        problem = "no attempt"
        for attempt in range(3):
            try:
                switch = switch or open_switch(settings)
                switch(on)
                problem = ""
                break
            except (OSError, ImportError, ValueError, RuntimeError, PlayoutError, subprocess.SubprocessError) as error:
                problem, switch = repr(error), None
                time.sleep(0.3 * (attempt + 1))
        note("on" if on else "off", why, problem)
        print(json.dumps({"on": on, "problem": problem}), flush=True)

    turn(False, "start")
    try:
        for line in sys.stdin:
            word, _, why = line.strip().partition(" ")
            if word in ("on", "off"):
                turn(word == "on", why)
            elif word == "note":
                note("manual", why)
    finally:
        turn(False, "end")


# ------------------------------------------------------------------ air's side


class Transmitter:
    """Keeps the carrier as it should be: on ahead of a program, off after its tail."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings.transmitter
        self.enabled = self.settings.kind != "none"
        self.on = False
        self.override: bool | None = None
        self._override_by = ""
        self._reports: queue.Queue[dict[str, Any]] = queue.Queue()
        self._log = settings.home.logs / "transmitter.log"
        self._process: subprocess.Popen[str] | None = None
        self._wanted_until = 0.0

    def start(self) -> None:
        if not self.enabled:
            return
        self._log.parent.mkdir(parents=True, exist_ok=True)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "station.playout.transmitter", json.dumps(asdict(self.settings)), str(self._log)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
            start_new_session=True,  # a Ctrl-C for air must not kill it before it has switched off
        )
        threading.Thread(target=self._listen, args=(self._process,), daemon=True).start()

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            try:
                self._reports.put(json.loads(line))
            except ValueError:
                log.warning("the transmitter's guard said: %s", line.strip()[:200])

    def reports(self) -> list[dict[str, Any]]:
        """What the guard did since the last call: ``{"on": bool, "problem": str}``, problem "" when it worked."""
        found = []
        while not self._reports.empty():
            found.append(self._reports.get_nowait())
        return found

    def order(self, override: bool | None, who: str) -> None:
        """By hand: on, off, or (None) by the schedule again."""
        self.override, self._override_by = override, who
        if self._process is not None:
            self._say(f"note {'auto' if override is None else 'on' if override else 'off'} by {who}")

    def turn(self, now: float, *, wanted: bool, why: str = "") -> bool:
        """Called all the time with whether something needs the carrier; True when it was just switched on."""
        if not self.enabled:
            return False
        if wanted:
            self._wanted_until = now + self.settings.tail_seconds
        should = self.override if self.override is not None else wanted or now < self._wanted_until
        if self._process is None or self._process.poll() is not None:
            self.start()
            self.on = False
        if should == self.on:
            return False
        self.on = should
        if self.override is not None:
            why = f"manual by {self._override_by}"
        self._say(("on " if should else "off ") + (why or ("program" if should else "tail")))
        return should

    def _say(self, line: str) -> None:
        if self._process is not None and self._process.stdin is not None:
            try:
                self._process.stdin.write(line + "\n")
            except OSError as error:
                log.warning("the transmitter's guard cannot be told: %s", error)

    def close(self) -> None:
        """Off, and gone when that is done."""
        process = self._process
        if process is None or process.stdin is None:
            return
        try:
            process.stdin.close()
            process.wait(15)
        except (OSError, subprocess.TimeoutExpired):
            log.error("the transmitter's guard did not end in time")


def wake_tone(text: str, rate: int) -> np.ndarray:
    """The tone that wakes receivers: ``"dtmf:1234#"`` or ``"pilot:HERTZ:SECONDS"``; mono float32."""
    kind, _, rest = text.partition(":")
    if kind == "dtmf" and rest and all(key in _DTMF for key in rest.upper()):
        t = np.arange(int(0.12 * rate)) / rate
        quiet = np.zeros(int(0.08 * rate))
        parts: list[Any] = []
        for key in rest.upper():
            low, high = _DTMF[key]
            parts += [0.25 * np.sin(2 * np.pi * low * t) + 0.25 * np.sin(2 * np.pi * high * t), quiet]
        return np.concatenate(parts).astype(np.float32)
    if kind == "pilot":
        hertz, _, seconds = rest.partition(":")
        try:
            t = np.arange(int(float(seconds or 1) * rate)) / rate
            return (0.3 * np.sin(2 * np.pi * float(hertz) * t)).astype(np.float32)
        except ValueError:
            pass
    raise TransmitterError(
        f"Âm gọi máy thu '{text}' viết sai.", mend="Hãy ghi dạng dtmf:123# hoặc pilot:1000:2 (héc, giây)."
    )


if __name__ == "__main__":
    guard(TransmitterSettings(**json.loads(sys.argv[1])), Path(sys.argv[2]))

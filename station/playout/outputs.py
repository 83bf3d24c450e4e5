"""Where the frames go: a sound card, a file (where there is none), nothing (paced by the clock).

An output calls ``render(block)`` from its own thread and ``note_time(monotonic)`` with the moment at which the first
frame of that block will be heard.  ``lost`` is set when the device went away.
"""

from __future__ import annotations

import functools
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from station.errors import PlayoutError

log = logging.getLogger(__name__)

Render = Callable[[np.ndarray], None]
NoteTime = Callable[[float], None]


class Output(Protocol):
    """One opened output."""

    name: str
    lost: threading.Event
    #: frames handed over and perhaps not heard yet
    latency_frames: int
    #: times the output said that frames came too late
    underflows: int
    last_call: float

    def close(self) -> None: ...


@functools.cache
def _portaudio_starts(attempt: int) -> bool:
    """Whether PortAudio can list the devices without taking its process down, as found out by a child.

    With a broken ALSA configuration the library aborts while it is loaded; that must not be the mixer's end.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-c", "import sounddevice; sounddevice.query_devices()"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=20, check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        log.warning("PortAudio could not be tried: %s", error)
        return False
    return done.returncode >= 0


def _ask_portaudio() -> None:
    """Raise :class:`PlayoutError` where loading PortAudio would end this process; asks again every half minute."""
    if "sounddevice" in sys.modules or _portaudio_starts(0):
        return
    if not _portaudio_starts(1 + int(time.monotonic() // 30)):
        raise PlayoutError(
            "Phần âm thanh của máy không khởi động được.", mend="Hãy kiểm tra card âm thanh bằng lệnh: aplay -l",
            detail="PortAudio ends the process that loads it", code="playout.portaudio",
        )


def find_device(name: str) -> tuple[int | None, str]:
    """(index, name) of the output device whose name contains ``name``; of "" the default one.

    Raises :class:`PlayoutError` when there is none.
    """
    _ask_portaudio()
    try:
        import sounddevice
    except OSError as error:
        raise PlayoutError(
            "Máy thiếu thư viện PortAudio.", mend="Hãy cài gói libportaudio2.", detail=str(error),
            code="playout.portaudio",
        ) from error
    devices = [d for d in sounddevice.query_devices() if d["max_output_channels"] > 0]
    if name:
        chosen = next((d for d in devices if name.lower() in d["name"].lower()), None)
        if chosen is None:
            raise PlayoutError(
                f"Không thấy thiết bị âm thanh '{name}'.", mend="Hãy kiểm tra dây cắm và mục air.device.",
                detail="; ".join(d["name"] for d in devices), code="playout.device",
            )
        return chosen["index"], chosen["name"]
    index = sounddevice.default.device[1]
    if index is None or index < 0 or not devices:
        raise PlayoutError("Máy không có thiết bị phát âm thanh.", code="playout.device")
    return int(index), str(sounddevice.query_devices(index)["name"])


def refresh_devices() -> None:
    """Make PortAudio look for devices again: it lists them once, at start."""
    _ask_portaudio()
    import sounddevice

    sounddevice._terminate()
    sounddevice._initialize()


class CardOutput:
    """One stream of a sound card, always open."""

    def __init__(self, device: str, rate: int, channels: int, buffer_ms: int, render: Render, note: NoteTime) -> None:
        index, self.name = find_device(device)
        import sounddevice

        self.lost = threading.Event()
        self.underflows = 0
        self.last_call = time.monotonic()
        underflow = sounddevice.CallbackFlags(4)

        def callback(out: np.ndarray, frames: int, moment: Any, status: Any) -> None:
            now = time.monotonic()
            self.last_call = now
            if status and status._flags & 4:
                self.underflows += 1
            note(now + moment.outputBufferDacTime - moment.currentTime)
            render(out)

        del underflow
        try:
            self._stream = sounddevice.OutputStream(
                samplerate=rate, channels=channels, dtype="float32", device=index, latency=buffer_ms / 1000, blocksize=rate * buffer_ms // 1000 // 4,
                callback=callback, finished_callback=self.lost.set,
            )
            self._stream.start()
        except sounddevice.PortAudioError as error:
            raise PlayoutError("Không mở được thiết bị âm thanh.", detail=str(error), code="playout.device") from error
        self.latency_frames = int(self._stream.latency * rate)

    def close(self) -> None:
        self._stream.abort(ignore_errors=True)
        self._stream.close(ignore_errors=True)


class PacedOutput:
    """No device: a thread that renders in step with the clock, to nowhere or through ``sink``."""

    def __init__(
        self, name: str, rate: int, channels: int, render: Render, note: NoteTime,
        sink: Callable[[np.ndarray], None] | None = None,
    ) -> None:
        self.name = name
        self.lost = threading.Event()
        self.underflows = 0
        self.latency_frames = 0
        self.last_call = time.monotonic()
        self._closing = threading.Event()
        self._arguments = (rate, channels, render, note, sink)
        self._thread = threading.Thread(target=self._run, name="paced-output", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        rate, channels, render, note, sink = self._arguments
        block = np.zeros((rate // 20, channels), np.float32)
        began, frames = time.monotonic(), 0
        while not self._closing.is_set():
            due = began + frames / rate
            now = time.monotonic()
            if due > now:
                self._closing.wait(due - now)
            elif now - due > 5:  # the machine slept: do not race to catch up
                began, frames = now, 0
            self.last_call = time.monotonic()
            note(began + frames / rate)
            render(block)
            if sink is not None:
                sink(block)
            frames += len(block)

    def close(self) -> None:
        self._closing.set()
        self._thread.join(2)


class FileSink:
    """Writes what is sent into WAV files, one for each stretch of sound; ``quiet_blocks`` end a stretch."""

    def __init__(self, folder: Path, rate: int, channels: int, quiet_blocks: int = 40) -> None:
        self._folder, self._rate, self._channels, self._limit = folder, rate, channels, quiet_blocks
        self._file: Any = None
        self._quiet = 0

    def __call__(self, block: np.ndarray) -> None:
        quiet = not block.any()
        if self._file is None and quiet:
            return
        import soundfile

        try:
            if self._file is None:
                self._folder.mkdir(parents=True, exist_ok=True)
                path = self._folder / f"{datetime.now():%Y%m%d-%H%M%S-%f}.wav"
                self._file = soundfile.SoundFile(str(path), "w", self._rate, self._channels, subtype="PCM_16")
            self._file.write(block)
            self._file.flush()
        except (OSError, RuntimeError) as error:
            log.warning("the file output could not write: %s", error)
            self._close()
            return
        self._quiet = self._quiet + 1 if quiet else 0
        if self._quiet >= self._limit:
            self._close()

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file, self._quiet = None, 0


def open_output(
    kind: str, device: str, rate: int, channels: int, buffer_ms: int, folder: Path, render: Render, note: NoteTime
) -> Output:
    """The output by the settings.  ``auto`` takes the sound card, or the file where there is none."""
    if kind in ("auto", "sounddevice"):
        try:
            return CardOutput(device, rate, channels, buffer_ms, render, note)
        except PlayoutError:
            if kind == "sounddevice" or device:
                raise
            log.warning("no sound card: writing to files instead")
    if kind == "vlc":
        from station.playout.vlc_output import VlcOutput

        return VlcOutput(device, rate, channels, render, note)
    if kind == "null":
        return PacedOutput("null", rate, channels, render, note)
    return PacedOutput(f"file:{folder}", rate, channels, render, note, FileSink(folder, rate, channels))

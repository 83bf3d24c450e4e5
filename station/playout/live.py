"""Live speech as a source: the station's own microphone, or one that the page sends.  Never waits; recorded for the log."""

from __future__ import annotations

import logging
import time
from collections import deque
from pathlib import Path
from typing import Any

import numpy as np

from station.errors import PlayoutError
from station.playout.reader import spread

log = logging.getLogger(__name__)

#: in a device's place: the file that the page's microphone is written to, 16-bit mono at the output's rate
PAGE = "page:"
#: a page that sent nothing for so long is gone
PAGE_GONE_SECONDS = 10.0


def page_file(run: Path, key: str) -> Path:
    """Where the sound of a page's microphone is put, by the key of its talk (letters and digits)."""
    return run / "talk" / f"{''.join(c for c in key if c.isalnum())[:40]}.pcm"


def live_file(audio: Path, sha256: str) -> Path:
    """Where the recording of live speech is kept, by its hash."""
    return audio / "live" / f"{sha256}.wav"


class Recording:
    """What was spoken, as a file; speech goes on air also when it cannot be written."""

    def __init__(self, path: Path, rate: int) -> None:
        import soundfile

        self._file: Any = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = soundfile.SoundFile(str(path), "w", rate, 1, subtype="PCM_16")
        except (OSError, RuntimeError) as error:
            log.warning("live speech is not recorded: %s", error)

    def add(self, block: np.ndarray) -> None:
        """More frames, ``(n, 1)`` float32."""
        if self._file is None or not len(block):
            return
        try:
            self._file.write(block)
        except (OSError, RuntimeError) as error:
            log.warning("live speech is no longer recorded: %s", error)
            self._file = None

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


class LiveSource:
    """An input of the sound card (``device``: a part of its name, "" the default)."""

    live = True

    def __init__(self, device: str, rate: int, channels: int, recording: Path) -> None:
        import sounddevice

        self.problem = ""
        self._channels = channels
        self._blocks: deque[np.ndarray] = deque(maxlen=400)
        try:
            index = None
            if device:
                index = next((
                    d["index"] for d in sounddevice.query_devices()
                    if d["max_input_channels"] > 0 and device.lower() in d["name"].lower()
                ), None)
                if index is None:
                    raise PlayoutError(f"Không thấy micrô '{device}'.", mend="Hãy kiểm tra dây cắm.")
            self._stream = sounddevice.InputStream(
                samplerate=rate, channels=1, dtype="float32", device=index, latency=0.05, callback=self._take
            )
            self._stream.start()
        except sounddevice.PortAudioError as error:
            raise PlayoutError("Không mở được micrô.", mend="Hãy kiểm tra dây cắm.", detail=str(error)) from error
        self._recording = Recording(recording, rate)

    def _take(self, data: np.ndarray, frames: int, moment: Any, status: Any) -> None:
        self._blocks.append(data.copy())

    def read(self, frames: int) -> np.ndarray:
        parts, count = [], 0
        while self._blocks and count + len(self._blocks[0]) <= frames:
            parts.append(self._blocks.popleft())
            count += len(parts[-1])
        block = np.concatenate(parts) if parts else np.zeros((0, 1), np.float32)
        self._recording.add(block)
        return spread(block, self._channels)

    def close(self) -> None:
        self._stream.abort(ignore_errors=True)
        self._stream.close(ignore_errors=True)
        self._recording.close()


class PageSource:
    """A microphone of the page: what the web process puts behind what it put before."""

    live = True

    def __init__(self, path: Path, rate: int, channels: int, recording: Path) -> None:
        self.problem = ""
        self._channels = channels
        try:
            self._file = path.open("rb", buffering=0)
        except OSError as error:
            raise PlayoutError("Không nhận được tiếng từ trang.", mend="Hãy bấm nói lại.", detail=str(error)) from error
        self._odd = b""
        self._recording = Recording(recording, rate)

    def read(self, frames: int) -> np.ndarray:
        data = self._odd + self._file.read(2 * frames - len(self._odd))
        whole = len(data) // 2 * 2
        data, self._odd = data[:whole], data[whole:]
        block = (np.frombuffer(data, "<i2").reshape(-1, 1) / 32768.0).astype(np.float32)
        self._recording.add(block)
        return spread(block, self._channels)

    def close(self) -> None:
        self._file.close()
        self._recording.close()


def open_live(device: str, rate: int, channels: int, recording: Path) -> LiveSource | PageSource:
    """The microphone by its name, or (``"page:FILE"``) one of the page."""
    if device.startswith(PAGE):
        return PageSource(Path(device[len(PAGE):]), rate, channels, recording)
    return LiveSource(device, rate, channels, recording)


def page_is_gone(path: str) -> bool:
    """Whether the page behind ``"live:page:FILE"`` stopped sending; False for what is no page."""
    if not path.startswith(f"live:{PAGE}"):
        return False
    try:
        return time.time() - Path(path.partition(PAGE)[2]).stat().st_mtime > PAGE_GONE_SECONDS
    except OSError:
        return True

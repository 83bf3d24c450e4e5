"""The station's own microphone as a source: never waits, recorded for the log."""

from __future__ import annotations

import logging
from collections import deque
from pathlib import Path
from typing import Any

import numpy as np

from station.errors import PlayoutError
from station.playout.reader import spread

log = logging.getLogger(__name__)


class LiveSource:
    """An input of the sound card (``device``: a part of its name, "" the default)."""

    live = True

    def __init__(self, device: str, rate: int, channels: int, folder: Path, name: str) -> None:
        import sounddevice
        import soundfile

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
        self._file: Any = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = soundfile.SoundFile(str(folder / f"{name}.wav"), "w", rate, 1, subtype="PCM_16")
        except (OSError, RuntimeError) as error:
            log.warning("live speech is not recorded: %s", error)

    def _take(self, data: np.ndarray, frames: int, moment: Any, status: Any) -> None:
        self._blocks.append(data.copy())

    def read(self, frames: int) -> np.ndarray:
        parts, count = [], 0
        while self._blocks and count + len(self._blocks[0]) <= frames:
            parts.append(self._blocks.popleft())
            count += len(parts[-1])
        block = np.concatenate(parts) if parts else np.zeros((0, 1), np.float32)
        if self._file is not None and len(block):
            try:
                self._file.write(block)
            except (OSError, RuntimeError) as error:
                log.warning("live speech is no longer recorded: %s", error)
                self._file = None
        return spread(block, self._channels)

    def close(self) -> None:
        self._stream.abort(ignore_errors=True)
        self._stream.close(ignore_errors=True)
        if self._file is not None:
            self._file.close()

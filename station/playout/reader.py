"""Reading sound files as float32 blocks at the output's rate and channels: soundfile, ffmpeg for the rest."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Protocol

import numpy as np
import soundfile

from station.errors import PlayoutError


def calm() -> None:
    """In a child of the mixer, before it does anything: the usual priority, not the mixer's."""
    try:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    except (AttributeError, OSError):
        return  # a system without it has given none


class Source(Protocol):
    """A stream of blocks.  ``read`` gives an empty block at the end; ``problem`` then tells of a bad end.

    One with an attribute ``live`` gives an empty block when nothing has come yet, and never ends.
    """

    problem: str

    def read(self, frames: int) -> np.ndarray: ...

    def close(self) -> None: ...


def spread(block: np.ndarray, channels: int) -> np.ndarray:
    """``block`` with that many channels: mono is copied, more are mixed down."""
    if block.shape[1] == channels:
        return block
    if channels == 1:
        return block.mean(axis=1, keepdims=True, dtype=np.float32)
    return np.repeat(block[:, :1], channels, axis=1)


class FileSource:
    """A file that soundfile knows, from ``offset`` (frames of the output's rate)."""

    def __init__(self, path: str | Path, rate: int, channels: int, offset: int = 0) -> None:
        self.problem = ""
        self._channels = channels
        try:
            self._file = soundfile.SoundFile(str(path))
        except (soundfile.LibsndfileError, OSError) as error:
            raise PlayoutError("Không mở được tệp âm thanh.", detail=f"{path}: {error}", code="playout.open") from error
        self._left = self._file.frames
        self._resampler = None
        own = self._file.samplerate
        if own != rate:
            import soxr

            self._resampler = soxr.ResampleStream(own, rate, self._file.channels, dtype="float32")
        if offset:
            own_offset = min(round(offset * own / rate), self._file.frames)
            self._file.seek(own_offset)
            self._left -= own_offset

    def read(self, frames: int) -> np.ndarray:
        while True:
            wanted = min(frames, self._left)
            block = np.zeros((0, self._file.channels), np.float32)
            if wanted:
                try:
                    block = self._file.read(wanted, dtype="float32", always_2d=True)
                except (soundfile.LibsndfileError, RuntimeError) as error:
                    self.problem = f"read error: {error}"
                if len(block) < wanted:
                    # the header promised more: cut off or damaged while it plays
                    self.problem = self.problem or f"file ended {self._left - len(block)} frames early"
                    self._left = 0
                else:
                    self._left -= len(block)
            if self._resampler is None:
                return spread(block, self._channels)
            resampled = self._resampler.resample_chunk(block, last=self._left == 0)
            if len(resampled) or self._left == 0:
                if self._left == 0:
                    self._resampler = None
                return spread(np.asarray(resampled, np.float32).reshape(-1, self._file.channels), self._channels)

    def close(self) -> None:
        self._file.close()


class FfmpegSource:
    """A file that only ffmpeg knows."""

    def __init__(self, path: str | Path, rate: int, channels: int, offset: int = 0) -> None:
        program = shutil.which("ffmpeg")
        if program is None:
            raise PlayoutError("Không mở được tệp âm thanh.", mend="Hãy cài ffmpeg.", detail=str(path))
        self.problem = ""
        self._channels = channels
        self._any = False
        self._process = subprocess.Popen(
            [program, "-nostdin", "-v", "error", "-ss", f"{offset / rate:.6f}", "-i", str(path), "-vn",
             "-f", "f32le", "-ac", str(channels), "-ar", str(rate), "-"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, preexec_fn=calm,
        )

    def read(self, frames: int) -> np.ndarray:
        assert self._process.stdout is not None
        data = self._process.stdout.read(frames * self._channels * 4)
        data = data[:len(data) // (self._channels * 4) * self._channels * 4]
        self._any = self._any or bool(data)
        if not data and (self._process.wait() != 0 or not self._any):
            self.problem = "ffmpeg could not read it"
        return np.frombuffer(data, np.float32).reshape(-1, self._channels)

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


class SilenceSource:
    """So many frames of nothing."""

    def __init__(self, frames: int, channels: int) -> None:
        self.problem = ""
        self._left, self._channels = frames, channels

    def read(self, frames: int) -> np.ndarray:
        count = min(frames, self._left)
        self._left -= count
        return np.zeros((count, self._channels), np.float32)

    def close(self) -> None:
        self._left = 0


def open_source(path: str, rate: int, channels: int, offset: int = 0) -> Source:
    """A source for a path, ``"silence:FRAMES"``, ``"relay:URL"`` or ``"live:DEVICE|RECORDING"``.  Raises :class:`PlayoutError`."""
    if path.startswith("silence:"):
        return SilenceSource(int(path.partition(":")[2]), channels)
    if path.startswith("relay:"):
        from station.playout.relay import RelaySource

        return RelaySource(path.partition(":")[2], rate, channels)
    if path.startswith("live:"):
        from station.playout.live import open_live

        device, _, recording = path.partition(":")[2].rpartition("|")
        return open_live(device, rate, channels, Path(recording))
    if not Path(path).is_file():
        raise PlayoutError("Không thấy tệp âm thanh.", detail=path, code="playout.missing")
    try:
        return FileSource(path, rate, channels, offset)
    except PlayoutError:
        source = FfmpegSource(path, rate, channels, offset)
        first = source.read(1)
        source.close()
        if not len(first):
            raise
        return FfmpegSource(path, rate, channels, offset)

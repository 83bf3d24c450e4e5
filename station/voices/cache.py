"""The speech cache: one WAV a sentence, named by everything that decides its sound.

Files appear by renaming, so that several workers may write and read at once; the cache is bounded in bytes, the
sentences not heard for longest go first.  Nothing waits for the disk: each file carries a checksum, and each process
reads it through once before it uses it, so that what a power cut or a worn card damaged is spoken anew.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import hashlib
import logging
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from station.errors import VoiceError
from station.voices.wave import check_wav, write_checked_wav

_LOG = logging.getLogger(__name__)
#: grows when the meaning of a key or the cleaning of the audio changes
FORMAT = 2
#: a sentence heard this recently may be part of a program that is being put together now
KEEP_SECONDS = 3600.0
PRUNE_SECONDS = 60.0
#: seconds in which a file in use is not marked again: every mark is one more write to the disk
MARK_SECONDS = 600.0
#: files that this process remembers as whole
MOST_REMEMBERED = 10_000
_pruned_at: dict[Path, float] = {}


def sentence_key(text: str, fingerprint: str, speed: float, pitch: float = 0.0) -> str:
    """The cache's key of one sentence spoken by one voice (``fingerprint``) at ``speed``, ``pitch`` half tones up."""
    parts = f"{FORMAT}\n{fingerprint}\n{speed:.3f}\n{pitch:.2f}\n{text}"
    return hashlib.sha256(parts.encode()).hexdigest()


#: (inode, bytes, time of change in ns) of a file
_State = tuple[int, int, int]
#: by path: the state of a file when it was whole, its frames and sample rate
_whole: dict[str, tuple[_State, int, int]] = {}


def _state(stat: os.stat_result) -> _State:
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


def _remember(path: str, stat: os.stat_result, frames: int, sample_rate: int) -> None:
    if len(_whole) >= MOST_REMEMBERED:
        _whole.clear()
    _whole[path] = (_state(stat), frames, sample_rate)


def _heard_again(path: str) -> tuple[int, int]:
    """(frames, sample rate) of a sentence, marked as used now (where the mark is older than ten minutes).

    A bulletin asks this of every sentence: a file that has not changed since it was found whole is not read again.
    Raises OSError, or ValueError when the file is damaged.
    """
    stat = os.stat(path)
    known = _whole.get(path)
    if known is not None and known[0] == _state(stat):
        _, frames, rate = known
    else:
        frames, rate = check_wav(path)
        _remember(path, stat, frames, rate)
    if not 0 <= time.time() - stat.st_mtime < MARK_SECONDS:
        with contextlib.suppress(OSError):  # a cache that may only be read
            os.utime(path)
            _remember(path, os.stat(path), frames, rate)
    return frames, rate


@dataclass(frozen=True)
class Stored:
    """A sentence in the cache; ``spilled`` when the disk was full and it lies in the system's temporary folder."""

    path: str
    frames: int
    sample_rate: int
    spilled: bool = False


class SpeechCache:
    """WAV files under ``folder``, at most ``limit_bytes`` of them.  Safe for several threads and processes."""

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        self.folder = folder
        self.limit_bytes = limit_bytes

    def path(self, key: str) -> Path:
        return Path(self._path(key))

    def _path(self, key: str) -> str:
        return f"{self.folder}/{key[:2]}/{key}.wav"

    def find(self, key: str) -> Stored | None:
        """The stored sentence, None when it is not there.  A damaged file is removed and counts as not there."""
        for spilled, path in enumerate((self._path(key), *self._spill_paths(key))):
            try:
                frames, rate = _heard_again(path)
            except (FileNotFoundError, NotADirectoryError):
                continue
            except (OSError, ValueError) as error:
                _LOG.warning("damaged file in the speech cache: %s (%s)", path, error)
                with contextlib.suppress(OSError):
                    os.unlink(path)
                continue
            return Stored(path, frames, rate, spilled > 0)
        return None

    def store(self, key: str, samples: np.ndarray, sample_rate: int) -> Stored:
        """Keep mono float ``samples``.  On a full disk old sentences make room, then the temporary folder serves.

        Raises :class:`VoiceError` when nothing could be written anywhere.
        """
        path = self._path(key)
        problem = OSError()
        for attempt in range(2):
            try:
                return self._write(path, samples, sample_rate)
            except OSError as error:
                problem = error
                _LOG.warning("cannot write to the speech cache: %s", error)
                if attempt == 0 and self.prune(0, keep_seconds=KEEP_SECONDS) == 0:
                    break
        for spill in self._spill_paths(key):
            try:
                return self._write(spill, samples, sample_rate, spilled=True)
            except OSError as error:
                problem = error
        raise VoiceError(
            "Ổ đĩa đã đầy, không ghi được lời đọc.", mend="Hãy xóa bớt tệp không dùng rồi thử lại.",
            detail=str(problem), code="voices.disk_full",
        ) from problem

    @staticmethod
    def _write(path: str, samples: np.ndarray, sample_rate: int, *, spilled: bool = False) -> Stored:
        _remember(path, write_checked_wav(path, samples, sample_rate), len(samples), sample_rate)
        return Stored(path, len(samples), sample_rate, spilled)

    def _spill_paths(self, key: str) -> list[str]:
        """Where a sentence goes when the disk is full: memory first, then the system's temporary folder."""
        return [f"{folder}/{key}.wav" for folder in self._spill_folders]

    @functools.cached_property
    def _spill_folders(self) -> list[Path]:
        user = os.getuid() if hasattr(os, "getuid") else 0
        station = hashlib.sha256(str(self.folder.absolute()).encode()).hexdigest()[:12]
        folders = [Path("/dev/shm"), Path(tempfile.gettempdir())]
        return [folder / f"station-speech-{user}-{station}" for folder in folders if folder.is_dir()]

    def _entries(self) -> Iterator[tuple[float, int, Path]]:
        for path in self.folder.glob("??/*.wav"):
            with contextlib.suppress(OSError):
                stat = path.stat()
                yield stat.st_mtime, stat.st_size, path

    def prune_at_times(self) -> None:
        """:meth:`prune`, but not more often than once a minute in this process: a large cache takes long to list."""
        now = time.monotonic()
        if now - _pruned_at.get(self.folder, -PRUNE_SECONDS) >= PRUNE_SECONDS:
            _pruned_at[self.folder] = now
            self.prune()

    def prune(self, limit_bytes: int | None = None, *, keep_seconds: float = KEEP_SECONDS) -> int:
        """Remove the sentences not heard for longest until at most ``limit_bytes`` stay; returns bytes removed.

        What was used in the last ``keep_seconds`` stays.  Only one process prunes at a time; others go on.
        """
        limit = self.limit_bytes if limit_bytes is None else limit_bytes
        for path in (path for folder in self._spill_folders for path in folder.glob("*.wav")):
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_mtime > KEEP_SECONDS:
                    path.unlink()
        if not self.folder.is_dir():
            return 0
        with contextlib.ExitStack() as stack:
            try:
                handle = os.open(self.folder, os.O_RDONLY)
                stack.callback(os.close, handle)
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return 0
            now = time.time()
            for part in self.folder.glob("??/.*.part"):  # left by a power cut
                with contextlib.suppress(OSError):
                    if now - part.stat().st_mtime > KEEP_SECONDS:
                        part.unlink()
            entries = sorted(self._entries())
            total = sum(size for _, size, _ in entries)
            removed = 0
            for used, size, path in entries:
                if total - removed <= limit or now - used < keep_seconds:
                    break
                with contextlib.suppress(OSError):
                    path.unlink()
                    removed += size
            return removed

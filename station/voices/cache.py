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
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from station.errors import VoiceError
from station.voices.wave import Part, check_wav, create_part, write_checked_wav

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


@functools.lru_cache(maxsize=1000)
def sentence_key(text: str, fingerprint: str, speed: float, pitch: float = 0.0) -> str:
    """The cache's key of one sentence spoken by one voice (``fingerprint``) at ``speed``, ``pitch`` half tones up."""
    parts = f"{FORMAT}\n{fingerprint}\n{speed:.3f}\n{pitch:.2f}\n{text}"
    return hashlib.sha256(parts.encode()).hexdigest()


class Stored(NamedTuple):
    """A sentence in the cache; ``spilled`` when the disk was full and it lies in the system's temporary folder."""

    path: str
    frames: int
    sample_rate: int
    spilled: bool = False


#: (inode, bytes, time of change in ns) of a file
_State = tuple[int, int, int]
#: by path: the state of a file when it was whole, and what is in it
_whole: dict[str, tuple[_State, Stored]] = {}


def forget() -> None:
    """Start as a new process does, which knows of no file and no key."""
    _whole.clear()
    sentence_key.cache_clear()


def _state(stat: os.stat_result) -> _State:
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


def _remember(stored: Stored, stat: os.stat_result) -> Stored:
    if len(_whole) >= MOST_REMEMBERED:
        _whole.clear()
    _whole[stored.path] = (_state(stat), stored)
    return stored


def _heard_again(path: str, *, spilled: bool = False) -> Stored:
    """A sentence that was spoken before, marked as used now (where the mark is older than ten minutes).

    A bulletin asks this of every sentence: a file that has not changed since it was found whole is not read again.
    Raises OSError, or ValueError when the file is damaged.
    """
    stat = os.stat(path)
    known = _whole.get(path)
    if known is not None and known[0] == _state(stat):
        stored = known[1]
    else:
        stored = _remember(Stored(path, *check_wav(path), spilled), stat)
    if not 0 <= time.time() - stat.st_mtime < MARK_SECONDS:
        with contextlib.suppress(OSError):  # a cache that may only be read
            os.utime(path)
            _remember(stored, os.stat(path))
    return stored


class SpeechCache:
    """WAV files under ``folder``, at most ``limit_bytes`` of them.  Safe for several threads and processes."""

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        self.folder = folder
        self.limit_bytes = limit_bytes
        self._parts: deque[Part] = deque()

    def path(self, key: str) -> Path:
        return Path(self._path(key))

    def _path(self, key: str) -> str:
        return f"{self.folder}/{key}.wav"

    def seems_kept(self, key: str) -> bool:
        """Whether there is a file for ``key``, as far as can be told at once: :meth:`find` tells."""
        path = self._path(key)
        return path in _whole or any(os.path.exists(place) for place in (path, *self._spill_paths(key)))

    def find(self, key: str) -> Stored | None:
        """The stored sentence, None when it is not there.  A damaged file is removed and counts as not there."""
        path = self._path(key)
        spilled = False
        for place in range(1 + len(self._spill_folders)):
            if place:
                path, spilled = f"{self._spill_folders[place - 1]}/{key}.wav", True
            try:
                return _heard_again(path, spilled=spilled)
            except (FileNotFoundError, NotADirectoryError):
                _whole.pop(path, None)
                continue
            except (OSError, ValueError) as error:
                _LOG.warning("damaged file in the speech cache: %s (%s)", path, error)
                with contextlib.suppress(OSError):
                    os.unlink(path)
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

    def expect(self, count: int) -> None:
        """Create the files of ``count`` sentences while an engine speaks: it takes a disk as long as to write one."""
        with contextlib.suppress(OSError):  # storing meets the same trouble and tells it
            while len(self._parts) < count:
                self._parts.append(create_part(str(self.folder)))

    def close(self) -> None:
        """Remove the files that were expected and did not come."""
        while self._parts:
            self._parts.pop().discard()

    def _write(self, path: str, samples: np.ndarray, sample_rate: int, *, spilled: bool = False) -> Stored:
        part = None
        if not spilled:
            with contextlib.suppress(IndexError):
                part = self._parts.pop()
        try:
            state = write_checked_wav(path, samples, sample_rate, part)
        except FileNotFoundError:  # the folder was removed meanwhile
            if part is None:
                raise
            state = write_checked_wav(path, samples, sample_rate)
        return _remember(Stored(path, len(samples), sample_rate, spilled), state)

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
        for pattern in ("*.wav", "??/*.wav"):  # the second as earlier formats had them
            for path in self.folder.glob(pattern):
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
            for part in (*self.folder.glob(".*.part"), *self.folder.glob("??/.*.part")):  # left by a power cut
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

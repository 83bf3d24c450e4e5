"""Mono 16-bit WAV files: written atomically, read without trusting the header of a pipe."""

from __future__ import annotations

import contextlib
import os
import struct
import tempfile
import wave
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np

from station.errors import VoiceError

#: the header of a WAV as written here: one "fmt " chunk, one "data" chunk
_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
#: the same with a chunk "crc " before the samples, which other readers pass over: the CRC-32 of the samples
_CHECKED = struct.Struct("<4sI4s4sIHHIIHH4sII4sI")


def to_int16(samples: np.ndarray) -> np.ndarray:
    """Float samples in -1..1 as little-endian 16-bit integers."""
    scaled = np.clip(samples, -1.0, 1.0)
    scaled *= 32767.0
    return np.rint(scaled, out=scaled).astype("<i2")


def write_wav(path: Path, samples: np.ndarray, sample_rate: int) -> None:
    """Write mono float ``samples`` so that ``path`` is either the whole file or is not there (or the old one).

    Raises OSError as the system gives it: a full disk is for the caller to handle.
    """
    try:
        handle, temporary = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    try:
        data = to_int16(samples).tobytes()
        header = _HEADER.pack(
            b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 1, 1, sample_rate,
            sample_rate * 2, 2, 16, b"data", len(data),
        )
        with os.fdopen(handle, "wb") as out:
            out.write(header)
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


class Part(NamedTuple):
    """A file that was created and is not written yet."""

    handle: int
    path: str

    def discard(self) -> None:
        with contextlib.suppress(OSError):
            os.close(self.handle)
        with contextlib.suppress(OSError):
            os.unlink(self.path)


def create_part(folder: str) -> Part:
    """A new file in ``folder`` for :func:`write_checked_wav`; raises OSError."""
    path = f"{folder}/.{os.urandom(8).hex()}.part"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0)
    try:
        return Part(os.open(path, flags, 0o600), path)
    except FileNotFoundError:
        os.makedirs(folder, exist_ok=True)
        return Part(os.open(path, flags, 0o600), path)


def write_checked_wav(path: str, samples: np.ndarray, sample_rate: int, part: Part | None = None) -> os.stat_result:
    """Write mono float ``samples`` with their checksum, so that ``path`` is either the whole file or not there.

    It is not forced to the disk, which takes longer than a fast engine needs for a sentence: what a power cut leaves
    half written fails :func:`check_wav`.  ``part``, in the same folder, is used up.  Returns the file's state; raises
    OSError as the system gives it.
    """
    if part is None:
        part = create_part(os.path.dirname(path))
    try:
        try:
            data = to_int16(samples)
            header = _CHECKED.pack(
                b"RIFF", _CHECKED.size - 8 + data.nbytes, b"WAVE", b"fmt ", 16, 1, 1, sample_rate, sample_rate * 2, 2, 16,
                b"crc ", 4, zlib.crc32(data.data), b"data", data.nbytes,
            )
            for rest in (memoryview(header), data.view(np.uint8).data):
                while rest:
                    rest = rest[os.write(part.handle, rest):]
            state = os.fstat(part.handle)
        finally:
            os.close(part.handle)
        os.replace(part.path, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(part.path)
        raise
    return state


def check_wav(path: str) -> tuple[int, int]:
    """(frames, sample rate) of a file by :func:`write_checked_wav`, all of which is read.

    Raises OSError, or ValueError when the file is not one of ours, was cut short or has changed since.
    """
    with open(path, "rb") as file:
        content = memoryview(file.read())
    if len(content) < _CHECKED.size:
        raise ValueError("truncated")
    riff, _, wave_, fmt, _, coding, channels, rate, _, width, bits, crc, _, told, data, length = _CHECKED.unpack_from(content)
    if (riff, wave_, fmt, crc, data) != (b"RIFF", b"WAVE", b"fmt ", b"crc ", b"data"):
        raise ValueError("not a WAV with its checksum")
    if (coding, channels, width, bits) != (1, 1, 2, 16) or rate == 0:
        raise ValueError("not a mono 16-bit WAV")
    samples = content[_CHECKED.size:]
    if length == 0 or len(samples) != length:
        raise ValueError("truncated")
    if zlib.crc32(samples) != told:
        raise ValueError("the checksum differs")
    return length // 2, rate


def read_wav(path: Path) -> tuple[np.ndarray, int]:
    """(float32 samples in -1..1, sample rate) of a mono 16-bit WAV."""
    with wave.open(str(path), "rb") as file:
        raw, rate = file.readframes(file.getnframes()), file.getframerate()
    return np.frombuffer(raw, "<i2").astype(np.float32) / 32768.0, rate


def parse_piped_wav(data: bytes) -> tuple[np.ndarray, int]:
    """(float32 samples, sample rate) of a mono 16-bit WAV from a pipe, whose sizes in the header mean nothing."""
    if len(data) < 44 or data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise VoiceError("Bộ đọc không trả về âm thanh.", detail=f"{len(data)} bytes, no RIFF header")
    place = 12
    rate, channels, bits = 0, 1, 16
    while place + 8 <= len(data):
        name, size = data[place:place + 4], struct.unpack_from("<I", data, place + 4)[0]
        place += 8
        if name == b"fmt ":
            _, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", data, place)
        elif name == b"data":
            body = data[place:]
            body = body[: len(body) - len(body) % 2]
            if rate == 0 or channels != 1 or bits != 16:
                break
            return np.frombuffer(body, "<i2").astype(np.float32) / 32768.0, rate
        place += size
    raise VoiceError("Bộ đọc trả về âm thanh lạ.", detail=f"rate {rate}, channels {channels}, bits {bits}")

"""Mono 16-bit WAV files: written atomically, read without trusting the header of a pipe."""

from __future__ import annotations

import os
import struct
import tempfile
import time
import wave
from pathlib import Path

import numpy as np

from station.errors import VoiceError

#: the header of a WAV as written here: one "fmt " chunk, one "data" chunk
_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
#: seconds in which a file in use is not marked again
MARK_SECONDS = 600.0


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


def heard_again(path: Path) -> tuple[int, int]:
    """(frames, sample rate) of a WAV of the cache, marked as used now (where the mark is older than ten minutes).

    Reads the 44 bytes that :func:`write_wav` wrote and nothing else: a bulletin asks this of every sentence.  Raises
    OSError, or ValueError when the file is not one of ours or was cut short.
    """
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
    try:
        header = os.read(handle, _HEADER.size)
        state = os.fstat(handle)
        if not 0 <= time.time() - state.st_mtime < MARK_SECONDS:  # every mark is one more write before the next sync
            os.utime(handle)
    finally:
        os.close(handle)
    if len(header) < _HEADER.size:
        raise ValueError("truncated")
    riff, _, wave_, fmt, _, coding, channels, rate, _, width, bits, data, length = _HEADER.unpack(header)
    if (riff, wave_, fmt, data) != (b"RIFF", b"WAVE", b"fmt ", b"data") or (coding, channels, width, bits) != (1, 1, 2, 16):
        raise ValueError("not a mono 16-bit WAV")
    if rate == 0 or length == 0 or state.st_size != _HEADER.size + length:
        raise ValueError("truncated")
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

"""Levels of recorded speech: what is speech, what is background, what is broken.  Pure functions on arrays."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from station.voices.checks import clipped_share

#: seconds of one frame of levels
FRAME_SECONDS = 0.02
#: dBFS (RMS of speech frames) below which a recording is too quiet to lift without lifting its noise
QUIET_DBFS = -42.0
#: dB between speech and background below which listeners strain
LEAST_SNR_DB = 18.0
#: share of samples in flat tops
MOST_CLIPPED = 0.002
_HOLD_BEFORE, _HOLD_AFTER = 8, 15  # frames: 0.16 s before and 0.3 s after speech stay open
_CLOSED_DB = -15.0


class RecordingProblem(StrEnum):
    """What is wrong with a recording; the value is a stable code."""

    SILENT = "silent"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    QUIET = "quiet"
    CLIPPED = "clipped"
    NOISY = "noisy"


#: what staff read: what is wrong, and what to do
MESSAGES = {
    RecordingProblem.SILENT: "Bản ghi không có tiếng. Hãy kiểm tra micrô.",
    RecordingProblem.TOO_SHORT: "Bản ghi quá ngắn. Hãy đọc trọn câu rồi mới dừng.",
    RecordingProblem.TOO_LONG: "Bản ghi dài bất thường so với câu. Hãy đọc lại, không dừng giữa câu.",
    RecordingProblem.QUIET: "Tiếng quá nhỏ. Hãy lại gần micrô hoặc tăng mức ghi.",
    RecordingProblem.CLIPPED: "Tiếng bị vỡ vì quá to. Hãy lùi xa micrô hoặc giảm mức ghi.",
    RecordingProblem.NOISY: "Tiếng nền lớn. Hãy tắt quạt, đóng cửa, ghi ở nơi yên tĩnh hơn.",
}


@dataclass(frozen=True)
class Levels:
    """Levels of one recording: ``frames_db`` are dBFS of each 20 ms, ``speech_db``/``noise_db`` of the loud and the
    quiet parts, ``peak`` is 0..1, ``clipped`` the share of samples in flat tops."""

    frames_db: np.ndarray
    speech_db: float
    noise_db: float
    peak: float
    clipped: float

    @property
    def seconds(self) -> float:
        return len(self.frames_db) * FRAME_SECONDS

    @property
    def snr_db(self) -> float:
        return self.speech_db - self.noise_db


def frame_levels(samples: np.ndarray, sample_rate: int) -> np.ndarray:
    """dBFS of each whole 20 ms of mono float ``samples``; -120 for digital silence."""
    size = int(sample_rate * FRAME_SECONDS)
    count = len(samples) // size
    power = (samples[: count * size].astype(np.float64).reshape(count, size) ** 2).mean(axis=1)
    return 10.0 * np.log10(np.maximum(power, 1e-12))


def summarize(frames_db: np.ndarray, peak: float, clipped: float) -> Levels:
    """Levels from frames: background is the tenth percentile, speech the 90th."""
    if len(frames_db) == 0:
        return Levels(frames_db, -120.0, -120.0, peak, clipped)
    return Levels(
        frames_db, float(np.percentile(frames_db, 90)), float(np.percentile(frames_db, 10)), peak, clipped
    )


def measure(samples: np.ndarray, sample_rate: int) -> Levels:
    """Levels of mono float ``samples``."""
    peak = float(np.abs(samples).max()) if samples.size else 0.0
    return summarize(frame_levels(samples, sample_rate), peak, clipped_share(samples) if samples.size else 0.0)


def speech_frames(levels: Levels) -> np.ndarray:
    """Which frames are open: speech and its edges.  All of them where speech and background are too near to tell."""
    frames = levels.frames_db
    if levels.snr_db < 12.0:
        return np.ones(len(frames), dtype=bool)
    threshold = max(levels.noise_db + min(12.0, levels.snr_db * 0.4), -70.0)
    loud = np.flatnonzero(frames > threshold)
    steps = np.zeros(len(frames) + 1, dtype=int)
    np.add.at(steps, np.maximum(loud - _HOLD_BEFORE, 0), 1)
    np.add.at(steps, np.minimum(loud + _HOLD_AFTER + 1, len(frames)), -1)
    return np.cumsum(steps)[:-1] > 0


def find_problems(levels: Levels, *, shortest_seconds: float = 0.4) -> tuple[RecordingProblem, ...]:
    """Everything wrong with a recording, the worst first.  Silence and shortness make it useless."""
    if levels.seconds < shortest_seconds:
        return (RecordingProblem.TOO_SHORT,)
    if levels.speech_db < -60.0:
        return (RecordingProblem.SILENT,)
    if int((levels.frames_db > levels.speech_db - 25.0).sum()) * FRAME_SECONDS < shortest_seconds * 0.5:
        return (RecordingProblem.TOO_SHORT,)
    found = []
    if levels.clipped > MOST_CLIPPED:
        found.append(RecordingProblem.CLIPPED)
    if levels.speech_db < QUIET_DBFS:
        found.append(RecordingProblem.QUIET)
    if levels.snr_db < LEAST_SNR_DB:
        found.append(RecordingProblem.NOISY)
    return tuple(found)


def gain_envelope(levels: Levels, *, target_db: float = -20.0, ceiling: float = 0.89) -> tuple[np.ndarray, int, int]:
    """(linear gain of each frame, first frame to keep, end): speech at ``target_db``, background turned down, edges cut.

    The gain never brings the peak above ``ceiling`` (-1 dBFS).
    """
    opened = speech_frames(levels)
    gain = 10.0 ** ((target_db - levels.speech_db) / 20.0)
    if levels.peak > 0:
        gain = min(gain, ceiling / levels.peak)
    envelope = np.where(opened, gain, gain * 10.0 ** (_CLOSED_DB / 20.0))
    places = np.flatnonzero(opened)
    if len(places) == 0:
        return envelope, 0, len(envelope)
    return envelope, int(places[0]), int(places[-1]) + 1

"""Reading clips: mono blocks at the clip's own rate, clean, and what a first pass finds out about them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import soundfile
import soxr

from station.programs.iir import Filter
from station.programs.limiter import hop_of, true_peaks_inside
from station.programs.loudness import k_weighting
from station.programs.model import Clip
from station.programs.profiles import STEPS_PER_SECOND, Horn

#: about this many frames to a block
BLOCK_FRAMES = 65536
KEPT_FRAMES = 4 * BLOCK_FRAMES
SILENT_PEAK = 1e-3
LOWEST_METER_RATE = 16000
#: true peaks are looked for where samples reach this part of the highest: only there will the limiter act
NEAR_PEAK = 0.4
FADE_SECONDS = 0.002
CUT_FADE_SECONDS = 1.0


class BadClip(Exception):
    """The clip cannot be used; the text says why, in Vietnamese."""


@dataclass(frozen=True)
class Facts:
    """What a clip is: frames and rate of its own, its offset from zero, its level after the horn's filters."""

    rate: int
    frames: int
    mean: float
    level: float = 0.0
    #: True when the clip was cut, and so needs a long fade at its end
    cut: bool = False
    #: True when the file ends before its own header says
    torn: bool = False
    #: a short clip's sound, so that it need not be read again at once; dropped by :meth:`alone`
    kept: np.ndarray | None = None

    def alone(self) -> Facts:
        """The facts without the sound."""
        return replace(self, kept=None)


@dataclass(frozen=True)
class Levels:
    """Peaks, and K-weighted energies (mean square x seconds), of successive hops of a stretch of a clip.

    ``start_seconds`` is in the clip; ``flat_tops`` counts samples that look cut off at full scale.
    """

    start_seconds: float
    hop_seconds: float
    peaks: np.ndarray
    energies: np.ndarray
    flat_tops: int = 0


def _raw(clip: Clip, frames: int | None = None) -> Iterator[tuple[np.ndarray, int]]:
    """Mono float32 blocks and the rate, finite, as they are in the file; at most ``frames``."""
    with soundfile.SoundFile(clip.path) as source:
        loose = source.subtype in ("FLOAT", "DOUBLE")
        left = len(source) if frames is None else frames
        # whole steps of the horn's compressor, so that blocks join without a seam
        step = max(1, source.samplerate // STEPS_PER_SECOND)
        step *= max(1, BLOCK_FRAMES // max(1, source.channels // 2) // step)
        while left > 0:
            block = source.read(min(step, left), dtype="float32")
            if not len(block):
                return
            left -= len(block)
            if loose:
                block = np.clip(np.nan_to_num(block, nan=0.0, posinf=1.0, neginf=-1.0), -16.0, 16.0)
            yield (block if block.ndim == 1 else block.mean(axis=1, dtype=np.float32)), source.samplerate


def _is_torn(path: str) -> bool:
    """Whether a WAV file is shorter than its header says, as after a full disk or a lost connection."""
    with open(path, "rb") as file:
        head = file.read(8)
        told = int.from_bytes(head[4:], "little") + 8
        # a stream's header holds the highest number, since its length was not known
        return head[:4] == b"RIFF" and told < 0xFFFFFF00 and told > file.seek(0, 2) + 1


def examine(clip: Clip, profile: str, longest_seconds: float | None = None) -> Facts:
    """The first look at a clip.  Raises :class:`BadClip` when it is missing, broken, empty or without sound."""
    total, frames, rate, low, high = 0.0, 0, 0, np.inf, -np.inf
    horn: Horn | None = None
    loud: list[np.ndarray] = []
    kept: list[np.ndarray] = []
    limit, cut, torn = None, False, False
    try:
        torn = _is_torn(clip.path)
        info = soundfile.info(clip.path)
        if longest_seconds is not None and info.frames > longest_seconds * info.samplerate:
            limit, cut = round(longest_seconds * info.samplerate), True
        for block, rate in _raw(clip, limit):
            total += float(block.sum(dtype=np.float64))
            low, high = min(low, float(block.min())), max(high, float(block.max()))
            frames += len(block)
            if frames <= KEPT_FRAMES:
                kept.append(block)
            if profile == "horn":
                horn = horn or Horn(rate)
                shaped = horn.shape(block)
                step = max(1, rate // 20)
                whole = len(shaped) // step * step
                loud.append((shaped[:whole].reshape(-1, step) ** 2).mean(axis=1))
    except (soundfile.LibsndfileError, OSError, ValueError, RuntimeError) as error:
        raise BadClip("không đọc được") from error
    if not frames:
        raise BadClip("không có âm thanh nào bên trong")
    mean = total / frames
    if max(high - mean, mean - low) < SILENT_PEAK:
        raise BadClip("không có tiếng")
    level = 0.0
    if loud:
        powers = np.concatenate(loud)
        if len(powers):
            level = float(np.sqrt(powers[powers >= np.median(powers)].mean()))
    return Facts(rate, frames, mean, level, cut, torn, np.concatenate(kept) if frames <= KEPT_FRAMES else None)


def blocks(clip: Clip, facts: Facts, profile: str) -> Iterator[np.ndarray]:
    """The clip's sound without its offset from zero, faded in and out within 2 ms, shaped by ``profile``."""
    fade_in = max(1, min(round(FADE_SECONDS * facts.rate), facts.frames // 2))
    seconds = CUT_FADE_SECONDS if facts.cut else FADE_SECONDS
    fade_out = max(1, min(round(seconds * facts.rate), facts.frames // 2))
    horn = Horn(facts.rate, facts.level) if profile == "horn" else None
    at, mean = 0, np.float32(facts.mean)
    sound = _raw(clip, facts.frames) if facts.kept is None else iter([(facts.kept, facts.rate)])
    for raw, _ in sound:
        block = raw - mean
        if at < fade_in:
            count = min(fade_in - at, len(block))
            block[:count] *= np.arange(at, at + count, dtype=np.float32) / np.float32(fade_in)
        begin = facts.frames - fade_out - at
        if begin < len(block):
            first = max(begin, 0)
            left = facts.frames - 1 - at - np.arange(first, len(block), dtype=np.float32)
            block[first:] *= left / np.float32(fade_out)
        at += len(block)
        yield horn(block) if horn is not None else block


def _raised(sound: Iterator[np.ndarray], rate: int) -> Iterator[np.ndarray]:
    """The same at 48 kHz: near half its rate, a filter for a low rate strays from the standard's curve."""
    stream = soxr.ResampleStream(rate, 48000, 1, dtype="float32")
    for block in sound:
        yield stream.resample_chunk(block)
    yield stream.resample_chunk(np.zeros(0, np.float32), last=True)


def measure(clip: Clip, facts: Facts, profile: str) -> Iterator[Levels]:
    """Peaks and energies of a clip, stretch by stretch, for finding its gain."""
    sound, rate = blocks(clip, facts, profile), facts.rate
    if rate < LOWEST_METER_RATE:
        sound, rate = _raised(sound, rate), 48000
    hop, weight = hop_of(rate), Filter(*k_weighting(rate))
    rest, rest_k, at = np.zeros(0, np.float32), np.zeros(0, np.float32), 0
    highest = SILENT_PEAK
    for block in sound:
        weighted, flat = weight(block), 0
        loudest = float(np.abs(block).max(initial=0.0))
        highest = max(highest, loudest)
        if loudest + abs(facts.mean) > 0.98:
            raw = np.abs(block + np.float32(facts.mean))
            flat = int(((raw[2:] > 0.98) & (raw[2:] == raw[1:-1]) & (raw[1:-1] == raw[:-2])).sum())
        samples, weighted = np.concatenate([rest, block]), np.concatenate([rest_k, weighted])
        count = len(samples) // hop * hop
        if count:
            frames = weighted[:count].reshape(-1, hop)
            energies = np.einsum("ij,ij->i", frames, frames) / np.float32(rate)
            yield Levels(at / rate, hop / rate, true_peaks_inside(samples[:count], hop, NEAR_PEAK * highest), energies, flat)
        rest, rest_k, at = samples[count:], weighted[count:], at + count
    if len(rest):
        energy = np.array([np.dot(rest_k, rest_k) / rate], np.float32)
        yield Levels(at / rate, hop / rate, np.abs(rest).max(keepdims=True), energy)

"""A music bed under speech: looped without a seam, and ducked while somebody speaks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import soundfile
import soxr

from station.programs.clips import BadClip, Facts, blocks, examine
from station.programs.loudness import STEP_SECONDS, Meter
from station.programs.model import Clip

#: bed before the first word and after the last one (seconds)
LEAD_SECONDS = 1.6
TAIL_SECONDS = 2.8
#: loudness of the bed against the program's target: alone, and under speech (LU)
OPEN_LU, DUCKED_LU = -8.0, -20.0
DOWN_SECONDS, UP_SECONDS = 0.5, 0.7
#: pauses shorter than this keep the bed down
HELD_SECONDS = 1.5
FADE_IN_SECONDS, FADE_OUT_SECONDS = 0.5, 1.4
_MEASURED_SECONDS = 60.0


def ducking(speech: Sequence[tuple[float, float]], seconds: float) -> tuple[np.ndarray, np.ndarray]:
    """The bed's gain (amplitude, 1 is the program's target) as corners: times in seconds, and values.

    ``speech`` are the spans (seconds) where somebody speaks, in order.
    """
    spans: list[list[float]] = []
    for start, end in speech:
        if spans and start - spans[-1][1] < HELD_SECONDS:
            spans[-1][1] = end
        else:
            spans.append([start, end])
    high, low = 10 ** (OPEN_LU / 20), 10 ** (DUCKED_LU / 20)
    corners: list[tuple[float, float]] = [(0.0, 0.0), (min(FADE_IN_SECONDS, seconds / 4), high)]
    for start, end in spans:
        corners += [(start - DOWN_SECONDS, high), (start, low), (end, low), (end + UP_SECONDS, high)]
    corners += [(seconds - FADE_OUT_SECONDS, high), (seconds, 0.0)]
    times, values = [0.0], [0.0]
    for time, value in corners[1:]:
        time = min(max(time, times[-1]), seconds)
        times.append(time)
        values.append(value if time < seconds else 0.0)
    return np.array(times), np.array(values)


class Bed:
    """An endless bed at the program's rate, scaled so that 1 is the program's target loudness.

    Raises :class:`BadClip` when the file cannot serve.
    """

    def __init__(self, path: str, rate: int, target_lufs: float) -> None:
        self.path, self._rate = path, rate
        clip = Clip(path)
        facts = examine(clip, "flat", _MEASURED_SECONDS)
        meter = Meter(facts.rate)
        for block in blocks(clip, facts, "flat"):
            meter.add(block)
        loudness = meter.loudness()
        if loudness < -60:
            raise BadClip("không có tiếng")
        self._scale = np.float32(10 ** ((target_lufs - loudness) / 20))
        self._mean = np.float32(facts.mean)
        self._target_power = 10 ** ((target_lufs + 0.691) / 10)
        self._facts: Facts = facts

    def _endless(self) -> Iterator[np.ndarray]:
        with soundfile.SoundFile(self.path) as source:
            stream = soxr.ResampleStream(source.samplerate, self._rate, 1, dtype="float32")
            same = source.samplerate == self._rate
            while True:
                block = source.read(16384, dtype="float32", always_2d=True)
                if not len(block):
                    source.seek(0)
                    continue
                mono = (np.nan_to_num(block).mean(axis=1) - self._mean) * self._scale
                yield mono if same else stream.resample_chunk(mono)

    def taker(self) -> Callable[[int], np.ndarray]:
        """A function that gives the next so many samples, going on for ever."""
        source, have = self._endless(), np.zeros(0, np.float32)

        def take(wanted: int) -> np.ndarray:
            nonlocal have
            while len(have) < wanted:
                have = np.concatenate([have, next(source)])
            out, have = have[:wanted], have[wanted:]
            return out

        return take

    def powers(self, corners: tuple[np.ndarray, np.ndarray], seconds: float) -> np.ndarray:
        """About what the ducked bed adds to the K-weighted mean square of each 100 ms."""
        middles = (np.arange(int(np.ceil(seconds / STEP_SECONDS))) + 0.5) * STEP_SECONDS
        return self._target_power * np.interp(middles, *corners) ** 2

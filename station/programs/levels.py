"""The gain that brings a segment to the target, foreseeing what the limiter will take away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from station.programs.clips import Levels
from station.programs.limiter import MARGIN_DB, simulate
from station.programs.loudness import STEP_SECONDS, gated_loudness

#: a clip that needs more than this is noise, not speech (dB)
MOST_GAIN_DB = 40.0
#: the limiter is never asked for more than this (dB)
MOST_LIMITING_DB = 14.0
#: hops looked at together, so that the work needs the same memory for an item of hours
HOPS_AT_ONCE = 300_000
#: hops before and after that the limiter's look-ahead and release reach over, at least
_MARGIN_HOPS = 1500
#: peaks and crest factors are kept in a byte each, in steps of this (dB)
_CODE_DB = 0.25
#: K-weighting can bring the mean square this far over the peak's (dB)
_LEAST_CREST_DB = -12.0


@dataclass(frozen=True)
class Gain:
    """What to multiply a segment by, and the loudness (LUFS) that will come out."""

    factor: float
    expected_lufs: float


@dataclass(frozen=True)
class _Stretch:
    """Hops of one stretch: peaks under the stretch's own ``peak`` and crest factors, coded in two bytes a hop."""

    start_seconds: float
    hop_seconds: float
    peak: float
    below: np.ndarray
    crest: np.ndarray

    @classmethod
    def of(cls, start_seconds: float, levels: Levels) -> _Stretch:
        peak = max(float(levels.peaks.max()), 1e-9)
        peaks = np.maximum(levels.peaks, 1e-9)
        below = -20 * np.log10(peaks / peak)
        squares = np.maximum(levels.energies / levels.hop_seconds, 1e-24)
        crest = 20 * np.log10(peaks) - 10 * np.log10(squares) - _LEAST_CREST_DB
        codes = [np.clip(np.rint(one / _CODE_DB), 0, 255).astype(np.uint8) for one in (below, crest)]
        return cls(start_seconds, levels.hop_seconds, peak, *codes)

    def places(self) -> np.ndarray:
        """The 100 ms step that each hop lies in."""
        return _places(self.start_seconds, self.hop_seconds, len(self.below))

    def peaks(self) -> np.ndarray:
        return self.peak * _BELOW[self.below]

    def energies(self) -> np.ndarray:
        return (self.peaks() * _CREST[self.crest]) ** 2 * self.hop_seconds


_BELOW = 10 ** (-np.arange(256) * _CODE_DB / 20)
_CREST = 10 ** (-(np.arange(256) * _CODE_DB + _LEAST_CREST_DB) / 20)


def _places(start_seconds: float, hop_seconds: float, count: int) -> np.ndarray:
    return ((start_seconds + (np.arange(count) + 0.5) * hop_seconds) / STEP_SECONDS).astype(np.int32)


class SegmentLevels:
    """Levels of a segment's clips at their places in it: energies of all 100 ms steps, and two bytes for each hop.

    An hour is about 5 MB; the rest of the work is done in parts of the same size, however long the segment is.
    """

    def __init__(self) -> None:
        self._steps = np.zeros(64)
        self._stretches: list[_Stretch] = []
        self.peak = 0.0

    def add(self, start_seconds: float, levels: Levels) -> None:
        """Takes in a stretch of a clip that begins at ``start_seconds`` of the segment."""
        stretch = _Stretch.of(start_seconds + levels.start_seconds, levels)
        places = stretch.places()
        while places[-1] >= len(self._steps):
            self._steps = np.concatenate([self._steps, np.zeros(len(self._steps))])
        self._steps[places[0]:places[-1] + 1] += np.bincount(places - places[0], levels.energies)
        self.peak = max(self.peak, float(levels.peaks.max()))
        self._stretches.append(stretch)

    def _parts(self) -> Iterator[list[_Stretch]]:
        """Runs of stretches of about :data:`HOPS_AT_ONCE` hops."""
        part: list[_Stretch] = []
        for stretch in self._stretches:
            part.append(stretch)
            if sum(len(one.below) for one in part) >= HOPS_AT_ONCE:
                yield part
                part = []
        if part:
            yield part

    def _taken(self, factor: float, ceiling: float, steps: int) -> np.ndarray:
        """Energy that the limiter takes from each 100 ms step of the segment, before ``factor``."""
        taken = np.zeros(steps)
        before = np.zeros(0)
        for part in self._parts():
            loudest = max(one.peak for one in part)
            peaks = np.concatenate([one.peaks() for one in part])
            if max(loudest, before.max(initial=0.0)) * factor > ceiling:
                lead = len(before)
                losses = simulate(np.concatenate([before, peaks]) * factor, part[-1].hop_seconds, ceiling)[lead:]
                places = np.minimum(np.concatenate([one.places() for one in part]), steps - 1)
                energies = np.concatenate([one.energies() for one in part])
                taken += np.bincount(places, energies * (1 - 10 ** (losses / 10)), steps)
            before = peaks[-_MARGIN_HOPS:]
        return taken

    def solve(self, seconds: float, target_lufs: float, ceiling_dbtp: float, bed_powers: np.ndarray | None = None) -> Gain:
        """The gain for ``target_lufs``.  ``seconds`` is the segment's length with its pauses.

        ``bed_powers``: K-weighted mean squares of a bed under it, one for each 100 ms.
        """
        steps = max(1, int(np.ceil(seconds / STEP_SECONDS)))
        whole = np.resize(self._steps, steps) if steps <= len(self._steps) else np.pad(self._steps, (0, steps - len(self._steps)))
        whole[-1] += self._steps[steps:].sum()
        bed = np.zeros(steps) if bed_powers is None else np.resize(bed_powers, steps)
        ceiling = 10 ** ((ceiling_dbtp - MARGIN_DB) / 20)

        def loudness(gain_db: float) -> float:
            factor = 10 ** (gain_db / 20)
            kept = whole
            if self.peak * factor > ceiling:
                kept = np.maximum(whole - self._taken(factor, ceiling, steps), 0.0)
            return gated_loudness(kept * (factor**2 / STEP_SECONDS) + bed)

        highest = min(MOST_GAIN_DB, 20 * np.log10(ceiling / self.peak) + MOST_LIMITING_DB)
        gain = min(target_lufs - loudness(0.0), highest)
        for _ in range(8):
            reached = loudness(gain)
            if abs(reached - target_lufs) < 0.03:
                break
            following = min(gain + 1.2 * (target_lufs - reached), highest)
            if following == gain:
                break
            gain = following
        return Gain(10 ** (gain / 20), loudness(gain))

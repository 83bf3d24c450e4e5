"""The gain that brings a segment to the target, foreseeing what the limiter will take away."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from station.programs.clips import Levels
from station.programs.limiter import MARGIN_DB, simulate
from station.programs.loudness import STEP_SECONDS, gated_loudness

#: a clip that needs more than this is noise, not speech (dB)
MOST_GAIN_DB = 40.0
#: the limiter is never asked for more than this (dB)
MOST_LIMITING_DB = 14.0
#: hops kept for one segment (about 45 minutes at full detail); a longer one is kept more coarsely
MOST_HOPS = 2_000_000


@dataclass(frozen=True)
class Gain:
    """What to multiply a segment by, and the loudness (LUFS) that will come out."""

    factor: float
    expected_lufs: float


class SegmentLevels:
    """Levels of a segment's clips at their places in it."""

    def __init__(self) -> None:
        self._parts: list[tuple[float, Levels]] = []
        self._coarse = 0

    def add(self, start_seconds: float, levels: Levels) -> None:
        for _ in range(self._coarse):
            levels = levels.coarser()
        self._parts.append((start_seconds, levels))
        while sum(len(part.peaks) for _, part in self._parts) > MOST_HOPS:
            self._parts = [(start, part.coarser()) for start, part in self._parts]
            self._coarse += 1

    def solve(self, seconds: float, target_lufs: float, ceiling_dbtp: float, bed_powers: np.ndarray | None = None) -> Gain:
        """The gain for ``target_lufs``.  ``seconds`` is the segment's length with its pauses.

        ``bed_powers``: K-weighted mean squares of a bed under it, one for each 100 ms.
        """
        steps = max(1, int(np.ceil(seconds / STEP_SECONDS)))
        peaks = np.concatenate([part.peaks for _, part in self._parts]).astype(np.float64)
        energies = np.concatenate([part.energies for _, part in self._parts]).astype(np.float64)
        places = np.concatenate([
            (start + (np.arange(len(part.peaks)) + 0.5) * part.hop_seconds) / STEP_SECONDS for start, part in self._parts
        ]).astype(np.int64)
        places = np.minimum(places, steps - 1)
        hop_seconds = self._parts[0][1].hop_seconds
        ceiling = 10 ** ((ceiling_dbtp - MARGIN_DB) / 20)
        bed = np.zeros(steps) if bed_powers is None else np.resize(bed_powers, steps)

        def loudness(gain_db: float) -> float:
            factor = 10 ** (gain_db / 20)
            kept = energies * factor**2
            if float(peaks.max()) * factor > ceiling:
                kept = kept * 10 ** (simulate(peaks * factor, hop_seconds, ceiling) / 10)
            powers = np.bincount(places, kept, steps) / STEP_SECONDS + bed
            return gated_loudness(powers)

        highest = min(MOST_GAIN_DB, 20 * np.log10(ceiling / float(peaks.max())) + MOST_LIMITING_DB)
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

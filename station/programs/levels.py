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
#: hops kept for one segment (about 7 minutes); of a longer one, evenly spread stretches are kept
MOST_HOPS = 300_000


@dataclass(frozen=True)
class Gain:
    """What to multiply a segment by, and the loudness (LUFS) that will come out."""

    factor: float
    expected_lufs: float


class SegmentLevels:
    """Levels of a segment's clips at their places in it, in memory that does not grow with its length.

    Energies of all 100 ms steps are kept.  What the limiter takes away is found from the hops; of a long segment,
    from those of a part of its stretches.
    """

    def __init__(self) -> None:
        self._steps = np.zeros(64)
        self._kept: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        self._count, self._every, self._seen = 0, 1, 0
        self._hop_seconds = 1.0
        self.peak = 0.0

    def add(self, start_seconds: float, levels: Levels) -> None:
        """Takes in a stretch of a clip that begins at ``start_seconds`` of the segment."""
        begin = start_seconds + levels.start_seconds
        places = ((begin + (np.arange(len(levels.peaks)) + 0.5) * levels.hop_seconds) / STEP_SECONDS).astype(np.int32)
        while places[-1] >= len(self._steps):
            self._steps = np.concatenate([self._steps, np.zeros(len(self._steps))])
        self._steps[places[0]:places[-1] + 1] += np.bincount(places - places[0], levels.energies)
        self.peak, self._hop_seconds = max(self.peak, float(levels.peaks.max())), levels.hop_seconds
        if self._seen % self._every == 0:
            self._kept.append((places, levels.peaks, levels.energies))
            self._count += len(places)
        self._seen += 1
        while self._count > MOST_HOPS and len(self._kept) > 1:
            self._kept, self._every = self._kept[::2], 2 * self._every
            self._count = sum(len(one) for one, _, _ in self._kept)

    def solve(self, seconds: float, target_lufs: float, ceiling_dbtp: float, bed_powers: np.ndarray | None = None) -> Gain:
        """The gain for ``target_lufs``.  ``seconds`` is the segment's length with its pauses.

        ``bed_powers``: K-weighted mean squares of a bed under it, one for each 100 ms.
        """
        steps = max(1, int(np.ceil(seconds / STEP_SECONDS)))
        whole = np.resize(self._steps, steps) if steps <= len(self._steps) else np.pad(self._steps, (0, steps - len(self._steps)))
        whole[-1] += self._steps[steps:].sum()
        bed = np.zeros(steps) if bed_powers is None else np.resize(bed_powers, steps)
        places = np.concatenate([one for one, _, _ in self._kept])
        peaks = np.concatenate([one for _, one, _ in self._kept])
        energies = np.concatenate([one for _, _, one in self._kept])
        if self._every > 1:
            places = np.unique(places, return_inverse=True)[1]
        else:
            places = np.minimum(places, steps - 1)
        count = int(places.max()) + 1
        ceiling = 10 ** ((ceiling_dbtp - MARGIN_DB) / 20)

        def loudness(gain_db: float) -> float:
            factor = 10 ** (gain_db / 20)
            open_lufs = gated_loudness(whole * (factor**2 / STEP_SECONDS) + bed)
            if self.peak * factor <= ceiling:
                return open_lufs
            kept = energies * factor**2
            limited = kept * 10 ** (simulate(peaks * factor, self._hop_seconds, ceiling) / 10)
            if self._every == 1:
                return gated_loudness(np.bincount(places, limited, steps) / STEP_SECONDS + bed)
            before, after = (gated_loudness(np.bincount(places, one, count) / STEP_SECONDS) for one in (kept, limited))
            return open_lufs + after - before

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

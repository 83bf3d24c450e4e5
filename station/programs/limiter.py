"""A look-ahead limiter that keeps true peaks under a ceiling, at one gain for about each 1.3 ms.

True peaks are searched at four times the rate (ITU-R BS.1770-4, annex 2), but only where samples come within 6 dB
of the ceiling: elsewhere a peak between samples cannot reach it in any sound of a station.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

#: gains a second
CONTROL_RATE = 750
SMOOTH_SECONDS = 0.008
RELEASE_DB_PER_SECOND = 60.0
#: kept under the ceiling, for meters with other interpolation filters (dB)
MARGIN_DB = 0.25
_TAPS = 16
_ROWS = 1008
_BATCH = 12


def hop_of(rate: int) -> int:
    """Samples to one gain."""
    return rate // CONTROL_RATE


def group_max(values: np.ndarray, size: int) -> np.ndarray:
    """The highest of each ``size`` successive values; the last group may be shorter."""
    return np.maximum.reduceat(values, np.arange(0, len(values), size)) if len(values) else values


def gain_curve(wanted_db: np.ndarray, radius: int) -> np.ndarray:
    """Smoothed gains (dB) from limits ``wanted_db`` (each <= 0): values at the borders of the hops.

    ``n`` limits give ``n - 4 * radius`` values; value ``k`` is at the start of hop ``k + 2 * radius + 1`` and stays
    under the limits of the hops on both sides: it is the mean of minima that all reach over both.
    """
    width = 2 * radius + 2
    lowest, done = wanted_db, 1
    while done < width:
        step = min(done, width - done)
        lowest = np.minimum(lowest[:-step], lowest[step:])
        done += step
    count = 2 * radius + 1
    sums = np.cumsum(np.concatenate([[0.0], lowest]))
    return np.minimum((sums[count:] - sums[:-count]) / count, 0.0)


def released(limits_db: np.ndarray, hop_seconds: float, before: float = 0.0) -> np.ndarray:
    """The limits with a straight way back up (dB a second) after each; ``before`` is the last value of the past."""
    slope = RELEASE_DB_PER_SECOND * hop_seconds
    climb = slope * np.arange(1, len(limits_db) + 1)
    lowest = np.minimum.accumulate(limits_db - climb)
    return np.minimum(np.minimum(lowest, before) + climb, 0.0)


def simulate(peaks: np.ndarray, hop_seconds: float, ceiling: float) -> np.ndarray:
    """What the limiter will do (dB, one value a hop) to a sound with these peaks."""
    limits = -20 * np.log10(np.maximum(peaks / ceiling, 1.0))
    if not limits.any():
        return limits
    radius = max(1, round(SMOOTH_SECONDS / hop_seconds))
    # 2 * radius + 1 before and 2 * radius after: value k is then at the start of hop k
    padded = np.pad(released(limits, hop_seconds), (2 * radius + 1, 2 * radius))
    borders = gain_curve(padded, radius)
    return 0.5 * (borders + np.append(borders[1:], borders[-1:]))


@lru_cache(maxsize=8)
def _between(hop: int) -> np.ndarray:
    """Matrix from ``hop + 2 * _TAPS`` samples to the three points between each two of the middle ``hop``."""
    matrix = np.zeros((hop + 2 * _TAPS, 3 * hop), np.float32)
    for phase in (1, 2, 3):
        place = np.arange(-_TAPS + 1, _TAPS + 1) - phase / 4
        taps = np.sinc(place) * np.kaiser(2 * _TAPS + 1, 5.0)[1:]
        taps /= taps.sum()
        for index in range(hop):
            matrix[index + 1:index + 1 + 2 * _TAPS, 3 * index + phase - 1] = taps
    return matrix


def raise_to_true_peaks(peaks: np.ndarray, rows: np.ndarray, samples: np.ndarray, hop: int) -> None:
    """Raise the ``peaks`` of the hops ``rows`` to the highest point between their samples, where that is higher.

    ``samples`` begin ``_TAPS`` samples before the first hop and reach as many behind the last of ``rows``.
    """
    windows = np.lib.stride_tricks.sliding_window_view(samples, hop + 2 * _TAPS)
    for start in range(0, len(rows), _ROWS):
        some = rows[start:start + _ROWS]
        # products small enough for one thread: other threads would mostly wait, and could change last digits
        batches = -(-len(some) // _BATCH)
        found = np.zeros((batches * _BATCH, hop + 2 * _TAPS), np.float32)
        found[: len(some)] = windows[some * hop]
        points = np.matmul(found.reshape(batches, _BATCH, -1), _between(hop))
        peaks[some] = np.maximum(peaks[some], group_max(np.abs(points, out=points).reshape(-1), 3 * hop)[: len(some)])


def true_peaks_inside(samples: np.ndarray, hop: int, above: float) -> np.ndarray:
    """Peaks of the successive hops of ``samples``: true peaks where they come over ``above``.

    The hops at both ends of the array have the peaks of their samples only.
    """
    peaks = group_max(np.abs(samples), hop)
    rows = np.flatnonzero(peaks > above)
    rows = rows[(rows * hop >= _TAPS) & ((rows + 1) * hop + _TAPS <= len(samples))]
    if len(rows):
        # one whole hop is left out at the start, so that the first window begins inside the array
        raise_to_true_peaks(peaks[1:], rows - 1, samples[hop - _TAPS:], hop)
    return peaks


class Limiter:
    """Feed blocks, get the same samples limited, a little later; :meth:`flush` gives the rest.

    The result does not depend on how the stream is cut into blocks.
    """

    def __init__(self, rate: int, ceiling_dbtp: float) -> None:
        self.hop = hop_of(rate)
        self._hop_seconds = self.hop / rate
        self._ceiling = 10 ** ((ceiling_dbtp - MARGIN_DB) / 20)
        self._radius = max(1, round(SMOOTH_SECONDS / self._hop_seconds))
        #: samples from one hop before the first that has no limit yet; the hop before the stream is silent
        self._tail = np.zeros(self.hop, np.float32)
        #: samples whose limit is known and which were not given out
        self._waiting = np.zeros(0, np.float32)
        self._limits = np.zeros(2 * self._radius + 1)
        self._peaks = np.zeros(0, np.float32)
        self._before = 0.0
        self._ramp = (np.arange(self.hop, dtype=np.float32) / self.hop)[None, :]
        self.true_peak = 0.0
        self.most_reduction_db = 0.0

    def _hop_peaks(self, samples: np.ndarray, count: int) -> np.ndarray:
        """Peaks of ``count`` hops; ``samples`` has one hop more on each side."""
        hop = self.hop
        peaks = group_max(np.abs(samples[hop:-hop]), hop)
        near = peaks > min(0.5 * self._ceiling, max(0.7 * self.true_peak, 1e-5))
        near[1:] |= near[:-1].copy()
        near[:-1] |= near[1:].copy()
        raise_to_true_peaks(peaks, np.flatnonzero(near), samples[hop - _TAPS:], hop)
        return peaks

    def push(self, block: np.ndarray) -> np.ndarray:
        """The samples that are ready now."""
        hop = self.hop
        samples = np.concatenate([self._tail, block])
        count = len(samples) // hop - 2
        if count <= 0:
            self._tail = samples
            return np.zeros(0, np.float32)
        peaks = self._hop_peaks(samples[:(count + 2) * hop], count)
        limits = np.floor(-20 * np.log10(np.maximum(peaks / self._ceiling, 1.0)) * 128) / 128
        limits = released(limits, self._hop_seconds, self._before)
        self._before = float(limits[-1])
        self._waiting = np.concatenate([self._waiting, samples[hop:(count + 1) * hop]])
        self._limits = np.concatenate([self._limits, limits])
        self._peaks = np.concatenate([self._peaks, peaks])
        self._tail = samples[count * hop:]
        return self._ready()

    def _ready(self) -> np.ndarray:
        """Gives out every hop whose two border gains are known."""
        radius = self._radius
        ready = len(self._limits) - 4 * radius - 2
        if ready <= 0:
            return np.zeros(0, np.float32)
        out: np.ndarray = self._waiting[:ready * self.hop]
        peaks: np.ndarray = self._peaks[:ready]
        if self._limits.any():
            borders = gain_curve(self._limits, radius)
            self.most_reduction_db = max(self.most_reduction_db, -float(borders.min()))
            gains = (10 ** (borders / 20)).astype(np.float32)
            first, step = gains[:ready, None], np.diff(gains[:ready + 1])[:, None]
            out = (out.reshape(ready, self.hop) * (first + step * self._ramp)).reshape(-1)
            peaks = peaks * np.maximum(gains[:ready], gains[1:ready + 1])
        self.true_peak = max(self.true_peak, float(peaks.max()))
        self._waiting = self._waiting[ready * self.hop:]
        self._limits, self._peaks = self._limits[ready:], self._peaks[ready:]
        return out

    def flush(self) -> np.ndarray:
        """Everything that is left; the limiter is used up after it."""
        left = len(self._waiting) + len(self._tail) - self.hop
        parts = [self.push(np.zeros((4 * self._radius + 4) * self.hop, np.float32))]
        return parts[0][:left]

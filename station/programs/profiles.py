"""Sound for the loudspeakers: flat, or shaped for a horn heard through noise.

The horn profile keeps to the band that a horn can give, lifts the presence of speech and compresses it, so that soft
syllables stay over the noise of a road or a market.  In a quiet place it is no better than flat.
"""

from __future__ import annotations

import numpy as np

from station.programs.iir import Filter, Section

PROFILES = ("flat", "horn")
LOW_HERTZ, HIGH_HERTZ = 280.0, 5500.0
#: (hertz, gain dB, Q)
BELLS = ((300.0, -4.0, 1.0), (2800.0, 6.0, 0.9))
RATIO = 3.0
#: compression begins this far under the speech's own level (dB)
BELOW_DB = 10.0
ATTACK_SECONDS = 0.012
STEPS_PER_SECOND = 400


def _bell(rate: int, hertz: float, gain_db: float, q: float) -> Section:
    """A peaking filter (R. Bristow-Johnson's cookbook)."""
    size, turn = 10 ** (gain_db / 40), 2 * np.pi * hertz / rate
    alpha = np.sin(turn) / (2 * q)
    middle = float(-2 * np.cos(turn))
    return (1 + alpha * size, middle, 1 - alpha * size), (1 + alpha / size, middle, 1 - alpha / size)


def _edge(rate: int, hertz: float, *, high: bool) -> Section:
    """A second-order Butterworth high-pass or low-pass (same source)."""
    turn = 2 * np.pi * hertz / rate
    alpha, cosine = np.sin(turn) / (2 * np.sqrt(0.5)), np.cos(turn)
    outer, inner = ((1 + cosine) / 2, -1 - cosine) if high else ((1 - cosine) / 2, 1 - cosine)
    return (outer, inner, outer), (1 + alpha, -2 * cosine, 1 - alpha)


class Horn:
    """The horn profile for one clip: the same stream of blocks, shaped.

    ``level`` is the clip's speech level after :meth:`shape` (root mean square of its louder half); without it
    nothing is compressed.
    """

    def __init__(self, rate: int, level: float = 0.0) -> None:
        filters = [_edge(rate, LOW_HERTZ, high=True)]
        filters += [_bell(rate, *bell) for bell in BELLS]
        if HIGH_HERTZ < 0.45 * rate:
            filters.append(_edge(rate, HIGH_HERTZ, high=False))
        self._filter = Filter(*filters)
        self._step = max(1, rate // STEPS_PER_SECOND)
        self._threshold = level * 10 ** (-BELOW_DB / 20)
        pole = float(np.exp(-self._step / (rate * ATTACK_SECONDS)))
        self._smooth, self._last_db = Filter(([1 - pole], [1.0, -pole])), 0.0

    def shape(self, block: np.ndarray) -> np.ndarray:
        """The filters alone."""
        return self._filter(block).astype(np.float32)

    def __call__(self, block: np.ndarray) -> np.ndarray:
        """Filters and compression.  Every block but the last must be whole steps of 1/400 second."""
        out = self.shape(block)
        if not self._threshold or not len(out):
            return out
        count = -(-len(out) // self._step)
        padded = np.zeros(count * self._step, np.float32)
        padded[: len(out)] = out
        frames = padded.reshape(count, self._step)
        power = np.einsum("ij,ij->i", frames, frames) / self._step
        smooth = self._smooth(power)
        over = np.maximum(10 * np.log10(np.maximum(smooth, 1e-12)) - 20 * np.log10(self._threshold), 0.0)
        gains_db = -over * (1 - 1 / RATIO)
        borders = (10 ** (np.concatenate([[self._last_db], gains_db]) / 20)).astype(np.float32)
        self._last_db = float(gains_db[-1])
        ramp = np.arange(1, self._step + 1, dtype=np.float32) / self._step
        frames *= borders[:-1, None] + np.diff(borders)[:, None] * ramp
        return padded[: len(out)]

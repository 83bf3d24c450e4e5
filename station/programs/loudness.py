"""Integrated loudness by ITU-R BS.1770-4, streamed."""

from __future__ import annotations

import numpy as np

from station.programs.iir import Filter, Section

#: energies are kept for steps of this length; a gating block is four of them
STEP_SECONDS = 0.1
SILENT_LUFS = -70.0
#: loudness of a mono signal whose K-weighted mean square is 1
OFFSET_DB = -0.691


def k_weighting(rate: int) -> tuple[Section, Section]:
    """The two filters of BS.1770 (shelf, then high-pass), for any rate.

    From their analog prototypes, which give the standard's coefficients at 48 kHz.
    """
    k, q, vh = np.tan(np.pi * 1681.974450955533 / rate), 0.7071752369554196, 10 ** (3.999843853973347 / 20)
    vb, a0 = vh ** 0.4996667741545416, 1 + k / q + k * k
    shelf = ((vh + vb * k / q + k * k) / a0, 2 * (k * k - vh) / a0, (vh - vb * k / q + k * k) / a0)
    below = (1.0, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0)
    k, q = np.tan(np.pi * 38.13547087602444 / rate), 0.5003270373238773
    a0 = 1 + k / q + k * k
    return (shelf, below), ((1.0, -2.0, 1.0), (1.0, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0))


def gated_loudness(powers: np.ndarray) -> float:
    """LUFS from the K-weighted mean squares of successive 100 ms, with both gates; -70 for silence.

    Audio under 0.4 s is measured as if it went on at its mean.
    """
    if not len(powers):
        return SILENT_LUFS
    if len(powers) < 4:
        powers = np.full(4, powers.mean())
    sums = np.cumsum(np.concatenate([[0.0], powers]))
    blocks = (sums[4:] - sums[:-4]) / 4
    blocks = blocks[blocks > 10 ** ((SILENT_LUFS - OFFSET_DB) / 10)]
    if not len(blocks):
        return SILENT_LUFS
    blocks = blocks[blocks > 0.1 * blocks.mean()]
    return float(OFFSET_DB + 10 * np.log10(blocks.mean()))


class Meter:
    """Feed it mono blocks; it keeps one number for each 100 ms."""

    def __init__(self, rate: int) -> None:
        self._filter, self._hop = Filter(*k_weighting(rate)), round(rate * STEP_SECONDS)
        self._rest, self._powers = np.zeros(0), [np.zeros(0)]

    def add(self, block: np.ndarray) -> None:
        samples = self._filter(block)
        if len(self._rest):
            samples = np.concatenate([self._rest, samples])
        whole = len(samples) // self._hop * self._hop
        frames = samples[:whole].reshape(-1, self._hop)
        self._powers.append(np.einsum("ij,ij->i", frames, frames) / self._hop)
        self._rest = samples[whole:].copy()

    def powers(self) -> np.ndarray:
        """K-weighted mean squares of the 100 ms steps so far."""
        self._powers = [np.concatenate(self._powers)]
        return self._powers[0]

    def loudness(self) -> float:
        """LUFS of everything so far."""
        powers = self.powers()
        if not len(powers) and len(self._rest):
            powers = np.array([float(np.mean(self._rest**2))])
        return gated_loudness(powers)

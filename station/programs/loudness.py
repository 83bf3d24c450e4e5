"""Integrated loudness by ITU-R BS.1770-4, streamed."""

from __future__ import annotations

import numpy as np
from scipy.signal import lfilter


def k_weighting(rate: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """The two filters of BS.1770 (shelf, then high-pass) for any rate, from their analog prototypes."""
    k, q, vh = np.tan(np.pi * 1681.974450955533 / rate), 0.7071752369554196, 10 ** (3.999843853973347 / 20)
    vb, a0 = vh ** 0.4996667741545416, 1 + k / q + k * k
    b = np.array([vh + vb * k / q + k * k, 2 * (k * k - vh), vh - vb * k / q + k * k]) / a0
    a = np.array([1.0, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0])
    k, q = np.tan(np.pi * 38.13547087602444 / rate), 0.5003270373238773
    a0 = 1 + k / q + k * k
    return [(b, a), (np.array([1.0, -2.0, 1.0]), np.array([1.0, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0]))]


class Meter:
    """Feed it mono blocks; it keeps one energy for each 100 ms."""

    def __init__(self, rate: int) -> None:
        self._filters = k_weighting(rate)
        self._states = [np.zeros(2), np.zeros(2)]
        self._hop, self._rest, self._energies = rate // 10, np.zeros(0), []

    def add(self, block: np.ndarray) -> None:
        samples = block.astype(np.float64)
        for index, (b, a) in enumerate(self._filters):
            samples, self._states[index] = lfilter(b, a, samples, zi=self._states[index])
        samples = np.concatenate([self._rest, samples])
        whole = len(samples) // self._hop * self._hop
        frames = samples[:whole].reshape(-1, self._hop)
        self._energies.extend(np.einsum("ij,ij->i", frames, frames) / self._hop)
        self._rest = samples[whole:]

    def loudness(self) -> float:
        """LUFS with both gates; -70 for silence.  Audio under 0.4 s is measured as if it lasted that long."""
        energies = np.array(self._energies or [float(np.mean(self._rest**2)) if len(self._rest) else 0.0])
        if len(energies) < 4:
            energies = np.full(4, energies.mean())
        power = np.convolve(energies, np.full(4, 0.25), mode="valid")
        power = power[power > 10 ** ((-70 + 0.691) / 10)]
        if not len(power):
            return -70.0
        power = power[power > 0.1 * power.mean()]
        return float(-0.691 + 10 * np.log10(power.mean()))

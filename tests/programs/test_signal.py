"""The parts of the sound chain against their definitions (synthetic audio)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import lfilter, resample_poly

from station.programs.beds import DUCKED_LU, OPEN_LU, ducking
from station.programs.iir import Filter
from station.programs.limiter import Limiter
from station.programs.loudness import Meter, k_weighting
from tests.programs.audio import ebur128, speechlike, write


def _limited(samples: np.ndarray, cut: int, rate: int = 48000) -> tuple[np.ndarray, Limiter]:
    limiter = Limiter(rate, -1.0)
    parts = [limiter.push(samples[start:start + cut]) for start in range(0, len(samples), cut)]
    return np.concatenate([*parts, limiter.flush()]), limiter


@pytest.mark.parametrize("rate", [48000, 44100, 22050])
def test_the_limiter_keeps_true_peaks_under_the_ceiling_and_all_samples(rate: int) -> None:
    random = np.random.default_rng(1)
    sine = 1.5 * np.sin(2 * np.pi * (rate / 4) * np.arange(rate * 2) / rate + np.pi / 4)
    clicks = random.standard_normal(rate * 2) * 0.05
    clicks[::7001] = 4.0
    for samples in (sine, clicks, speechlike(2, rate) * 12):
        out, limiter = _limited(samples.astype(np.float32), 65536, rate)
        assert len(out) == len(samples)
        up = np.abs(resample_poly(out.astype(np.float64), 8, 1))[200:-200].max()
        assert 20 * np.log10(up) <= -1.0
        assert 20 * np.log10(limiter.true_peak) == pytest.approx(-1.25, abs=0.3)


def test_what_stays_under_the_ceiling_is_not_touched() -> None:
    samples = (speechlike(3, 48000) * 1.5).astype(np.float32)
    assert 0.3 < np.abs(samples).max() < 0.8
    assert np.array_equal(_limited(samples, 4096)[0], samples)


def test_the_limiter_gives_back_its_gain_soon_after_a_peak() -> None:
    samples = np.full(48000, 0.1, np.float32)
    samples[24000] = 3.0
    gains = _limited(samples, 65536)[0] / samples
    assert gains[24000] < 0.31 and gains[22800] == 1 and gains[24000 + 14400] == 1


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 20000), st.integers(1, 7000), st.integers(0, 1000))
def test_the_limiter_does_not_care_how_the_stream_is_cut(length: int, cut: int, seed: int) -> None:
    samples = (np.random.default_rng(seed).standard_normal(length) * 0.8).astype(np.float32)
    whole = _limited(samples, length)[0]
    assert len(whole) == length and np.array_equal(_limited(samples, cut)[0], whole)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 300), min_size=1, max_size=12), st.booleans())
def test_the_matrix_filter_is_the_difference_equation(lengths: list[int], exact: bool) -> None:
    samples = np.random.default_rng(sum(lengths)).standard_normal(sum(lengths)) + 0.5
    sections = k_weighting(48000)
    expected = lfilter(*sections[1], lfilter(*sections[0], samples))
    made, at = Filter(*sections, exact=exact), 0
    for length in lengths:
        out = made(samples[at:at + length])
        np.testing.assert_allclose(out, expected[at:at + length], atol=1e-9 if exact else 1e-4)
        at += length


def test_a_full_sine_of_997_hertz_measures_as_the_standard_says() -> None:
    for rate in (22050, 44100, 48000):
        meter = Meter(rate)
        meter.add(np.sin(2 * np.pi * 997 * np.arange(rate * 3) / rate))
        assert meter.loudness() == pytest.approx(-3.01, abs=0.04)
    assert Meter(48000).loudness() == -70
    silence = Meter(48000)
    silence.add(np.zeros(96000))
    assert silence.loudness() == -70


@pytest.mark.parametrize(("tones", "expected"), [
    ([(-33, 20)], -33), ([(-36, 10), (-23, 60), (-36, 10)], -23), ([(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)], -23),
    ([(-26, 20), (-20, 20.1), (-26, 20)], -23),
])
def test_both_gates_pass_the_tones_of_ebu_tech_3341(tones: list[tuple[float, float]], expected: float) -> None:
    # the tones of its table 1 (cases 2 to 5) in mono, where a 1 kHz sine of that level reads 3.01 less than in stereo
    meter = Meter(48000)
    for level, seconds in tones:
        meter.add(10 ** (level / 20) * np.sin(2 * np.pi * 1000 * np.arange(round(seconds * 48000)) / 48000))
    assert meter.loudness() == pytest.approx(expected - 3.01, abs=0.1)


def test_the_meter_agrees_with_ffmpeg_on_sound_with_pauses(tmp_path: Path) -> None:
    wave = np.concatenate([speechlike(4, 48000), np.zeros(96000), speechlike(3, 48000, 1) * 0.2, np.zeros(48000)])
    meter = Meter(48000)
    for start in range(0, len(wave), 5000):
        meter.add(wave[start:start + 5000])
    assert meter.loudness() == pytest.approx(ebur128(write(tmp_path / "a.wav", wave, 48000, "FLOAT"))[0], abs=0.1)


def test_a_bed_goes_down_before_speech_and_up_after_it_and_stays_down_in_short_pauses() -> None:
    times, values = ducking([(2.0, 4.0), (4.8, 7.0), (12.0, 13.0)], 16.0)
    assert (np.diff(times) >= 0).all() and values[0] == values[-1] == 0
    low, high = 10 ** (DUCKED_LU / 20), 10 ** (OPEN_LU / 20)
    for moment, expected in ((1.0, high), (2.0, low), (4.4, low), (7.0, low), (9.0, high), (12.5, low), (14.0, high)):
        assert np.interp(moment, times, values) == pytest.approx(expected), moment
    short_times, short_values = ducking([(0.1, 0.2)], 0.3)
    assert (np.diff(short_times) >= 0).all() and short_values.max() <= high

"""The station's own sounds keep their length, level and pitch, and are the same every time."""

from __future__ import annotations

import numpy as np
import pytest

from station.programs.loudness import Meter
from station.programs.sounds import bed, chime, closing, separator, siren, tone


@pytest.mark.parametrize("make", [tone, chime, siren, closing, separator])
@pytest.mark.parametrize("rate", [22050, 48000])
def test_a_sound_is_finite_unclipped_repeatable_and_free_of_clicks(make, rate: int) -> None:
    sound = make(rate)
    assert sound.dtype == np.float32 and sound.ndim == 1 and np.isfinite(sound).all()
    assert 0.2 < np.abs(sound).max() <= 0.61
    assert sound[0] == 0 and abs(sound[-1]) < 1e-3
    assert np.array_equal(sound, make(rate))


def test_the_test_tone_has_its_pitch_and_length() -> None:
    sound = tone(48000, 2.0, 440.0)
    assert len(sound) == 96000
    assert np.argmax(np.abs(np.fft.rfft(sound))) / 2.0 == pytest.approx(440.0)


def test_the_bed_runs_on_from_its_end_into_its_beginning() -> None:
    sound = bed(16000)
    assert len(sound) == 24 * 16000 and 0.2 < np.abs(sound).max() <= 0.31
    steps = np.abs(np.diff(np.concatenate([sound, sound])))
    assert steps[len(sound) - 1] <= np.quantile(steps, 0.999)
    assert np.abs(sound).reshape(24, -1).max(axis=1).min() > 0.05


def test_the_bed_is_equally_loud_all_along() -> None:
    meter = Meter(16000)
    meter.add(np.tile(bed(16000), 2))
    second = np.convolve(meter.powers(), np.ones(10) / 10, "valid")
    levels = 10 * np.log10(second[20:])
    assert levels.max() - levels.min() < 4

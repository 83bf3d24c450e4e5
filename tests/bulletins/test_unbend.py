"""Lines of text that a curled sheet has bent are straightened; straight ones are left as they are."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from station.bulletins.unbend import find_bend, steepness, unbend
from tests.bulletins.generator.papers import make_paper


def page(kind: str, seed: int) -> np.ndarray:
    return np.asarray(make_paper(kind, seed, dpi=150).image)


def bent(grey: np.ndarray, rows: float) -> np.ndarray:
    """``grey`` bulging downwards in the middle by ``rows`` pixels."""
    height, width = grey.shape
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return cv2.remap(grey, x, (y - rows * np.sin(np.pi * x / width)).astype(np.float32), cv2.INTER_LINEAR, borderValue=255)


@pytest.mark.parametrize(("kind", "seed"), [("notice", 21), ("newsletter", 22), ("plain_letter", 23)])
def test_bent_lines_become_flat(kind, seed):
    grey = bent(page(kind, seed), 40)
    found = find_bend(grey)
    assert found is not None
    assert steepness(unbend(grey, found)) < 0.4 * steepness(grey)


@pytest.mark.parametrize(("kind", "seed"), [("notice", 24), ("newsletter", 25), ("name_list", 26), ("big_notice", 27), ("verses", 28)])
def test_straight_lines_are_left_alone(kind, seed):
    assert find_bend(page(kind, seed)) is None


def test_an_empty_page_and_a_page_of_noise_have_no_bend():
    assert find_bend(np.full((1754, 1240), 255, np.uint8)) is None
    assert find_bend(np.random.default_rng(1).integers(0, 255, (1754, 1240)).astype(np.uint8)) is None

"""A photo that cannot be read well is sent back at once with the reason; a good one is not."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import pytest

from station.bulletins import problem_text, read_bulletin
from station.bulletins.check import quick_problems
from station.config import load_settings
from tests.bulletins.generator.effects_paper import printed
from tests.bulletins.generator.effects_photo import Shot, shoot
from tests.bulletins.generator.papers import make_paper


@lru_cache(maxsize=1)
def sheet():
    return printed(make_paper("notice", 77, dpi=170), np.random.default_rng(7))


def photograph(path, shot: Shot):
    picture, _ = shoot(sheet(), 170, shot, np.random.default_rng(8))
    cv2.imwrite(str(path), picture)
    return path


@pytest.mark.parametrize(
    ("reason", "shot"),
    [
        ("blur", Shot(megapixels=3, blur=3.5, sharpen=False)), ("blur", Shot(megapixels=3, motion=14)),
        ("dark", Shot(megapixels=3, level=0.16, noise=5)), ("glare", Shot(megapixels=3, glare=True)),
        ("low_resolution", Shot(megapixels=3, fill=0.35)),
    ],
)
def test_the_reason_to_photograph_again_is_seen_at_upload(tmp_path, reason, shot):
    assert quick_problems(photograph(tmp_path / "a.jpg", shot)) == [reason]
    assert "chụp lại" in problem_text(reason)


@pytest.mark.parametrize("shot", [Shot(megapixels=3), Shot(megapixels=3, table="low_contrast", shadow="person", warm=0.4), Shot(megapixels=2, table="tiles", noise=9)])
def test_a_photo_that_reads_well_is_not_sent_back(tmp_path, shot):
    assert quick_problems(photograph(tmp_path / "a.jpg", shot)) == []


def test_lines_that_run_out_of_the_picture_are_told(tmp_path):
    path = photograph(tmp_path / "a.jpg", Shot(megapixels=3, fill=1.15, shift=(0.2, 0.0)))
    assert "cut" in read_bulletin([path], load_settings(tmp_path, environ={})).warnings

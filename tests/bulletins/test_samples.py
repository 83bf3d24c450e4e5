"""The sample bulletins are read as they were written; they come out of their script the same every time."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rapidfuzz.distance import Levenshtein

from station.bulletins import read_bulletin
from station.config import load_settings

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "bulletins"


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("sample-photo.jpg", 0.005), ("sample-scan.jpg", 0.005), ("sample-two-pages.pdf", 0.005),
        ("sample-letter.docx", 0.0), ("sample-notice.txt", 0.0), ("sample-hard-photo.jpg", 0.02),
    ],
)
def test_what_is_read_aloud_of_a_sample_is_what_was_printed(tmp_path, name, most):
    """``most``: share of wrong characters, line breaks counted as spaces."""
    document = read_bulletin([FOLDER / name], load_settings(tmp_path, environ={}))
    truth = (FOLDER / "truth" / f"{Path(name).stem}.txt").read_text(encoding="utf-8").split()
    read = document.spoken_text().split()
    errors = Levenshtein.distance(" ".join(truth), " ".join(read))
    assert errors <= most * len(" ".join(truth)), " ".join(read)


def test_title_subject_and_body_of_the_photo_are_blocks_of_their_own(tmp_path):
    document = read_bulletin([FOLDER / "sample-photo.jpg"], load_settings(tmp_path, environ={}))
    roles = {block.role.value: block.text for block in document.blocks()}
    assert roles["title"] == "THÔNG BÁO"
    assert roles["subject"].startswith("Về việc tạm ngừng cung cấp điện")
    assert [block.text for block in document.blocks() if block.role.value == "signature" and block.spoken] == []


def test_the_script_makes_the_same_photo_again(tmp_path):
    spec = importlib.util.spec_from_file_location("make_samples", ROOT / "scripts" / "make_samples.py")
    samples = importlib.util.module_from_spec(spec)
    import sys

    sys.modules["make_samples"] = samples
    spec.loader.exec_module(samples)
    again = samples.photograph(samples.draw(samples.POWER), seed=11)
    kept = np.array(Image.open(FOLDER / "sample-photo.jpg"))[..., ::-1]
    assert again.shape == kept.shape
    assert np.abs(again.astype(float) - kept).mean() < 4, "more than JPEG's own loss"

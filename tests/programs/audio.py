"""Synthetic sounds and ffmpeg's meter, for the tests of programs."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import numpy as np
import soundfile

from station.config import ProgramSettings, Settings
from station.home import StationHome
from station.programs.model import Clip, Segment, SegmentKind


def settings_in(folder: Path, **programs: object) -> Settings:
    """A station's settings with its home in ``folder``."""
    return Settings(home=StationHome(folder), programs=ProgramSettings(**programs))


def speechlike(seconds: float, rate: int, seed: int = 0) -> np.ndarray:
    """Noise with the syllables and the peaks of speech, about 16 dB of peak over loudness.

    It has little near half of its rate, as speech has: noise there would be lost in resampling, and its level with it.
    """
    random = np.random.default_rng(seed)
    time = np.arange(round(seconds * rate)) / rate
    noise = np.convolve(random.standard_normal(len(time)), (0.41, 0.82, 0.41), "same")
    return 0.06 * noise * (0.5 - 0.5 * np.cos(2 * np.pi * 4 * time)) ** 1.5


def write(path: Path, wave: np.ndarray, rate: int, subtype: str = "PCM_16") -> str:
    soundfile.write(path, wave, rate, subtype=subtype)
    return str(path)


def item(name: str, *paths: str, pause: float = 0.5, bed: str = "", kind: SegmentKind = SegmentKind.ITEM) -> Segment:
    return Segment(kind, name, tuple(Clip(path, pause, f"Câu {name}.") for path in paths), name, bed)


def ebur128(path: str | Path, span: tuple[int, int] | None = None) -> tuple[float, float]:
    """(integrated LUFS, true peak dBTP) by ffmpeg, of the file or of some of its frames."""
    trim = "" if span is None else f"atrim=start_sample={span[0]}:end_sample={span[1]},"
    log = subprocess.run(
        ["ffmpeg", "-nostats", "-i", str(path), "-af", f"{trim}ebur128=peak=true", "-f", "null", "-"],
        capture_output=True, text=True, check=True,
    ).stderr
    summary = log[log.rindex("Summary:"):]
    loudness, peak = re.search(r"I:\s+(-?[\d.]+) LUFS", summary), re.search(r"Peak:\s+(-?[\d.]+) dBFS", summary)
    assert loudness and peak
    return float(loudness[1]), float(peak[1])

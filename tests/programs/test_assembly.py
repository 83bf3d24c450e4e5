"""Assembly keeps loudness (by ffmpeg's meter), positions and bytes, and survives broken clips (synthetic audio)."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

from station.config import Settings
from station.errors import ProgramError
from station.home import StationHome
from station.programs.assembly import assemble
from station.programs.model import Clip, Segment, SegmentKind


def _segment(folder: Path, name: str, rate: int, channels: int, level: float, offset: float = 0.0) -> Segment:
    time = np.arange(rate * 4) / rate
    wave = level * np.sin(2 * np.pi * 700 * time) * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * time)) + offset
    path = folder / f"{name}.wav"
    soundfile.write(path, np.tile(wave[:, None], (1, channels)), rate)
    return Segment(SegmentKind.ITEM, name, (Clip(str(path), 0.5, f"Câu {name}."),), ref=name)


def test_mixed_clips_come_out_at_the_target_at_exact_places_and_the_same_each_time(tmp_path: Path) -> None:
    parts = [_segment(tmp_path, "a", 22050, 1, 0.02), _segment(tmp_path, "b", 44100, 2, 0.5, 0.2),
             Segment(SegmentKind.ITEM, "hỏng", (Clip(str(tmp_path / "none.wav")),))]
    settings = Settings(home=StationHome(tmp_path))
    render = assemble(parts, tmp_path / "out.flac", settings)
    assert render.sha256 == assemble(parts, tmp_path / "again.flac", settings).sha256
    assert [(c.ref, c.start_frame, c.end_frame) for c in render.chapters] == [("a", 0, 216000), ("b", 216000, 432000)]
    assert render.frames == soundfile.info(render.path).frames == 432000
    assert any("none.wav" in problem for problem in render.problems)
    log = subprocess.run(["ffmpeg", "-nostats", "-i", render.path, "-af", "ebur128=peak=true", "-f", "null", "-"],
                         capture_output=True, text=True, check=True).stderr
    summary = log[log.rindex("Summary:"):]
    assert float(re.search(r"I:\s+(-?[\d.]+) LUFS", summary)[1]) == pytest.approx(-16, abs=0.5)
    assert float(re.search(r"Peak:\s+(-?[\d.]+) dBFS", summary)[1]) <= -1.0


def test_a_program_with_nothing_to_hear_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProgramError, match="không có phần nào"):
        assemble([], tmp_path / "out.wav", Settings(home=StationHome(tmp_path)))

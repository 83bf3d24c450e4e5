"""The shape of a program for the page: peaks for a player, and a picture with its parts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import soundfile

from station.errors import ProgramError
from station.programs.model import Chapter, SegmentKind

_BLOCK_FRAMES = 1 << 18
#: colors of the picture by kind of part; anything else is as an item
_COLORS = {SegmentKind.ITEM: "#1f6f8b", SegmentKind.GREETING: "#3a8f5d", SegmentKind.CLOSING: "#3a8f5d",
           SegmentKind.HEADLINES: "#7a5ea8", SegmentKind.NOTICE: "#7a5ea8", SegmentKind.CHIME: "#c27c0e",
           SegmentKind.SEPARATOR: "#c27c0e"}


@dataclass(frozen=True)
class Waveform:
    """The highest level (0 to 1) of each of equal stretches of a file."""

    seconds: float
    peaks: tuple[float, ...]

    def to_json(self) -> str:
        """``{"duration": seconds, "peaks": [[...]]}``: what wavesurfer.js takes as ``duration`` and ``peaks``."""
        return json.dumps({"duration": round(self.seconds, 3), "peaks": [list(self.peaks)]})


def waveform(path: Path | str, points: int = 1200) -> Waveform:
    """The waveform of an audio file, read in blocks.  Raises :class:`ProgramError` when it cannot be read."""
    try:
        with soundfile.SoundFile(path) as source:
            frames, rate = len(source), source.samplerate
            if not frames:
                raise ProgramError("Tệp âm thanh không có gì bên trong.", detail=str(path))
            count = max(1, min(points, frames))
            highest = np.zeros(count, np.float32)
            at = 0
            for block in source.blocks(_BLOCK_FRAMES, dtype="float32", always_2d=True):
                levels = np.abs(block).max(axis=1)
                places = (np.arange(at, at + len(levels)) * count) // frames
                starts = np.flatnonzero(np.diff(places, prepend=-1))
                indexes = places[starts]
                highest[indexes] = np.maximum(highest[indexes], np.maximum.reduceat(levels, starts))
                at += len(levels)
    except (soundfile.LibsndfileError, OSError) as error:
        raise ProgramError("Không đọc được tệp âm thanh để vẽ.", mend="Hãy dựng lại chương trình.", detail=str(error)) from error
    return Waveform(frames / rate, tuple(round(float(value), 3) for value in np.minimum(highest, 1.0)))


def waveform_svg(shape: Waveform, chapters: Sequence[Chapter] = (), sample_rate: int = 48000, *, height: int = 120) -> str:
    """The waveform as an SVG picture as wide as it has points; each part in its color, named on hovering."""
    count, middle = len(shape.peaks), height / 2
    frames = max(1.0, shape.seconds * sample_rate)
    spans = [(c.start_frame / frames * count, c.end_frame / frames * count, c.title, _COLORS.get(c.kind, "#1f6f8b"))
             for c in chapters] or [(0.0, float(count), "", "#1f6f8b")]
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {count} {height}" width="{count}" height="{height}" '
             'preserveAspectRatio="none" role="img">']
    for start, end, title, color in spans:
        first, last = int(start), max(int(start) + 1, min(count, round(end)))
        line = "".join(
            f"M{x + 0.5:g} {middle - max(0.5, peak * middle):.1f}V{middle + max(0.5, peak * middle):.1f}"
            for x, peak in enumerate(shape.peaks[first:last], first)
        )
        parts.append(f'<g><title>{escape(title)}</title><path d="{line}" stroke="{color}" stroke-width="1" fill="none"/></g>')
    return "".join(parts) + "</svg>"


def waveform_png(shape: Waveform, out_path: Path | str, *, height: int = 120) -> Path:
    """The waveform as a PNG picture, for chats and reports."""
    from PIL import Image, ImageDraw

    middle = height / 2
    picture = Image.new("RGB", (len(shape.peaks), height), "#ffffff")
    pen = ImageDraw.Draw(picture)
    for x, peak in enumerate(shape.peaks):
        half = max(0.5, peak * middle)
        pen.line([(x, middle - half), (x, middle + half)], fill=_COLORS[SegmentKind.ITEM])
    out = Path(out_path)
    picture.save(out, format="PNG")
    return out

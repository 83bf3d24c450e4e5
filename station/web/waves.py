"""The shape of a program's sound: loudest sample of each of a few hundred stretches, kept beside the cache."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import soundfile

from station.home import StationHome

POINTS = 480
_BLOCK = 1 << 17


def peaks(path: Path) -> list[float]:
    """Peaks 0-1, :data:`POINTS` of them, read in blocks so that an hour costs no memory."""
    with soundfile.SoundFile(path) as file:
        frames = max(1, len(file))
        found = np.zeros(POINTS, dtype=np.float32)
        at = 0
        while True:
            block = file.read(_BLOCK, dtype="float32", always_2d=True)
            if not len(block):
                break
            loud = np.abs(block).max(axis=1)
            places = (np.arange(at, at + len(loud), dtype=np.int64) * POINTS) // frames
            np.maximum.at(found, np.minimum(places, POINTS - 1), loud)
            at += len(block)
    return [round(float(value), 3) for value in found]


def stored_peaks(home: StationHome, path: Path, sha256: str) -> list[float]:
    """:func:`peaks` of a rendered file, computed once for each hash."""
    kept = home.cache / "waves" / f"{sha256}.json"
    if kept.is_file():
        return [float(value) for value in json.loads(kept.read_text(encoding="ascii"))]
    found = peaks(path)
    kept.parent.mkdir(parents=True, exist_ok=True)
    part = kept.with_name(f".{kept.name}.{os.getpid()}")
    part.write_text(json.dumps(found), encoding="ascii")
    part.replace(kept)
    return found


def to_svg(values: list[float], chapters: list[float]) -> str:
    """The peaks as an SVG image; ``chapters`` are places 0-1 that get a line."""
    height = 100
    path = "".join(f"M{x} {50 - max(1.0, value * 48):.0f}V{50 + max(1.0, value * 48):.0f}" for x, value in enumerate(values))
    lines = "".join(f'<path d="M{place * POINTS:.1f} 0V{height}" stroke="#a86400" stroke-width="1"/>' for place in chapters)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {POINTS} {height}" preserveAspectRatio="none">'
        f'<path d="{path}" stroke="#0b5a52" stroke-width=".8" fill="none"/>{lines}</svg>'
    )

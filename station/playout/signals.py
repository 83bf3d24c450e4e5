"""Sounds that the station makes itself: siren, chime, tone.  Written once into the cache."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile

from station.programs import sounds

NAMES = ("siren", "chime", "tone")


def _long_tone(rate: int) -> np.ndarray:
    return sounds.tone(rate, 10.0)


_MAKERS: dict[str, Callable[[int], np.ndarray]] = {"siren": sounds.siren, "chime": sounds.chime, "tone": _long_tone}


def signal_file(name: str, folder: Path, rate: int) -> str:
    """The path of a signal as a WAV file of that rate; made when it is not there."""
    path = folder / f"{name}-{rate}.wav"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".part")
        soundfile.write(partial, _MAKERS[name](rate), rate, subtype="PCM_16", format="WAV")
        os.replace(partial, path)
    return str(path)

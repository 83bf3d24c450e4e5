"""The one interface that every kind of voice keeps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

#: called with (sentences done, sentences in all)
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class VoiceInfo:
    """A voice of the catalog.

    ``engine`` is "espeak", "piper", "coqui" or "recorded"; ``installed`` tells whether it can speak right now;
    ``settings`` are the engine's own values from the voice's TOML.
    """

    id: str
    name: str
    engine: str
    language: str = "vi"
    region: str = "north"
    sex: str = ""
    sample_rate: int = 22050
    license: str = ""
    credit: str = ""
    neural: bool = False
    installed: bool = False
    recommended: bool = False
    size_bytes: int = 0
    fingerprint: str = ""


class Voice(Protocol):
    """A loaded voice.  Use it in a ``with`` block, or call :meth:`close`."""

    info: VoiceInfo

    def speak(self, text: str, *, speed: float = 1.0) -> np.ndarray:
        """One spoken sentence as mono float32 in -1..1 at ``info.sample_rate``.

        Raises :class:`station.errors.VoiceError`; never returns an empty or non-finite array.
        """
        ...

    def close(self) -> None: ...

    def __enter__(self) -> Voice: ...

    def __exit__(self, *exc: object) -> None: ...


@dataclass(frozen=True)
class Utterance:
    """One sentence spoken: a WAV file (mono, 16 bit) of the speech cache, and the silence after it."""

    path: str
    frames: int
    sample_rate: int
    pause_seconds: float
    spoken: str
    from_cache: bool = False

    @property
    def seconds(self) -> float:
        return self.frames / self.sample_rate

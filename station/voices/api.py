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
    #: what the license allows and asks for, one or two plain Vietnamese sentences, to be read before download
    license_text: str = ""
    #: False where the license forbids commercial use, or where nobody knows
    commercial: bool = True
    #: why the voice cannot speak right now, in Vietnamese; empty when it can
    missing: str = ""
    #: True for the commune's own announcer: consent is kept with the voice
    own: bool = False


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
    #: the voice that really spoke; differs from the one asked for when that one failed
    voice: str = ""
    #: Vietnamese sentence for the editor when something went wrong, else empty
    problem: str = ""

    @property
    def seconds(self) -> float:
        return self.frames / self.sample_rate

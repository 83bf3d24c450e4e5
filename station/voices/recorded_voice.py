"""A voice made of recordings: sentences that a person has read, in the LJSpeech layout, said as they were recorded.

``metadata.csv`` (``id|text|text``) names ``wavs/ID.wav``.  A station records its greeting and closing once and hears
its own announcer every morning; a sentence nobody has read is said by the next voice of the chain.
"""

from __future__ import annotations

import hashlib
import unicodedata
from pathlib import Path

import numpy as np

from station.errors import VoiceError
from station.voices import ljspeech
from station.voices.api import VoiceInfo
from station.voices.clean_text import speakable
from station.voices.recorded import Recording, import_recording
from station.voices.stretch import stretch
from station.voices.wave import read_wav


def sentence_id(text: str) -> str:
    """The same name for the same words, whatever their capitals, marks and spaces."""
    plain = unicodedata.normalize("NFC", text).casefold()
    words = "".join(c if c.isalnum() else " " for c in plain).split()
    return hashlib.sha256(" ".join(words).encode()).hexdigest()[:16]


def add_sentence(folder: Path, text: str, source: Path, *, sample_rate: int = 22050) -> Recording:
    """Keep a recording of ``text`` in a recorded voice's folder; an earlier one of the same words is replaced.

    Raises :class:`VoiceError` as :func:`import_recording` does.
    """
    words = speakable(text)
    name = sentence_id(words)
    recording = import_recording(source, folder / "wavs" / f"{name}.wav", sample_rate=sample_rate)
    ljspeech.put(folder, ljspeech.Row(name, words))
    return recording


class RecordedVoice:
    """Says exactly the sentences that were recorded."""

    def __init__(self, info: VoiceInfo, folder: Path) -> None:
        self.info = info
        self._folder = folder
        rows = ljspeech.read(folder)
        #: the sentences it can say
        self.texts = tuple(row.text for row in rows)
        self._clips = {sentence_id(row.text): folder / "wavs" / f"{row.id}.wav" for row in rows}
        if not self._clips:
            raise VoiceError("Giọng ghi âm này chưa có câu nào.", code="voices.load", detail=str(folder))

    def speak(self, text: str, *, speed: float = 1.0) -> np.ndarray:
        clip = self._clips.get(sentence_id(speakable(text)))
        if clip is None:
            raise VoiceError("Câu này chưa được ghi âm.", code="voices.no_recording", detail=text[:80])
        try:
            samples, rate = read_wav(clip)
        except (OSError, EOFError, ValueError) as error:
            raise VoiceError("Không đọc được bản ghi của câu này.", detail=str(error), code="voices.engine") from error
        if rate != self.info.sample_rate:
            import soxr

            samples = soxr.resample(samples, rate, self.info.sample_rate)
        samples = stretch(samples, self.info.sample_rate, speed)
        if samples.size == 0:
            raise VoiceError("Bản ghi của câu này rỗng.", code="voices.silent")
        return samples

    def close(self) -> None:
        """Nothing is held between sentences."""

    def __enter__(self) -> RecordedVoice:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

"""Hearing a voice before it is chosen, and a way of reading before it is saved."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from station.config import Settings
from station.errors import VoiceError
from station.voices.api import VoiceInfo
from station.voices.choose import open_voice
from station.voices.delivery import Delivery, deliver, limited, load_deliveries
from station.voices.measured import remember_speed
from station.voices.recorded_voice import RecordedVoice
from station.voices.speak import make_station_script, speak_checked
from station.voices.wave import write_wav

#: what a new voice says when staff only want to hear it
SAMPLE_TEXT = "Đây là đài truyền thanh xã. Xin kính chào toàn thể bà con và các bạn nghe đài."


def voice_sample(
    voice_id: str, settings: Settings, out_path: Path, text: str = "", delivery: Delivery | None = None
) -> VoiceInfo:
    """Speak ``text`` (default: a greeting) by one voice, without fallback, into a WAV file.

    ``delivery`` takes the place of the one kept for the voice.  A recorded voice without this sentence says one that
    it has.  Raises :class:`VoiceError` when this very voice cannot speak.
    """
    own = load_deliveries(settings.home).of(voice_id) if delivery is None else delivery
    with open_voice(voice_id, settings.home, idle_release_seconds=settings.voices.idle_release_seconds) as voice:
        rate = voice.info.sample_rate
        if isinstance(voice, RecordedVoice):
            write_wav(Path(out_path), speak_checked(voice, voice.texts[0], own.speed, own.pitch), rate)
            return replace(voice.info)
        parts: list[np.ndarray] = []
        worked, spoken = 0.0, 0
        for sentence in deliver(make_station_script(text or SAMPLE_TEXT, settings), limited(own)).sentences:
            began = time.perf_counter()
            parts.append(speak_checked(voice, sentence.spoken, sentence.speed * settings.voices.speed, sentence.pitch))
            worked, spoken = worked + time.perf_counter() - began, spoken + len(parts[-1])
            parts.append(np.zeros(int(sentence.pause_seconds * rate), dtype=np.float32))
        if not parts:
            raise VoiceError("Câu này không có chữ nào để đọc.", code="voices.empty")
        write_wav(Path(out_path), np.concatenate(parts[:-1]), rate)
        remember_speed(settings.home, voice.info.fingerprint, worked * rate / spoken)
        return replace(voice.info)

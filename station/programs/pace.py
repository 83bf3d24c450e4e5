"""How long a voice will take, before it speaks: learned from what it spoke before.

Vietnamese words are written syllable by syllable, so a sentence lasts about so long for each written word, comma and
full stop.  Sums of a voice's past sentences are kept in the cache; without any, its engine's usual pace is taken.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path

import numpy as np

from station.config import Settings
from station.text.script import Sentence
from station.voices.api import Utterance, VoiceInfo
from station.voices.delivery import EMPHASIS_SPEED, load_deliveries

_LOG = logging.getLogger(__name__)
#: past sentences beyond this many count less and less
_MEMORY_SENTENCES = 2000.0
#: the engine's usual pace counts as much as this many sentences
_PRIOR_SENTENCES = 2.0


@dataclass(frozen=True)
class Pace:
    """Seconds for a syllable, for a comma, and for a sentence, at speed 1."""

    syllable: float
    comma: float
    sentence: float

    def seconds(self, spoken: str, speed: float = 1.0) -> float:
        """How long one sentence will be, without the silence after it."""
        return float(np.dot(features(spoken), (self.syllable, self.comma, self.sentence))) / speed


#: measured on official notices (eSpeak at its station setting), or by the makers' samples
USUAL: dict[str, Pace] = {
    "espeak": Pace(0.31, 0.38, 0.18), "piper": Pace(0.215, 0.22, 0.25), "coqui": Pace(0.24, 0.2, 0.25),
    "recorded": Pace(0.27, 0.3, 0.3),
}


def features(spoken: str) -> tuple[float, float, float]:
    """Syllables, commas, and one."""
    return float(len(spoken.split())), float(spoken.count(",")), 1.0


def asked_speed(sentence: Sentence) -> float:
    """How much faster than the voice's own pace a sentence is asked for."""
    return sentence.speed * (EMPHASIS_SPEED if sentence.emphasis else 1.0)


def _file(settings: Settings) -> Path:
    return settings.home.cache / "pace.json"


def _stored(settings: Settings) -> dict[str, list[float]]:
    try:
        data = json.loads(_file(settings).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(data, dict):
        return {}
    return {
        str(key): [float(one) for one in value] for key, value in data.items()
        if isinstance(value, list) and len(value) == 12 and all(isinstance(one, int | float) for one in value)
    }


def learn_pace(utterances: Iterable[Utterance], settings: Settings, speeds: Iterable[float] | None = None) -> None:
    """Takes in newly spoken sentences (cached ones were taken in before).  A lost file costs only some accuracy.

    ``speeds`` are the factors at which each was asked for, on top of the station's and the voice's own.
    """
    new: dict[str, np.ndarray] = {}
    deliveries = load_deliveries(settings.home)
    for one, speed in zip(utterances, speeds if speeds is not None else repeat(1.0), strict=False):
        if one.from_cache or not one.voice or one.problem:
            continue
        own = speed * settings.voices.speed * deliveries.of(one.voice).speed
        row = np.array([*features(one.spoken), one.seconds * own])
        new[one.voice] = new.get(one.voice, np.zeros(12)) + np.outer(row[:3], row).reshape(-1)
    if not new:
        return
    stored = _stored(settings)
    for voice, sums in new.items():
        total = np.array(stored.get(voice, np.zeros(12))) + sums
        stored[voice] = [round(float(one), 6) for one in total * min(1.0, _MEMORY_SENTENCES / max(total[10], 1.0))]
    path = _file(settings)
    part = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(stored), encoding="utf-8")
        os.replace(part, path)
    except OSError as error:
        _LOG.warning("pace of voices not kept: %s", error)


def voice_of(voice_id: str, settings: Settings) -> VoiceInfo:
    """The voice that will speak when ``voice_id`` is asked for (empty or unknown: the station's)."""
    from station.voices import default_voice, list_voices

    found = next((one for one in list_voices(settings.home) if one.id == voice_id), None) if voice_id else None
    return found or default_voice(settings)


def voice_is_known(voice_id: str, settings: Settings) -> bool:
    """Whether enough of that very voice was timed to go by it."""
    return _stored(settings).get(voice_id, [0.0] * 12)[10] >= 2 * _PRIOR_SENTENCES


def pace_of(voice_id: str, settings: Settings) -> Pace:
    """The pace of a voice (default: the station's) at speed 1."""
    info = voice_of(voice_id, settings)
    usual = USUAL.get(info.engine, USUAL["espeak"])
    sums = np.array(_stored(settings).get(info.id, np.zeros(12))).reshape(3, 4)
    # the usual pace as if it had been heard on sentences of ordinary length
    scale = np.diag([20.0**2, 1.0, 1.0]) * _PRIOR_SENTENCES
    prior = np.array([usual.syllable, usual.comma, usual.sentence])
    found = np.linalg.solve(sums[:, :3] + scale, sums[:, 3] + scale @ prior)
    return Pace(*(float(max(one, 0.0)) for one in found))

"""Speech engines, the catalog of voices, the speech cache.

The entry points are imported when they are first used, so that ``import station.voices`` costs nothing.
"""

from __future__ import annotations

import importlib

TYPE_CHECKING = False  # typing's own would cost a third of the time in which eSpeak NG starts
if TYPE_CHECKING:
    from typing import Any

_WHERE = {
    "Progress": "api", "Utterance": "api", "Voice": "api", "VoiceInfo": "api",
    "default_voice": "choose", "list_voices": "choose", "open_voice": "choose", "voice_sample": "sample",
    "say": "speak", "speak_script": "speak",
}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(name)
    return getattr(importlib.import_module(f"station.voices.{_WHERE[name]}"), name)

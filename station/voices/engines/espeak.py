"""eSpeak NG's library inside the host process.  It is under the GPL: the station's own process never loads it.

Only the standard library is used, so that the process starts at once.  The library keeps one state for the whole
process: one sentence at a time, several processes for several cores.
"""

from __future__ import annotations

import ctypes
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# enums of espeak-ng/speak_lib.h
_SYNCHRONOUS, _DONT_EXIT = 2, 0x8000
_RATE, _VOLUME, _PITCH, _RANGE, _WORD_GAP = 1, 2, 3, 4, 7
_CHARACTERS, _UTF8 = 1, 1
#: sound handed over at once: a call into Python for every 60 ms, the library's own, costs 3% more
_BUFFER_MILLISECONDS = 2000
_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class Engine:
    """One eSpeak NG voice; ``settings["libraries"]`` is a list of (library, data folder or empty) to try in turn."""

    sample_format = "i2"

    def __init__(self, folder: str, settings: dict[str, Any]) -> None:
        self._library, self.sample_rate = self._load(settings["libraries"])
        self._parts: list[bytes] = []
        self._callback = _CALLBACK(self._take)  # kept: the library holds only its address
        self._library.espeak_SetSynthCallback(self._callback)
        voice = str(settings.get("voice", "vi"))
        if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise ValueError(f"eSpeak NG has no voice {voice}")
        for parameter, key, default in (
            (_PITCH, "pitch", 50), (_RANGE, "pitch_range", 50), (_VOLUME, "amplitude", 100), (_WORD_GAP, "word_gap", 0)
        ):
            self._library.espeak_SetParameter(parameter, int(settings.get(key, default)), 0)
        self._words_per_minute = float(settings.get("words_per_minute", 120))
        self._lock = threading.Lock()

    @staticmethod
    def _load(libraries: list[list[str]]) -> tuple[ctypes.CDLL, int]:
        problems = []
        for name, data in libraries:
            try:
                library = ctypes.CDLL(name)
            except OSError as error:
                problems.append(str(error))
                continue
            rate = library.espeak_Initialize(
                _SYNCHRONOUS, _BUFFER_MILLISECONDS, ctypes.c_char_p(data.encode() if data else None), _DONT_EXIT
            )
            if rate > 0:
                return library, int(rate)
            problems.append(f"{name}: espeak_Initialize gave {rate}")
        raise OSError("; ".join(problems) or "no eSpeak NG library")

    def _take(self, samples: Any, count: int, _events: Any) -> int:
        if samples and count > 0:
            self._parts.append(ctypes.string_at(samples, count * 2))
        return 0

    def speak(self, text: str, speed: float) -> bytes:
        rate = int(round(self._words_per_minute * speed))
        data = text.encode()
        with self._lock:
            self._parts.clear()
            self._library.espeak_SetParameter(_RATE, min(max(rate, 80), 450), 0)
            status = self._library.espeak_Synth(data, ctypes.c_size_t(len(data) + 1), 0, _CHARACTERS, 0, _UTF8, None, None)
            if status != 0:
                raise RuntimeError(f"espeak_Synth gave {status}")
            return b"".join(self._parts)

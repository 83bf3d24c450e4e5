"""How fast a voice has read so far: what a sentence should last, so that half of one is not taken for a whole one."""

from __future__ import annotations

import threading
from collections import deque

from station.voices.clean_text import count_syllables

#: sentences that must have been heard before a length is expected
LEAST_HEARD = 5
#: sentences that are remembered
MOST_HEARD = 200
#: shorter sentences tell little: half of their length is silence at the edges
LEAST_SYLLABLES = 4


def beats(text: str) -> float:
    """The length of a sentence in syllables, a comma and the sentence's own edges counted as one."""
    return count_syllables(text) + text.count(",") + 1.0


class OwnPace:
    """Seconds for a beat, by voice.  Safe for several threads; kept as long as the process."""

    def __init__(self) -> None:
        self._heard: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def heard(self, voice: str, text: str, seconds: float) -> None:
        """A sentence that passed its checks lasted ``seconds`` (at speed 1)."""
        if count_syllables(text) >= LEAST_SYLLABLES:
            with self._lock:
                self._heard.setdefault(voice, deque(maxlen=MOST_HEARD)).append(seconds / beats(text))

    def expected(self, voice: str, text: str) -> float | None:
        """Seconds that ``text`` should last at speed 1; None while too little was heard or the sentence is too short."""
        with self._lock:
            known = sorted(self._heard.get(voice, ()))
        if len(known) < LEAST_HEARD or count_syllables(text) < LEAST_SYLLABLES:
            return None
        return known[len(known) // 2] * beats(text)

"""The last look at a text before an engine gets it."""

from __future__ import annotations

import functools
import re
import unicodedata

from station.errors import VoiceError

_SPACE = re.compile(r"\s+")
#: eSpeak NG and Piper read ``[[...]]`` as phonemes, some engines read ``<...>`` as markup
_MARKUP = str.maketrans({"[": " ", "]": " ", "<": " ", ">": " ", "{": " ", "}": " ", "\\": " ", "|": " "})


def speakable(text: str) -> str:
    """``text`` in NFC on one line, without control characters and engine markup.

    Raises :class:`VoiceError` when nothing is left to say.
    """
    text = unicodedata.normalize("NFC", text).translate(_MARKUP)
    if not text.isprintable():
        text = "".join(c if unicodedata.category(c)[0] != "C" or c in "\n\t" else " " for c in text)
    text = _SPACE.sub(" ", text).strip()
    if not any(c.isalnum() for c in text):
        raise VoiceError("Câu này không có chữ nào để đọc.", code="voices.empty", detail=repr(text[:80]))
    return text


@functools.lru_cache(maxsize=256)
def count_syllables(text: str) -> int:
    """Number of spoken syllables: Vietnamese writes one to a word."""
    return sum(1 for word in text.split() if any(c.isalnum() for c in word))


def split_long(text: str, longest: int = 240) -> list[str]:
    """``text`` in pieces of at most ``longest`` characters, cut after commas, else between words.

    An engine's memory grows with the length of what it is given; a page-long sentence must not bring it down.  XTTS
    breaks off beyond 250 letters.
    """
    pieces: list[str] = []
    rest = text
    while len(rest) > longest:
        cut = max(rest.rfind(mark, longest // 3, longest) + 1 for mark in ",;:.?!")
        if cut <= 0:
            cut = rest.rfind(" ", 1, longest)
        if cut <= 0:
            cut = longest
        pieces.append(rest[:cut].strip())
        rest = rest[cut:].strip()
    pieces.append(rest)
    return [piece for piece in pieces if any(c.isalnum() for c in piece)]

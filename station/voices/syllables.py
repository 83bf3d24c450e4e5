"""Vietnamese syllables in parts: initial, rhyme, tone.  Pure; used to see what a list of sentences covers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

#: spellings of initials, the longest first; gh and ngh sound as g and ng, k and q as c
INITIALS = ("ngh", "ng", "nh", "ch", "gh", "gi", "kh", "ph", "qu", "th", "tr",
            "b", "c", "d", "đ", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "x")
_SAME = {"ngh": "ng", "gh": "g", "k": "c"}
_TONES = {"\u0300": "huyền", "\u0301": "sắc", "\u0303": "ngã", "\u0309": "hỏi", "\u0323": "nặng"}
TONES = ("ngang", *_TONES.values())


@dataclass(frozen=True)
class Syllable:
    """One written syllable; ``initial`` is empty where it starts with its vowel, ``rhyme`` carries no tone."""

    initial: str
    rhyme: str
    tone: str


def parse_syllable(word: str) -> Syllable:
    """The parts of one lowercase or capitalized syllable."""
    decomposed = unicodedata.normalize("NFD", word.lower())
    tone = next((_TONES[c] for c in decomposed if c in _TONES), "ngang")
    plain = unicodedata.normalize("NFC", "".join(c for c in decomposed if c not in _TONES))
    for initial in INITIALS:
        if plain.startswith(initial) and len(plain) > len(initial):
            rest = plain[len(initial):]
            if initial == "gi" and rest[0] not in "aăâeêioôơuưy":
                continue  # gì, gìn: g and the rhyme i, in
            return Syllable(_SAME.get(initial, initial), rest, tone)
    return Syllable("", plain, tone)


def units(text: str) -> frozenset[str]:
    """What a sentence gives a voice to learn: its initials, rhymes, and rhyme types with each tone."""
    found = set()
    for word in re.findall(r"[^\W\d_]+", text):
        syllable = parse_syllable(word)
        found |= {f"initial:{syllable.initial}", f"rhyme:{syllable.rhyme}", f"tone:{syllable.tone}",
                  f"tone:{syllable.tone}:{syllable.rhyme[-1:]}"}
    return frozenset(found)


def greedy_order(sentences: Iterable[str]) -> list[str]:
    """Sentences so that each next one adds the most that was not yet covered, for each of its letters.

    An announcer who stops early has covered as much as possible.  Ties keep the order given.
    """
    waiting = list(dict.fromkeys(sentences))
    covered: set[str] = set()
    ordered = []
    while waiting:
        best = max(waiting, key=lambda text: len(units(text) - covered) / (len(text) + 20))
        waiting.remove(best)
        ordered.append(best)
        covered |= units(best)
    return ordered

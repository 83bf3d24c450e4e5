"""Plain text in the encodings of the 1990s (TCVN3, VNI), recognised and turned into Unicode."""

from __future__ import annotations

import re
import unicodedata

from station.text.syllables import is_syllable

#: characters looked at to decide; enough for a page
SAMPLE = 20_000
#: share of the words that must be Vietnamese syllables once decoded
SURE = 0.85
_WORDS = re.compile(r"[^\W\d_]+")


def decode_legacy(text: str) -> str | None:
    """The text in Unicode when it was set in TCVN3 or VNI, else None.

    Text that has Vietnamese letters of Unicode's own block is never touched.
    """
    sample = text[:SAMPLE]
    if any("\u1ea0" <= char <= "\u1ef9" for char in sample) or all(char < "\u0080" for char in sample):
        return None
    from viparse.normalize.encodings import CHARMAPS
    from viparse.normalize.tables import convert

    best, best_share = None, max(SURE, _share_of_syllables(sample) + 0.1)
    for name, charmap in CHARMAPS.items():
        if name.lower() in ("tcvn3", "vni"):
            share = _share_of_syllables(unicodedata.normalize("NFC", convert(sample, charmap)))
            if share > best_share:
                best, best_share = charmap, share
    return unicodedata.normalize("NFC", convert(text, best)) if best is not None else None


def _share_of_syllables(text: str) -> float:
    words = [word for word in _WORDS.findall(text) if len(word) > 1]
    return sum(map(is_syllable, words)) / len(words) if words else 0.0

"""Text in the old TCVN3 and VNI encodings, and whether a text is Vietnamese at all.

Old files of communes use fonts such as .VnTime (TCVN3) or VNI-Times: their characters are other letters until
they are repaired.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import partial

from station.bulletins.syllables import is_syllable

_WORD = re.compile(r"[^\W\d_]+", re.UNICODE)


def share_of_syllables(text: str) -> float:
    """Share of words (by letters) that are Vietnamese syllables, 0-1; capitals of up to six letters are skipped."""
    good = total = 0
    for word in _WORD.findall(unicodedata.normalize("NFC", text))[:4000]:
        if word.isupper() and len(word) <= 5 and word.isascii():
            continue
        total += len(word)
        if is_syllable(word):
            good += len(word)
    return good / total if total else 0.0


def share_of_marks(text: str) -> float:
    """Share of words that carry a Vietnamese diacritic: about 0.7 in Vietnamese, near 0 elsewhere."""
    words = _WORD.findall(unicodedata.normalize("NFC", text))
    marked = sum(any(c in "đĐ" or unicodedata.normalize("NFD", c) != c for c in word) for word in words)
    return marked / len(words) if words else 0.0


def looks_vietnamese(text: str) -> bool:
    """True when a text can be used as it is: real letters, and mostly Vietnamese syllables."""
    if not text.strip():
        return False
    bad = sum(c == "\ufffd" or unicodedata.category(c) in ("Co", "Cn", "Cc") for c in text if not c.isspace())
    if bad > 0.02 * len(text):
        return False
    letters = sum(c.isalpha() for c in text)
    if letters < 40:
        return letters > 0 and (share_of_syllables(text) > 0.4 or text.isascii())
    return share_of_syllables(text) > 0.6


def _converters() -> list[Callable[[str], str]]:
    import viparse

    return [partial(viparse.fix, encoding=name) for name in ("tcvn3", "vni")]


def repair_encoding(text: str, *, like: str = "") -> str:
    """``text`` in Unicode (NFC): unchanged when it is Vietnamese already, else repaired from TCVN3 or VNI.

    ``like`` is the longer text by which the encoding is chosen.
    """
    sample = like or text
    text = unicodedata.normalize("NFC", text)
    before = share_of_syllables(sample)
    if before > 0.75 and share_of_marks(sample) > 0.2:
        return text
    best, best_share = None, before + 0.12
    for convert in _converters():
        share = share_of_syllables(convert(sample))
        if share > best_share:
            best, best_share = convert, share
    return unicodedata.normalize("NFC", best(text)) if best else text


def font_encoding(font: str) -> str:
    """The old encoding that a font's name stands for: "tcvn3" for ``.VnTime``, "vni" for ``VNI-Times``, else ""."""
    name = font.strip().lower()
    if name.startswith(".vn"):
        return "tcvn3"
    return "vni" if name.startswith(("vni-", "vni ")) else ""


def from_font(text: str, font: str) -> str:
    """``text`` that was typed in an old font, in Unicode; fonts of capitals (``.VnTimeH``) give capitals.

    Text that is Vietnamese already is left alone: a file may name the font and hold Unicode.
    """
    encoding = font_encoding(font)
    if not encoding or any("\u1ea0" <= char <= "\u1ef9" for char in text):
        return text
    import viparse

    fixed = unicodedata.normalize("NFC", viparse.fix(text, encoding=encoding)) if not text.isascii() else text
    return fixed.upper() if encoding == "tcvn3" and font.strip().endswith("H") else fixed

"""Letters that stand for digits, mended where the whole word can only be a number, time, date or amount; and the wave
that an engine sees in a dash.  Words are never changed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from station.bulletins.engine import RawWord

_LIKE = str.maketrans({"l": "1", "I": "1", "|": "1", "]": "1", "i": "1", "Ị": "1", "O": "0", "o": "0", "Q": "0", "S": "5", "Š": "5", "B": "8"})
#: a class, a house or a group: "3B", "12S"
_PART = re.compile(r"^\d+[BSQ]\W*$")
#: bulletins print no waves; a soft dash looks like one
_DASHES = ("~", "˗", "¬")
_FORM = re.compile(
    r"^[(]?(\d{1,2}[hg]\d{2}|\d{1,2}[hg]|\d{1,2}/\d{1,2}(/\d{4})?|\d{1,2}/\d{4}|\d{1,3}(\.\d{3})+(,\d+)?|\d+,\d+|\d{2,}|0\d{2,3}[.]\d{3,4}[.]\d{3,4})"
    r"[%)]?[.,;:)]*$"
)


def mend_numeral(text: str) -> str:
    """``text`` with look-alike letters as digits when that makes a well-formed number; otherwise unchanged."""
    if not any(c.isdigit() for c in text) or text.isdigit() or _PART.match(text):
        return text
    digits = sum(c.isdigit() for c in text)
    foreign = sum(c in "lI|]iỊOoQSŠB" for c in text)
    if not foreign or foreign > 2 or digits < foreign:
        return text
    mended = text.translate(_LIKE)
    return mended if _FORM.match(mended) else text


def mend_numerals(words: Sequence[RawWord]) -> list[RawWord]:
    """Words with mended numerals; a mended word is never sure."""
    result = []
    for word in words:
        mended = "-" if word.text in _DASHES else mend_numeral(word.text)
        result.append(word if mended == word.text else replace(word, text=mended, confidence=min(word.confidence, 0.6)))
    return result

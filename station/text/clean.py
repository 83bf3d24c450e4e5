"""Written text made clean, remembering where every character came from.

NFC, one spelling of tones (hòa, not hoà), look-alike letters and digits repaired, controls and emoji taken out.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True)
class Repair:
    """A look-alike that was repaired, in positions of the cleaned text."""

    start: int
    end: int
    written: str


@dataclass(frozen=True)
class Cleaned:
    """``text[i]`` came from ``source[starts[i]:ends[i]]``."""

    text: str
    starts: list[int]
    ends: list[int]
    repairs: tuple[Repair, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The characters of the source behind ``text[start:end]``."""
        if end <= start or not self.starts:
            at = self.starts[start] if start < len(self.starts) else (self.ends[-1] if self.ends else 0)
            return at, at
        return self.starts[start], self.ends[end - 1]


_LOOKALIKE = dict(zip(
    "АВЕЅІЈКМНОРСТУХаеѕіјорсухԁᴏΑΒΕΖΗΙΚΜΝΟΡΤΥΧοαѵһ",
    "ABESIJKMHOPCTYXaesijopcyxdoABEZHIKMNOPTYXoavh", strict=True))
_SPECIAL = {
    "\u2018": "'", "\u2019": "'", "\u02bc": "'", "\u2032": "'", "\u2033": "''", "\u201c": '"', "\u201d": '"', "\u00ab": '"',
    "\u00bb": '"', "\u2010": "-", "\u2011": "-", "\u2012": "–", "\u2014": "–", "\u2015": "–", "\u2212": "-", "\u00ba": "°",
    "\u02da": "°", "\u2044": "/", "\u2215": "/", "\u00f7": "÷", "\u00bd": "1/2", "\u00bc": "1/4", "\u00be": "3/4", "\u2153": "1/3",
    "\u2154": "2/3", "\u2103": "°C", "\u2026": "...", "\u3002": ".", "\u20ab": "đ", "\u0110": "Đ", "\u00d0": "Đ", "\u0189": "Đ",
    "\u00a0": " ", "\t": " ", "\u2022": "•",
}
_TONE_MOVES = {}
for _a, _b in (("o", "a"), ("o", "e"), ("u", "y")):
    for _mark in "\u0300\u0301\u0303\u0309\u0323":
        _old = _a + unicodedata.normalize("NFC", _b + _mark)
        _new = unicodedata.normalize("NFC", _a + _mark) + _b
        _TONE_MOVES[_old] = _new
        _TONE_MOVES[_old.upper()] = _new.upper()
        _TONE_MOVES[_old.capitalize()] = _new.capitalize()
_TONE = re.compile("(?<![qQ])(?:" + "|".join(_TONE_MOVES) + r")(?![^\W\d_])")
_NUMBER_OCR = re.compile(r"(?<![^\W_])(?=[\dOolI]{1,3}[.,:/hO\dolI])(?=[^\s]{0,12}\d)[\dOolI]{1,8}(?:[.,/:][\dOolI]{1,4}){0,6}(?![^\W_])")
_CLUSTER_MARKS = frozenset("\u0300\u0301\u0302\u0303\u0306\u0309\u031b\u0323")
_SUPERSCRIPTS = "²³"


def _map_char(char: str) -> str:
    if char < "\u0080":
        return char if char >= " " else " "
    if char in _SPECIAL:
        return _SPECIAL[char]
    if char in _SUPERSCRIPTS:
        return char
    category = unicodedata.category(char)
    if category in ("Cf", "Mn", "Me", "Cs", "Co", "Cn"):
        return ""
    if category in ("Cc", "Zs", "Zl", "Zp"):
        return " "
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if category in ("No", "Nl", "Sk", "Lm") or "\uff00" <= char <= "\uffef":
        plain = unicodedata.normalize("NFKC", char)
        return "".join(item for item in plain if item.isascii() or item.isalpha()) or " "
    if category == "So" and char not in "°®©™№":
        return " "
    return char


def clean(source: str) -> Cleaned:
    """Clean one text; line breaks become spaces, so callers split lines first.  Linear in the text."""
    chars: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    index, length = 0, len(source)
    while index < length:
        end = index + 1
        while end < length and end - index < 8 and source[end] in _CLUSTER_MARKS:
            end += 1
        cluster = source[index:end]
        if len(cluster) > 1:
            cluster = unicodedata.normalize("NFC", cluster)
        elif cluster > "\u007f":
            cluster = unicodedata.normalize("NFC", cluster)
        for char in cluster:
            for out in _map_char(char):
                chars.append(out)
                starts.append(index)
                ends.append(end)
        index = end
    text = "".join(chars)
    repairs: list[Repair] = []
    text = _repair_letters(text, repairs)
    text = _TONE.sub(lambda match: _TONE_MOVES[match[0]], text)
    text = _NUMBER_OCR.sub(lambda match: _repair_number(match, repairs), text)
    return Cleaned(text, starts, ends, tuple(repairs))


_ALIEN = re.compile("[\u0370-\u03ff\u0400-\u052f\u1d0f]")
_LETTERS = re.compile(r"[^\W\d_]+")


def _repair_letters(text: str, repairs: list[Repair]) -> str:
    def mend(match: re.Match[str]) -> str:
        word = match[0]
        if not _ALIEN.search(word):
            return word
        mended = "".join(_LOOKALIKE.get(char, char) for char in word)
        if any("\u0370" <= char <= "\u052f" for char in mended) or (len(word) == 1 and word in "αΑοΟ"):
            return word
        repairs.append(Repair(match.start(), match.end(), word))
        return mended

    return _LETTERS.sub(mend, text) if _ALIEN.search(text) else text


_AS_DIGIT = str.maketrans("OolI", "0011")


def _repair_number(match: re.Match[str], repairs: list[Repair]) -> str:
    word = match[0]
    if word.isdigit() or not any(char in "OolI" for char in word):
        return word
    if any(part and set(part) <= set("Il") for part in re.split(r"[.,/:]", word)):
        return word
    if word[-1] == "o" and word[:-1].isdigit() and len(word) < 4:
        return word  # 90o: degrees
    letters = sum(char in "OolI" for char in word)
    if sum(char.isdigit() for char in word) < max(1, letters - 1) or (letters == 1 and word.endswith("l")):
        return word
    repairs.append(Repair(match.start(), match.end(), word))
    return word.translate(_AS_DIGIT)

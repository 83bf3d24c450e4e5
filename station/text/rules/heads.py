"""Heads of lines (numbers and letters of lists) and abbreviations that the text itself explains."""

from __future__ import annotations

import re
import unicodedata

from station.text import tables
from station.text.numbers import cardinal, roman
from station.text.reading import UPPER, Context, Reading

_IN_WORDS = re.compile(r"\(\s*(?:[Bb]ằng chữ:?\s*|[Vv]iết bằng chữ:?\s*)?([^\W\d_]+(?:\s[^\W\d_]+){0,20}?)(?:\s(?:chẵn|ngàn chẵn))?[./]*\s*\)")
_LEVELS = re.compile(rf"(\d{{1,2}}(?:\.\d{{1,2}}){{1,3}})\.?(?=\s+[{UPPER}])")
_LIST_HEAD = re.compile(rf"([IVX]{{1,5}}|\d{{1,2}}|[a-zđA-ZĐ])([.)/]|[-–](?=\s+[{UPPER}]))(?=\s|$)")
_DEFINED = re.compile(r"\(\s*([^\W\d_][^()\d]{0,18}?)\s*\)")


def define(ctx: Context, start: int) -> Reading | None:
    """"Ủy ban nhân dân (UBND)": the abbreviation is not said again, and from here on it has this reading."""
    match = _DEFINED.match(ctx.text, start)
    if match is None:
        return None
    short = match[1].strip()
    if not short or not short[0].isupper() or sum(char.isupper() for char in short) < 2 or any(char.islower() for char in short):
        return None
    letters = [_initial(char) for char in short if char.isalpha()]
    before = re.findall(r"[^\W\d_]+|[,.;:()]", ctx.text[max(0, start - 120):start])
    words: list[str] = []
    for item in reversed(before):
        if not item[0].isalpha():
            if item == ",":
                continue
            break
        words.insert(0, item)
        initials = [_initial(word) for word in words]
        if _covers(letters, initials):
            if initials[0] == letters[0]:
                ctx.defined[short] = " ".join(words).lower()
                return Reading(match.end(), "", "skip")
        if len(words) > len(letters) + 4:
            break
    return None


def in_words(ctx: Context, start: int) -> Reading | None:
    """"01 (một) bộ": the number written out after itself is not said twice."""
    match = _IN_WORDS.match(ctx.text, start)
    if match is None or ctx.last_kind != "number":
        return None
    words = " ".join(match[1].lower().split())
    return Reading(match.end(), "", "skip") if words == ctx.last_spoken.lower() else None


def _initial(word: str) -> str:
    first = word[0].upper()
    return first if first == "Đ" else unicodedata.normalize("NFD", first)[0]


def _covers(letters: list[str], initials: list[str]) -> bool:
    """All letters in order among the initials, with at most two small words between."""
    if len(initials) < len(letters) or len(initials) > len(letters) + 3:
        return False
    place = 0
    for initial in initials:
        if place < len(letters) and initial == letters[place]:
            place += 1
    return place == len(letters) and initials[-1] == letters[-1]


def list_head(ctx: Context, pos: int) -> Reading | None:
    """The number or letter of a list item or heading at the head of a line."""
    levels = _LEVELS.match(ctx.text, pos)
    if levels and ctx.text[levels.end():].lstrip()[:1].isupper():
        return Reading(levels.end(), " chấm ".join(cardinal(int(item)) for item in levels[1].split(".")), "head")
    match = _LIST_HEAD.match(ctx.text, pos)
    if match is None or (match[2] == "." and not ctx.right(match.end()).strip()):
        return None
    mark = match[1]
    if mark.isdigit():
        return Reading(match.end(), cardinal(int(mark), ctx.style), "head")
    value = roman(mark) if mark.isupper() else None
    if value and (mark in "IVX" or len(mark) > 1):
        return Reading(match.end(), cardinal(value, ctx.style), "head")
    if len(mark) == 1 and not (mark in "PQTXH" and match[2] == "."):
        return Reading(match.end(), tables.spell(mark), "head")
    return None

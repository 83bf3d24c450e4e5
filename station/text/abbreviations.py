"""Abbreviations as data: plain readings, and readings that depend on the words around."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from station.text import tables
from station.text.reading import LOWER, UPPER, Context

_NAME = re.compile(rf"[.\s]*[{UPPER}][{LOWER}]+")


@dataclass(frozen=True)
class Sense:
    """One meaning; it holds when the patterns match the text just before and after (lower case)."""

    read: str
    left: re.Pattern[str] | None
    right: re.Pattern[str] | None
    #: what follows must be a name (a capital, then small letters)
    name: bool = False

    def fits(self, left: str, right: str) -> bool:
        """Whether the text just before (lower case) and just after fit."""
        return (
            (self.left is None or self.left.search(left) is not None)
            and (self.right is None or self.right.match(right.lower()) is not None)
            and (not self.name or _NAME.match(right) is not None)
        )


@dataclass(frozen=True)
class Ambiguous:
    """An abbreviation with several meanings; the last is taken, with a doubt, when no context fits."""

    senses: tuple[Sense, ...]
    default: str
    choices: tuple[str, ...]


@cache
def _plain() -> dict[str, str]:
    return {key: words for section in ("plain", "acronym") for key, words in tables.load("abbreviations")[section].items()}


def plain(key: str) -> str:
    """The reading of an unambiguous abbreviation, or an empty string."""
    return _plain().get(key, "")


@cache
def _ambiguous(key: str) -> Ambiguous | None:
    entry = tables.contexts().get(key)
    if entry is None:
        return None
    senses = tuple(
        Sense(
            item["read"],
            re.compile(rf"(?<!\w)(?:{item['left']})[\s,(]*$") if "left" in item else None,
            re.compile(rf"\s*(?:{item['right']})") if "right" in item else None,
            bool(item.get("name", False)),
        )
        for item in entry.get("when", ())
    )
    choices = dict.fromkeys([entry["default"], *(sense.read for sense in senses)])
    return Ambiguous(senses, entry["default"], tuple(choices))


def lookup(key: str, start: int, end: int, ctx: Context) -> tuple[str, tuple[str, ...]] | None:
    """The reading of an abbreviation in its place and, where it was guessed, the choices."""
    words = _plain().get(key)
    if words is not None:
        return words, ()
    entry = _ambiguous(key)
    if entry is None:
        return None
    left, right = ctx.left(start), ctx.right(end)
    for sense in entry.senses:
        if sense.fits(left, right):
            return sense.read, ()
    return entry.default, entry.choices if len(entry.choices) > 1 else ()

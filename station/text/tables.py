"""The package's own data (TOML), read once."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

_DATA = Path(__file__).parent / "data"
#: lines of a flat section; nearly all of the data is such, and reading them so takes a tenth of the time
_PAIR = re.compile(r'^(?:"([^"\\]+)"|([A-Za-z0-9_-]+)) = "([^"\\]*)"$', re.MULTILINE)
_SECTION = re.compile(r"^\[([a-z]+)\]$", re.MULTILINE)
#: where the flat sections end
_NESTED = ("\n[context.", "\n[per]")


@cache
def load(name: str) -> dict[str, dict[str, str]]:
    """The flat sections (``key = "words"``) of the TOML file ``data/NAME.toml``."""
    parts = _SECTION.split(_flat(name))[1:]
    return {
        section: {quoted or bare: words for quoted, bare, words in _PAIR.findall(body)}
        for section, body in zip(parts[::2], parts[1::2], strict=True)
    }


def _text(name: str) -> str:
    return (_DATA / f"{name}.toml").read_text(encoding="utf-8")


def _flat(name: str) -> str:
    text = _text(name)
    for mark in _NESTED:
        at = text.find(mark)
        if at >= 0:
            after = text.find("\n[technical]", at)
            text = text[:at] + (text[after:] if after >= 0 else "\n")
    return text


@cache
def contexts() -> dict[str, dict[str, Any]]:
    """Abbreviations whose meaning hangs on the words around them."""
    import tomllib

    text = _text("abbreviations")
    return tomllib.loads(text[text.index("[context."):])["context"]


def units() -> dict[str, str]:
    return load("units")["unit"] | {"h": "giờ"}


@cache
def per_words() -> frozenset[str]:
    """Words that stand after a slash for "each"."""
    match = re.search(r'^\[per\]\s+words = """(.*?)"""', _text("units"), re.MULTILINE | re.DOTALL)
    return frozenset(match[1].split() if match else ())


def technical_units() -> dict[str, str]:
    return load("units")["technical"]


def letters() -> dict[str, str]:
    return load("letters")["letter"]


def spell(word: str) -> str:
    """A word by the names of its letters, in the house style."""
    names = letters()
    return " ".join(names[char] for char in word.upper() if char in names)

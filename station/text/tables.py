"""The package's own data (TOML), read once."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def load(name: str) -> dict[str, Any]:
    """The TOML file ``data/NAME.toml`` of this package."""
    return tomllib.loads((files("station.text") / "data" / f"{name}.toml").read_text(encoding="utf-8"))


def units() -> dict[str, str]:
    return load("units")["unit"] | {"h": "giờ"}


@cache
def per_words() -> frozenset[str]:
    return frozenset(load("units")["per"]["words"].split())


def technical_units() -> dict[str, str]:
    return load("units")["technical"]


def letters() -> dict[str, str]:
    return load("letters")["letter"]


def spell(word: str) -> str:
    """A word by the names of its letters, in the house style."""
    names = letters()
    return " ".join(names[char] for char in word.upper() if char in names)

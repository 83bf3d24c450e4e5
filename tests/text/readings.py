"""Expected readings with alternatives, as the data files of this folder write them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from station.text import tables

HERE = Path(__file__).parent


def rows(*names: str) -> list[tuple[str, str, str]]:
    """(written, expected, kind) of the files of cases, in order."""
    found = []
    for name in names:
        for line in (HERE / f"cases_{name}.tsv").read_text(encoding="utf-8").splitlines():
            if line and line[0] != "#":
                written, expected, *kind = line.split("\t")
                found.append((written, expected, kind[0] if kind else ""))
    return found


def plain(text: str) -> str:
    """Lower case, without punctuation."""
    return " ".join(re.sub(r"[,.?!]", " ", text).lower().split())


@cache
def pattern(expected: str) -> re.Pattern[str]:
    """``{a|b|}`` are alternatives, an empty one means optional; ``<AI>`` is spelled in the house style."""
    expected = re.sub(r"<([A-ZĐ]+)>", lambda match: tables.spell(match[1]), expected)
    out = []
    for part in re.split(r"([{}|])", expected):
        if part in ("{", "|", "}"):
            out.append({"{": "(?:", "|": "|", "}": ")"}[part])
        else:
            out += [re.escape(word) + " " for word in part.split()]
    return re.compile("".join(out))


def fits(expected: str, spoken: str) -> bool:
    """Whether a spoken line is one of the expected readings."""
    return pattern(expected).fullmatch(plain(spoken) + " ") is not None

"""From pieces to a clean spoken line: punctuation settled, and a last check that nothing unreadable is left."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace

from station.text.numbers import digits
from station.text.scan import Piece
from station.text.syllables import is_latin

_RANK = {",": 0, ".": 1, "!": 2, "?": 3}
_KEPT = re.compile(r"[^\W\d_]+|[,.?!]")


def last_check(words: str) -> str:
    """Only letters, blanks and , . ? ! are left; digits become words, anything else goes."""
    if words.isalpha() and words.isascii():
        return words
    words = unicodedata.normalize("NFC", words)
    words = re.sub(r"\d+", lambda match: f" {digits(unicodedata.normalize('NFKC', match[0]))} ", words)
    kept = "".join(char if char in " ,.?!" or is_latin(char) else " " for char in words)
    return " ".join(kept.split()).replace(" ,", ",")


def settle(pieces: Iterable[Piece]) -> list[Piece]:
    """Pieces with a spoken form; of neighbouring marks the strongest stays, none stands first."""
    kept: list[Piece] = []
    for piece in pieces:
        if piece.kind == "pause":
            if not kept:
                continue
            if kept[-1].kind == "pause":
                if _RANK[piece.spoken] > _RANK[kept[-1].spoken]:
                    kept[-1] = replace(kept[-1], spoken=piece.spoken, end=piece.end)
                continue
            kept.append(piece)
            continue
        spoken = last_check(piece.spoken).strip(" ,.?!") if piece.kind != "raw" else piece.spoken
        if spoken:
            kept.append(replace(piece, spoken=spoken))
    if kept and kept[-1].kind == "pause" and kept[-1].spoken == ",":
        kept.pop()
    return kept


def join(pieces: Iterable[Piece]) -> str:
    """The pieces as one line."""
    out: list[str] = []
    for piece in pieces:
        spoken = piece.spoken
        if piece.kind != "pause" and out:
            if out[-1] in (".", "?", "!"):
                capital = spoken[0].upper()
                spoken = capital + spoken[1:] if len(capital) == 1 and is_latin(capital) else spoken
            out.append(" ")
        out.append(spoken)
    return "".join(out)

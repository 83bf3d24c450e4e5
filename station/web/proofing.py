"""Where each word that was read stands in the text being edited, and what each written form will sound like."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from station.editorial.learning import StationWords
from station.text.script import Script

#: below this the reading is more likely wrong than not worth a look; measured on pages of this kind
DOUBTFUL = 0.90
VERY_DOUBTFUL = 0.60
#: a text longer than this is shown without marks, so that the page answers at once
MOST_WORDS = 6000
_TOKEN = re.compile(r"\S+")
_EDGE = re.compile(r"^[\W_]+|[\W_]+$")


@dataclass(frozen=True)
class Mark:
    """A read word at ``start:end`` of the text: its page, box (pixels) and why to look at it.

    ``level`` is "" (sure), "check" (numbers, names: always worth a look), "doubt" or "strong"; ``hint`` is what the word
    probably is, by what staff corrected before.
    """

    start: int
    end: int
    page: int
    box: tuple[int, int, int, int] | None
    level: str
    kind: str
    confidence: float
    hint: str = ""

    def to_json(self) -> list[Any]:
        """As the page's script takes it: ``[start, end, page, box, level, kind, hint]``."""
        return [self.start, self.end, self.page, list(self.box) if self.box else None, self.level, self.kind, self.hint]


def level_of(confidence: float, check: str, unknown: bool) -> str:
    """How much a word wants to be looked at."""
    if confidence < VERY_DOUBTFUL:
        return "strong"
    if confidence < DOUBTFUL or unknown:
        return "doubt"
    return "check" if check else ""


def _core(word: str) -> str:
    return _EDGE.sub("", word) or word


def place_words(
    document: Mapping[str, Any] | None, chosen: Mapping[str, bool], text: str, words: StationWords | None = None
) -> list[Mark]:
    """Each read word of the spoken blocks where it stands in ``text``, in the order of the text.

    ``words``: what earlier corrections taught; a word that was often misread is marked and gets a hint, an odd word
    that was right before is not called unknown.  A word that a person has changed keeps its place on the page and is sure; a word that was taken out is left out.
    """
    if not document:
        return []
    read = [
        (page["number"], word)
        for page in document["pages"]
        for index, block in enumerate(page["blocks"]) if chosen.get(f"{page['number']}.{index}", block["spoken"])
        for line in block["lines"] for word in line["words"]
    ]
    tokens = [(match.start(), match.end(), match[0]) for match in _TOKEN.finditer(text)]
    if not read or len(read) > MOST_WORDS or len(tokens) > MOST_WORDS:
        return []
    marks: list[Mark] = []
    # a comma that a table's sentence or a person put behind a word makes it no other word
    matcher = SequenceMatcher(
        None, [_core(word["text"]) for _page, word in read], [_core(token[2]) for token in tokens], autojunk=False
    )
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag not in ("equal", "replace"):
            continue
        for i, j in zip(range(i1, i2), range(j1, j2), strict=False):
            page, word = read[i]
            sure = tag == "replace"
            hint = words.suggestion(word["text"]) if words and not sure else ""
            unknown = (word["unknown"] and not (words and words.is_right(word["text"]))) or bool(hint)
            marks.append(Mark(
                tokens[j][0], tokens[j][1], page, tuple(word["box"]) if word["box"] else None,
                "" if sure else level_of(word["confidence"], word["check"], unknown), word["check"],
                word["confidence"], hint,
            ))
    return marks


@dataclass(frozen=True)
class Piece:
    """A stretch of the written text; ``spoken`` is what is said instead, empty where it is said as it is written."""

    written: str
    spoken: str = ""
    guess: bool = False


@dataclass(frozen=True)
class SpokenLine:
    """One sentence for the page."""

    number: int
    start: int
    pieces: tuple[Piece, ...]
    spoken: str


def _bare(text: str) -> str:
    return " ".join(re.sub(r"[^\w\s]", " ", text.lower()).split())


def spoken_lines(script: Script) -> list[SpokenLine]:
    """Each sentence as written, with the reading over what is read otherwise."""
    doubts = [(doubt.start, doubt.end) for doubt in script.doubts]
    lines = []
    for number, sentence in enumerate(script.sentences):
        pieces: list[Piece] = []
        at = sentence.start
        for token in sentence.tokens:
            if token.start < at:
                continue
            written = script.source[token.start:token.end]
            between = script.source[at:token.start]
            if between:
                pieces.append(Piece(between))
            at = token.end
            said = token.spoken.strip(" ,.?!")
            if not said or _bare(said) == _bare(written):
                pieces.append(Piece(written))
            else:
                guess = any(start < token.end and token.start < end for start, end in doubts)
                pieces.append(Piece(written, said, guess))
        if at < sentence.end:
            pieces.append(Piece(script.source[at:sentence.end]))
        lines.append(SpokenLine(number, sentence.start, tuple(pieces), sentence.spoken))
    return lines

"""What each written form will sound like, laid over the text: for the proofreading page and the lexicon page."""

from __future__ import annotations

import re
from dataclasses import dataclass

from station.text.clean import clean
from station.text.lexicon import Entry, Lexicon
from station.text.script import Script

_MARKS = re.compile(r"[\s,.?!]+")


@dataclass(frozen=True)
class Span:
    """``source[start:end]`` is written one way and said another.

    ``doubt`` is the kind of guess (see :class:`station.text.script.Doubt`), empty where the reading is sure;
    ``choices`` are the readings to offer for it.
    """

    start: int
    end: int
    written: str
    spoken: str
    doubt: str = ""
    choices: tuple[str, ...] = ()


def spans(script: Script) -> tuple[Span, ...]:
    """The places of a script's text that are not said as they are written, in the order of the text."""
    doubts = {(doubt.start, doubt.end): doubt for doubt in script.doubts if doubt.kind != "lookalike"}
    found = []
    for sentence in script.sentences:
        for token in sentence.tokens:
            written = script.source[token.start:token.end]
            if not written.strip() or _plain(clean(written).text) == _plain(token.spoken):
                continue
            doubt = doubts.get((token.start, token.end))
            found.append(Span(
                token.start, token.end, written, token.spoken, doubt.kind if doubt else "", doubt.choices if doubt else ()
            ))
    return tuple(sorted(found, key=lambda span: (span.start, span.end)))


def places(entry: Entry, text: str) -> tuple[tuple[int, int], ...]:
    """Where an entry of the lexicon stands in a text, as ``(start, end)``: what it changes there."""
    lexicon = Lexicon.of([entry])
    cleaned = clean(text)
    found, pos = [], 0
    while pos < len(cleaned.text):
        inside = pos > 0 and cleaned.text[pos - 1].isalnum() and cleaned.text[pos].isalnum()
        match = None if inside else lexicon.match(cleaned.text, pos)
        if match:
            found.append(cleaned.span(pos, match[0]))
            pos = match[0]
        else:
            pos += 1
    return tuple(found)


def sample(entry: Entry) -> str:
    """A sentence in which staff can hear an entry before it is saved: give it to ``make_script`` with the entry."""
    return f"{entry.written.strip()}."


def _plain(text: str) -> str:
    return _MARKS.sub(" ", text).strip().lower()

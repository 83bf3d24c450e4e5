"""The entry points: one line to words, and a whole text to a script of sentences."""

from __future__ import annotations

import re
from dataclasses import replace

from station.text import marks, tables
from station.text.clean import Cleaned, clean
from station.text.lexicon import Lexicon
from station.text.lines import ITEM, paragraphs
from station.text.scan import Piece, has_letters_in_capitals, scan
from station.text.script import Doubt, Kind, Script, Sentence, Token
from station.text.speak import join, settle

#: silence after a sentence, seconds, by what ends it
PAUSES = {"sentence": 0.45, "clause": 0.2, "list": 0.55, "paragraph": 0.7, "heading": 0.9}
#: sentences longer than this are cut at commas (words)
LONGEST_SENTENCE = 45
_HEAD = re.compile(r"\s*(?:[IVX]{1,5}\.\s|\d{1,2}(?:\.\d{1,2}){0,2}\.\s)\S.{0,78}$")


def normalize(line: str, *, region: str = "north", lexicon: Lexicon | None = None) -> str:
    """One written line as one spoken line: words and , . ? ! only, NFC.  Never raises on any text."""
    cleaned = clean(line)
    pieces = scan(
        cleaned.text, region=region, lexicon=lexicon, capitals=has_letters_in_capitals(cleaned.text)
    )
    return join(settle(pieces))


def report(line: str, *, region: str = "north", lexicon: Lexicon | None = None) -> tuple[str, tuple[Doubt, ...]]:
    """The spoken line and what was guessed in it, with positions in ``line``."""
    cleaned = clean(line)
    pieces = scan(cleaned.text, region=region, lexicon=lexicon, capitals=has_letters_in_capitals(cleaned.text))
    return join(settle(pieces)), doubts_of(pieces, cleaned, line, 0)


def doubts_of(pieces: list[Piece], cleaned: Cleaned, source: str, base: int) -> tuple[Doubt, ...]:
    """The guesses among the pieces, and the look-alikes that were repaired, by place."""
    found = []
    for piece in pieces:
        if piece.doubt:
            start, end = cleaned.span(piece.start, piece.end)
            found.append(Doubt(base + start, base + end, source[base + start:base + end], piece.spoken, piece.doubt, piece.choices))
    for repair in cleaned.repairs:
        start, end = cleaned.span(repair.start, repair.end)
        text = cleaned.text[repair.start:repair.end]
        found.append(Doubt(base + start, base + end, source[base + start:base + end], text, "lookalike", (text, repair.written)))
    return tuple(sorted(found, key=lambda doubt: doubt.start))


def make_script(text: str, *, region: str = "north", lexicon: Lexicon | None = None) -> Script:
    """A corrected text as a script: sentences fit for synthesis, pauses, places and doubts.  Linear in the text."""
    sentences: list[Sentence] = []
    doubts: list[Doubt] = []
    defined: dict[str, str] = {}
    pieces_of_marks = marks.parts(text)
    for number, part in enumerate(pieces_of_marks):
        piece_text = text[part.start:part.end]
        glued = number > 0
        for first, last in paragraphs(piece_text):
            base = part.start + first
            line = piece_text[first:last]
            cleaned = clean(line)
            capitals = has_letters_in_capitals(cleaned.text)
            kind = _kind(line, capitals)
            if part.reading:
                pieces = [Piece(part.reading, 0, len(cleaned.text))]
            elif part.spelled:
                pieces = [Piece(tables.spell(word) or word, place, place + len(word)) for place, word in _words(cleaned.text)]
            else:
                pieces = scan(cleaned.text, region=region, lexicon=lexicon, capitals=capitals, defined=defined, head=not glued)
            doubts += doubts_of(pieces, cleaned, text, base)
            pieces = settle(pieces)
            made = _sentences(pieces, cleaned, base, kind, part.voice)
            if made and part.emphasis:
                made[0] = replace(made[0], emphasis=True)
                made = [replace(sentence, emphasis=True) for sentence in made]
            sentences += made
            glued = False
        following = pieces_of_marks[number + 1] if number + 1 < len(pieces_of_marks) else None
        if sentences and part.pause:
            sentences[-1] = replace(sentences[-1], pause_seconds=part.pause)
        elif sentences and following and piece_text.strip() and not following.pause and "\n" not in text[part.end - 1:following.start + 1]:
            if not piece_text.rstrip().endswith((".", "?", "!", ":")):
                sentences[-1] = replace(sentences[-1], pause_seconds=0.1)
    return Script(text, tuple(sentences), tuple(doubts))


def _words(text: str) -> list[tuple[int, str]]:
    return [(match.start(), match[0]) for match in re.finditer(r"\w+", text)]


def _kind(line: str, capitals: bool) -> Kind:
    if capitals and len(line) < 300:
        return Kind.HEADING
    if _HEAD.match(line) and line.rstrip()[-1] not in ".;,:":
        return Kind.HEADING
    return Kind.LIST_ITEM if ITEM.match(line) else Kind.BODY


def _sentences(pieces: list[Piece], cleaned: Cleaned, base: int, kind: Kind, voice: str) -> list[Sentence]:
    made: list[Sentence] = []
    current: list[Piece] = []
    words = 0

    def close(pause: float) -> None:
        nonlocal current, words
        said = [piece for piece in current if piece.kind != "pause"]
        if said:
            tokens = []
            for piece in said:
                start, end = cleaned.span(piece.start, piece.end)
                tokens.append(Token(piece.spoken, base + start, base + end))
            spoken = join(current)
            if current[-1].kind == "pause" and current[-1].spoken == ",":
                spoken = spoken[:-1]
            made.append(Sentence(spoken, tokens[0].start, max(token.end for token in tokens), pause, kind, tuple(tokens), voice))
        current, words = [], 0

    for piece in pieces:
        current.append(piece)
        if piece.kind == "pause":
            if piece.spoken in ".?!":
                close(PAUSES["sentence"])
            elif words >= LONGEST_SENTENCE * 0.6:
                close(PAUSES["clause"])
        else:
            words += piece.spoken.count(" ") + 1
            if words >= LONGEST_SENTENCE * 1.5:
                close(PAUSES["clause"])
    close(PAUSES["sentence"])
    if made:
        last = {Kind.HEADING: "heading", Kind.LIST_ITEM: "list", Kind.BODY: "paragraph"}[kind]
        made[-1] = replace(made[-1], pause_seconds=PAUSES[last])
    return made


def changed_by(lexicon_before: Lexicon, lexicon_after: Lexicon, texts: dict[str, str], *, region: str = "north") -> list[str]:
    """Which of ``texts`` (key -> text) are spoken otherwise with the other lexicon: keys, in order."""
    return [
        key for key, text in texts.items()
        if make_script(text, region=region, lexicon=lexicon_before).text() != make_script(text, region=region, lexicon=lexicon_after).text()
    ]

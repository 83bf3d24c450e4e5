"""The script: what will be spoken, sentence by sentence, and where each word came from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a sentence is in the bulletin; decides the pause after it."""

    HEADING = "heading"
    BODY = "body"
    LIST_ITEM = "list_item"


@dataclass(frozen=True)
class Token:
    """One or more spoken words and the characters of the source text (``start:end``) they came from."""

    spoken: str
    start: int
    end: int


@dataclass(frozen=True)
class Doubt:
    """A place where the reading was guessed.

    ``kind`` is a short code: "abbreviation", "slash", "foreign", "lookalike", "symbol", "number".
    """

    start: int
    end: int
    written: str
    spoken: str
    kind: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sentence:
    """One sentence fit for synthesis.

    ``spoken`` holds words and the punctuation ``, . ? !`` only (NFC, no digit, no symbol); ``start:end`` is its
    place in the source text; ``pause_seconds`` is the silence after it.  ``voice`` names another voice for this
    sentence, empty for the program's.
    """

    spoken: str
    start: int
    end: int
    pause_seconds: float = 0.4
    kind: Kind = Kind.BODY
    tokens: tuple[Token, ...] = ()
    voice: str = ""
    #: staff asked for emphasis: said a little slower
    emphasis: bool = False
    #: how it is read, on top of the voice's own way: a factor of pace, half tones
    speed: float = 1.0
    pitch: float = 0.0


@dataclass(frozen=True)
class Script:
    """The spoken form of one text."""

    source: str
    sentences: tuple[Sentence, ...]
    doubts: tuple[Doubt, ...] = ()

    def text(self) -> str:
        """The spoken words, one sentence a line."""
        return "\n".join(sentence.spoken for sentence in self.sentences)

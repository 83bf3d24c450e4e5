"""What rules see and what they give."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from station.text.numbers import NORTH, HouseStyle

#: for the inside of a character class; à-ỹ would take capitals in, for Unicode mixes the cases there
LOWER = "a-zàáâãèéêìíòóôõùúýăđĩũơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ"
UPPER = LOWER.replace("a-z", "").upper() + "A-Z"

#: how far rules look to the left and right, characters; bounded, so that the cost stays linear
WINDOW = 60


@dataclass(frozen=True)
class Reading:
    """``text[start:end]`` is said as ``spoken`` (empty: not said); ``doubt`` names the kind of guess, if any."""

    end: int
    spoken: str
    kind: str = "word"
    doubt: str = ""
    choices: tuple[str, ...] = ()


@dataclass
class Context:
    """The cleaned line and where the scanner stands."""

    text: str
    style: HouseStyle = NORTH
    capitals: bool = False
    defined: dict[str, str] = field(default_factory=dict)
    last_spoken: str = ""
    last_kind: str = ""
    last_end: int = -9
    last_phone_end: int = -99

    def left(self, pos: int) -> str:
        """The lower-case text just before ``pos``."""
        return self.text[max(0, pos - WINDOW):pos].lower()

    def right(self, pos: int) -> str:
        """The text just after ``pos``."""
        return self.text[pos:pos + WINDOW]


Handler = Callable[["re.Match[str]", Context], "Reading | None"]


@dataclass(frozen=True)
class Rule:
    pattern: re.Pattern[str]
    handler: Handler


def rule(pattern: str, table: list[Rule]) -> Callable[[Handler], Handler]:
    """Decorator: add a handler for a pattern (matched at the scanner's place) to a table."""

    def add(handler: Handler) -> Handler:
        table.append(Rule(re.compile(pattern), handler))
        return handler

    return add


def after(words: str) -> re.Pattern[str]:
    """A pattern that finds one of ``words`` (alternatives) right at the end of a left window."""
    return re.compile(rf"(?<!\w)(?:{words})[\s:.,(]*$")

"""Marks of staff inside the text: [nghỉ], [nghỉ 2 giây], [nhấn]..[/nhấn], [đánh vần]..[/đánh vần], [giọng X]..[/giọng],
[đọc: lời đọc]..[/đọc].  See docs/text.md."""

from __future__ import annotations

import re
from dataclasses import dataclass

_MARK = re.compile(
    r"\[\s*(?:(nghỉ)(?:\s+(\d{1,2}(?:[.,]\d)?)\s*(?:giây|s)?)?|(/?)(nhấn|đánh vần)|giọng\s+([\w.:-]{1,60})|(/)giọng|đọc\s*:\s*([^\[\]\n]{1,200})|(/)đọc)\s*\]",
    re.IGNORECASE,
)
DEFAULT_PAUSE = 1.0


@dataclass(frozen=True)
class Part:
    """A stretch of text between marks; ``pause`` is the silence asked for after it, seconds."""

    start: int
    end: int
    pause: float = 0.0
    emphasis: bool = False
    spelled: bool = False
    voice: str = ""
    reading: str = ""


def parts(text: str) -> list[Part]:
    """The text cut at its marks; without marks, one part."""
    found: list[Part] = []
    start, state = 0, {"emphasis": False, "spelled": False, "voice": "", "reading": ""}

    def close(end: int, pause: float = 0.0) -> None:
        if end > start or pause:
            found.append(Part(start, end, pause, **state))  # type: ignore[arg-type]

    for match in _MARK.finditer(text):
        pause, seconds, closing, style, voice, voice_end, reading, reading_end = match.groups()
        if pause:
            close(match.start(), float((seconds or str(DEFAULT_PAUSE)).replace(",", ".")))
        else:
            close(match.start())
            if style:
                state["emphasis" if style.lower() == "nhấn" else "spelled"] = not closing
            elif voice or voice_end:
                state["voice"] = voice or ""
            else:
                state["reading"] = (reading or "").strip() if not reading_end else ""
        start = match.end()
    close(len(text))
    return found

"""What a program says, as text and as subtitles timed to its sentences."""

from __future__ import annotations

from collections.abc import Sequence

from station.programs.model import Chapter, Cue


def clock(seconds: float) -> str:
    """``"12:05"`` or ``"1:02:05"``."""
    whole = int(seconds + 0.5)
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"


def shown(text: str) -> str:
    """Spoken words as a sentence on paper: a capital first, a mark at the end."""
    text = " ".join(text.split())
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '!', '?', '…', ':')) or not text else '.'}"


def transcript(chapters: Sequence[Chapter], cues: Sequence[Cue], sample_rate: int) -> str:
    """The words under the names and times of their parts; parts without words are left out."""
    lines: list[str] = []
    for index, chapter in enumerate(chapters):
        said = [shown(cue.text) for cue in cues if cue.segment == index]
        if said:
            lines += [f"[{clock(chapter.start_frame / sample_rate)}] {chapter.title}", *said, ""]
    return "\n".join(lines).rstrip() + "\n"


def stamp(frame: int, sample_rate: int) -> str:
    """``"00:12:05.250"``."""
    milliseconds = round(frame * 1000 / sample_rate)
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{rest:03d}"


def vtt(cues: Sequence[Cue], sample_rate: int) -> str:
    """The sentences as WebVTT, each shown exactly while it is spoken."""
    parts = ["WEBVTT\nLanguage: vi\n"]
    for number, cue in enumerate(cues, 1):
        text = shown(cue.text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        parts.append(f"{number}\n{stamp(cue.start_frame, sample_rate)} --> {stamp(cue.end_frame, sample_rate)}\n{text}\n")
    return "\n".join(parts)

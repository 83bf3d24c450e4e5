"""What a program is made of, and what assembling it gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Priority(StrEnum):
    """Classes of bulletins by Thông tư 39/2020/TT-BTTTT."""

    NORMAL = "normal"
    PRIORITY = "priority"
    EMERGENCY = "emergency"


class SegmentKind(StrEnum):
    CHIME = "chime"
    GREETING = "greeting"
    HEADLINES = "headlines"
    ITEM = "item"
    SEPARATOR = "separator"
    NOTICE = "notice"
    CLOSING = "closing"
    SILENCE = "silence"


#: sounds that are cut when they are longer than :data:`LONGEST_SOUND_SECONDS`
SHORT_SOUNDS = (SegmentKind.CHIME, SegmentKind.SEPARATOR)
LONGEST_SOUND_SECONDS = 60.0


@dataclass(frozen=True)
class Clip:
    """A piece of audio on disk (any rate and channels), then ``pause_seconds`` of silence.

    ``text`` is what it says, for transcripts; empty for sounds.
    """

    path: str
    pause_seconds: float = 0.0
    text: str = ""


@dataclass(frozen=True)
class Segment:
    """A part of a program with a name of its own: becomes one chapter.

    ``ref`` is the caller's key (the bulletin's id) and comes back on the chapter.
    """

    kind: SegmentKind
    title: str
    clips: tuple[Clip, ...]
    ref: str = ""
    bed: str = ""


@dataclass(frozen=True)
class Chapter:
    """Where a segment lies in the finished audio, in frames of the program's rate."""

    kind: SegmentKind
    title: str
    start_frame: int
    end_frame: int
    ref: str = ""


@dataclass(frozen=True)
class Cue:
    """Where a sentence lies in the finished audio, in frames."""

    text: str
    start_frame: int
    end_frame: int
    segment: int


@dataclass(frozen=True)
class Render:
    """A finished program.

    ``sha256`` is of the audio file; ``script_sha256`` of the words; both together are what a leader approves.
    Loudness in LUFS (integrated, BS.1770), true peak in dBTP.
    """

    path: str
    sample_rate: int
    channels: int
    frames: int
    sha256: str
    script_sha256: str
    loudness_lufs: float
    true_peak_dbtp: float
    chapters: tuple[Chapter, ...] = ()
    cues: tuple[Cue, ...] = ()
    problems: tuple[str, ...] = field(default=())

    @property
    def seconds(self) -> float:
        return self.frames / self.sample_rate

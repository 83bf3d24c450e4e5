"""Short samples of one program in each loudspeaker profile, to be compared by ear."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from station.config import Settings
from station.errors import ProgramError
from station.programs.assembly import assemble
from station.programs.model import Clip, Render, Segment, SegmentKind
from station.programs.profiles import PROFILES

SENTENCES = 4
_SPEECH = (SegmentKind.ITEM, SegmentKind.HEADLINES, SegmentKind.GREETING, SegmentKind.NOTICE)


def profile_samples(segments: Sequence[Segment], folder: Path, settings: Settings) -> dict[str, Render]:
    """The first sentences of a program's first item, as ``FOLDER/PROFILE.flac`` for every profile, equally loud.

    Raises :class:`ProgramError` when nothing is spoken in the program.
    """
    clips: tuple[Clip, ...] = ()
    for kind in _SPEECH:
        spoken = (tuple(clip for clip in one.clips if clip.text) for one in segments if one.kind is kind)
        clips = next((some[:SENTENCES] for some in spoken if some), ())
        if clips:
            break
    if not clips:
        raise ProgramError("Chương trình chưa có lời nào để nghe thử.", mend="Hãy thêm ít nhất một tin đã đọc lời.")
    part = [Segment(SegmentKind.ITEM, "Nghe thử", clips)]
    folder.mkdir(parents=True, exist_ok=True)
    return {name: assemble(part, folder / f"{name}.flac", settings, profile=name) for name in PROFILES}

"""A program's length before it is spoken, and what to do about one that is too long for its slot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

import soundfile

from station.config import Settings
from station.programs.beds import LEAD_SECONDS, TAIL_SECONDS
from station.programs.items import Item
from station.programs.model import Priority, Segment, SegmentKind
from station.programs.pace import Pace, pace_of
from station.programs.template import Draft, PartKind, Template, outline
from station.programs.transcript import clock
from station.programs.wording import NextProgram

#: pauses are never made shorter than this share of themselves
LEAST_PAUSE = 0.5


@dataclass(frozen=True)
class PartEstimate:
    """About how long one part will be; ``pause_seconds`` of it are silence between sentences."""

    kind: SegmentKind
    title: str
    ref: str
    seconds: float
    pause_seconds: float
    priority: Priority = Priority.NORMAL
    repeat: bool = False


@dataclass(frozen=True)
class Estimate:
    """About how long a program will be."""

    parts: tuple[PartEstimate, ...]

    @property
    def seconds(self) -> float:
        return sum(part.seconds for part in self.parts)

    @property
    def pause_seconds(self) -> float:
        return sum(part.pause_seconds for part in self.parts)


class ChoiceKind(StrEnum):
    """Ways to make a program shorter."""

    SHORTEN_PAUSES = "shorten_pauses"
    DROP_REPEATS = "drop_repeats"
    DROP = "drop"
    MOVE = "move"


@dataclass(frozen=True)
class Choice:
    """One way: ``refs`` are the items it leaves out, ``factor`` the pauses that stay; ``seconds`` what it leads to."""

    kind: ChoiceKind
    label: str
    seconds: float
    fits: bool
    refs: tuple[str, ...] = ()
    factor: float = 1.0


@dataclass(frozen=True)
class Fit:
    """How a program fits its slot; ``message`` and the choices' labels are for staff, in Vietnamese."""

    seconds: float
    limit_seconds: float
    message: str
    choices: tuple[Choice, ...] = ()

    @property
    def over_seconds(self) -> float:
        return max(0.0, self.seconds - self.limit_seconds)


def estimate(
    template: Template, items: Sequence[Item], settings: Settings, when: datetime, *, voice: str = "",
    next_program: NextProgram | None = None, notices: Mapping[str, str] | None = None,
) -> Estimate:
    """The program's parts with their lengths (within about a tenth in all), before anything is spoken."""
    drafts = outline(template, items, settings, when, next_program=next_program, notices=notices)
    return estimate_drafts(drafts, settings, voice)


def estimate_seconds(text: str, settings: Settings, *, voice: str = "") -> float:
    """About how long a written text will be when it is spoken, with its pauses."""
    return estimate_drafts([Draft(SegmentKind.ITEM, "", (text,), pause_seconds=0.0)], settings, voice).seconds


def estimate_drafts(drafts: Sequence[Draft], settings: Settings, voice: str = "") -> Estimate:
    """The estimate of an outline."""
    pace = pace_of(voice, settings)
    known: dict[str, tuple[float, list[float]]] = {}
    return Estimate(tuple(_part(draft, settings, pace, known) for draft in drafts))


def _part(
    draft: Draft, settings: Settings, pace: Pace, known: dict[str, tuple[float, list[float]]]
) -> PartEstimate:
    from station.voices.speak import make_station_script

    sound, pauses = 0.0, []
    for line in draft.lines:
        if line not in known:
            sentences = make_station_script(line, settings).sentences
            known[line] = (sum(pace.seconds(one.spoken, settings.voices.speed) for one in sentences),
                           [one.pause_seconds for one in sentences])
        sound += known[line][0]
        pauses += known[line][1]
    for clip in draft.clips:
        try:
            sound += soundfile.info(clip.path).duration
        except (soundfile.LibsndfileError, OSError):
            continue
        pauses.append(clip.pause_seconds)
    if not pauses:
        return PartEstimate(draft.kind, draft.title, draft.ref, 0.0, 0.0, draft.priority, draft.repeat)
    pauses[-1] = max(pauses[-1], draft.pause_seconds)
    if draft.bed:
        sound += LEAD_SECONDS + max(0.0, TAIL_SECONDS - pauses[-1])
    return PartEstimate(draft.kind, draft.title, draft.ref, sound + sum(pauses), sum(pauses), draft.priority, draft.repeat)


def fit_to_slot(length: Estimate, limit_seconds: float) -> Fit:
    """Whether a program fits, and if not, the choices: the gentlest first.

    Only ordinary items are offered for leaving out, the last ones first; priorities and emergencies never are.
    """
    total = length.seconds
    if total <= limit_seconds:
        return Fit(total, limit_seconds, f"Chương trình dài khoảng {clock(total)}, vừa khung giờ {clock(limit_seconds)}.")
    over = total - limit_seconds
    choices: list[Choice] = []
    if length.pause_seconds > 0:
        factor = max(LEAST_PAUSE, 1 - over / length.pause_seconds)
        after = total - length.pause_seconds * (1 - factor)
        choices.append(Choice(ChoiceKind.SHORTEN_PAUSES, f"Rút ngắn quãng nghỉ còn {factor:.0%}", after,
                              after <= limit_seconds + 0.01, factor=factor))
    repeats = sum(part.seconds for part in length.parts if part.repeat)
    if repeats:
        choices.append(Choice(ChoiceKind.DROP_REPEATS, "Bỏ phần nhắc lại", total - repeats, total - repeats <= limit_seconds))
    left, leaving = total, []
    for part in reversed(length.parts):
        if left <= limit_seconds:
            break
        if part.kind is SegmentKind.ITEM and part.priority is Priority.NORMAL and part.seconds and not part.repeat:
            leaving.append(part)
            left -= part.seconds + sum(one.seconds for one in length.parts if one.repeat and one.ref == part.ref and part.ref)
    if leaving:
        leaving.reverse()
        names = ", ".join(f"“{part.title}”" for part in leaving)
        refs = tuple(part.ref for part in leaving)
        choices.append(Choice(ChoiceKind.MOVE, f"Chuyển sang chương trình sau: {names}", left, left <= limit_seconds, refs))
        choices.append(Choice(ChoiceKind.DROP, f"Bỏ: {names}", left, left <= limit_seconds, refs))
    message = f"Chương trình dài khoảng {clock(total)}, quá khung giờ {clock(limit_seconds)} khoảng {clock(over)}."
    return Fit(total, limit_seconds, message, tuple(choices))


def shorten_pauses(segments: Sequence[Segment], factor: float) -> list[Segment]:
    """The same program with every pause at ``factor`` of its length (not under half)."""
    factor = min(max(factor, LEAST_PAUSE), 1.0)
    return [
        replace(one, clips=tuple(replace(clip, pause_seconds=clip.pause_seconds * factor) for clip in one.clips))
        for one in segments
    ]


def without_repeats(template: Template) -> Template:
    """The template without its part that repeats important items."""
    return replace(template, parts=tuple(part for part in template.parts if part.kind is not PartKind.REPEAT))


def without_items(items: Sequence[Item], refs: Sequence[str]) -> tuple[list[Item], list[Item]]:
    """(items that stay, items that go): for dropping, or for the next program."""
    return [one for one in items if one.ref not in refs], [one for one in items if one.ref in refs]

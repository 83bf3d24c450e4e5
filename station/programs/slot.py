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
from station.programs.model import LONGEST_SOUND_SECONDS, SHORT_SOUNDS, Priority, Segment, SegmentKind
from station.programs.pace import asked_speed, pace_of, voice_of
from station.programs.speech import sentences_of
from station.programs.template import Draft, PartKind, Template, outline
from station.programs.transcript import clock
from station.programs.wording import NextProgram
from station.text.script import Script
from station.voices.delivery import PLAIN, Delivery, deliver, load_deliveries

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
    next_program: NextProgram | None = None, notices: Mapping[str, str] | None = None, delivery: Delivery = PLAIN,
) -> Estimate:
    """The program's parts with their lengths (within about a tenth in all), before anything is spoken."""
    drafts = outline(template, items, settings, when, next_program=next_program, notices=notices)
    return estimate_drafts(drafts, settings, voice, delivery)


def estimate_seconds(text: str, settings: Settings, *, voice: str = "") -> float:
    """About how long a written text will be when it is spoken, with its pauses."""
    return estimate_drafts([Draft(SegmentKind.ITEM, "", (text,), pause_seconds=0.0)], settings, voice).seconds


class _Reader:
    """Lengths of written lines by one voice; each line is looked at once."""

    def __init__(self, settings: Settings, voice: str, delivery: Delivery) -> None:
        own = load_deliveries(settings.home).of(voice_of(voice, settings).id)
        self._settings, self._pace, self._delivery = settings, pace_of(voice, settings), delivery
        self._speed, self._pauses = settings.voices.speed * own.speed, own.pauses
        self._known: dict[str, tuple[float, list[float]]] = {}

    def line(self, text: str) -> tuple[float, list[float]]:
        """(seconds of speech, the silence after each sentence)."""
        if text not in self._known:
            sentences = deliver(Script("", sentences_of(text, self._settings)), self._delivery).sentences
            self._known[text] = (
                sum(self._pace.seconds(one.spoken, self._speed * asked_speed(one)) for one in sentences),
                [one.pause_seconds * self._pauses for one in sentences],
            )
        return self._known[text]


def estimate_drafts(
    drafts: Sequence[Draft], settings: Settings, voice: str = "", delivery: Delivery = PLAIN
) -> Estimate:
    """The estimate of an outline."""
    reader = _Reader(settings, voice, delivery)
    return Estimate(tuple(_part(draft, reader) for draft in drafts))


def _part(draft: Draft, reader: _Reader) -> PartEstimate:
    sound, pauses = 0.0, []
    for line in draft.lines:
        spoken, silences = reader.line(line)
        sound += spoken
        pauses += silences
    for clip in draft.clips:
        try:
            seconds = soundfile.info(clip.path).duration
        except (soundfile.LibsndfileError, OSError):
            continue
        sound += min(seconds, LONGEST_SOUND_SECONDS) if draft.kind in SHORT_SOUNDS else seconds
        pauses.append(clip.pause_seconds)
    if not pauses:
        return PartEstimate(draft.kind, draft.title, draft.ref, 0.0, 0.0, draft.priority, draft.repeat)
    pauses[-1] = max(pauses[-1], draft.pause_seconds)
    if draft.bed:
        sound += LEAD_SECONDS + max(0.0, TAIL_SECONDS - pauses[-1])
    return PartEstimate(draft.kind, draft.title, draft.ref, sound + sum(pauses), sum(pauses), draft.priority, draft.repeat)


def with_pauses(length: Estimate, factor: float) -> Estimate:
    """The estimate with every pause at ``factor`` of its length."""
    return Estimate(tuple(
        replace(part, seconds=part.seconds - part.pause_seconds * (1 - factor), pause_seconds=part.pause_seconds * factor)
        for part in length.parts
    ))


def scaled_to(length: Estimate, seconds: float) -> Estimate:
    """The estimate in proportion, for a program whose real length is known."""
    factor = seconds / length.seconds if length.seconds else 1.0
    return Estimate(tuple(
        replace(part, seconds=part.seconds * factor, pause_seconds=part.pause_seconds * factor) for part in length.parts
    ))


def fit_to_slot(length: Estimate, limit_seconds: float, *, least_pause: float = LEAST_PAUSE) -> Fit:
    """Whether a program fits, and if not, the choices: the gentlest first.

    Only ordinary items are offered for leaving out, the last ones first; priorities and emergencies never are.
    ``least_pause`` is the share of the pauses that must stay.
    """
    total = length.seconds
    if total <= limit_seconds:
        return Fit(total, limit_seconds, f"Chương trình dài khoảng {clock(total)}, vừa khung giờ {clock(limit_seconds)}.")
    over = total - limit_seconds
    choices: list[Choice] = []
    if length.pause_seconds > 0 and least_pause < 0.99:
        # a little more than is needed: the length is an estimate
        factor = max(least_pause, 0.98 - over / length.pause_seconds)
        after = total - length.pause_seconds * (1 - factor)
        choices.append(Choice(ChoiceKind.SHORTEN_PAUSES, f"Rút ngắn quãng nghỉ còn {factor:.0%}", after,
                              after <= limit_seconds, factor=factor))
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

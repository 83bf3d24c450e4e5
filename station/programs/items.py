"""The items that a program is made of, as its planner takes them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from station.bulletins.document import Document, Role
from station.programs.model import Clip, Priority
from station.programs.wording import sentence_case
from station.voices.api import Utterance

LONGEST_TITLE = 160
_SUBJECT = re.compile(r"(?:về việc|v/v)\b", re.IGNORECASE)
_RANK = {Priority.EMERGENCY: 0, Priority.PRIORITY: 1, Priority.NORMAL: 2}


@dataclass(frozen=True)
class Item:
    """One item: a title for the headlines, and speech already made (``clips``) or words to be spoken (``text``).

    ``ref`` is the caller's key (the bulletin's id) and comes back on the chapters.  ``repeat`` over 1 puts the item
    in the program's "repeat" part too, as a priority does.  An item without title is not in the headlines.
    """

    title: str
    clips: tuple[Clip, ...] = ()
    text: str = ""
    priority: Priority = Priority.NORMAL
    ref: str = ""
    repeat: int = 1

    @property
    def important(self) -> bool:
        return self.repeat > 1 or self.priority is not Priority.NORMAL

    @property
    def empty(self) -> bool:
        """True when there is neither speech nor anything to say."""
        return not self.clips and not self.text.strip()


def clips_of(utterances: Iterable[Utterance]) -> tuple[Clip, ...]:
    """Spoken sentences as clips, with their words and pauses."""
    return tuple(Clip(one.path, one.pause_seconds, one.spoken) for one in utterances)


def item_of(
    title: str, utterances: Iterable[Utterance], *, priority: Priority = Priority.NORMAL, ref: str = "",
    repeat: int = 1,
) -> Item:
    """An item from a bulletin's utterances."""
    return Item(title, clips_of(utterances), "", priority, ref, repeat)


def by_priority(items: Iterable[Item]) -> list[Item]:
    """Emergencies first, then priorities, then the rest; each in the order given."""
    return sorted(items, key=lambda item: _RANK[item.priority])


def _lowered(text: str) -> str:
    """The text in the middle of a sentence: a first letter that is a capital only by its place is lowered."""
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def title_of(document: Document, fallback: str = "") -> str:
    """A bulletin's name for headlines and chapters: its title and subject, else its first spoken words."""
    blocks = [block for block in document.blocks() if block.text.strip()]
    firsts = [next((block for block in blocks if block.role is role), None) for role in (Role.TITLE, Role.SUBJECT)]
    heads = [sentence_case(" ".join(block.text.split())) for block in firsts if block is not None]
    if len(heads) < 2:
        # A subject line that the layout took for a paragraph still names the bulletin.
        for head, after in pairwise([block for block in blocks if block.spoken]):
            if head.role in (Role.TITLE, Role.HEADING) and _SUBJECT.match(after.text) and len(after.text) <= LONGEST_TITLE:
                heads = [sentence_case(" ".join(block.text.split())) for block in (head, after)]
                break
    if heads:
        title = " ".join([heads[0], *(_lowered(head) for head in heads[1:])])
    else:
        spoken = next((block.text for block in blocks if block.spoken), fallback)
        title = sentence_case(re.split(r"(?<=[.!?;:])\s", " ".join(spoken.split()), maxsplit=1)[0])
    title = title.strip(" .:;-–")
    if len(title) > LONGEST_TITLE:
        title = title[:LONGEST_TITLE].rsplit(" ", 1)[0]
    return title or fallback

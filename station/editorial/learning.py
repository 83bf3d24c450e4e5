"""What staff's corrections teach: words that are often read wrong here, and words that are right though they look odd.

Nothing is changed by it: the next time such a word is read it is marked and the other one is suggested, or an odd name
of the place is no longer marked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher

import sqlalchemy as sa
from sqlalchemy.orm import Session

from station.bulletins.doubt import is_unknown
from station.db.models import Bulletin, StationWord, Text
from station.db.states import TextKind

_EDGE = re.compile(r"^[\W_]+|[\W_]+$")
#: a correction of more words at once is another wording, not a misreading
_MOST_WORDS = 3


@dataclass(frozen=True)
class StationWords:
    """The station's word list: ``wrong`` gives what a misread word probably is, ``right`` holds odd words that stand."""

    wrong: Mapping[str, str] = field(default_factory=dict)
    right: frozenset[str] = frozenset()

    def suggestion(self, text: str) -> str:
        """The whole word with its marks as it probably should be, "" when nothing is known of it."""
        core = _EDGE.sub("", text)
        better = self.wrong.get(core, "")
        return text.replace(core, better, 1) if better else ""

    def is_right(self, text: str) -> bool:
        return _EDGE.sub("", text) in self.right


def corrections(read: str, corrected: str) -> list[tuple[str, str]]:
    """Pairs of (as read, as corrected) of single words; numbers, rewordings and moved parts teach nothing."""
    before, after = read.split(), corrected.split()
    pairs = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "replace" or i2 - i1 != j2 - j1 or i2 - i1 > _MOST_WORDS:
            continue
        for one, other in zip(before[i1:i2], after[j1:j2], strict=True):
            one, other = _EDGE.sub("", one), _EDGE.sub("", other)
            if not one or not other or one == other or any(c.isdigit() for c in one + other) or len(one + other) > 80:
                continue
            if SequenceMatcher(None, _plain(one), _plain(other), autojunk=False).ratio() >= 0.5:
                pairs.append((one, other))
    return pairs


def _plain(word: str) -> str:
    import unicodedata

    return "".join(c for c in unicodedata.normalize("NFD", word.lower().replace("đ", "d")) if not unicodedata.combining(c))


def odd_words(text: str) -> set[str]:
    """Words of a text that a person approved which are no Vietnamese syllables: names of the place and such."""
    return {core for word in text.split() if (core := _EDGE.sub("", word)) and is_unknown(word)}


def learn(session: Session, bulletin: Bulletin, text: str) -> int:
    """Takes what the finished ``text`` of a bulletin teaches into the list; how many entries were new or counted.

    A bulletin counts once for each entry, however often it is finished.
    """
    first = session.scalar(
        sa.select(Text.content).where(Text.bulletin_id == bulletin.id, Text.kind == TextKind.READ)
        .order_by(Text.version.desc()).limit(1)
    )
    if first is None or bulletin.source == "typed":
        return 0
    entries = {*corrections(first, text), *((word, word) for word in odd_words(text))}
    before = {tuple(pair) for pair in (bulletin.facts or {}).get("learned", [])}
    new = entries - before
    for read, written in sorted(new):
        row = session.scalar(sa.select(StationWord).where(
            StationWord.station_id == bulletin.station_id, StationWord.read == read, StationWord.written == written
        ))
        if row is None:
            session.add(StationWord(station_id=bulletin.station_id, read=read, written=written))
        else:
            row.count += 1
    bulletin.facts = {**(bulletin.facts or {}), "learned": sorted(list(pair) for pair in before | entries)}
    return len(new)


def station_words(session: Session, station_id: int = 1, only: Iterable[str] | None = None) -> StationWords:
    """The list, or its entries for the words in ``only``.

    A word that was corrected in some bulletins and left alone in more is not called wrong.
    """
    select = sa.select(StationWord.read, StationWord.written, StationWord.count).where(StationWord.station_id == station_id)
    wanted = {_EDGE.sub("", word) for word in only} if only is not None else None
    counts: dict[str, dict[str, int]] = {}
    for read, written, count in session.execute(select):
        if wanted is None or read in wanted:
            counts.setdefault(read, {})[written] = count
    wrong, right = {}, set()
    for read, choices in counts.items():
        best = max(choices, key=lambda written: choices[written])
        if best == read:
            right.add(read)
        else:
            wrong[read] = best
    return StationWords(wrong, frozenset(right))

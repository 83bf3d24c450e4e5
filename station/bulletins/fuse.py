"""Several readings of one page fused word by word: the reading that most agree on, or the surest, wins.

Readings of the same page at several sizes make different mistakes; where they agree a word is nearly always
right, where they differ it is in doubt, which sharpens the confidence as much as the text.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from station.bulletins.engine import RawWord
from station.bulletins.syllables import is_syllable

#: what a word that stands alone in its reading needs to be taken over
LONE = 0.72
#: a hook above fades into an acute accent in small or soft print, hardly ever the other way: its vote counts more
HOOK = 3.0


def _overlap(one: RawWord, other: RawWord) -> float:
    """Shared width over the narrower word's width, 0 when the words lie in different lines."""
    shared_y = min(one.bottom, other.bottom) - max(one.top, other.top)
    if shared_y < 0.35 * min(one.height, other.height) or abs(one.middle - other.middle) > 0.75 * max(one.height, other.height):
        return 0.0
    shared_x = min(one.right, other.right) - max(one.left, other.left)
    return max(0.0, shared_x) / max(1.0, min(one.width, other.width))


def _groups(first: Sequence[RawWord], second: Sequence[RawWord]) -> list[tuple[list[int], list[int]]]:
    """Connected groups of words of two readings that cover the same place."""
    order = sorted(range(len(second)), key=lambda i: second[i].top)
    tops = [second[i].top for i in order]
    tallest = max((word.height for word in second), default=0.0)
    parent = list(range(len(first) + len(second)))

    def root(x: int) -> int:
        while parent[x] != x:
            parent[x] = parent[parent[x]]
            x = parent[x]
        return x

    from bisect import bisect_left

    for index, word in enumerate(first):
        at = bisect_left(tops, word.top - tallest - 2)
        while at < len(order) and tops[at] <= word.bottom:
            if _overlap(word, second[order[at]]) > 0.5:
                parent[root(index)] = root(len(first) + order[at])
            at += 1
    found: dict[int, tuple[list[int], list[int]]] = {}
    for index in range(len(first)):
        found.setdefault(root(index), ([], []))[0].append(index)
    for index in range(len(second)):
        found.setdefault(root(len(first) + index), ([], []))[1].append(index)
    return list(found.values())


def _text(words: Sequence[RawWord]) -> str:
    return " ".join(unicodedata.normalize("NFC", word.text) for word in sorted(words, key=lambda w: w.left))


def weight(words: Sequence[RawWord]) -> float:
    """How good a group of words looks, 0-1: confidence by letters, less for what is no syllable."""
    total = letters = 0.0
    for word in words:
        size = max(1, len(word.text))
        core = word.text.strip(".,;:!?()\"'“”‘’…/-–")
        value = word.confidence
        if core and core.isalpha() and not is_syllable(core) and not (core.isupper() and len(core) <= 6):
            value *= 0.82
        total += value * size
        letters += size
    return total / letters if letters else 0.0


def fuse(readings: Sequence[Sequence[RawWord]]) -> list[RawWord]:
    """One reading from several, in the frame and the lines of the first.

    A word's new confidence is the share of readings that agree with it, mixed with the engine's own.
    """
    base = list(readings[0])
    others = [list(reading) for reading in readings[1:] if reading]
    if not others:
        return base
    matches: list[dict[int, list[RawWord]]] = []
    extra: list[list[RawWord]] = []
    ties: list[list[list[int]]] = []
    for other in others:
        groups = _groups(base, other)
        matches.append({})
        ties.append([])
        extra.append([])
        for ours, theirs in groups:
            if not ours:
                extra[-1] += [other[i] for i in theirs]
                continue
            ties[-1].append(ours)
            for index in ours:
                matches[-1][index] = [other[i] for i in theirs]
    result: list[RawWord] = []
    for ours in _merge_ties(len(base), ties):
        own = [base[i] for i in ours]
        candidates: list[list[RawWord]] = [own]
        for match in matches:
            there: list[RawWord] = []
            for index in ours:
                there += [word for word in match.get(index, []) if word not in there]
            candidates.append(there)
        result += _choose(candidates)
    return result + _lone(extra, result)


def _merge_ties(count: int, ties: Sequence[Sequence[Sequence[int]]]) -> list[list[int]]:
    """Indices of the first reading grouped so that no group of any reading is torn."""
    parent = list(range(count))

    def root(x: int) -> int:
        while parent[x] != x:
            parent[x] = parent[parent[x]]
            x = parent[x]
        return x

    for reading in ties:
        for group in reading:
            for index in group[1:]:
                parent[root(index)] = root(group[0])
    groups: dict[int, list[int]] = {}
    for index in range(count):
        groups.setdefault(root(index), []).append(index)
    return list(groups.values())


def _hook_for_acute(one: str, other: str) -> bool:
    """True when ``one`` is ``other`` but for hooks above where ``other`` has acute accents."""
    first, second = (unicodedata.normalize("NFD", text) for text in (one, other))
    if len(first) != len(second) or first == second:
        return False
    return all(a == b or (a, b) == ("\u0309", "\u0301") for a, b in zip(first, second, strict=True))


def _choose(candidates: Sequence[Sequence[RawWord]]) -> list[RawWord]:
    """The candidate with the most support; its words with their new confidence and the first reading's line."""
    votes: dict[str, float] = {}
    holder: dict[str, Sequence[RawWord]] = {}
    count: dict[str, int] = {}
    for candidate in candidates:
        text = _text(candidate)
        value = weight(candidate) ** 2 if candidate else 0.18
        votes[text] = votes.get(text, 0.0) + value
        count[text] = count.get(text, 0) + 1
        if text not in holder or weight(candidate) > weight(holder[text]):
            holder[text] = candidate
    for text in votes:
        if any(_hook_for_acute(text, other) for other in votes):
            votes[text] *= HOOK
    best = max(votes, key=lambda text: votes[text])
    agreed = count[best] / len(candidates)
    line = candidates[0][0].line
    chosen = sorted(holder[best], key=lambda w: w.left)
    mixed = []
    for word in chosen:
        confidence = word.confidence
        if agreed < 1:
            rival = max((value for text, value in votes.items() if text != best), default=0.0)
            margin = (votes[best] - rival) / max(votes[best], 1e-6)
            confidence = min(confidence, 0.55 + 0.33 * margin)
        else:
            confidence = 1 - (1 - confidence) * 0.55
        mixed.append(replace(word, confidence=confidence, line=line))
    return mixed


def _lone(extra: Sequence[Sequence[RawWord]], result: Sequence[RawWord]) -> list[RawWord]:
    """Words that the first reading missed: taken when sure, or when two readings see them."""
    taken: list[RawWord] = []
    next_line = max((word.line for word in result), default=0) + 1
    for index, words in enumerate(extra):
        for word in words:
            if any(_overlap(word, other) > 0.3 for other in taken):
                continue
            seen = 1 + sum(
                any(_overlap(word, w) > 0.5 and w.text == word.text for w in rest)
                for rest in extra[index + 1 :]
            )
            if not any(c.isalnum() for c in word.text) or (word.confidence < LONE and seen < 2) or word.confidence < 0.4:
                continue
            if any(_overlap(word, other) > 0.3 for other in result):
                continue
            neighbour = _beside(word, result)
            line = neighbour.line if neighbour else next_line
            next_line += neighbour is None
            taken.append(replace(word, confidence=min(word.confidence, 0.5 + 0.2 * seen), line=line))
    return taken


def _beside(word: RawWord, words: Sequence[RawWord]) -> RawWord | None:
    """The nearest word on the same line."""
    best, nearest = None, 4.0 * max(word.height, 1.0)
    for other in words:
        if abs(word.middle - other.middle) < 0.5 * max(word.height, other.height):
            gap = max(word.left - other.right, other.left - word.right)
            if gap < nearest:
                best, nearest = other, gap
    return best

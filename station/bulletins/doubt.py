"""How sure each word is: calibrated confidence, kinds that staff always check, words that are no syllable."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from station.bulletins.document import Box, Line, Page, Word
from station.bulletins.engine import RawWord
from station.bulletins.lines import TextLine
from station.bulletins.syllables import is_syllable

#: words below this calibrated confidence are marked for staff: about one of twelve, four of five wrong ones among them
MARK_BELOW = 0.987
#: words below this one are read badly; many of them mean that the page should be photographed again
BAD_BELOW = 0.9

_EDGE = re.compile(r"^[\W_]+|[\W_]+$")
#: marks that bulletins hardly ever print: an engine's way of saying that it saw a stain
_ODD = re.compile(r"[~|\\\[\]{}<>€©®«»ˆ_*=^°']")
_ACUTE, _HOOK = "\u0301", "\u0309"
_HATTED_ACUTE = re.compile("[\u0302\u031b]\u0301")
_PHONE = re.compile(r"^\(?(\+84|0|1[89]00)[\d.\s()-]{6,}$|^0\d{2,4}[.\d]{5,}$")
_DATE = re.compile(r"^\d{1,2}[/.-]\d{1,2}([/.-]\d{2,4})?$|^\d{1,2}/\d{4}$")
_TIME = re.compile(r"^\d{1,2}(h|g|:)\d{0,2}$", re.IGNORECASE)
_CODE = re.compile(r"^(?=.*[A-ZĐ])(?=.*[\d/.-])[A-ZĐa-zđ\d./-]+$|^\d+/[\w/-]*[A-ZĐ][\w/-]*$")


def check_kind(text: str, before: str = "") -> str:
    """The kind of a word that staff should always check: number, date, phone, name, code, or ""."""
    core = _EDGE.sub("", text)
    if not core:
        return ""
    if _DATE.match(core) or _TIME.match(core):
        return "date"
    if _PHONE.match(core) and sum(c.isdigit() for c in core) >= 8:
        return "phone"
    if any(c.isdigit() for c in core):
        return "code" if _CODE.match(core) else "number"
    if core[:1].isupper() and before and not re.search(r"[.:;!?/]$", before) and not core.isupper():
        return "name"
    return ""


def is_unknown(text: str) -> bool:
    """True when a word of letters is no Vietnamese syllable and no abbreviation in capitals."""
    core = _EDGE.sub("", text)
    if not core or any(c.isdigit() for c in core):
        return False
    parts = [part for part in re.split(r"[-/.]", core) if part]
    if core.isupper() and (len(core) <= 6 or len(parts) > 1) and not any(ord(c) > 127 and c not in "ĐƯƠÂÊÔĂ" for c in core):
        return False
    return not all(is_syllable(part) for part in parts)


@lru_cache(maxsize=20000)
def may_be_a_hook(text: str) -> bool:
    """True when an acute accent above a hatted or horned vowel may be a hook above that was printed small: "thế", "thể".

    That is the commonest mistake of the engine, and it is sure of itself when it makes it.
    """
    letters = unicodedata.normalize("NFD", _EDGE.sub("", text))
    if not _HATTED_ACUTE.search(letters):
        return False
    hooked = unicodedata.normalize("NFC", letters.replace(_ACUTE, _HOOK))
    return all(is_syllable(part) for part in re.split(r"[-/]", hooked))


@lru_cache(maxsize=1)
def _model() -> dict[str, float]:
    return json.loads((Path(__file__).parent / "data" / "confidence.json").read_text(encoding="utf-8"))["weights"]


def features(text: str, confidence: float, neighbours: float, page: float) -> dict[str, float]:
    """What the confidence model sees of a word.

    ``confidence``: the engine's, 0-1; ``neighbours``: mean of the line; ``page``: mean of the page.
    """
    core = _EDGE.sub("", text)
    doubt = math.log(max(1e-3, 1.0 - min(confidence, 0.995)))
    digits = sum(c.isdigit() for c in core)
    letters = sum(c.isalpha() for c in core)
    hook = 1.0 if may_be_a_hook(text) else 0.0
    return {
        "bias": 1.0,
        "doubt": doubt,
        "low": max(0.0, 0.85 - confidence),
        "lower": max(0.0, 0.6 - confidence),
        "line": math.log(max(1e-3, 1.0 - min(neighbours, 0.995))),
        "page": math.log(max(1e-3, 1.0 - min(page, 0.995))),
        "unknown": 1.0 if is_unknown(text) else 0.0,
        "mixed": 1.0 if digits and letters else 0.0,
        "digits": 1.0 if digits and not letters else 0.0,
        "empty": 1.0 if not core else 0.0,
        "single": 1.0 if len(core) == 1 else 0.0,
        "length": min(len(core), 12) / 12,
        "hook": hook,
        "hook_doubt": hook * doubt,
        "hook_i": 1.0 if "ỉ" in core.lower() else 0.0,
        "odd": 1.0 if _ODD.search(text) else 0.0,
        "tail": 1.0 if text[-1:] in ".,;:" else 0.0,
    }


def probability(text: str, confidence: float, neighbours: float, page: float) -> float:
    """Calibrated probability (0-1) that a word was read right."""
    weights = _model()
    score = sum(weights.get(name, 0.0) * value for name, value in features(text, confidence, neighbours, page).items())
    return 1.0 / (1.0 + math.exp(-score))


def judge_line(line: TextLine, page_mean: float, *, sure: bool = False) -> Line:
    """A line with judged words; ``sure`` for text layers, where nothing was guessed."""
    mean = sum(word.confidence for word in line.words) / len(line.words)
    words: list[Word] = []
    before = ""
    for raw in line.words:
        words.append(
            Word(
                raw.text, _box(raw), 1.0 if sure else round(probability(raw.text, raw.confidence, mean, page_mean), 4),
                check_kind(raw.text, before), is_unknown(raw.text),
            )
        )
        before = raw.text
    return Line(tuple(words), _around(line))


def _box(word: RawWord) -> Box:
    return Box(round(word.left), round(word.top), round(word.width), round(word.height))


def _around(line: TextLine) -> Box:
    return Box(round(line.left), round(line.top), round(line.right - line.left), round(line.bottom - line.top))


def doubtful_share(pages: Sequence[Page]) -> float:
    """Share of spoken words below :data:`BAD_BELOW`, 0-1."""
    marks = [
        word.confidence < BAD_BELOW
        for page in pages for block in page.blocks if block.spoken for line in block.lines for word in line.words
    ]
    return sum(marks) / len(marks) if marks else 0.0

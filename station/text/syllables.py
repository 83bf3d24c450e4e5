"""Is a word a Vietnamese syllable?  By structure: onset, rhyme and tone."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_TONES = re.compile("[\u0300\u0301\u0303\u0309\u0323]")
_ONSET = r"(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|b|c|d|đ|g|h|k|l|m|n|p|r|s|t|v|x)?"
_RHYME = (
    r"(?:uyê(?:n|t)|uya|uyu|oai|oay|oao|oeo|uây|uôi|ươi|ươu|iêu|yêu|uêu"
    r"|i?ê(?:ch|nh|ng|c|m|n|p|t|u|i)?|yê(?:m|n|ng|t)|uô(?:c|m|n|ng|t|p)|ươ(?:c|m|n|ng|p|t)"
    r"|oa(?:c|ch|m|n|ng|nh|p|t)?|oă(?:c|m|n|ng|t|p)|oe(?:n|t|ng)?|oo(?:c|ng)|ôô(?:ng|c)|uâ(?:n|ng|t|c|p)|uê(?:ch|nh|n|t)?"
    r"|uơ|uy(?:ch|nh|p|t|n)?|ia|ua|ưa|ya|a(?:i|o|u|y)|â(?:u|y)|e(?:o)|i(?:u)|o(?:i)|ô(?:i)|ơ(?:i)|u(?:i)|ư(?:i|u)"
    r"|a(?:c|ch|m|n|ng|nh|p|t)?|ă(?:c|m|n|ng|p|t)|â(?:c|m|n|ng|p|t)|e(?:c|m|n|ng|p|t|nh|ch)?|i(?:c|ch|m|n|nh|ng|p|t)?"
    r"|y(?:ch|nh|n|t|m|p)?|o(?:c|m|n|ng|p|t)?|ô(?:c|m|n|ng|p|t)?|ơ(?:m|n|p|t|ng|c)?|u(?:c|m|n|ng|p|t)?|ư(?:c|m|n|ng|t|p)?)"
)
_SYLLABLE = re.compile(_ONSET + _RHYME + "$")


def strip_tone(word: str) -> str:
    """The word without tone marks; letters like ă, ê, ơ stay."""
    return unicodedata.normalize("NFC", _TONES.sub("", unicodedata.normalize("NFD", word)))


def is_latin(char: str) -> bool:
    """Whether a voice can say this letter: Latin, with the Vietnamese ones."""
    return char.isalpha() and char not in "µªº" and (char < "\u0250" or "\u1e00" <= char <= "\u1eff")


@lru_cache(maxsize=50_000)
def is_syllable(word: str) -> bool:
    """Whether ``word`` (one word, any case) can be said as one Vietnamese syllable."""
    if not word or len(word) > 7:
        return False
    word = word.lower()
    tones = _TONES.findall(unicodedata.normalize("NFD", word))
    return len(tones) <= 1 and _SYLLABLE.match(strip_tone(word)) is not None


def is_word(word: str) -> bool:
    """A syllable that can be a Vietnamese word: one that ends in c, ch, p or t has the tone sắc or nặng."""
    if not is_syllable(word):
        return False
    tones = _TONES.findall(unicodedata.normalize("NFD", word))
    return word.lower().endswith(("c", "ch", "p", "t")) is False or bool(tones) and tones[0] in "\u0301\u0323"


@lru_cache(maxsize=50_000)
def has_vietnamese_letter(word: str) -> bool:
    """Whether the word has a letter with a Vietnamese mark."""
    return any(char > "\u007f" for char in word)

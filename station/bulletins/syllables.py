"""Is a word a Vietnamese syllable?  By rule: onset, rime and tone, not by a word list.

The inventory of onsets and rimes follows the usual description of Vietnamese orthography (quốc ngữ).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_ONSETS = (
    "ngh", "ng", "gh", "gi", "kh", "ch", "nh", "ph", "qu", "th", "tr", "b", "c", "d", "đ", "g", "h", "k", "l", "m",
    "n", "p", "r", "s", "t", "v", "x", "",
)
_RIMES = frozenset(
    """a ac ach ai am an ang anh ao ap at au ay ă ăc ăm ăn ăng ăp ăt â âc âm ân âng âp ât âu ây e ec em en eng eo ep
    et ê êch êm ên êng ênh êp êt êu i ia ich im in inh ip it iu y iêc iêm iên iêng iêp iêt iêu yêm yên yêng yêt yêu o
    oc oi om on ong ooc oong op ot oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oe oen oeo oet
    ô ôc ôi ôm ôn ông ôông ôp ôt ơ ơi ơm ơn ơp ơt u ua uc ui um un ung up ut uân uâng uât uây uê uêch uên uênh uôc uôi
    uôm uôn uông uôp uôt uơ uy uya uych uyn uynh uyt uyu uyên uyêt ư ưa ưc ưi ưm ưn ưng ưt ưu ươc ươi ươm ươn ương ươp
    ươt ươu uơn""".split()
)
_TONES = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}
_STOPPED = ("c", "ch", "p", "t")
_LETTERS = re.compile(r"^[a-zàáâãèéêìíòóôõùúýăđĩũơưạ-ỹ]+$")


def _split_tone(text: str) -> tuple[str, str]:
    tone, kept = "", []
    for char in unicodedata.normalize("NFD", text):
        if char in _TONES:
            tone += char
        else:
            kept.append(char)
    return unicodedata.normalize("NFC", "".join(kept)), tone


@lru_cache(maxsize=20000)
def is_syllable(word: str) -> bool:
    """True for a well-formed Vietnamese syllable in any case, without punctuation."""
    lower = unicodedata.normalize("NFC", word).lower()
    if not _LETTERS.match(lower):
        return False
    plain, tone = _split_tone(lower)
    if len(tone) > 1:
        return False
    for onset in _ONSETS:
        if not plain.startswith(onset):
            continue
        rime = plain[len(onset):]
        if onset == "gi" and rime == "":
            return True
        if onset == "qu" and rime and "u" + rime in _RIMES | {"ua", "uac", "uach", "uai", "uan", "uang", "uanh", "uao", "uat", "uay", "uăc", "uăn", "uăng", "uăt", "ue", "uen", "ueo", "uet", "uên", "uêt", "uit", "ui", "uôc", "uơ", "uăp", "uăm", "uep"}:
            return _tone_fits(rime, tone)
        if rime not in _RIMES:
            continue
        front = rime[0] in "eêiy"
        if onset in ("k", "gh", "ngh") and not front:
            continue
        if onset in ("c", "g", "ng") and front and not (onset == "g" and rime[0] == "i"):
            continue
        if onset == "p" and rime not in ("in", "a", "an", "ơ", "e", "ê", "ac"):
            continue
        if _tone_fits(rime, tone):
            return True
    return False


def _tone_fits(rime: str, tone: str) -> bool:
    """Rimes that end in a stop carry only sắc or nặng."""
    return tone in ("\u0301", "\u0323") if rime.endswith(_STOPPED) else True

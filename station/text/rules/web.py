"""Web and e-mail addresses: labels are cut into Vietnamese syllables where that is possible."""

from __future__ import annotations

import re
from functools import lru_cache

from station.text import tables
from station.text.numbers import digits, spoken_digits
from station.text.syllables import is_syllable

ADDRESS = re.compile(
    r"(?:https?://)?[A-Za-z0-9_\-]{1,63}(?:[.\-+_][A-Za-z0-9_\-]{1,63}){0,6}(?:@[A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63}){1,5})?"
    r"(?:/[A-Za-z0-9_\-./?=&%#~]{0,200})?"
)
_DOMAIN = re.compile(
    r"(?:^|[.@])(?:vn|com|net|org|edu|gov|info|asia|me|ly|io|app|xyz|biz|tv|be|gl|eu|us|uk)(?:[/?:]|$)", re.IGNORECASE
)
_SIGNS = {
    ".": "chấm", "@": "a còng", "/": "gạch chéo", "-": "gạch ngang", "_": "gạch dưới", "?": "hỏi", "=": "bằng", "&": "và", "%": "phần trăm",
    "#": "thăng", "~": "ngã", "+": "cộng", ":": "hai chấm",
}


def looks_like(address: str) -> bool:
    """Whether this is an address: a scheme, an @, or a name that ends in a known domain."""
    if address.startswith(("http://", "https://", "www.")):
        return "." in address
    host = address.split("/", 1)[0]
    return "." in host and _DOMAIN.search(host) is not None and not re.search(r"\.[A-ZĐ][a-z]", host)


def spoken(address: str) -> str:
    """An address in words; the scheme and a closing slash or dot are left out."""
    address = re.sub(r"^https?://", "", address).rstrip("/.-")
    words = []
    for part in re.findall(r"[A-Za-z]+|\d+|.", address):
        if part.isalpha():
            words.append(label(part))
        elif part.isdigit():
            words.append(digits(part) if len(part) > 2 else spoken_digits(part))
        else:
            words.append(_SIGNS.get(part, ""))
    return " ".join(filter(None, words))


_WIDE = ((re.compile(r"uye(?=[nt])"), "uyê"), (re.compile(r"(?<![uy])ie(?=[cmnptu])"), "iê"), (re.compile(r"^ye(?=[mntu])"), "yê"))


def _syllable(piece: str) -> str:
    """A label's part as a syllable (tuyen: tuyên), or an empty string."""
    if is_syllable(piece):
        return piece
    for pattern, wide in _WIDE:
        wider = pattern.sub(wide, piece)
        if wider != piece and is_syllable(wider):
            return wider
    return ""


@lru_cache(maxsize=2000)
def label(text: str) -> str:
    """One label: known, cut into syllables, or spelled."""
    text = text.lower()
    known = tables.load("foreign")
    whole = known["label"].get(text) or known["word"].get(text)
    if whole:
        return whole
    if len(text) > 40:
        return tables.spell(text)
    costs: list[tuple[float, str]] = [(0.0, "")] + [(1e9, "")] * len(text)
    for start in range(len(text)):
        if costs[start][0] >= 1e9:
            continue
        for end in range(start + 1, min(len(text), start + 16) + 1):
            piece = text[start:end]
            words = known["label"].get(piece) or known["word"].get(piece) if len(piece) > 2 else None
            if words:
                cost = 0.9
            elif len(piece) <= 6 and (len(piece) > 1 or len(text) == 1) and (syllable := _syllable(piece)):
                words, cost = syllable, 1.0 + (0.6 if len(piece) == 2 and piece[0] in "aeiouy" else 0) - 0.01 * len(piece)
            elif len(piece) == 1:
                words, cost = tables.spell(piece), 2.0
            else:
                continue
            total = costs[start][0] + cost
            if total < costs[end][0]:
                costs[end] = (total, f"{costs[start][1]} {words}")
    return costs[-1][1].strip()

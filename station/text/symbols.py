"""Signs that are said, and signs that are not; sea-g2p is asked for the rest."""

from __future__ import annotations

import logging
import re
from functools import cache

from station.text.reading import LOWER, Context, Reading

log = logging.getLogger(__name__)
_SAID = {
    "%": "phần trăm", "‰": "phần nghìn", "&": "và", "+": "cộng", "=": "bằng", "<": "nhỏ hơn", ">": "lớn hơn", "≤": "không quá", "≥": "từ",
    "±": "cộng trừ", "×": "nhân", "°": "độ", "$": "đô la", "€": "ơ rô", "£": "bảng anh", "¥": "yên", "@": "a còng", "§": "mục", "№": "số",
    "√": "căn", "≈": "khoảng", "÷": "chia", "~": "khoảng", "²": "bình phương", "³": "khối", "µ": "mi crô", "©": "", "®": "", "™": "",
    "α": "an pha", "β": "bê ta", "γ": "gam ma", "δ": "đen ta", "Δ": "đen ta", "λ": "lam đa", "μ": "mi crô", "π": "pi", "σ": "xích ma", "Ω": "ôm",
    "ω": "ô mê ga", "ª": "", "*": "", "#": "", "_": "", "^": "", "\\": "", "→": "", "←": "", "•": "", "·": "",
}


@cache
def _sea_normalizer() -> object | None:
    try:
        from sea_g2p import Normalizer
    except ImportError:
        log.info("sea-g2p is not installed; unknown signs are left out")
        return None
    return Normalizer()


@cache
def _ask_sea(char: str) -> str:
    """How sea-g2p says one sign: its faults (tags, panics) are kept out by asking for one character only."""
    normalizer = _sea_normalizer()
    if normalizer is None:
        return ""
    try:
        words = normalizer.normalize(char)  # type: ignore[attr-defined]
    except BaseException as error:  # a Rust panic is no Exception
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise
        log.warning("sea-g2p failed on U+%04X: %s", ord(char), error)
        return ""
    words = re.sub(r"</?en>", "", words).strip()
    return words if re.fullmatch(rf"[{LOWER} ]+", words) else ""


def letter_name(char: str) -> str:
    """The name of a Greek letter, or an empty string."""
    return _SAID.get(char, "")


def read(ctx: Context, pos: int, char: str) -> Reading:
    """The reading of a sign that no other rule took."""
    end = pos + 1
    if char in "≤≥<>":
        while end < len(ctx.text) and ctx.text[end] in "= ":
            end += 1
    if char == "~" or char == "≈":
        if re.search(r"(?:khoảng|chừng|gần|hơn|trên|dưới)\s*$", ctx.left(pos)):
            return Reading(end, "", "space")
        return Reading(end, "khoảng")
    if char == "+" and not re.match(r"\s?[\w(]", ctx.right(end)):
        return Reading(end, "", "space")
    if char == "*" and re.search(r"\d\s?$", ctx.left(pos)) and re.match(r"\s?\d", ctx.right(end)):
        return Reading(end, "nhân")
    if char in "<>" and end == pos + 1 + len(ctx.text[pos + 1:end]) and "=" not in ctx.text[pos:end] and re.match(r"\d", ctx.right(end)):
        return Reading(end, "dưới" if char == "<" else "trên")
    known = _SAID.get(char)
    if known is None:
        known = _ask_sea(char)
        if char.isalnum() or known:
            return Reading(end, known, "word" if known else "space", "symbol", (known,)) if known else Reading(end, "", "word", "symbol", ())
        return Reading(end, "", "space")
    if not known:
        return Reading(end, "", "space")
    return Reading(end, known)

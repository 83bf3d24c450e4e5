"""Units and compound units, percent, money."""

from __future__ import annotations

import re

from station.text import tables
from station.text.reading import Context

_UNITS = {unit.replace("2", "²") if unit[-1] == "2" else unit: words for unit, words in tables.units().items()}
_UNITS |= {unit.replace("3", "³"): words for unit, words in tables.units().items() if unit[-1] == "3"}
_UNITS |= tables.units()
_PLAIN = "|".join(re.escape(unit) for unit in sorted(_UNITS, key=len, reverse=True))
_UNIT = re.compile(rf"\s?({_PLAIN})(?![^\W_])(?!\^)")
_POWER = re.compile(r"\s?(mm|cm|dm|m|km)\^([23])(?!\w)")
_PER = re.compile(r"\s?/\s?(?:(" + _PLAIN + r")(?![^\W_])|([^\W\d_]{1,10})(?!\w))")
_SCALE = re.compile(r"\s(nghìn|ngàn|vạn|triệu|tỷ|tỉ|trăm|chục)(?!\w)")
_SINGLE = frozenset("mglLVWAKkNJs")
_TECHNICAL = tables.technical_units()
#: words that a lone letter may be instead of a unit: "thôn 3 A", "5 K"
_AFTER_SPACE_NOT = frozenset("AKVNJsWC")


def read_unit(ctx: Context, pos: int, amount: str) -> tuple[int, str] | None:
    """The unit at ``pos`` (just after a number): its end and its reading, with "/ha" and the like."""
    text = ctx.text
    scale = ""
    found = _SCALE.match(text, pos)
    if found:
        scale, pos = " " + found[1].replace("tỉ", "tỷ"), found.end()
        if ctx.style.thousand == "ngàn":
            scale = scale.replace("nghìn", "ngàn")
    match = _POWER.match(text, pos)
    if match:
        key, end = match[1] + match[2], match.end()
    else:
        match = _UNIT.match(text, pos)
        if match is None:
            per = _PER.match(text, pos) if scale else None
            if per and per[2]:
                return per.end(), f"{scale} một {per[2]}".strip()
            return (pos, scale.strip()) if scale else None
        key, end = match[1], match.end()
        spaced = match.start(1) > pos
        if spaced and key in _AFTER_SPACE_NOT and not re.match(r"\s*(?:[.,;)]|$|[a-zđ])", text[end:end + 4]):
            return (pos, scale.strip()) if scale else None
        if key in "đĐ" and re.match(r"/c(?:hí)?(?!\w)", text[end:end + 5], re.IGNORECASE):
            return (pos, scale.strip()) if scale else None  # 312 đ/c: comrades, no money
        if key in "'" and spaced:
            return (pos, scale.strip()) if scale else None
    plain = key.replace("²", "2").replace("³", "3")
    words = _UNITS[key]
    if key in ("k", "K", "tr") and ctx.style.thousand == "ngàn":
        words = words.replace("nghìn", "ngàn")
    if scale and key in ("đ", "Đ", "m", "VNĐ"):
        words = _UNITS[key]
    spoken = f"{scale} {words}"
    for _ in range(3):
        per = _PER.match(text, end)
        if per is None:
            break
        unit, word = per.groups()
        if unit is not None:
            joined = f"{plain}/{unit.replace('²', '2').replace('³', '3')}"
            spoken = _TECHNICAL[joined] if joined in _TECHNICAL else f"{spoken} một {_one(unit)}"
            if joined in _TECHNICAL:
                spoken = f"{scale} {spoken}"
        elif word.lower() in tables.per_words() or (word.islower() and spoken.endswith("đồng")):
            spoken += f" một {word}"
        else:
            break
        end = per.end()
    return end, " ".join(spoken.split())


def _one(unit: str) -> str:
    return {"h": "giờ", "s": "giây", "kg": "ki lô gam"}.get(unit) or _UNITS[unit]

"""Text as it was typed with the old fonts of communes: TCVN3 (.VnTime) and VNI."""

from __future__ import annotations

import unicodedata

_TCVN3 = dict(zip(
    "àảãáạăằẳẵắặâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵ",
    "µ¶·¸¹¨»¼½¾Æ©ÇÈÉÊË®ÌÎÏÐÑªÒÓÔÕÖ×ØÜÝÞßáâãä«åæçèé¬êëìíîïñòóô\xadõö÷øùúûüýþ", strict=True,
))
_HATTED = {"\u0302": dict(zip(("\u0301", "\u0300", "\u0309", "\u0303", "\u0323", ""), "áàåãäâ", strict=True)),
           "\u0306": dict(zip(("\u0301", "\u0300", "\u0309", "\u0303", "\u0323", ""), "éèúüëê", strict=True))}
_TONES = dict(zip(("\u0301", "\u0300", "\u0309", "\u0303", "\u0323"), "ùøûõï", strict=True))
_WHOLE = {"ì": "ì", "í": "í", "ỉ": "æ", "ĩ": "ó", "ị": "ò", "đ": "ñ", "ơ": "ô", "ư": "ö", "ỵ": "î"}


def tcvn3(text: str) -> str:
    """``text`` in small letters as the bytes of TCVN3, read as Latin-1."""
    return "".join(_TCVN3.get(char, char) for char in text)


def vni(text: str) -> str:
    """``text`` as the bytes of VNI, read as Latin-1."""
    return "".join(_vni(char) for char in text)


def _vni(char: str) -> str:
    lower = char.lower()
    base, *marks = unicodedata.normalize("NFD", lower)
    if lower in _WHOLE:
        found = _WHOLE[lower]
    elif not marks:
        return char
    else:
        tone = next((mark for mark in marks if mark in _TONES), "")
        hat = next((mark for mark in marks if mark not in _TONES), "")
        base = {"o": "ô", "u": "ö"}[base] if hat == "\u031b" else base
        found = base + (_HATTED[hat][tone] if hat in _HATTED else _TONES.get(tone, ""))
    return found.upper() if char != lower else found

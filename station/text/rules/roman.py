"""Roman numerals."""

from __future__ import annotations

import re

from station.text import tables
from station.text.numbers import cardinal, ordinal, roman
from station.text.reading import Context, Reading, after
from station.text.syllables import is_syllable

_ROMAN = re.compile(r"([IVXLC]+)([a-z]?)(?!\w)")
_ROMAN_LEFT = after(
    r"khóa|lần thứ|thứ|quý|đại hội|thế kỷ|chương|phần|mục|kỳ|cấp|loại|hạng|nhóm|giai đoạn|lần|bậc|vùng|khu vực|quyển|tập|đợt|vòng"
    r"|điều|phụ lục|tiết|học kỳ|hkỳ|tổ|đội|khu|số|hiệp|trung ương|hội nghị trung ương|tw|bảng|tuyến|khoá|đảng|triều|vua|hội nghị|type|cụm|tầng|cột|và|đến|,|-|–"
)
#: words after which VI and XI are numerals even in capitals
_NUMERAL_LEFT = after(r"khóa|khoá|lần thứ|thứ|quý|đại hội|thế kỷ|chương|phần|mục|phụ lục|cấp|hạng|loại|vùng|học kỳ|điều|lần|kỳ|tập|quyển")
_RANGE = re.compile(r"\s?[-–]\s?([IVXLC]{1,8})(?!\w)")
_WORD_AFTER = re.compile(r"\s(?:phạm|rút|khuẩn|mạch|sinh|chất|ba|măng|lanh|nhan|phim|ta min|đi|thị|văn|xử|cảnh)(?!\w)")


def read_roman(ctx: Context, pos: int) -> Reading | None:
    """A Roman numeral where one is likely, or None (VI is a surname and begins VI PHẠM)."""
    match = _ROMAN.match(ctx.text, pos)
    if match is None or len(match[1]) > 9:
        return None
    value = roman(match[1])
    if value is None:
        return None
    left = ctx.left(pos)
    keyed = _ROMAN_LEFT.search(left)
    if len(match[1]) > 1 and is_syllable(match[1]) and not _likely(ctx, match, left):
        return None
    if not keyed and (len(match[1]) == 1 or any(char in "LC" for char in match[1])):
        return None
    if keyed and left.rstrip()[-1:] in (",", "-", "–") or re.search(r"(?:và|đến)\s*$", left):
        if len(match[1]) == 1 and not re.search(r"(?<!\w)[ivx]{1,5}\s*(?:,|-|–|và|đến)\s*$", left):
            return None
    if len(match[1]) == 1 and match[1] in "LC":
        return None
    year = re.compile(r"/((?:19|20)\d\d)(?!\w)").match(ctx.text, match.end())
    if year:
        return Reading(year.end(), f"{'bốn' if value == 4 else cardinal(value)} năm {cardinal(int(year[1]), ctx.style)}", "date")
    if re.search(r"thứ\s*$", left):
        words = ordinal(value, ctx.style)
    elif re.search(r"quý\s*$", left) and value == 4:
        words = "bốn"
    else:
        words = cardinal(value, ctx.style)
    end = _range_end(ctx, match.end()) if not match[2] else None
    if end:
        return Reading(end[0], words + end[1], "number")
    return Reading(match.end(), f"{words} {tables.spell(match[2])}".strip(), "number")




def _range_end(ctx: Context, pos: int) -> tuple[int, str] | None:
    """The "-XVIII" of XV-XVIII at ``pos``: its end and its reading."""
    match = _RANGE.match(ctx.text, pos)
    value = roman(match[1]) if match else None
    return (match.end(), f" đến {cardinal(value, ctx.style)}") if match and value else None


def _likely(ctx: Context, match: re.Match[str], left: str) -> bool:
    """Whether a numeral that is also a syllable (VI, XI) is a numeral here."""
    right = ctx.right(match.end())
    if _NUMERAL_LEFT.search(left):
        return not _WORD_AFTER.match(right.lower())
    beside = re.match(r"\s([^\W\d_]{2,8})(?!\w)", right)
    before = re.search(r"([^\W\d_]{2,8})\s$", ctx.text[max(0, match.start() - 10):match.start()])
    capitals = any(item is not None and item[1].isupper() for item in (beside, before))
    return not (ctx.capitals or capitals or _WORD_AFTER.match(right.lower()))

"""Words: abbreviations, acronyms, Roman numerals, foreign words, words in capitals, web addresses."""

from __future__ import annotations

import re
import unicodedata

from station.text import abbreviations, tables
from station.text.numbers import cardinal, ordinal, roman, spoken_digits
from station.text.reading import Context, Reading, after
from station.text.rules import web
from station.text.rules.codes import document_code
from station.text.syllables import has_vietnamese_letter, is_syllable

#: letters with what abbreviations hold inside
_EXTENDED = re.compile(r"[^\W\d_]{1,16}(?:[./&,-] ?[^\W\d_]{1,12}){0,5}\.?")
WORD = re.compile(r"[^\W\d_]+")
_ROMAN = re.compile(r"([IVXLC]+)([a-z]?)(?!\w)")
_ROMAN_LEFT = after(
    r"khóa|lần thứ|thứ|quý|đại hội|thế kỷ|chương|phần|mục|kỳ|cấp|loại|hạng|nhóm|giai đoạn|lần|bậc|vùng|khu vực|quyển|tập|đợt|vòng"
    r"|điều|phụ lục|tiết|học kỳ|hkỳ|tổ|đội|khu|số|hiệp|trung ương|hội nghị trung ương|tw|bảng|tuyến|khoá|đảng|triều|vua|hội nghị|type|cụm|tầng|cột|và|đến|,|-|–"
)
_LEVELS = re.compile(r"(\d{1,2}(?:\.\d{1,2}){1,3})\.?(?=\s+[^\W\d_a-zà-ỹđ])")
_LIST_HEAD = re.compile(r"([IVX]{1,5}|\d{1,2}|[a-zđA-ZĐ])([.)/])(?=\s|$)")
_ALNUM = re.compile(r"([A-ZĐa-zđ]{1,5})(?:[-.]?)(\d{1,6})([A-ZĐa-z]?)(?![\w])")
_DEFINED = re.compile(r"\(\s*([^\W\d_][^()\d]{0,18}?)\s*\)")
_NAME_DOT = re.compile(r"(?:^|[,;:(–-]|(?:tại|ở|và|thuộc|địa bàn))\s*$")
#: names of the highland peoples: H'Hen, K'Brêu
_HIGHLAND = re.compile(r"([HK])'([A-ZĐ][^\W\d_]{1,8})")


def read_word(ctx: Context, pos: int) -> Reading:
    """The reading of what begins with a letter at ``pos``."""
    text = ctx.text
    address = web.ADDRESS.match(text, pos)
    if address and web.looks_like(address[0]):
        return Reading(address.end(), web.spoken(address[0]), "url")
    found = _abbreviation(ctx, pos)
    if found:
        return found
    head = WORD.match(text, pos)
    assert head is not None
    word, end = head[0], head.end()
    if end < len(text) and text[end] in "0123456789.-" or (end < len(text) and text[end].isdigit()):
        joined = _letters_and_digits(ctx, pos)
        if joined:
            return joined
    highland = _HIGHLAND.match(text, pos)
    if highland:
        return Reading(highland.end(), f"{highland[1]}ơ {highland[2]}")
    numeral = _roman(ctx, pos)
    if numeral:
        return numeral
    return _plain_word(ctx, pos, word, end)


def _abbreviation(ctx: Context, pos: int) -> Reading | None:
    match = _EXTENDED.match(ctx.text, pos)
    if match is None:
        return None
    candidate = match[0]
    while candidate:
        end = pos + len(candidate)
        following = ctx.text[end:end + 1]
        if not (following.isalnum() and candidate[-1] != ".") and _may_be(candidate, ctx, pos, end):
            known = ctx.defined.get(candidate)
            if known:
                return Reading(end, known)
            found = abbreviations.lookup(candidate, pos, end, ctx)
            if found:
                return Reading(_eat_dot(candidate, end, ctx), found[0], "word", "abbreviation" if found[1] else "", found[1])
            foreign = tables.load("foreign")["word"].get(candidate.lower())
            if foreign and not (candidate.isupper() and is_syllable(candidate)):
                return Reading(end, foreign)
        cut = max(candidate.rfind(sign, 0, len(candidate) - 1) for sign in "./&,- ")
        if candidate[-1] in "./&,- ":
            candidate = candidate[:-1]
        elif cut > 0:
            candidate = candidate[:cut + 1]
        else:
            break
    return None


def _eat_dot(candidate: str, end: int, ctx: Context) -> int:
    """The dot after TT, P and the like belongs to them when a name or number follows."""
    if len(candidate) <= 3 and candidate[-1] != "." and candidate[0].isupper() and re.match(r"\.\s?[\dA-ZĐ]", ctx.text[end:end + 3]):
        if abbreviations.plain(candidate + ".") or candidate in ("TT", "QL", "TL", "HL", "ĐT", "ĐH", "CN"):
            return end + 1
    return end


def _may_be(candidate: str, ctx: Context, pos: int, end: int) -> bool:
    bare = candidate.rstrip(".")
    if len(bare) == 1 and candidate[-1] == ".":
        right = ctx.text[end:end + 2].lstrip()
        if bare in "QP" and right[:1].isdigit():
            return True
        return bool(right[:1].isupper() and len(right) and bare in "QPHXTĐ" and _NAME_DOT.search(ctx.left(pos)) and ctx.left(pos).strip())
    if len(bare) == 1 and bare in "PQ":
        return bool(re.match(r"\.?\s?\d", ctx.text[end:end + 3]))
    if bare.isupper() and bare.isalpha() and is_syllable(bare) and (ctx.capitals or _caps_neighbour(ctx, pos, end)):
        return bare in ctx.defined or bare in ("AI", "CA") and not ctx.capitals
    return True


def _caps_neighbour(ctx: Context, pos: int, end: int) -> bool:
    """Whether a word beside this one is also in capitals and is a plain syllable."""
    right = re.match(r"\s([^\W\d_]{2,8})(?!\w)", ctx.right(end))
    left = re.search(r"(?<!\w)([^\W\d_]{2,8})\s$", ctx.text[max(0, pos - 10):pos])
    for side in (left, right):
        if side and side[1].isupper() and is_syllable(side[1]) and not abbreviations.plain(side[1]):
            return True
    return False


def _letters_and_digits(ctx: Context, pos: int) -> Reading | None:
    particle = re.compile(r"PM\s?(2[.,]5|10)(?!\d)").match(ctx.text, pos)
    if particle:
        return Reading(particle.end(), "pê mờ " + ("mười" if particle[1] == "10" else "hai phẩy năm"))
    match = _ALNUM.match(ctx.text, pos)
    if match is None or "," in match[0] or re.match(r"[,/]\d", ctx.right(match.end())[:2]):
        return None
    letters, number, tail = match.groups()
    sep = ctx.text[match.end(1):match.start(2)]
    whole = match[0]
    known = abbreviations.plain(whole)
    if known:
        return Reading(match.end(), known)
    if sep == "." and not (letters.isupper() and letters in ("QL", "TL", "HL", "ĐT", "ĐH", "CT", "P", "Q")):
        return None
    if sep == "-" and not letters.isupper():
        return None
    if re.match(r"[-./]\d", ctx.right(match.end())[:2]) and sep:
        return None
    roads = {"QL": "quốc lộ", "TL": "tỉnh lộ", "HL": "hương lộ", "ĐT": "đường tỉnh", "DT": "đường tỉnh", "ĐH": "đường huyện", "CT": "cao tốc", "ĐX": "đường xã",
             "QH": "quốc hội", "Km": "ki lô mét", "KM": "ki lô mét", "km": "ki lô mét", "P": "phường", "Q": "quận", "T": "tê", "TP": "thành phố", "KP": "khu phố",
             "Tp": "thành phố", "COVID": "cô vít", "Covid": "cô vít", "BĐ": "báo động"}
    first = roads.get(letters) if letters != "T" else None
    if letters in ("P", "Q") and sep == "" and len(number) > 2:
        first = None
    if letters in ("ĐT",) and len(number) != 3:
        first = "điện thoại" if len(number) > 3 else first
    if first is None:
        found = abbreviations.lookup(letters, pos, match.end(1), ctx) if len(letters) > 2 else None
        if found:
            first = found[0]
        elif letters.islower() and len(letters) > 1:
            if is_syllable(letters):
                first = letters
            else:
                first = tables.load("foreign")["word"].get(letters) or tables.spell(letters)
        elif not letters.isupper() and len(letters) > 2:
            first = tables.load("foreign")["word"].get(letters.lower()) or (letters if is_syllable(letters) else tables.spell(letters))
        else:
            first = tables.spell(letters) if not (letters.isupper() and len(letters) > 2 and has_vietnamese_letter(letters) and is_syllable(letters)) else letters.lower()
    words = [first, spoken_digits(number, ctx.style), tables.spell(tail)]
    if letters in ("Km", "KM", "km") and ctx.text[match.end():match.end() + 1] == "+":
        return Reading(match.end(1), first)
    return Reading(match.end(), " ".join(filter(None, words)))


def _roman(ctx: Context, pos: int) -> Reading | None:
    match = _ROMAN.match(ctx.text, pos)
    if match is None or len(match[1]) > 9:
        return None
    value = roman(match[1])
    if value is None:
        return None
    left = ctx.left(pos)
    keyed = _ROMAN_LEFT.search(left)
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
    return Reading(match.end(), f"{words} {tables.spell(match[2])}".strip(), "number")


def _plain_word(ctx: Context, pos: int, word: str, end: int) -> Reading:
    known = ctx.defined.get(word)
    if known:
        return Reading(end, known)
    if len(word) == 1:
        return _letter(ctx, pos, word, end)
    if word.isupper():
        if is_syllable(word) and (has_vietnamese_letter(word.replace("Đ", "D")) or len(word) > 2 or ctx.capitals or _caps_neighbour(ctx, pos, end)):
            caps = ctx.capitals or has_vietnamese_letter(word) or _caps_neighbour(ctx, pos, end)
            guess = () if caps else (word.lower(), tables.spell(word))
            return Reading(end, word.lower(), "word", "abbreviation" if guess else "", guess)
        if has_vietnamese_letter(word.replace("Đ", "").replace("Ư", "").replace("Ơ", "")) and len(word) > 2:
            return Reading(end, word.lower())
        if len(word) <= 10:
            spelled = tables.spell(word) or word.lower()
            return Reading(end, spelled, "word", "abbreviation", (spelled, document_code(word)))
        return Reading(end, word.lower(), "word", "foreign", (word.lower(),))
    if is_syllable(word) or has_vietnamese_letter(word):
        return Reading(end, word if word[1:].islower() else word.lower())
    capitals = sum(char.isupper() for char in word)
    if capitals > 1 and len(word) <= 8 and not re.match(r"[A-Z][a-z]{2,}[A-Z][a-z]{2,}", word):
        return Reading(end, tables.spell(word), "word", "abbreviation", (tables.spell(word), word.lower()))
    if len(word) <= 3 and not re.search(r"[aeiouy]", word.lower()):
        return Reading(end, tables.spell(word), "word", "abbreviation", (tables.spell(word), word))
    return Reading(end, word.lower() if capitals > 1 else word, "word", "foreign", (word.lower(), tables.spell(word[:12])))


def _letter(ctx: Context, pos: int, word: str, end: int) -> Reading:
    lower = word.lower()
    if lower in "aeiouyăâêôơưàáảãạèéẻẽẹìíỉĩịòóỏõọùúủũụỳýỷỹỵ" or has_vietnamese_letter(word.replace("Đ", "D").replace("đ", "d")):
        return Reading(end, word if ctx.text[end:end + 2].strip() and word == "Y" and not ctx.capitals else lower)
    if lower == "x" and re.search(r"\d[^.,;]{0,14}$", ctx.left(pos)) and re.match(r"\s*\d", ctx.right(end)):
        return Reading(end, "nhân")
    return Reading(end, tables.spell(word) or lower)


def define(ctx: Context, start: int) -> Reading | None:
    """"Ủy ban nhân dân (UBND)": the abbreviation is not said again, and from here on it has this reading."""
    match = _DEFINED.match(ctx.text, start)
    if match is None:
        return None
    short = match[1].strip()
    if not short or not short[0].isupper() or sum(char.isupper() for char in short) < 2 or any(char.islower() for char in short):
        return None
    letters = [_initial(char) for char in short if char.isalpha()]
    before = re.findall(r"[^\W\d_]+|[,.;:()]", ctx.text[max(0, start - 120):start])
    words: list[str] = []
    for item in reversed(before):
        if not item[0].isalpha():
            if item == ",":
                continue
            break
        words.insert(0, item)
        initials = [_initial(word) for word in words]
        if _covers(letters, initials):
            if initials[0] == letters[0]:
                ctx.defined[short] = " ".join(words).lower()
                return Reading(match.end(), "", "skip")
        if len(words) > len(letters) + 4:
            break
    return None


def _initial(word: str) -> str:
    first = word[0].upper()
    return first if first == "Đ" else unicodedata.normalize("NFD", first)[0]


def _covers(letters: list[str], initials: list[str]) -> bool:
    """All letters in order among the initials, with at most two small words between."""
    if len(initials) < len(letters) or len(initials) > len(letters) + 3:
        return False
    place = 0
    for initial in initials:
        if place < len(letters) and initial == letters[place]:
            place += 1
    return place == len(letters) and initials[-1] == letters[-1]


def list_head(ctx: Context, pos: int) -> Reading | None:
    """The number or letter of a list item or heading at the head of a line."""
    levels = _LEVELS.match(ctx.text, pos)
    if levels and ctx.text[levels.end():].lstrip()[:1].isupper():
        return Reading(levels.end(), " chấm ".join(cardinal(int(item)) for item in levels[1].split(".")), "head")
    match = _LIST_HEAD.match(ctx.text, pos)
    if match is None or (match[2] == "." and not ctx.right(match.end()).strip()):
        return None
    mark = match[1]
    if mark.isdigit():
        return Reading(match.end(), cardinal(int(mark), ctx.style), "head")
    value = roman(mark) if mark.isupper() else None
    if value and (mark in "IVX" or len(mark) > 1):
        return Reading(match.end(), cardinal(value, ctx.style), "head")
    if len(mark) == 1:
        return Reading(match.end(), tables.spell(mark), "head")
    return None

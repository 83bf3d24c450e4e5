"""Words: abbreviations, acronyms, Roman numerals, foreign words, words in capitals, web addresses."""

from __future__ import annotations

import re

from station.text import abbreviations, symbols, tables
from station.text.numbers import cardinal, digits, month, ordinal, roman, spoken_digits
from station.text.reading import LOWER, UPPER, Context, Reading, after
from station.text.rules import web
from station.text.rules.codes import document_code
from station.text.rules.roman import read_roman
from station.text.syllables import has_vietnamese_letter, is_latin, is_syllable, is_word

#: letters with what abbreviations hold inside
_EXTENDED = re.compile(r"[^\W\d_]{1,16}(?:[./&,-] ?[^\W\d_]{1,12}){0,5}\.?")
_OTHER = re.compile(r"(?:[^\W\d_\u0000-\u024f\u1e00-\u1eff]|[µªº])+")
WORD = re.compile(r"[^\W\d_]+")
_ALNUM = re.compile(r"([A-ZĐa-zđ]{1,5})(?:[-.]?)(\d{1,12})([A-ZĐa-z]?)(?![\w])")
_NAME_DOT = re.compile(r"(?:^|[,;:(–-]|(?:tại|ở|và|thuộc|địa bàn))\s*$")
#: names of the highland peoples: H'Hen, K'Brêu
_HIGHLAND = re.compile(r"([BCDĐGHKLMNRSTX])'([A-ZĐa-zđ][^\W\d_]{0,8})|(H)(Mông|Mong)(?!\w)")
_BARE_CODE = re.compile(r"(QĐ|NQ|NĐ|KH|TB|BC|TTr|HD|CĐ|TT|CT|GM|BB|NQLT|QC)((?:[-/][A-ZĐ&]{2,12}){1,3})(?![\w-])")
_DAYS_SHORT = re.compile(r"T([2-7])(?:(\s?[-–]\s?|\s?,\s?|\s(?:và|đến)\s)(?:T([2-7])|CN)(?!\w))?(?![\w/])")
_DAYS_LEFT = after(r"sáng|trưa|chiều|tối|đêm|ngày|nghỉ|từ|đến|và|các ngày|hằng tuần|lịch|học|thứ \w+|t[2-7] ?[,-]?|,")
_PLACE_LEFT = after(r"kênh|tuyến|đập|cống|nhà|lô|đường|trạm|ga|tòa|cửa|ký hiệu|t(?:1|[89]|\d\d)[,-]?|giống|xe")
_QUARTER = re.compile(r"Q\.?\s?([1-4]|I{1,3}|IV)/((?:19|20)\d\d)(?!\w)")
_GLUED = re.compile(rf"([A-ZĐ]{{2,8}})([{LOWER}]{{2,7}})(?!\w)")
_MONTH_SHORT = re.compile(r"[Tt]\.?(0?[1-9]|1[0-2])/((?:19|20)\d\d)(?!\w)")
_BEFORE_PLACE = frozenset("tại ở về thuộc và đến từ trên qua ubnd hđnd đảng trạm công an trường hội đoàn".split())
_ADDRESS_LEFT = re.compile(r"(?:(?<!\w)(?:tại|ở|về|thuộc|trú|đường|phố|tổ \d+|địa chỉ:?)|[,;–-])\s*$|^\s*$")
_COUNTED_ROADS = frozenset({"phường", "quận", "tổ dân phố", "khu phố", "thành phố", "quốc hội", "báo động", "ki lô mét", "nghị quyết", "nghị định", "quyết định"})
_TITLES = frozenset({"cử nhân", "dược sĩ", "kỹ sư", "tiến sĩ", "thị trấn", "chủ tịch", "bí thư", "phó chủ tịch", "đại học"})
_QUYEN = re.compile(r"\s?(?:trưởng|giám|chủ tịch|chánh|hiệu|bí thư|viện|cục|bộ trưởng|tổng|phó)", re.IGNORECASE)


def read_word(ctx: Context, pos: int) -> Reading:
    """The reading of what begins with a letter at ``pos``."""
    text = ctx.text
    if not is_latin(text[pos]):
        return _other_script(ctx, pos)
    address = web.ADDRESS.match(text, pos)
    if address and web.looks_like(address[0]):
        return Reading(address.end(), web.spoken(address[0]), "url")
    highland = _HIGHLAND.match(text, pos) if char_is_capital(text[pos]) else None
    if highland:
        return Reading(highland.end(), f"{highland[1] or highland[3]}ơ {highland[2] or highland[4]}")
    short = _short_day(ctx, pos) or _times_sign(ctx, pos)
    if short:
        return short
    found = _bare_code(ctx, pos) or _abbreviation(ctx, pos)
    if found:
        return found
    head = WORD.match(text, pos)
    assert head is not None
    word, end = head[0], head.end()
    if end < len(text) and text[end] in "0123456789.-" or (end < len(text) and text[end].isdigit()):
        joined = _letters_and_digits(ctx, pos)
        if joined:
            return joined
    numeral = read_roman(ctx, pos)
    if numeral:
        return numeral
    return _plain_word(ctx, pos, word, end)


def _other_script(ctx: Context, pos: int) -> Reading:
    """Greek letters by name; a word in another script cannot be said, and is reported."""
    head = _OTHER.match(ctx.text, pos)
    end = head.end() if head else pos + 1
    name = symbols.letter_name(ctx.text[pos]) if end == pos + 1 else ""
    return Reading(end, name, "word", "" if name else "foreign")


def char_is_capital(char: str) -> bool:
    return "A" <= char <= "Z" or char == "Đ"


def _short_day(ctx: Context, pos: int) -> Reading | None:
    """T7, T2 - T6 (days of the week) and T11/2026 (a month)."""
    quarter = _QUARTER.match(ctx.text, pos)
    if quarter:
        value = int(quarter[1]) if quarter[1].isdigit() else roman(quarter[1]) or 0
        return Reading(quarter.end(), f"quý {cardinal(value)} năm {cardinal(int(quarter[2]), ctx.style)}", "date")
    if ctx.text[pos] not in "Tt":
        return None
    match = _MONTH_SHORT.match(ctx.text, pos)
    if match:
        return Reading(match.end(), f"tháng {month(match[1])} năm {cardinal(int(match[2]), ctx.style)}", "date")
    match = _DAYS_SHORT.match(ctx.text, pos)
    if _PLACE_LEFT.search(ctx.left(pos)):
        return None
    if match is None or not (match[2] or _DAYS_LEFT.search(ctx.left(pos))):
        return None
    first = f"thứ {ordinal(int(match[1]))}"
    if match[2] is None or match[2].strip() not in ("-", "–"):
        return Reading(pos + 2, first)
    return Reading(match.end(), f"{first} đến " + (f"thứ {ordinal(int(match[3]))}" if match[3] else "chủ nhật"))


def _bare_code(ctx: Context, pos: int) -> Reading | None:
    """QĐ-BNN-TT, TTr-UBND: the end of a document's number without the number."""
    match = _BARE_CODE.match(ctx.text, pos)
    if match is None or abbreviations.plain(match[0]) or match[1] == "TT" and not match[2].startswith("-B"):
        return None
    offices = tables.load("documents")["code"]
    if not any(part in offices or part in ("UBND", "HĐND") for part in re.split(r"[-/]", match[2])):
        return None
    return Reading(match.end(), document_code(match[0]), "document")


def _times_sign(ctx: Context, pos: int) -> Reading | None:
    """The x of 3x4m."""
    if ctx.text[pos] not in "xX" or not ctx.text[pos + 1:pos + 2].isdigit():
        return None
    return Reading(pos + 1, "nhân") if re.search(r"\d\s?(?:c?m|mm|km)?$", ctx.left(pos)) else None


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
                return Reading(_eat_dot(candidate, end, ctx, found[0]), found[0], "word", "abbreviation" if found[1] else "", found[1])
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


def _eat_dot(candidate: str, end: int, ctx: Context, reading: str) -> int:
    """The dot after TT, P and the like belongs to them when a name or number follows."""
    if len(candidate) <= 3 and candidate[-1] != "." and candidate[0].isupper() and re.match(r"\.\s?[\dA-ZĐ]", ctx.text[end:end + 3]):
        if abbreviations.plain(candidate + ".") or candidate in ("QL", "TL", "HL", "ĐT") or reading in _TITLES:
            return end + 1
    return end


def _may_be(candidate: str, ctx: Context, pos: int, end: int) -> bool:
    bare = candidate.rstrip(".")
    if len(bare) == 1 and candidate[-1] == ".":
        right = ctx.text[end:end + 2].lstrip()
        if bare in "AC":
            return re.search(r"(?:gặp|liên hệ|lh|gọi|đt)\s$", ctx.left(pos)) is not None
        if bare in "QP" and right[:1].isdigit() or bare == "Q" and _QUYEN.match(ctx.right(end)):
            return True
        if not right[:1].isupper() or bare not in "QPHXTĐpqhx":
            return False
        tight = ctx.text[end] == right[0]
        before = re.search(rf"(?:^|[\s(])([{UPPER}][^\s.,;:]*)\s$", ctx.text[max(0, pos - 14):pos])
        a_name = before is not None and before[1].lower() not in _BEFORE_PLACE
        return (tight or bool(ctx.left(pos).strip())) and not a_name
    if len(bare) == 1 and bare in "PQ":
        return bool(re.match(r"\.?\s?\d", ctx.text[end:end + 3]))
    if bare.isupper() and bare.isalpha() and is_syllable(bare) and (ctx.capitals or _caps_neighbour(ctx, pos, end)):
        return bare in ctx.defined or bare in ("AI", "CA") and not ctx.capitals or not is_word(bare)
    return bool(candidate[-1:] != "." or not bare.isalpha() or not bare.isupper() or ctx.text[end:end + 3].strip())


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
             "QH": "quốc hội", "Km": "ki lô mét", "KM": "ki lô mét", "km": "ki lô mét", "P": "phường", "Q": "quận", "T": "tê", "TP": "thành phố", "TW": "trung ương", "TƯ": "trung ương", "NQ": "nghị quyết", "NĐ": "nghị định", "QĐ": "quyết định", "KP": "khu phố",
             "Tp": "thành phố", "COVID": "cô vít", "Covid": "cô vít", "BĐ": "báo động"}
    first = roads.get(letters) if letters != "T" else None
    if letters in ("P", "Q") and sep == "" and (len(number) > 2 or not _ADDRESS_LEFT.search(ctx.left(pos))):
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
        elif not letters.isupper() and (len(letters) > 2 or len(letters) == 2 and is_syllable(letters)):
            first = tables.load("foreign")["word"].get(letters.lower()) or (letters if is_syllable(letters) else tables.spell(letters))
        else:
            first = tables.spell(letters) if not (letters.isupper() and len(letters) > 2 and has_vietnamese_letter(letters) and is_syllable(letters)) else letters.lower()
    said = digits(number) if len(number) > 4 or number[0] == "0" and len(number) > 1 and first not in _COUNTED_ROADS else spoken_digits(number, ctx.style)
    words = [first, said, tables.spell(tail)]
    if letters in ("Km", "KM", "km") and ctx.text[match.end():match.end() + 1] == "+":
        return Reading(match.end(1), first)
    return Reading(match.end(), " ".join(filter(None, words)))


def _plain_word(ctx: Context, pos: int, word: str, end: int) -> Reading:
    known = ctx.defined.get(word)
    if known:
        return Reading(end, known)
    if len(word) == 1:
        return _letter(ctx, pos, word, end)
    if word.isupper():
        if is_word(word) and (has_vietnamese_letter(word.replace("Đ", "D")) or len(word) > 2 or ctx.capitals or _caps_neighbour(ctx, pos, end)):
            caps = ctx.capitals or has_vietnamese_letter(word) or _caps_neighbour(ctx, pos, end)
            guess = () if caps else (word.lower(), tables.spell(word))
            return Reading(end, word.lower(), "word", "abbreviation" if guess else "", guess)
        if has_vietnamese_letter(word.replace("Đ", "").replace("Ư", "").replace("Ơ", "")) and len(word) > 2:
            return Reading(end, word.lower())
        if len(word) <= 10:
            spelled = tables.spell(word) or word.lower()
            return Reading(end, spelled, "word", "abbreviation", tuple(dict.fromkeys((spelled, document_code(word)))))
        return Reading(end, word.lower(), "word", "foreign", (word.lower(),))
    glued = _GLUED.match(ctx.text, pos)
    if glued and is_word(glued[2]) and abbreviations.plain(glued[1]):
        return Reading(glued.end(1), abbreviations.plain(glued[1]))
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
    if lower == "x" and re.search(r"\d\s?(?:c?m|mm|km)\s$", ctx.left(pos)) and re.match(r"\s(?:rộng|cao|dài|sâu|dày|ngang)", ctx.right(end)):
        return Reading(end, "nhân")
    if lower == "x" and re.search(r"\d[^.,;]{0,14}$", ctx.left(pos)) and re.match(r"\s*\d", ctx.right(end)):
        return Reading(end, "nhân")
    return Reading(end, tables.spell(word) or lower)

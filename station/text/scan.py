"""One pass over a cleaned line: at each place the first rule that fits gives the reading."""

from __future__ import annotations

import re
from dataclasses import dataclass

from station.text import abbreviations, symbols, tables
from station.text.lexicon import Lexicon
from station.text.numbers import STYLES, digits
from station.text.reading import LOWER, Context, Reading
from station.text.rules import calendar, heads, measures, web, words
from station.text.rules.amounts import tables_of_number_rules


@dataclass(frozen=True)
class Piece:
    """``kind`` is "word", "pause" (``spoken`` is , . ? or !) or the kind of a rule; positions in the cleaned text."""

    spoken: str
    start: int
    end: int
    kind: str = "word"
    doubt: str = ""
    choices: tuple[str, ...] = ()


_NUMBER_RULES = tables_of_number_rules()
_BULLET = re.compile(r"\s*(?:[-–—+*•●▪■□◦»>✓✔·]+(?=\s|[^\d\s]))\s*")
_LINE_BULLET_DIGIT = re.compile(r"\s*[-–+](?=\d{1,4}\s[^\W\d_])(?!\d+\s?(?:độ|°))")
_SPACE = re.compile(r"\s+")
_RUN_OF_DIGITS = re.compile(r"\d{19,}")
_SAME_UNIT = re.compile(r"[-–]\s?\d[\d.,]*\s?(?:(?:nghìn|ngàn|triệu|tỷ)\s)?([^\W\d_]+|%)")
_TIME_AFTER = re.compile(r"[-–]\s?\d{1,2}\s?(?:h|g\d|giờ|:\d)")
_DATE_AFTER = re.compile(r"[-–]\s?(?:ngày\s)?\d{1,2}/\d{1,2}(?!\w)")
_NAMED_DAY = re.compile(r"[-–](?:mùng|mồng|rằm|ngày|thứ|tháng)(?!\w)")
_FRACTIONS = re.compile(r"[-–]\s?\d{1,2}/\d")
_NEGATIVE = re.compile(r"[-–](?=\d)")


def scan(text: str, *, region: str = "north", lexicon: Lexicon | None = None, capitals: bool = False,
         defined: dict[str, str] | None = None, head: bool = True) -> list[Piece]:
    """The pieces of a cleaned line, in order.  ``defined`` carries abbreviations explained earlier in the text."""
    ctx = Context(text, STYLES.get(region, STYLES["north"]), capitals, {} if defined is None else defined)
    pieces: list[Piece] = []
    pos, length = 0, len(text)
    if head:
        pos = _line_head(ctx, pieces)
    while pos < length:
        char = text[pos]
        if char.isspace():
            pos = _SPACE.match(text, pos).end()  # type: ignore[union-attr]
            continue
        reading = _lexicon(ctx, pos, lexicon) if lexicon is not None else None
        if reading is None:
            reading = _read(ctx, pos, char)
        if reading.kind not in ("skip", "space"):
            pieces.append(Piece(reading.spoken, pos, reading.end, reading.kind, reading.doubt, reading.choices))
        if reading.kind not in ("pause", "space"):
            ctx.last_spoken = reading.spoken
            ctx.last_kind, ctx.last_end = reading.kind, reading.end
            if reading.kind == "phone":
                ctx.last_phone_end = reading.end
        pos = max(reading.end, pos + 1)
    return pieces


def _line_head(ctx: Context, pieces: list[Piece]) -> int:
    pos = 0
    bullet = _BULLET.match(ctx.text) or _LINE_BULLET_DIGIT.match(ctx.text)
    if bullet:
        pos = bullet.end()
    start = pos + len(ctx.text[pos:pos + 40]) - len(ctx.text[pos:pos + 40].lstrip())
    head = heads.list_head(ctx, start)
    if head:
        pieces.append(Piece(head.spoken, start, head.end, "head"))
        pieces.append(Piece(",", head.end - 1, head.end, "pause"))
        return head.end
    return pos


def _lexicon(ctx: Context, pos: int, lexicon: Lexicon) -> Reading | None:
    before = ctx.text[pos - 1:pos]
    if before.isalnum() and ctx.text[pos].isalnum():
        return None
    found = lexicon.match(ctx.text, pos)
    return Reading(found[0], found[1], "lexicon") if found else None


def _read(ctx: Context, pos: int, char: str) -> Reading:
    text = ctx.text
    if "0" <= char <= "9" or (char in "(+" and text[pos + 1:pos + 2] in tuple("0+8")):
        reading = _number(ctx, pos, char)
        if reading:
            return reading
    if char.isalpha():
        return words.read_word(ctx, pos)
    if char in "$€" and text[pos + 1:pos + 2].isdigit():
        reading = _number(ctx, pos + 1, text[pos + 1])
        if reading:
            return Reading(reading.end, f"{reading.spoken} {'đô la' if char == '$' else 'ơ rô'}", reading.kind)
    if char in "-–":
        return _dash(ctx, pos)
    if char == "(":
        return heads.define(ctx, pos) or heads.in_words(ctx, pos) or Reading(pos + 1, ",", "pause")
    return _sign(ctx, pos, char)


def _number(ctx: Context, pos: int, char: str) -> Reading | None:
    run = _RUN_OF_DIGITS.match(ctx.text, pos)
    if run:
        return Reading(run.end(), digits(run[0]), "number")
    if char.isdigit():
        address = web.ADDRESS.match(ctx.text, pos)
        if address and re.search(r"[a-zA-Z]", address[0]) and web.looks_like(address[0]):
            return Reading(address.end(), web.spoken(address[0]), "url")
    for rule in _NUMBER_RULES:
        match = rule.pattern.match(ctx.text, pos)
        if match:
            reading = rule.handler(match, ctx)
            if reading:
                return reading
    return None


def _dash(ctx: Context, pos: int) -> Reading:
    text = ctx.text
    before = text[pos - 1:pos]
    if _NEGATIVE.match(text, pos) and not before.isalnum() and before not in (")", "%") and (before == " " or not before or before in "(:"):
        counted = re.compile(r"\d+" + calendar.COUNTED.pattern).match(text, pos + 1)
        if not counted and not re.search(r"\d\s*$", text[max(0, pos - 3):pos]):
            reading = _number(ctx, pos + 1, text[pos + 1])
            if reading:
                sign = "" if re.search(r"(?<!\w)âm\s*$", ctx.left(pos)) else "âm "
                return Reading(reading.end, sign + reading.spoken, reading.kind)
    after = text[pos + 1:pos + 2]
    same = _SAME_UNIT.match(text, pos)
    if same and ctx.last_kind == "number" and text[max(0, pos - 12):pos].rstrip().endswith(same[1]):
        return Reading(pos + 1, "đến")
    hour = ctx.last_kind == "time" or ctx.left(pos).rstrip().endswith("giờ")
    if hour and ctx.last_end >= pos - 7 and _TIME_AFTER.match(text, pos) or ctx.last_kind == "date" and _DATE_AFTER.match(text, pos):
        return Reading(pos + 1, "đến")
    if re.match(r"[-–]\s?(?:km|Km|KM)\s?\d", text[pos:pos + 8]) and re.search(r"km\s?\d[\d+]*\s?$", ctx.left(pos)):
        return Reading(pos + 1, "đến")
    if before.isdigit() and _NAMED_DAY.match(text, pos):
        return Reading(pos + 1, "đến")
    if ctx.last_kind == "number" and _FRACTIONS.match(text, pos) and re.search(r"/\d+\s?$", ctx.left(pos)):
        return Reading(pos + 1, "đến")
    if before.isspace() and after.isspace() or (char_is_long(text[pos]) and not (before.isdigit() and after.isdigit())):
        return Reading(pos + 1, ",", "pause")
    if before.isdigit() and after.isdigit():
        return Reading(pos + 1, "đến" if ctx.last_kind in ("date", "time") else "", "word" if ctx.last_kind in ("date", "time") else "space")
    if before.isspace() and re.search(r"\d\s*$", text[max(0, pos - 3):pos]) and after.isdigit():
        return Reading(pos + 1, "đến", "word")
    return Reading(pos + 1, "", "space")


def char_is_long(char: str) -> bool:
    return char == "–"


def _sign(ctx: Context, pos: int, char: str) -> Reading:
    text = ctx.text
    if char in ".!?":
        end = pos + 1
        while end < len(text) and text[end] in ".!?/":
            end += 1
        run = text[pos:end]
        mark = "?" if "?" in run else "!" if "!" in run else "."
        if mark == "." and len(run) < 3 and text[end:end + 1].strip() and text[end:end + 1] not in "\"')]":
            return Reading(end, ",", "space")
        if mark == "." and re.match(rf"\s*[{LOWER}(]", text[end:end + 3]) and "./" not in run:
            mark = ","
        return Reading(end, mark, "pause")
    if char in ",;:()[]{}\"'`|":
        if char == "'":
            return Reading(pos + 1, "", "space")
        return Reading(pos + 1, ",", "pause") if char not in "\"`" else Reading(pos + 1, "", "space")
    if char == "/":
        return _slash(ctx, pos)
    return symbols.read(ctx, pos, char)


def _slash(ctx: Context, pos: int) -> Reading:
    before, after = ctx.text[pos - 1:pos], ctx.text[pos + 1:pos + 2]
    if ctx.last_kind == "time" and ctx.last_end == pos and re.match(r"/\d{1,2}/\d{1,2}(?!\w)", ctx.right(pos)):
        return Reading(pos + 1, "ngày", "time")  # 7h/25/11
    word = re.match(r"\s?([^\W\d_]{1,10})(?!\w)", ctx.right(pos + 1))
    amount = re.search(r"(?:\d|một|mỗi|đồng|lần|nghìn|triệu|viên|gói|kg|lít)[^.,;]{0,14}$", ctx.left(pos))
    unit = measures.read_unit(ctx, pos + 1, "")
    if unit and amount and re.match(r"/(?:m[23²³]|km[2²]?|ha|kg|l|h|g)(?!\w)", ctx.text[pos:pos + 6]):
        return Reading(unit[0], "một " + unit[1])
    if after.isdigit() and before.isalpha():
        return Reading(pos + 1, "trên")
    if word and amount and (word[1].lower() in tables.per_words() or word[1].isupper() and abbreviations.plain(word[1])):
        return Reading(pos + 1, "một")
    if before.isdigit() and after.isdigit():
        return Reading(pos + 1, "trên", "word")
    if not before.strip() and not after.strip():
        return Reading(pos + 1, ",", "pause")
    if ctx.left(pos).endswith("và") or not before.isalnum() or not after.isalnum():
        return Reading(pos + 1, "", "space")
    return Reading(pos + 1, ",", "pause", "slash", (",", "trên", "hoặc", "và"))


def has_letters_in_capitals(text: str) -> bool:
    """Whether a line is set in capitals (at least two words, nine letters of ten)."""
    letters = [char for char in text[:400] if char.isalpha()]
    return len(letters) >= 6 and sum(char.isupper() for char in letters) >= 0.9 * len(letters) and len(text.split(None, 3)) > 1

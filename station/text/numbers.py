"""Vietnamese number words: cardinals, digits, decimals, ordinals and Roman numerals."""

from __future__ import annotations

import re
from dataclasses import dataclass

DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
#: longer runs of digits are codes, read digit by digit
LONGEST_CARDINAL = 15


@dataclass(frozen=True)
class HouseStyle:
    """Words that differ between regions."""

    thousand: str
    odd: str  # the word between hundred and a single digit: một trăm *linh* năm
    early_day: str  # the word before days 1-10 of a lunar month


STYLES = {
    "north": HouseStyle("nghìn", "linh", "mùng"),
    "central": HouseStyle("nghìn", "lẻ", "mồng"),
    "south": HouseStyle("ngàn", "lẻ", "mùng"),
}
NORTH = STYLES["north"]


def digits(text: str) -> str:
    """Every digit of ``text`` by its name; other characters are skipped."""
    return " ".join(DIGITS[ord(char) - 48] for char in text if "0" <= char <= "9")


def _below_hundred(number: int) -> list[str]:
    tens, units = divmod(number, 10)
    if tens == 0:
        return [DIGITS[units]]
    words = ["mười"] if tens == 1 else [DIGITS[tens], "mươi"]
    if units == 1 and tens > 1:
        words.append("mốt")
    elif units == 4 and tens > 1:
        words.append("tư")
    elif units == 5:
        words.append("lăm")
    elif units:
        words.append(DIGITS[units])
    return words


def _group(number: int, full: bool, style: HouseStyle) -> list[str]:
    hundreds, rest = divmod(number, 100)
    words: list[str] = []
    if hundreds or full:
        words += [DIGITS[hundreds], "trăm"]
        if 0 < rest < 10:
            return [*words, style.odd, DIGITS[rest]]
    if rest or not words:
        words += _below_hundred(rest)
    return words


def cardinal(number: int, style: HouseStyle = NORTH) -> str:
    """A whole number in words; beyond 15 digits, digit by digit."""
    if number < 0:
        return "âm " + cardinal(-number, style)
    text = str(number)
    if len(text) > LONGEST_CARDINAL:
        return digits(text)
    if number == 0:
        return DIGITS[0]
    billions, rest = divmod(number, 10**9)
    words: list[str] = []
    if billions:
        words += [cardinal(billions, style), "tỷ"]
    for size, name in ((10**6, "triệu"), (10**3, style.thousand), (1, "")):
        group, rest = divmod(rest, size)
        if group:
            words += _group(group, bool(words), style)
            if name:
                words.append(name)
    return " ".join(words)


def spoken_digits(text: str, style: HouseStyle = NORTH) -> str:
    """A run of digits as a number, or digit by digit where it cannot be one (leading zeros, very long)."""
    if len(text) > LONGEST_CARDINAL or (len(text) > 2 and text[0] == "0"):
        return digits(text)
    return cardinal(int(text), style)


def fraction_digits(text: str, style: HouseStyle = NORTH) -> str:
    """What follows the decimal comma."""
    if len(text) <= 2 and text[0] != "0":
        return cardinal(int(text), style)
    return digits(text)


_GROUPED = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?$")
_GROUPED_COMMA = re.compile(r"\d{1,3}(?:,\d{3}){2,}(?:\.\d+)?$")


def number(text: str, style: HouseStyle = NORTH) -> str:
    """A written number in Vietnamese style: 1.245.036, 0,75, 2.5; spaces are taken as thousands."""
    text = text.replace(" ", "").replace("\u00a0", "")
    if _GROUPED_COMMA.match(text):
        text = text.replace(",", "").replace(".", ",")
    elif _GROUPED.match(text):
        text = text.replace(".", "")
    else:
        text = text.replace(".", ",")
    whole, _, part = text.partition(",")
    words = spoken_digits(whole, style)
    return f"{words} phẩy {fraction_digits(part, style)}" if part else words


def month(text: str, lunar: bool = False, style: HouseStyle = NORTH) -> str:
    value = int(text)
    if value == 4:
        return "tư"
    if lunar and value == 1:
        return "giêng"
    if lunar and value == 12:
        return "chạp"
    return cardinal(value, style)


def ordinal(value: int, style: HouseStyle = NORTH) -> str:
    """What follows "thứ": nhất, hai, ..., tư."""
    return {1: "nhất", 4: "tư"}.get(value) or cardinal(value, style)


_ROMAN = re.compile(r"(?=[IVXLC])(C{0,3})(XC|XL|L?X{0,3})(IX|IV|V?I{0,3})$")
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}


def roman(text: str) -> int | None:
    """The value of a well-formed Roman numeral below 400, or None."""
    if not _ROMAN.match(text):
        return None
    total = 0
    for char, following in zip(text, text[1:] + " ", strict=True):
        value = _ROMAN_VALUES[char]
        total += -value if _ROMAN_VALUES.get(following, 0) > value else value
    return total

"""Phones, account numbers, number plates, document numbers, roads, coordinates: numbers that are codes."""

from __future__ import annotations

import re

from station.text import abbreviations, tables
from station.text.numbers import cardinal, digits, number, spoken_digits
from station.text.reading import LOWER, Context, Reading, Rule, rule

CODES: list[Rule] = []
_CALL = re.compile(
    r"(?:gọi|gọi ngay|gọi số|gọi điện|tổng đài|đường dây nóng|hotline|điện thoại|đt|sđt|số máy|máy|liên hệ|liên lạc|quay số|bấm|bấm số|báo|zalo"
    r"|cứu hỏa|cấp cứu|cảnh sát|công an|tel|phone|fax|số|đầu số|tới số|đến số|theo số|qua số|di động|khẩn cấp)(?:\s(?:ngay|số|cho|đến|tới|theo|là|báo))*\s?[:.]?\s*[(]?$"
)
_HOTLINES = frozenset({"111", "112", "113", "114", "115", "116", "117", "118", "119", "1022", "1080", "1800", "1900", "18001091", "19001009"})
_TEXT_TO = re.compile(r"(?<!\w)(?:đầu số|soạn tin gửi|tin nhắn gửi|nhắn tin gửi|tin nhắn đến|nhắn tin đến|gửi đến số|gửi tới số|gửi|gửi đến|mã otp)\s*:?\s*$")
_HOT_LEFT = re.compile(r"(?:gọi|tổng đài|đường dây nóng|hotline|điện thoại|đt|sđt|cấp cứu|cảnh sát|khẩn cấp|bấm|báo ngay|cứu hỏa|đầu số|liên hệ)(?!\w)[^.;\d]{0,30}$")
_ACCOUNT = re.compile(
    r"(?:tài khoản|stk|tk|mã số thuế|mst|mã số|mã|cccd|cmnd|cmt|căn cước|căn cước công dân|chứng minh nhân dân|hộ chiếu|thẻ|số thẻ|số hiệu|định danh|seri|imei"
    r"|số sổ|số hợp đồng|mã hồ sơ|mã khách hàng|otp|mật khẩu|mã pin|mã xác nhận|mã xác thực)(?:\s(?:số|cá nhân|ngân hàng|là|khách hàng|hộ|hàng|hồ sơ|bhyt|bhxh))*\s?[:.]?\s*$"
)
_COUNT_RIGHT = re.compile(r"\s?(?:hộ|người|em|con|cây|đồng|đ(?!\w)|suất|ha|kg|m(?!\w)|%|tấn|cháu|học|nghìn|triệu|tỷ|ca(?!\w)|trường|lượt|đại|đảng)(?!\w)")


def _threes(number: str) -> list[str]:
    """A long run of digits cut in threes, so that a listener can write it down; no digit is left alone."""
    cut = [number[at:at + 3] for at in range(0, len(number), 3)]
    return [*cut[:-2], cut[-2] + cut[-1]] if len(cut) > 1 and len(cut[-1]) == 1 else cut


def _groups(parts: list[str]) -> str:
    return ", ".join(digits(part) for part in parts)


def _merged(parts: list[str]) -> list[str]:
    """A lone digit goes to the group after it: 0237 3 848 567 is said 0237, 3848, 567."""
    merged: list[str] = []
    lone = ""
    for part in parts:
        if len(part) == 1 and merged:
            lone += part
        else:
            merged.append(lone + part)
            lone = ""
    return [*merged, lone] if lone else merged


@rule(r"(?:\(?\+?84\)?|\(?0)(?:[ .\-()]{0,2}\d){8,10}(?![\w]|[.,]\d| \d{3})", CODES)
def _phone(match: re.Match[str], ctx: Context) -> Reading | None:
    written = match[0]
    plus = "cộng " if "+" in written else ""
    if "84" in written[:4] and not plus or _ACCOUNT.search(ctx.left(match.start())):
        return None
    parts = [part for part in re.split(r"\D+", written) if part]
    total = "".join(parts)
    if not 9 <= len(total) <= 12:
        return None
    if len(parts) > 2 and min(map(len, parts)) == 1:
        parts = _merged(parts)
    if len(parts) == 1 or min(map(len, parts)) == 1 or len(parts) > 4:
        cut = 8 if len(total) == 11 else 7
        parts = [total[:4], total[4:cut], total[cut:]]
    parts = [piece for part in parts for piece in (_threes(part) if len(part) == 6 else [part])]
    return Reading(match.end(), plus + _groups(parts), "phone")


@rule(r"(0\d{2,3})[ .\-](\d{3,4})(?![\w]|[.,\-]\d| \d{3})", CODES)
def _short_phone(match: re.Match[str], ctx: Context) -> Reading | None:
    """0237.1022: an area code and a service number."""
    return Reading(match.end(), _groups([match[1], match[2]]), "phone") if _CALL.search(ctx.left(match.start())) else None


@rule(r"(1[89]00)[ .\-]?(\d{2,4})[ .\-]?(\d{0,4})(?![\w]|[.,]\d)", CODES)
def _service(match: re.Match[str], ctx: Context) -> Reading | None:
    if len(match[0]) == 4 or _COUNT_RIGHT.match(ctx.right(match.end())) or re.match(r"1[89]00-", match[0]):
        return None
    if not _CALL.search(ctx.left(match.start())) and len(match[2] + match[3]) < 4:
        return None
    return Reading(match.end(), _groups([part for part in match.groups() if part]), "phone")


@rule(r"11[1-9](?:\s?[/–-]\s?11[1-9])+(?![\w]|[.,/]\d|%)", CODES)
def _hotlines(match: re.Match[str], ctx: Context) -> Reading | None:
    if not _HOT_LEFT.search(ctx.left(match.start())):
        return None
    return Reading(match.end(), _groups(re.findall(r"\d{3}", match[0])), "phone")


@rule(r"\d{3,8}(?![\w]|[.,/]\d|%)", CODES)
def _hotline(match: re.Match[str], ctx: Context) -> Reading | None:
    code, left = match[0], ctx.left(match.start())
    if code in _HOTLINES and not _COUNT_RIGHT.match(ctx.right(match.end())):
        chained = match.start() - ctx.last_phone_end < 14
        if chained or _HOT_LEFT.search(left) or (_CALL.search(left) and not re.search(r"(?<!\w)số\s*$", left)):
            return Reading(match.end(), digits(code), "phone")
    if _TEXT_TO.search(left) and not re.match(rf"\s?[{LOWER}]", ctx.right(match.end())):
        return Reading(match.end(), digits(code), "phone")
    if _ACCOUNT.search(left) and len(code) > 3 and not re.match(r" \d{3}", ctx.right(match.end())):
        return Reading(match.end(), _groups(_threes(code)), "phone")
    return None


@rule(r"\d(?:[ .\-]?\d){6,24}(?![\w]|[.,]\d)", CODES)
def _account(match: re.Match[str], ctx: Context) -> Reading | None:
    written = match[0]
    if not _ACCOUNT.search(ctx.left(match.start())):
        if not written.isdigit() or (len(written) < 9 and written[0] != "0") or _COUNT_RIGHT.match(ctx.right(match.end())):
            return None
    return Reading(match.end(), _groups(_threes(written) if written.isdigit() else re.split(r"\D+", written)), "phone")


@rule(r"(\d{2})\s?[-–]?\s?([A-ZĐ]{1,2}\d?)(?:\s?[-– ]\s?)(?:(\d{3})\.?(\d{2})|(\d{4}))(?!\w)", CODES)
def _plate(match: re.Match[str], ctx: Context) -> Reading | None:
    region, series, first, second, four = match.groups()
    letters = " ".join(tables.spell(char) if char.isalpha() else digits(char) for char in series)
    tail = digits(four) if four else f"{digits(first)}, {digits(second)}"
    return Reading(match.end(), f"{digits(region)} {letters}, {tail}", "plate")


@rule(r"(\d{2})([A-ZĐ]{1,2})(\d{5})(?!\w)", CODES)
def _tight_plate(match: re.Match[str], ctx: Context) -> Reading | None:
    return Reading(match.end(), f"{digits(match[1])} {tables.spell(match[2])}, {digits(match[3])}", "plate")


_CODE = r"[A-ZĐƯ][A-ZĐƯa-zđ&]{0,14}\d{0,3}"
#: a kind of document that is named before its number: Quy định số 37-QĐ/TW
_NAMED_LEFT = re.compile(r"(?<!\w)(quy định|thông tri|chương trình|quy chế|kế hoạch)\s(?:số\s)?:?\s*$")
_NAMED_KINDS = {("QĐ", "quy định"): "quy định", ("TT", "thông tri"): "thông tri", ("CT", "chương trình"): "chương trình"}
#: offices that stand first in the number of an official letter: 120/UBND-KT
_OFFICES = ("ủy ban", "sở ", "bộ ", "hội đồng", "phòng ", "cục ", "chi cục ")


def document_code(code: str, left: str = "") -> str:
    """TB-UBND, TT-BTTTT, NQ/TW, QH14: the readings of the parts; ``left`` is the text before the number."""
    words = []
    data = tables.load("documents")
    for place, part in enumerate(re.split(r"[-–/.]", code)):
        match = re.fullmatch(r"([^\d]+)(\d*)", part)
        if match is None:
            words.append(spoken_digits(part) if part.isdigit() else tables.spell(part))
            continue
        department = data["department"].get(part) if place > 1 or (place == 1 and words[0].startswith(_OFFICES)) else None
        if place == 0:
            named = _NAMED_LEFT.search(left)
            department = _NAMED_KINDS.get((part, named[1])) if named else department
        words.append(department or data["code"].get(match[1]) or abbreviations.plain(match[1]) or tables.spell(match[1]))
        if match[2]:
            words.append(spoken_digits(match[2]))
    return " ".join(words)


@rule(rf"(\d{{1,6}}[a-z]?)/((?:19|20)\d\d)/({_CODE}(?:[-–/]{_CODE}){{0,3}})(?!\w)", CODES)
def _document_with_year(match: re.Match[str], ctx: Context) -> Reading | None:
    return Reading(match.end(), f"{_doc_number(match[1])} trên {cardinal(int(match[2]), ctx.style)} trên {document_code(match[3])}", "document")


@rule(rf"(\d{{1,6}}[a-z]?)/({_CODE}(?:[-–/.]{_CODE}){{0,3}})(?!\w)", CODES)
def _document(match: re.Match[str], ctx: Context) -> Reading | None:
    code = match[2]
    if "-" not in code and "–" not in code and "/" not in code:
        if not (code.isupper() or code in tables.load("documents")["code"]) or len(code) < 2 or code in tables.units():
            return None
        if not re.search(r"(?:số|án|tư|cv|bc|qđ|nq|hd|tb|gm|định|lệnh|văn|thư|quyết|báo|trình|thị|hoạch|luận|dẫn|mời)\s*:?\s*$", ctx.left(match.start())):
            return None
    elif not any(char.isupper() for char in code.split("-")[-1][:1]):
        return None
    return Reading(match.end(), f"{_doc_number(match[1])} trên {document_code(code)}", "document")


@rule(rf"(\d{{1,6}})\s?/\s?(?:((?:19|20)\d\d)\s?/\s?)?({_CODE})\s?[-–]\s?({_CODE}(?:[-–]{_CODE})?)(?!\w)", CODES)
def _loose_document(match: re.Match[str], ctx: Context) -> Reading | None:
    """15 / TB - UBND: torn by blanks; only with a kind of document that is known."""
    value, year, kind, office = match.groups()
    if kind not in tables.load("documents")["code"] or not office[0].isupper():
        return None
    middle = f" trên {cardinal(int(year), ctx.style)}" if year else ""
    return Reading(match.end(), f"{_doc_number(value)}{middle} trên {document_code(f'{kind}-{office}')}", "document")


@rule(rf"(\d{{1,6}})\s?[-–]\s?({_CODE}/{_CODE}(?:[-/]{_CODE})?)(?!\w)", CODES)
def _party_document(match: re.Match[str], ctx: Context) -> Reading | None:
    return Reading(match.end(), f"{_doc_number(match[1])} {document_code(match[2], ctx.left(match.start()))}", "document")


def _doc_number(text: str) -> str:
    letter = text[-1] if text[-1].isalpha() else ""
    value = text[:-1] if letter else text
    return " ".join(filter(None, [spoken_digits(value.lstrip("0") or "0"), tables.spell(letter)]))


@rule(r"(\d{1,3}(?:[.,]\d{1,3})?)\s?(?:°|độ\s?)\s?(?:(\d{1,2})\s?'\s?)?([NSEWBĐ])(?!\w)", CODES)
def _coordinate(match: re.Match[str], ctx: Context) -> Reading | None:
    side = _SIDES[match[3]]
    minutes = f" {cardinal(int(match[2]))} phút" if match[2] else ""
    return Reading(match.end(), f"{number(match[1], ctx.style)} độ{minutes} {side}", "number")


_SIDES = {"N": "vĩ bắc", "S": "vĩ nam", "E": "kinh đông", "W": "kinh tây", "B": "vĩ bắc", "Đ": "kinh đông"}
_BARE_SIDE = re.compile(r"\s?([NE])(?!\w)")
_DEGREES = re.compile(r"\s?(?:°|độ\s?)\s?([NSEWBĐ])(?!\w)")


def coordinate_unit(ctx: Context, pos: int, *, bare: bool = False) -> tuple[int, str] | None:
    """The "°N" at ``pos`` (``bare``: "N" alone will do): its end and its reading."""
    match = _DEGREES.match(ctx.text, pos) or (_BARE_SIDE.match(ctx.text, pos) if bare else None)
    return (match.end(), f"độ {_SIDES[match[1]]}") if match else None


@rule(r"(\d{1,3}[.,]\d{1,2})\s?([NE])(?!\w)", CODES)
def _bare_coordinate(match: re.Match[str], ctx: Context) -> Reading | None:
    if not re.search(r"vị trí|tâm|tọa độ|toạ độ|bão|áp thấp|vĩ|kinh", ctx.left(match.start())):
        return None
    return Reading(match.end(), f"{number(match[1], ctx.style)} độ {_SIDES[match[2]]}", "number")


@rule(r"(\d{1,4})\s?\+\s?(\d{3})(?![\w.,])", CODES)
def _milestone(match: re.Match[str], ctx: Context) -> Reading | None:
    metres = "không" if match[2] == "000" else (digits(match[2]) if match[2][0] == "0" else cardinal(int(match[2])))
    if not re.search(r"(?:km|ki lô mét|cây số|lý trình)\s*$", ctx.left(match.start())):
        return None
    return Reading(match.end(), f"{cardinal(int(match[1]))} cộng {metres}", "number")

"""Plain numbers, ranges, ratios and fractions, with what is measured."""

from __future__ import annotations

import re

from station.text import tables
from station.text.numbers import cardinal, digits, number, ordinal
from station.text.reading import LOWER, Context, Reading, Rule, after, rule
from station.text.rules import calendar, clock, measures
from station.text.rules.codes import coordinate_unit

AMOUNTS: list[Rule] = []
_NUM = r"(\d{1,3}(?:\.\d{3})+(?:,\d{1,6})?|\d{1,3}(?:,\d{3}){2,}|\d{1,18}(?:[.,]\d{1,6})?)"
_SCORE = after(
    r"(?:tỷ số|tỉ số|thắng|thua|hòa|hoà|dẫn|dẫn trước|kết quả|chung cuộc|gỡ hòa|cách biệt|sát nút|hiệp \w+|ván \w+|với)(?: (?:là|chung cuộc|trước|nhau|với|tỷ số|tỉ số|cuối cùng|sát nút|chung cuộc là))*"
)
_PART_RIGHT = re.compile(
    r"\s?(?:diện tích|số|tổng|chi phí|kinh phí|quãng|dân số|lượng|khối lượng|sản lượng|giá trị|giá|chiều|thời gian|đoạn|công việc|mức|viên|thìa|cốc|quả|bát|lít|kg|gói|chặng|doanh thu|nhu cầu|trong|của|liều|ngày|buổi|tháng|năm|giờ|sào|ha|chai|lọ|ống|muỗng|chén|bao|tấn|tạ|dung|thể|độ|hộp)(?!\w)"
)
_PART_LEFT = after(r"khoảng|hơn|gần|chiếm|bằng|ít nhất|tối thiểu|quá|trên|dưới|giảm|tăng|còn|mất|uống|lần|pha|gấp|chừng|độ|non|trừ|được|đến|tới")
_HOUSE = re.compile(r"(?:số nhà|nhà số|ngõ|hẻm|ngách|kiệt|lô|thửa|tờ|đường|địa chỉ|tại|ở|số)\s*:?\s*$")


def part_of(top: int, bottom: int) -> str:
    return f"{cardinal(top)} phần {'tư' if bottom == 4 else cardinal(bottom)}"


@rule(r"(\d{1,9}(?:\.\d{3}){0,3})\s?/\s?(\d{1,9}(?:\.\d{3}){0,3})(?:\s?/\s?(\d{1,6}))?(?![\w]|[.,/]\d)", AMOUNTS)
def _ratio(match: re.Match[str], ctx: Context) -> Reading | None:
    top, bottom, third = match.groups()
    left, right = ctx.left(match.start()), ctx.right(match.end())
    first, second = number(top, ctx.style), number(bottom, ctx.style)
    plain = f"{first} trên {second}"
    if third:
        return Reading(match.end(), f"{plain} trên {number(third, ctx.style)}", "number")
    if _HOUSE.search(left):
        return Reading(match.end(), plain, "number")
    pressure = re.match(r"\s?mmHg(?!\w)", right)
    if pressure:
        return Reading(match.end() + pressure.end(), f"{plain} mi li mét thủy ngân", "number")
    if "." in match[0]:
        return Reading(match.end(), plain, "number")
    upper, lower = int(top), int(bottom)
    if 0 < upper < lower <= 10 or (upper == 1 and lower in (12, 20, 30, 50, 100, 200, 1000)):
        part = part_of(upper, lower)
        if re.match(r"\s?điểm(?!\w)", right):
            return Reading(match.end(), plain, "number")
        if _PART_RIGHT.match(right) or (_PART_LEFT.search(left) and not re.match(r"\s?(?:thôn|xã|tiêu chí|chi bộ)(?!\w)", right)) or lower > 10:
            return _with_unit(Reading(match.end(), part, "number"), ctx)
        noun = re.match(rf"\s?([{LOWER}]+)", right)
        if noun is None:
            return Reading(match.end(), part, "number", "slash", (part, plain))
    return Reading(match.end(), plain, "number")


def _with_unit(reading: Reading, ctx: Context) -> Reading:
    unit = measures.read_unit(ctx, reading.end, "")
    return Reading(unit[0], f"{reading.spoken} {unit[1]}", reading.kind) if unit else reading


@rule(rf"{_NUM}(?=\s?[-–÷~]\s?-?\d|\s?(?:%|°C|oC|m|kg|cm|mm|ha|°|đ|tr|k|tỷ|triệu|nghìn)\s?[-–÷~]\s?-?\d)", AMOUNTS)
def _range(match: re.Match[str], ctx: Context) -> Reading | None:
    first = match[1]
    unit = measures.read_unit(ctx, match.end(), first)
    gap = re.compile(r"\s?([-–÷~])\s?(-?)").match(ctx.text, unit[0] if unit else match.end())
    if gap is None:
        return None
    following = _ONE_NUM.match(ctx.text, gap.end())
    if following is None or re.match(r"[-–/]\d|\w*[-]\d|t(?!\w)", ctx.right(following.end())):
        return None
    left = ctx.left(match.start())
    second = following[1]
    down = len(first) <= 4 and len(second) <= 4 and first.isdigit() and second.isdigit() and int(first) > int(second)
    scored = ctx.last_kind == "score" and match.start() - ctx.last_end < 8 and not re.match(rf"\s?[{LOWER}%]", ctx.right(following.end()))
    if not unit and (down or scored or _SCORE.search(left)) and (down or len(first) <= 2 and len(second) <= 2) and not measures.read_unit(ctx, following.end(), second):
        return Reading(following.end(), f"{number(first)} {number(second)}", "score")
    if re.search(r"(?:số|mã|đường dây nóng|tài khoản)\s*$", left) and first.startswith("0") and len(first) > 2:
        return None
    tail = measures.read_unit(ctx, following.end(), second)
    place = coordinate_unit(ctx, following.end(), bare=bool(re.search(r"vị trí|tâm|tọa độ|bão|áp thấp|vùng|độ vĩ", left)))
    if place:
        tail = place
    words = [number(first, ctx.style), unit[1] if unit else "", "đến", "âm" if gap[2] else "", number(second, ctx.style), tail[1] if tail else ""]
    return Reading(tail[0] if tail else following.end(), " ".join(filter(None, words)), "number")


_ONE_NUM = re.compile(rf"{_NUM}(?![.,]\d)")
_VERSION = re.compile(r"(?<!\w)(?<!màn )(?:cách mạng công nghiệp|công nghiệp|công nghệ|phiên bản|version|android|windows|ios|bluetooth|web|wifi|lần thứ|thời đại|nông nghiệp|chuyển đổi số|mục|điều|khoản|tiểu mục|phần|bảng|hình|phụ lục|biểu|chỉ tiêu|tiêu chí|tiêu chí số|mẫu)\s*$")


@rule(r"(\d{1,3})\.(\d{1,3})((?:\.\d{1,3})*)(?![\w]|,\d)", AMOUNTS)
def _version(match: re.Match[str], ctx: Context) -> Reading | None:
    left = ctx.left(match.start())
    if re.search(r"npk(?:-\w)?\s*$", left):
        return Reading(match.end(), " ".join(cardinal(int(part)) for part in match[0].split(".")), "number")
    if re.search(r"(?<!\w)điểm\s*$", left) and re.match(r"\s?(?:mục|phần|khoản|chương|điều|nghị|quyết|của)", ctx.right(match.end())):
        return Reading(match.end(), f"{cardinal(int(match[1]))} chấm {cardinal(int(match[2]))}", "number")
    heads = match[3] and not re.fullmatch(r"\d{1,3}(?:\.\d{3})+", match[0])
    if heads or _VERSION.search(left) and not re.fullmatch(r"\d{1,3}(?:\.\d{3})+", match[0]) or (not left.strip() and len(match[2]) < 3 and not re.match(rf"\s?[{LOWER}]", ctx.right(match.end()))):
        return Reading(match.end(), " chấm ".join(cardinal(int(part)) for part in match[0].split(".")), "number")
    return None


@rule(r"(\d{1,3})([A-ZĐ]{1,3})(\d{0,4})(?![\w])", AMOUNTS)
def _number_letter(match: re.Match[str], ctx: Context) -> Reading | None:
    if match[2] in tables.units() and match[2] not in ("G", "K", "A", "V", "N", "J", "W") and not match[3]:
        return None
    if match[2] in ("V", "W", "Đ", "K") and not re.search(r"(?:phân giải|chuẩn|video|ti vi|tivi|màn hình|hình ảnh|lớp|thôn|số|nhà|tổ|khu|mô hình|thông điệp|ql|đường|bàn)\s*$", ctx.left(match.start())):
        if match[2] != "K" or not re.search(r"5$", match[1]):
            return None
    tail = spoken(match[3]) if match[3] else ""
    return Reading(match.end(), " ".join(filter(None, [cardinal(int(match[1])), tables.spell(match[2]), tail])), "number")


def spoken(text: str) -> str:
    return digits(text) if len(text) > 2 and text[0] == "0" else cardinal(int(text))


@rule(
    r"(\d{1,3}(?: \d{3}){2,})(?![\w]| ?\d|[.,]\d)|(\d{1,3}(?: \d{3})+)(?= ?(?:đồng|đ|VNĐ|VND)(?!\w))"
    rf"|(\d{{1,3}} 000)(?= [{LOWER}])"
    r"|(\d{1,3}(?:\. ?\d{3})+)(?= ?(?:đồng|đ|VNĐ|VND)(?!\w))",
    AMOUNTS,
)
def _spaced(match: re.Match[str], ctx: Context) -> Reading | None:
    if match[0][0] == "0":
        return None
    return _finish(match.end(), number(match[0], ctx.style), match[0], ctx)


@rule(r"(\d{1,3})(?:-(\d{1,3}))?t(?!\w)", AMOUNTS)
def _years_old(match: re.Match[str], ctx: Context) -> Reading | None:
    """45t: years of a person, or tons of a lorry."""
    tons = re.search(r"(?<!\w)(?:xe|tải|trọng tải|nặng|hàng|cầu|tải trọng|sản lượng)[^.;]{0,20}$", ctx.left(match.start()))
    words = cardinal(int(match[1])) + (f" đến {cardinal(int(match[2]))}" if match[2] else "")
    unit, other = ("tấn", "tuổi") if tons else ("tuổi", "tấn")
    return Reading(match.end(), f"{words} {unit}", "number", "number", (f"{words} {unit}", f"{words} {other}"))


@rule(r"(\d{1,3})tr(\d{1,3})(?!\w)", AMOUNTS)
def _short_million(match: re.Match[str], ctx: Context) -> Reading | None:
    if len(match[2]) == 3:
        return Reading(match.end(), f"{cardinal(int(match[1]))} triệu {cardinal(int(match[2]))} {ctx.style.thousand}", "number")
    tail = "rưỡi" if match[2] == "5" else cardinal(int(match[2]))
    return Reading(match.end(), f"{cardinal(int(match[1]))} triệu {tail}", "number")


@rule(r"(\d{1,4})\s?:\s?(\d{1,3}(?:\.\d{3})+|\d{1,6})(?![\w:]|[.,]\d)", AMOUNTS)
def _proportion(match: re.Match[str], ctx: Context) -> Reading | None:
    if not re.search(r"(?:tỷ lệ|tỉ lệ|pha|pha loãng|bản đồ|loãng|liều)\s*$", ctx.left(match.start())):
        return None
    return Reading(match.end(), f"{cardinal(int(match[1]))} trên {number(match[2], ctx.style)}", "number")


@rule(r"(\d{1,3}),(000)(?= ?(?:đồng|đ|VNĐ|VND)(?!\w)|/)", AMOUNTS)
def _comma_thousand(match: re.Match[str], ctx: Context) -> Reading | None:
    words = number(match[1] + match[2], ctx.style)
    end, unit = measures.read_unit(ctx, match.end(), "") or (match.end(), "")
    return Reading(end, f"{words} {unit}".strip(), "number", "number", (f"{words} {unit}".strip(), number(match[0], ctx.style)))


_MIXED = {"m": "mét", "kg": "ki lô gam", "tấn": "tấn", "tạ": "tạ", "km": "ki lô mét"}


@rule(r"(\d{1,3})(m|kg|tấn|tạ|km)(\d{1,2})(?![\w]|[.,]\d)", AMOUNTS)
def _mixed(match: re.Match[str], ctx: Context) -> Reading | None:
    """1m50, 3kg5; 12m2 is an area unless a height is told."""
    whole, unit, part = match.groups()
    if unit.endswith("m") and part in "23":
        if unit != "m" or int(whole) > 9 or not re.search(r"(?<!\w)cao\s*$", ctx.left(match.start())):
            return None
    words = "rưỡi" if part == "5" and unit != "m" else cardinal(int(part)) if part[0] != "0" else digits(part)
    words = "tư" if part == "4" else words
    return Reading(match.end(), f"{cardinal(int(whole), ctx.style)} {_MIXED[unit]} {words}", "number")


@rule(r"(\d{1,2})((?:-\d{1,2}){2,3})(?![\w]|-\d)", AMOUNTS)
def _fertilizer(match: re.Match[str], ctx: Context) -> Reading | None:
    """NPK 16-16-8, and other rows of numbers that are no ranges."""
    return Reading(match.end(), " ".join(cardinal(int(part)) for part in match[0].split("-")), "number")


@rule(r"(\d{1,18})(?:\^|\*\*)(\d{1,6})(?!\w)", AMOUNTS)
def _power(match: re.Match[str], ctx: Context) -> Reading | None:
    return Reading(match.end(), f"{number(match[1], ctx.style)} mũ {number(match[2], ctx.style)}", "number")


_ORDINAL_LEFT = re.compile(r"(?<!\w)thứ\s*(?:\d\s?(?:,|và|-|–)\s?){0,6}$")


@rule(rf"{_NUM}", AMOUNTS)
def _number(match: re.Match[str], ctx: Context) -> Reading | None:
    written = match[1]
    left = ctx.left(match.start())
    if written.isdigit() and _ORDINAL_LEFT.search(left):
        return Reading(match.end(), ordinal(int(written), ctx.style), "number")
    return _finish(match.end(), number(written, ctx.style), written, ctx)


def _finish(end: int, words: str, written: str, ctx: Context) -> Reading:
    unit = measures.read_unit(ctx, end, written)
    if unit:
        return Reading(unit[0], f"{words} {unit[1]}", "number")
    return Reading(end, words, "number")


@rule(r"\d+", AMOUNTS)
def _digits(match: re.Match[str], ctx: Context) -> Reading | None:
    return Reading(match.end(), digits(match[0]), "number")


def tables_of_number_rules() -> list[Rule]:
    """All rules that begin at a digit, in the order in which they are tried."""
    from station.text.rules.codes import CODES

    return [*CODES, *clock.ALL_DAY, *calendar.DATES, *clock.TIMES, *AMOUNTS]

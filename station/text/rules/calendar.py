"""Dates, months, years, lunar dates and ranges of them."""

from __future__ import annotations

import re

from station.text.numbers import HouseStyle, cardinal, month
from station.text.reading import LOWER, Context, Reading, Rule, after, rule

DATES: list[Rule] = []
_NO = r"(?![\w])(?![.,/]\d)"
_D = r"(0?[1-9]|[12]\d|3[01])"
_M = r"(0?[1-9]|1[0-2])"
_Y = r"(\d{4})"
_DASH = r"\s?[-–÷]\s?"
_SAYS_DAY = after(
    r"ngày|mùng|mồng|rằm|hôm|sáng|trưa|chiều|tối|đêm|khuya|từ|đến|tới|hết|trước|sau|và|chủ nhật|thứ \w+|kể từ|lễ|dịp|lúc|-|–"
)
DATE_LEFT = after(
    r"ngày|mùng|mồng|hôm|sáng|trưa|chiều|tối|đêm|khuya|dịp|lễ|kỷ niệm|ngày lễ|nghỉ lễ|tết|chủ nhật|cn|thứ (?:hai|ba|tư|năm|sáu|bảy|[2-7])"
    r"|kể từ|đến hết|mít tinh|sự kiện|thời gian|thời hạn|hạn cuối|hạn chót|hạn|sinh|quốc khánh|giỗ tổ|ra ngày"
    r"|giờ|phút|ngày \d{1,2}|ngày \d{1,2}/\d{1,2} (?:và|hoặc)|ngày \d{1,2}/\d{1,2} ?,"
)
_RANGEDATE_LEFT = re.compile(r"(?<!\w)(?:ngày|tối|sáng|chiều|từ)\s[^.;]{0,30}\d[^.;]{0,25}(?:đến|tới|-|–|và|,|hết)\s*(?:ngày|hết|sáng|tối|chiều)?\s*$")
COUNTED = re.compile(
    r"\s?(?:hộ|thôn|người|em|xã|trường|tiêu chí|diện tích|số|tổng|chi phí|quãng|dân|kinh phí|đại biểu|ấp|bản|khu|tổ|chi|hội|đảng viên|cán bộ"
    r"|thành viên|học sinh|cháu|trẻ|phiếu|ý kiến|ha|héc|sào|mẫu|công trình|tuyến|km|m|lít|viên|thìa|cốc|gói|chỉ tiêu|lượng|khối|thời gian"
    r"|cơ sở|doanh nghiệp|đơn vị|phường|huyện|tỉnh|nhà|gia đình|phụ nữ|hồ sơ|cử tri|lao động|bộ|chiều|giá trị|sản lượng|quân số|đồng chí)(?!\w)"
)
_FRACTION_LEFT = after(r"khoảng|hơn|gần|chiếm|bằng|ít nhất|tối thiểu|quá|trên|dưới|giảm|tăng|còn|mất|đạt|có|đã|được|cả|tỷ lệ|tỉ lệ|với|mới|chỉ")
_LUNAR = re.compile(r"(?:/\d{4})?[\s(]{0,2}(?:âm lịch|(?:âl|ÂL|AL|Âm lịch|ÂM LỊCH)(?!\w)|năm (?:Giáp|Ất|Bính|Đinh|Mậu|Kỷ|Canh|Tân|Nhâm|Quý) [A-ZĐ])")
#: days everyone knows by their date
_KNOWN = {
    "8/3", "26/3", "30/4", "1/5", "7/5", "15/5", "19/5", "1/6", "5/6", "21/6", "28/6", "27/7", "19/8", "2/9", "10/10", "13/10", "14/10",
    "20/10", "18/11", "20/11", "22/12", "9/1", "3/2", "27/2", "1/1", "23/9", "15/10", "9/11", "23/11", "6/1", "12/9", "4/10",
}


def _early(day: str, ctx: Context, lunar: bool) -> str:
    value = int(day)
    return f"{ctx.style.early_day} {cardinal(value)}" if lunar and value <= 10 else cardinal(value)


def _year(text: str, style: HouseStyle) -> str:
    return "năm " + cardinal(int(text), style)


def _lead(start: int, ctx: Context) -> str:
    left = ctx.left(start).rstrip()
    return "ngày " if not left or left[-1] in "(:;" or left.endswith("sinh") else ""


_TO_LUNAR = re.compile(r"\s?(?:đến|tới|-|–)\s?(?:hết\s)?(?:ngày\s)?\d{1,2}/\d{1,2}\s?\(?(?:âm lịch|ÂL)")


def _is_lunar(end: int, ctx: Context) -> bool:
    right = ctx.right(end)
    return _LUNAR.match(right) is not None or _TO_LUNAR.match(right) is not None


def _said_mung(start: int, ctx: Context) -> bool:
    return bool(re.search(r"(?:mùng|mồng)\s*$", ctx.left(start)))


def _day(day: str, start: int, end: int, ctx: Context) -> str:
    lunar = _is_lunar(end, ctx) and not _said_mung(start, ctx)
    return _early(day, ctx, lunar)


@rule(rf"{_D}([/.-]){_M}(?:\2{_Y})?{_DASH}{_D}\2{_M}(?:\2{_Y})?{_NO}", DATES)
def _two_dates(match: re.Match[str], ctx: Context) -> Reading | None:
    day1, sign, month1, year1, day2, month2, year2 = match.groups()
    if sign == "." and not year2:
        return None
    proper = int(day1) < int(month1) and int(day2) < int(month2) and not year2
    if proper and (COUNTED.match(ctx.right(match.end())) or _FRACTION_LEFT.search(ctx.left(match.start()))):
        return None
    if int(month1) == int(day1) and int(day2) == int(month2) and not year2:
        return None
    parts = [_lead(match.start(), ctx).strip(), cardinal(int(day1)), "tháng", month(month1)]
    if year1:
        parts.append(_year(year1, ctx.style))
    parts += ["đến", "ngày", cardinal(int(day2)), "tháng", month(month2)]
    if year2:
        parts.append(_year(year2, ctx.style))
    return Reading(match.end(), " ".join(filter(None, parts)), "date")


@rule(r"([12]\d{3})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?![\w-])", DATES)
def _iso_date(match: re.Match[str], ctx: Context) -> Reading | None:
    return Reading(match.end(), f"{cardinal(int(match[3]))} tháng {month(match[2])} {_year(match[1], ctx.style)}", "date")


@rule(rf"{_D}\s?/\s?{_M}\s?/\s?([12]\d{{3}}){_NO}|{_D} ?/ ?{_M}{_NO}", DATES)
def _loose_date(match: re.Match[str], ctx: Context) -> Reading | None:
    """Dates that the scanner of a page has torn: 20 /11/ 2026."""
    if " " not in match[0] or not (match[3] or re.search(r"ngày\s*$", ctx.left(match.start()))):
        return None
    day, month_ = match[1] or match[4], match[2] or match[5]
    words = f"{_day(day, match.start(), match.end(), ctx)} tháng {month(month_, _is_lunar(match.end(), ctx))}"
    return Reading(match.end(), f"{words} {_year(match[3], ctx.style)}" if match[3] else words, "date")


@rule(rf"{_D}/{_M}/(\d\d){_NO}", DATES)
def _short_year(match: re.Match[str], ctx: Context) -> Reading | None:
    if not DATE_LEFT.search(ctx.left(match.start())):
        return None
    year = int(match[3]) + (2000 if int(match[3]) < 50 else 1900)
    return Reading(match.end(), f"{_day(match[1], match.start(), match.end(), ctx)} tháng {month(match[2])} {_year(str(year), ctx.style)}", "date")


@rule(rf"{_D}([/.-]){_M}\2{_Y}{_NO}", DATES)
def _full_date(match: re.Match[str], ctx: Context) -> Reading | None:
    day, _, month_, year = match.groups()
    words = f"{_day(day, match.start(), match.end(), ctx)} tháng {month(month_, _is_lunar(match.end(), ctx))}"
    return Reading(match.end(), f"{_lead(match.start(), ctx)}{words} {_year(year, ctx.style)}", "date")


@rule(rf"{_D}{_DASH}{_D}([/.-]){_M}(?:\3{_Y})?{_NO}", DATES)
def _days_of_month(match: re.Match[str], ctx: Context) -> Reading | None:
    first, second, sign, month_, year = match.groups()
    if sign == "-" and not year or int(first) >= int(second) or (sign == "." and not year):
        return None
    lunar = _is_lunar(match.end(), ctx) and not _said_mung(match.start(), ctx)
    words = f"{_lead(match.start(), ctx)}{_early(first, ctx, lunar)} đến {_early(second, ctx, lunar)} tháng {month(month_, lunar)}"
    return Reading(match.end(), f"{words} {_year(year, ctx.style)}" if year else words, "date")


_DEADLINE = re.compile(r"(?<!\w)(?:trước|tính đến|tính tới|kể từ|từ nay đến|muộn nhất|chậm nhất|sau)\s*$")
_BOUND = re.compile(r"(?<!\w)(?:từ|đến|tới)\s*$")
_STOPS = re.compile(r"\s?(?:$|[.,;:)])")
_TO_DATE = re.compile(rf"\s?(?:đến|tới|-|–)\s?(?:hết\s)?(?:ngày\s)?{_D}/{_M}{_NO}")


def _spans_to_date(day: str, month_: str, left: str, right: str) -> bool:
    """"từ 28/1 đến 3/2": both can be dates, and one of them can be no part of a whole."""
    end = _TO_DATE.match(right)
    return bool(end and re.search(r"(?<!\w)từ\s*$", left) and (int(day) >= int(month_) or int(end[1]) >= int(end[2])))


@rule(rf"{_D}([/.-]){_M}{_NO}", DATES)
def _day_month(match: re.Match[str], ctx: Context) -> Reading | None:
    day, sign, month_ = match.groups()
    left, right = ctx.left(match.start()), ctx.right(match.end())
    known = f"{int(day)}/{int(month_)}" in _KNOWN
    lunar = _is_lunar(match.end(), ctx)
    clear = lunar or DATE_LEFT.search(left) or _RANGEDATE_LEFT.search(left) or (ctx.last_kind == "time" and match.start() - ctx.last_end < 12)
    doubt = ""
    if sign == "-" and re.match(r"\s?(?:(?:hằng|hàng|mỗi)\s(?:tháng|tuần)|lần(?! thứ| đầu)|viên|giọt|bữa|gói|mũi|cữ|ống|buổi|thìa|ca)(?!\w)", right):
        return None
    clear = clear or (sign == "/" and _DEADLINE.search(left) is not None and not COUNTED.match(right))
    clear = clear or (sign == "/" and ctx.last_kind != "number" and _BOUND.search(left) is not None and _STOPS.match(right) is not None)
    clear = clear or (sign == "/" and _spans_to_date(day, month_, left, right))
    if sign == "-" and re.search(r"(?:tỷ số|tỉ số|thắng|thua|hòa|dẫn|dẫn trước|là|với|kết quả)\s*$", left):
        return None
    if sign != "/" and _said_mung(match.start(), ctx) and re.match(r"\s?(?:[Tt]ết|tháng)", right):
        return None
    if sign != "/":
        part_of_day = sign == "." and re.search(r"(?<!\w)(?:sáng|trưa|chiều|tối|đêm)\s*$", left) and re.match(r"\s?(?:[,;:)]|tại|ở|$)", right)
        if not (lunar or part_of_day or re.search(r"(?:ngày|mùng|mồng|lễ|dịp|hôm|kỷ niệm)\s*$", left) or (sign == "-" and known and not COUNTED.match(right))):
            return None
        if re.match(r"\s?(?:tháng|âm|lịch|dương)", right) and not lunar:
            return None
    elif not clear:
        street = re.search(r"(?<!\w)đường\s*$", left) and not known
        if COUNTED.match(right) or street or re.search(r"(?:số nhà|nhà số|ngõ|hẻm|ngách|kiệt|số|tỷ số|thửa|tờ)\s*$", left):
            return None
        zero = day[0] == "0" or month_[0] == "0"
        if day == month_ and re.match(rf"\s?[{LOWER}]", right) and not zero:
            return None
        if not known and not zero:
            if int(day) <= int(month_) or _FRACTION_LEFT.search(left) or re.match(r"\s?[^\W\d_]", right):
                return None
        if not zero:
            doubt = "" if known and not re.match(r"\s?[a-zđ]", right) else "slash"
    if re.search(r"tháng\s*$", left) or day == month_ and re.match(r"\s?ngày(?!\w)", right):
        return None
    words = f"{_day(day, match.start(), match.end(), ctx)} tháng {month(month_, lunar)}"
    other = f"{cardinal(int(day))} trên {cardinal(int(month_))}"
    return Reading(match.end(), words, "date", doubt, (words, other) if doubt else ())


@rule(rf"{_M}[/-](\d{{4}}){_DASH}{_M}[/-](\d{{4}}){_NO}", DATES)
def _two_months(match: re.Match[str], ctx: Context) -> Reading | None:
    first, year1, second, year2 = match.groups()
    lead = "" if re.search(r"tháng\s*$", ctx.left(match.start())) else "tháng "
    return Reading(match.end(), f"{lead}{month(first)} {_year(year1, ctx.style)} đến tháng {month(second)} {_year(year2, ctx.style)}", "date")


@rule(rf"{_M}[/.-]([12]\d{{3}}){_NO}", DATES)
def _month_year(match: re.Match[str], ctx: Context) -> Reading | None:
    left = ctx.left(match.start())
    if re.search(r"(?:số|quyết định|nghị định|thông tư|luật)\s*$", left):
        return None
    lead = "" if re.search(r"tháng\s*$", left) else "tháng "
    if re.search(r"(?:quý|đợt|lần|kỳ|vòng|tuần)\s*$", left):
        return Reading(match.end(), f"{cardinal(int(match[1]))} {_year(match[2], ctx.style)}", "date")
    return Reading(match.end(), f"{lead}{month(match[1])} {_year(match[2], ctx.style)}", "date")


@rule(rf"{_M}(?:{_DASH}{_M})?(?:/([12]\d{{3}}))?{_NO}", DATES)
def _after_month(match: re.Match[str], ctx: Context) -> Reading | None:
    if not re.search(r"(?<!\w)tháng\s*$", ctx.left(match.start())):
        return None
    lunar = _is_lunar(match.end(), ctx)
    words = month(match[1], lunar)
    if match[2]:
        words += f" đến tháng {month(match[2], lunar)}"
    if match[3]:
        words += " " + _year(match[3], ctx.style)
    return Reading(match.end(), words, "date")


@rule(rf"([12]\d{{3}})(\s?[-–/]\s?)([12]\d{{3}}){_NO}", DATES)
def _years(match: re.Match[str], ctx: Context) -> Reading | None:
    first, _, second = match.groups()
    if not 0 < int(second) - int(first) < 200:
        return None
    school = re.search(r"năm học\s*$", ctx.left(match.start()))
    link = " " if school else " đến "
    return Reading(match.end(), cardinal(int(first), ctx.style) + link + cardinal(int(second), ctx.style), "date")

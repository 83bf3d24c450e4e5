"""What the lines of Vietnamese official documents and newsletters say about themselves.

The form of official documents follows Nghị định 30/2020/NĐ-CP, Phụ lục I: agency and number at the top left,
motto, place and date at the top right, kind and subject in the middle, then the body, and at the foot the
recipients at the left and the signer at the right.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from station.bulletins.lines import TextLine, fold

MOTTO_FIRST = "CONGHOAXAHOICHUNGHIAVIETNAM"
MOTTO_SECOND = "DOCLAPTUDOHANHPHUC"
PARTY_MOTTO = "DANGCONGSANVIETNAM"

#: kinds of documents that stand as the title (folded), with the kind's identifier
TITLES: dict[str, str] = {
    "THONGBAO": "notice", "GIAYMOI": "invitation", "CONGVAN": "letter", "CONGVANKHAN": "letter",
    "CONGDIEN": "telegram", "CONGDIENKHAN": "telegram", "QUYETDINH": "decision", "KEHOACH": "plan",
    "CHITHI": "directive", "BAOCAO": "report", "TOTRINH": "proposal", "NGHIQUYET": "resolution",
    "HUONGDAN": "guide", "LOIKEUGOI": "appeal", "THUKEUGOI": "appeal", "THUNGO": "appeal",
    "CHUONGTRINH": "program", "BIENBAN": "minutes", "PHUONGAN": "plan", "QUYCHE": "rules", "QUYDINH": "rules",
    "BANTIN": "newsletter", "LICHTIEM": "notice", "THONGCAO": "notice", "CANHBAO": "warning",
    "TINBAO": "warning", "TINKHANCAP": "warning", "THONGBAOKHAN": "notice", "LICHCUPDIEN": "notice",
    "PHIEU": "form", "DON": "form", "BAIPHATTHANH": "newsletter", "BAITUYENTRUYEN": "newsletter",
    "GIAYTRIEUTAP": "invitation", "THUMOI": "invitation", "CAOPHO": "obituary", "TINBUON": "obituary",
}

_SIGNER = re.compile(
    r"^(TM|KT|TL|TUQ|Q|T/M|K/T|T/L)[.,:]?\s|^(QUYỀN\s+)?(PHÓ\s+)?(CHỦ TỊCH|TRƯỞNG|GIÁM ĐỐC|BÍ THƯ|CHỦ NHIỆM|"
    r"HIỆU TRƯỞNG|CHÁNH|ĐỘI TRƯỞNG|CHỈ HUY|NGƯỜI|ĐẠI DIỆN|CÔNG CHỨC|CÁN BỘ|TỔ TRƯỞNG|VĂN PHÒNG|BAN |UỶ VIÊN|ỦY VIÊN)"
)
_SIGNER_FOLDED = (
    "TMUYBAN", "KTCHUTICH", "PHOCHUTICH", "CHUTICH", "TRUONGTRAM", "TRUONGTHON", "TRUONGBAN", "TRUONGAP", "GIAMDOC",
    "PHOGIAMDOC", "BITHU", "PHOBITHU", "HIEUTRUONG", "TRUONGCONGAN", "CHIHUYTRUONG", "TRUONGKHOI", "TRUONGDAI",
    "TRUONGPHONG", "DOITRUONG", "TOTRUONG", "NGUOILAPBIEU", "NGUOIVIET", "BANBIENTAP", "TLCHUTICH", "TMBAN",
    "TMDANGUY", "TMBANTHUONGVU", "TMBANCHAPHANH", "CHUNHIEM", "TMHOIDONG", "TUQCHUTICH", "BANQUANLYTHON",
)
_BYLINE = re.compile(
    r"^\(?\s*(bài,?\s*(và)?\s*ảnh|tin,?\s*(và)?\s*(bài|ảnh)|ảnh|tác giả|người viết|nguồn|theo|biên tập|thực hiện|"
    r"tin|bài)\s*:", re.IGNORECASE,
)
_PAGE = re.compile(r"^[-–—.\s]*(trang\s*)?\d{1,3}(\s*/\s*\d{1,3})?[-–—.\s]*$", re.IGNORECASE)
_LIST = re.compile(r"^\s*([-–—•+*▪►✓]|\d{1,2}[.)]|[a-zđ][.)]|[IVX]{1,4}[.)])(\s|$)")
_NUMBERED = re.compile(r"^\s*(\d{1,2}(\.\d{1,2})*[.)]?|[IVX]{1,4}[.)]|[a-zđ][)])\s+\S")
_DATE_LINE = re.compile(r"NGAY\d{0,2}[A-Z]{0,2}THANG|NGAYTHANG|NGAY\d{1,2}\D{0,3}\d{1,2}\D{0,3}NAM")


def similar(one: str, other: str) -> float:
    """Likeness of two folded texts, 0-1."""
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def find_phrase(line: TextLine, phrase: str, least: float = 0.76) -> tuple[int, int] | None:
    """First and last + 1 word of ``line`` that together read like the folded ``phrase``."""
    folded = [fold(word.text) for word in line.words]
    if sum(map(len, folded)) < 0.6 * len(phrase):
        return None
    best, found = least, None
    for start in range(len(folded)):
        joined = ""
        for end in range(start, len(folded)):
            joined += folded[end]
            if len(joined) > 1.3 * len(phrase):
                break
            if len(joined) >= 0.7 * len(phrase):
                ratio = similar(joined, phrase)
                if ratio > best:
                    best, found = ratio, (start, end + 1)
    return found


def is_recipients(text: str) -> bool:
    """True for the line that opens the recipients."""
    folded = fold(text)
    likeness = similar(folded, "NOINHAN")
    return likeness > 0.85 or (likeness >= 0.7 and ":" in text and text.strip()[:1].isupper())


def is_number_line(text: str) -> bool:
    folded = fold(text)
    return folded.startswith(("SO", "S0")) and len(folded) < 26 and bool(re.search(r"\d|/", text))


def is_date_line(text: str) -> bool:
    return bool(_DATE_LINE.search(fold(text)))


def is_about(text: str) -> bool:
    """True for "V/v ..." or "Về việc ..."."""
    return bool(re.match(r"^\(?\s*(v/v|vê việc|về việc|vv:)", text.strip(), re.IGNORECASE))


def title_kind(text: str) -> str:
    """The kind of document that a title line names, "" when it names none."""
    if len(text) > 60:
        return ""
    folded = fold(text)
    if folded in TITLES:
        return TITLES[folded]
    for name, kind in TITLES.items():
        if len(name) >= 6 and (similar(folded, name) > 0.86 or (text.isupper() and folded.startswith(name))):
            return kind
    return ""


def is_upper(text: str) -> bool:
    """True when nearly all letters are capitals."""
    letters = [c for c in text if c.isalpha()]
    return len(letters) >= 3 and sum(c.isupper() for c in letters) > 0.85 * len(letters)


def is_signer(text: str) -> bool:
    """True for a line such as "TM. ỦY BAN NHÂN DÂN" or "CHỦ TỊCH" above a signature."""
    if not is_upper(text) or len(text) > 50:
        return False
    folded = fold(text)
    return bool(_SIGNER.match(text.strip())) or any(
        folded.startswith(name) or similar(folded, name) > 0.85 for name in _SIGNER_FOLDED
    )


def is_byline(text: str) -> bool:
    """True for the author, photographer or source of a newsletter's article."""
    return bool(_BYLINE.match(text.strip())) and len(text) < 90


def is_page_number(text: str) -> bool:
    return bool(_PAGE.match(text.strip()))


def is_list_item(text: str) -> bool:
    return bool(_LIST.match(text))


def is_numbered(text: str) -> bool:
    return bool(_NUMBERED.match(text))


def is_addressees(text: str) -> bool:
    return fold(text).startswith("KINHGUI") or similar(fold(text)[:7], "KINHGUI") > 0.8


def ends_open(text: str) -> bool:
    """True when a line clearly goes on in the next one (no closing mark)."""
    return not re.search(r"[.:;!?…/]\s*[”\"')]*$", text.rstrip())

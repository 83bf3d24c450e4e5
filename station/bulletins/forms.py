"""What the lines of Vietnamese official documents and newsletters say about themselves.

The form of official documents follows Nghị định 30/2020/NĐ-CP, Phụ lục I: agency and number at the top left,
motto, place and date at the top right, kind and subject in the middle, then the body, and at the foot the
recipients at the left and the signer at the right.
"""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher

from station.bulletins.document import Role
from station.bulletins.lines import TextLine, fold

MOTTO_FIRST = "CONGHOAXAHOICHUNGHIAVIETNAM"
MOTTO_SECOND = "DOCLAPTUDOHANHPHUC"
#: what stands at the right of the header instead of the state's motto: the Party, the Youth Union, the Pioneers
OWN_MOTTOS = ("DANGCONGSANVIETNAM", "DOANTNCSHOCHIMINH", "DOANTHANHNIENCONGSANHOCHIMINH", "DOITNTPHOCHIMINH")

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
    "DANHSACH": "list", "LICHTIEPCONGDAN": "notice", "LICHCONGTAC": "notice", "LICHNGUNGGIAMCUNGCAPDIEN": "notice",
    "LICHNGUNGCUNGCAPDIEN": "notice", "LICHCATDIEN": "notice", "LICHHOP": "notice", "LICHTIEMCHUNG": "notice",
    "THETHUC": "rules", "DEAN": "plan", "DECUONG": "guide", "LOICAMON": "appeal", "THUCAMON": "appeal",
    "CAMKET": "form", "GIAYXACNHAN": "form", "KETLUAN": "report", "THONGTRI": "notice", "DIENKHAN": "telegram",
    "CONGDIENHOATOC": "telegram", "THONGTINTUYENTRUYEN": "newsletter", "TAILIEUTUYENTRUYEN": "newsletter",
}
#: marks of haste, secrecy and drafts that stand alone on a document and are no part of what it says
_MARKS = frozenset({
    "HOATOC", "HOATOCHENGIO", "KHAN", "THUONGKHAN", "MAT", "TOIMAT", "TUYETMAT", "DUTHAO", "BANSAO", "SAOYBANCHINH",
    "SAOY", "CONGVANDEN", "DACKY", "BANCHINH", "LUUHANHNOIBO",
})

_SIGNER = re.compile(
    r"^(TM|KT|TL|TUQ|Q|T/M|K/T|T/L)[.,:]?\s|^(QUYỀN\s+)?(PHÓ\s+)?(CHỦ TỊCH|TRƯỞNG|GIÁM ĐỐC|BÍ THƯ|CHỦ NHIỆM|"
    r"HIỆU TRƯỞNG|CHÁNH|ĐỘI TRƯỞNG|CHỈ HUY|NGƯỜI|ĐẠI DIỆN|CÔNG CHỨC|CÁN BỘ|TỔ TRƯỞNG|TỔ PHÓ|VĂN PHÒNG|BAN |UỶ VIÊN|ỦY VIÊN|THƯ KÝ|CHỦ TỌA|CHI HỘI|KẾ TOÁN|THỦ QUỸ|HỘI TRƯỞNG|"
    r"TỔNG BIÊN TẬP|THỦ TRƯỞNG|ĐỒN TRƯỞNG|TRẠM TRƯỞNG|HẠT TRƯỞNG|T\.\s?M\.|K\.\s?T\.)"
)
_SIGNER_FOLDED = (
    "TMUYBAN", "KTCHUTICH", "PHOCHUTICH", "CHUTICH", "TRUONGTRAM", "TRUONGTHON", "TRUONGBAN", "TRUONGAP", "GIAMDOC",
    "PHOGIAMDOC", "BITHU", "PHOBITHU", "HIEUTRUONG", "TRUONGCONGAN", "CHIHUYTRUONG", "TRUONGKHOI", "TRUONGDAI",
    "TRUONGPHONG", "DOITRUONG", "TOTRUONG", "NGUOILAPBIEU", "NGUOIVIET", "BANBIENTAP", "TLCHUTICH", "TMBAN",
    "TMDANGUY", "TMBANTHUONGVU", "TMBANCHAPHANH", "CHUNHIEM", "TMHOIDONG", "TUQCHUTICH", "BANQUANLYTHON",
)
_BYLINE = re.compile(
    r"^\(?\s*(bài,?\s*(và|&|-)?\s*ảnh|tin,?\s*(và|&|-)?\s*(bài|ảnh)|ảnh|tác giả|người viết|nguồn( tin)?|theo|biên tập|"
    r"biên soạn|thực hiện|phóng viên|cộng tác viên|ctv|pv|nhóm (pv|tác giả)|tin|bài)( viết)?\s*:", re.IGNORECASE,
)
#: the same without marks, which small print loses; words of one syllable say too many other things then
_BYLINE_BARE = re.compile(
    r"^\(?\s*(bai,?\s*(va|&|-)?\s*anh|tin,?\s*(va|&|-)?\s*(bai|anh)|tac gia|nguoi viet|nguon tin|bien tap|bien soan|"
    r"thuc hien|phong vien|cong tac vien)( viet)?\s*:"
)
_NOT_NAMES = frozenset(
    "thôn xóm bản ấp buôn khu khối tổ xã huyện tỉnh làng phường hội ban trạm trường công chợ hợp đoàn đảng đội nhà đài "
    "ông bà anh chị cô chú bác cụ em".split()
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
    """True for "Số: 47/TB-UBND", "Số 15-TB/ĐU", "Số:      /KH-UBND"; not for the issue of a newsletter."""
    folded = fold(text)
    if not folded.startswith(("SO", "S0")) or len(folded) > 28:
        return False
    rest = re.sub(r"^\s*\S{2}\s*", "", text)
    return bool(re.match(r"[:.]", rest) and re.search(r"\d|/", rest)) or bool(
        re.match(r"[:.…_\s]*[\dlOo]*\s*[-/]\s*[A-ZĐ]{2}", rest)
    )


def is_date_line(text: str) -> bool:
    return bool(_DATE_LINE.search(fold(text)))


def is_place_date(text: str) -> bool:
    """True for a whole line "Yên Lạc, ngày 05 tháng 9 năm 2026" (also "..., hồi 10 giờ ngày ...")."""
    text = text.strip().strip("()")
    return (
        is_date_line(text) and len(text) < 80 and not text.endswith((".", ":", ";", ","))
        and bool(re.match(r"^([^,]{2,40},\s*(hồi\s.{3,26})?)?ng[àa]y\b", text, re.IGNORECASE))
        and bool(re.search(r"n[ăa]m\s*[\d.…_]{0,6}\s*\S{0,4}$|tháng\s*[\d.…_]{0,4}$", text, re.IGNORECASE))
    )


def begins_like_place_date(text: str) -> bool:
    """True for "Yên Lạc, ngày ..." whatever follows: beside a motto that is enough, the rest may be past reading."""
    return bool(re.match(r"^[^\W\d_][^,.]{1,39}[,.]\s*ng[^\W\d_]{1,2}y\b", text.strip(), re.IGNORECASE)) and len(text) < 80


def is_motto(text: str) -> bool:
    """True for the state's motto, or the line that the Party and the Youth Union put in its place."""
    folded = fold(text)
    if any(similar(folded, phrase) > 0.85 for phrase in (MOTTO_FIRST, MOTTO_SECOND)):
        return True
    return is_upper(text) and any(similar(folded, phrase) > 0.87 for phrase in OWN_MOTTOS)


def is_mark(text: str) -> bool:
    """True for a mark that stands alone: "HỎA TỐC", "KHẨN", "DỰ THẢO"."""
    return len(text) < 24 and is_upper(text) and fold(text) in _MARKS


def is_rule(text: str) -> bool:
    """True for a line of stars, dashes or dots."""
    return bool(text.strip()) and not any(char.isalnum() for char in text)


def is_name(text: str) -> bool:
    """True for two to five words that are written like a person's name (a byline, a name under a signature)."""
    words = text.strip().split()
    return (
        2 <= len(words) <= 5 and len(text) < 36 and words[0].lower() not in _NOT_NAMES
        and all(word.replace("'", "").replace("’", "").isalpha() and word[0].isupper() for word in words)
        and not any(len(word) > 1 and word.isupper() for word in words)
    )


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
    if title_kind(text) or text.rstrip().endswith((":", ";", ",")):
        return False
    folded = fold(text)
    return bool(_SIGNER.match(text.strip())) or any(
        folded.startswith(name) or similar(folded, name) > 0.85 for name in _SIGNER_FOLDED
    )


def is_byline(text: str) -> bool:
    """True for the author, photographer or source of a newsletter's article."""
    return len(text) < 90 and bool(_BYLINE.match(text.strip()) or _BYLINE_BARE.match(_bare(text.strip())))


def _bare(text: str) -> str:
    """``text`` in small letters without marks, its spaces and punctuation kept."""
    parts = unicodedata.normalize("NFD", text.lower()).replace("đ", "d")
    return "".join(char for char in parts if not unicodedata.combining(char))


def is_footnote(text: str) -> bool:
    """True for text that opens as a note at the foot of a page does: "(1) Theo ...", "1 Xem ...", "[2] ..."."""
    return bool(re.match(r"^\s*([(\[]?\d{1,2}[)\]]|\d{1,2}|[¹²³⁴⁵*]{1,2})\s+[^\W\d_]", text))


def is_page_number(text: str) -> bool:
    return bool(_PAGE.match(text.strip()))


def body_role(text: str, *, heading: bool = False) -> Role:
    """The role of a paragraph of the body; ``heading``: its style says that it is one."""
    if is_addressees(text):
        return Role.ADDRESSEES
    if is_byline(text) or is_rule(text):
        return Role.OTHER
    short = len(text) < 90 and not text.rstrip().endswith((".", ";", ",", ":"))
    numbered = is_numbered(text) and not text.lstrip().startswith("-")
    if heading or (short and (is_upper(text) or numbered)):
        return Role.HEADING
    return Role.LIST_ITEM if is_list_item(text) else Role.BODY


def heads(text: str, after: str) -> bool:
    """True for a short line without a closing mark above a paragraph: the headline of an article."""
    return len(text) < 100 and ends_open(text) and text[:1].isupper() and len(after) > 80 and after[:1].isupper()


def is_list_item(text: str) -> bool:
    return bool(_LIST.match(text))


def is_numbered(text: str) -> bool:
    return bool(_NUMBERED.match(text))


def is_addressees(text: str) -> bool:
    return fold(text).startswith("KINHGUI") or similar(fold(text)[:7], "KINHGUI") > 0.8


def ends_open(text: str) -> bool:
    """True when a line clearly goes on in the next one (no closing mark)."""
    return not re.search(r"[.:;!?…/]\s*[”\"')]*$", text.rstrip())

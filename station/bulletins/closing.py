"""The spoken line that tells who signed a bulletin and for which agency, where the station wants one."""

from __future__ import annotations

import re

from station.bulletins import forms
from station.bulletins.document import Document, Role

#: words of agencies and offices that are no names, written small within a line
_COMMON = frozenset(
    "ủy uỷ ban nhân dân hội đồng xã phường thị trấn huyện tỉnh thôn ấp bản buôn làng xóm khu phố tổ trạm y tế trường tiểu học mầm non "
    "trung học cơ sở phổ thông công an bộ quân sự chỉ huy hợp tác dịch vụ nông nghiệp chi cục phòng thường trực trực "
    "vụ chấp hành quản lý trị vận động quỹ điều hành đội điện lực chủ tịch phó bí thư trưởng giám đốc hiệu quyền tm kt tl tuq "
    "công chức cán sự văn hóa thông tin nhiệm tổng biên tập phụ trách và môi kế toán".split()
)
_PLACES = frozenset("xã phường huyện tỉnh thôn ấp bản buôn làng xóm khối".split())
#: bodies whose first word is a name of its own and keeps its capital
_PROPER = {"đảng ủy": "Đảng ủy", "đảng bộ": "Đảng bộ", "mttq việt nam": "MTTQ Việt Nam", "việt nam": "Việt Nam"}
_PREFIX = re.compile(r"^(TM|KT|TL|TUQ|T/M|K/T|T/L|Q)\s*[.,:]?\s+", re.IGNORECASE)


def _written(text: str) -> str:
    """Capitals as in running text: "ỦY BAN NHÂN DÂN XÃ YÊN NHÂN" -> "ủy ban nhân dân xã Yên Nhân"."""
    words = []
    place = False  # what follows "xã" or "thôn" is a name, whatever its words mean
    for word in text.split():
        bare = word.lower().strip(".,")
        if bare in _PLACES or (bare in _COMMON and not place):
            place = bare in _PLACES
            words.append(word.lower())
        elif word.isupper() and (len(word) <= 4 and word.isascii() and not re.search(r"[AEIOUY]", word) or word in (
            "UBND", "HĐND", "MTTQ", "LHPN", "HTX", "PCTT", "TKCN", "BCH", "CCB", "TNCS"
        )):
            words.append(word)
        else:
            words.append(word.capitalize() if word.isupper() else word)
    text = " ".join(words)
    for plain, proper in _PROPER.items():
        text = re.sub(rf"\b{plain}\b", proper, text, flags=re.IGNORECASE)
    return text


def _agency(document: Document) -> str:
    lines = [
        line for block in document.blocks() if block.role is Role.AGENCY for line in block.text.split("\n")
        if not forms.is_rule(line)
    ]
    if not lines:
        return ""
    # the last line is the agency itself, those above it what it belongs to, or the first half of its name
    own = lines[-1]
    if len(lines) > 1 and re.match(r"^(XÃ|PHƯỜNG|THỊ TRẤN|HUYỆN|TỈNH|THÔN)\b", own.upper()):
        own = f"{lines[-2]} {own}" if not re.search(r"\bXÃ\b", lines[-2].upper()) else f"{own} {lines[-2]}"
        if own.upper().startswith("THÔN"):
            own = lines[-1]
    elif len(lines) > 1 and own.upper().startswith(("BAN THƯỜNG", "BAN CHẤP HÀNH")):
        own = f"{own} {' '.join(lines[:-1])}"
    return _written(own)


def _signer(document: Document) -> tuple[str, str]:
    """Office and name of the signer; empty strings where they are not read."""
    office = name = ""
    for block in document.blocks():
        if block.role is not Role.SIGNATURE:
            continue
        for line in block.text.split("\n"):
            line = line.strip()
            if forms.is_mark(line) or not any(char.isalpha() for char in line) or "đã ký" in line.lower():
                continue
            if forms.is_upper(line):
                if not re.match(r"^(TM|T/M)\b", line):
                    office = _PREFIX.sub("", line)
            elif forms.is_name(line.split(". ")[-1]) or len(line) < 40:
                name = line
    return _written(office), name


def closing_line(document: Document) -> str:
    """One sentence such as "Ủy ban nhân dân xã Yên Nhân. Người ký: phó chủ tịch Trần Quốc Khánh."; "" without either."""
    agency, (office, name) = _agency(document), _signer(document)
    who = " ".join(part for part in (office, name) if part)
    parts = []
    if agency:
        parts.append(f"{agency[:1].upper()}{agency[1:]}.")
    if who:
        parts.append(f"Người ký: {who}.")
    return " ".join(parts)

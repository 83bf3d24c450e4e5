"""What a bulletin is: its kind, the class it may want, and the days it speaks of.  Proposals; nothing is set here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from station.bulletins.document import Document, Role
from station.bulletins.event_days import event_days
from station.bulletins.forms import is_mark, title_kind
from station.bulletins.lines import fold

#: danger to life: a word of these proposes an emergency
_DANGER = re.compile(
    r"\b(bão(?! hòa| giá)|siêu bão|áp thấp nhiệt đới|lũ quét|lũ ống|mưa lũ|lũ lụt|lũ|ngập lụt|lụt|triều cường|nước dâng|"
    r"sạt lở|lở đất|sụt lún|vỡ đê|vỡ đập|tràn đê|xả lũ|xả tràn|lốc xoáy|dông lốc|giông lốc|mưa đá|động đất|sóng thần|"
    r"cháy rừng|cháy nổ|cháy|hỏa hoạn|nổ mìn|rò rỉ khí|tràn dầu|sơ tán|di dời khẩn cấp|cứu nạn|khẩn cấp)\b",
    re.IGNORECASE,
)
#: such bulletins speak of a danger that is over, far or practised
_CALM = re.compile(
    r"\b(ủng hộ|quyên góp|cứu trợ|khắc phục hậu quả|kỷ niệm|tập huấn|diễn tập|hội thi|hội thao|tuyên truyền|tổng kết|sơ kết|"
    r"khen thưởng|thành lập|kế hoạch|phát động|xét duyệt)\b", re.IGNORECASE,
)
_CALM_KINDS = frozenset({"appeal", "newsletter", "report", "list", "minutes", "obituary", "decision", "plan", "invitation"})
_HASTE = re.compile(
    r"\b(hỏa tốc|khẩn|gấp(?! đôi| ba| bốn| rút| nhiều| \d)|cảnh báo|ngừng cung cấp (điện|nước)|ngừng cấp (điện|nước)|cúp điện|cắt điện|mất điện|"
    r"mất nước|dịch bệnh|dịch tả|ổ dịch|lừa đảo|tìm trẻ lạc|tìm người|bản tin dự báo|rét đậm|rét hại|nắng nóng gay gắt)\b",
    re.IGNORECASE,
)
_HASTY_KINDS = frozenset({"telegram", "warning"})


@dataclass(frozen=True)
class Facts:
    """Proposals for a bulletin.

    ``priority`` is "normal", "priority" or "emergency"; ``because`` holds the words that led to it; ``last_day`` is the
    last day that it speaks of, None where it names none or has no end.
    """

    kind: str
    priority: str
    because: tuple[str, ...]
    days: tuple[date, ...]
    last_day: date | None


def classify(document: Document, today: date) -> Facts:
    """The facts of a bulletin that was read; ``today`` gives the year of a day without one on a paper without date."""
    blocks = [block for block in document.blocks() if block.text]
    heads = [block.text for block in blocks if block.role in (Role.TITLE, Role.SUBJECT)]
    spoken = "\n".join(block.text for block in blocks if block.spoken)
    marks = [block.text for block in blocks if block.role is Role.STAMP or is_mark(block.text)]
    issued = next(
        (day for block in blocks if block.role is Role.PLACE_DATE for day in event_days(block.text, today).days), None
    )
    return facts_of(spoken, heads, marks, issued, today)


def facts_of(
    text: str, heads: list[str] | None = None, marks: list[str] | None = None, issued: date | None = None,
    today: date | None = None,
) -> Facts:
    """:func:`classify` for a text alone; its first lines are its title."""
    heads = heads or [line for line in text.split("\n")[:3] if line.strip()][:2]
    today = today or issued or date.today()
    kind = next((kind for head in heads for line in head.split("\n") if (kind := title_kind(line))), "")
    kind = kind or next((name for start, name in _OPENINGS for line in (*heads, text[:40]) if fold(line).startswith(start)), "")
    danger = _words(_DANGER, text)
    calm = kind in _CALM_KINDS or any(_CALM.search(head) for head in heads)
    haste = _words(_HASTE, "\n".join([*(marks or []), *heads, text]))
    if danger and not calm:
        priority, because = "emergency", danger
    elif marks or kind in _HASTY_KINDS or haste:
        priority, because = "priority", tuple(mark.lower() for mark in marks or []) or haste or danger
    else:
        priority, because = "normal", ()
    found = event_days(text, issued or today)
    last = found.last if kind != "newsletter" or issued else None
    if last is not None and issued is not None and last < issued - timedelta(days=1):
        last = None  # it tells of days gone by, and is no announcement
    return Facts(kind, priority, because[:4], found.days, last)


#: how a paper without a kind of its own begins
_OPENINGS = (("KINHMOI", "invitation"), ("THONGBAO", "notice"), ("BANTIN", "newsletter"), ("TINBAO", "warning"))


def _words(pattern: re.Pattern[str], text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found[0].lower() for found in pattern.finditer(text)))

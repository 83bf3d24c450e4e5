"""Paragraphs of a text: lines that a page or an e-mail has broken are put together again."""

from __future__ import annotations

import re

_LINE = re.compile(r"[^\n\r\u2028\u2029]+")
ITEM = re.compile(r"\s*(?:[-–+*•●▪■]\s|(?:\d{1,2}|[a-zđ])[.)]\s|\(\d{1,2}\)\s)")
_HEAD = re.compile(r"\s*(?:[IVX]{1,5}|\d{1,2}(?:\.\d{1,2}){0,3}|[A-ZĐ])[.)/]\s")
#: a line that ends in one of these goes on
_GOES_ON = re.compile(r"(?:,|(?<!\w)(?:và|của|tại|ở|cho|với|các|những|từ|đến|theo|về|là|do|ngày|tháng|năm|số|xã|thôn|huyện|tỉnh|ông|bà|đồng chí|trên|trong|hoặc|được|để|khi))$")
#: texts with longer lines are not wrapped by hand or by a scanner
_WIDEST_WRAP = 130
_NARROWEST_WRAP = 45


def paragraphs(text: str) -> list[tuple[int, int]]:
    """Places of the paragraphs; a broken line is joined to the one before it.  Linear in the text."""
    lines = [(match.start(), match.end()) for match in _LINE.finditer(text) if match[0].strip()]
    widest = max((end - start for start, end in lines), default=0)
    spans: list[tuple[int, int]] = []
    last = (0, 0)
    for start, end in lines:
        if spans and _continues(text[last[0]:last[1]], text[last[1]:start], text[start:end], widest):
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
        last = (start, end)
    return spans


def _continues(before: str, gap: str, line: str, widest: int) -> bool:
    """Whether ``line`` goes on with the sentence of the line ``before``."""
    before, line = before.rstrip(), line.strip()
    if gap.count("\n") > 1 or before[-1] in ".?!:;…" or ITEM.match(line) or _HEAD.match(line):
        return False
    if line[0].islower() or before[-1] == "-" and before[-2:-1].isalpha():
        return True
    letters, above = [char for char in line if char.isalpha()], [char for char in before if char.isalpha()]
    if len(letters) > 3 and all(char.isupper() for char in letters) or len(above) > 3 and all(char.isupper() for char in above):
        return False
    if _GOES_ON.search(before.lower()) and len(before) > 20:
        return True
    word = line.split(None, 1)[0]
    return _NARROWEST_WRAP <= widest <= _WIDEST_WRAP and len(before) >= 0.8 * widest and len(before) + 1 + len(word) >= 0.92 * widest

"""Any paper by its kind and seed: the same arguments draw the same page."""

from __future__ import annotations

from functools import partial

import numpy as np

from station.bulletins.document import Role
from tests.bulletins.generator import papers_official, papers_others
from tests.bulletins.generator.papers_draw import HIGH, Canvas
from tests.bulletins.generator.papers_fonts import FAMILIES
from tests.bulletins.generator.papers_types import Paper
from tests.bulletins.generator.papers_words import Writer

_OFFICIAL = ("notice", "invitation", "plan", "dispatch", "report", "guide", "schedule")
_DRAW = {
    **{kind: partial(lambda canvas, writer, points, most, kind: papers_official.official(canvas, writer, kind, points, most), kind=kind) for kind in _OFFICIAL},
    "newsletter": papers_others.newsletter, "big_notice": papers_others.big_notice, "verses": papers_others.verses,
    "plain_letter": papers_others.plain_letter, "name_list": papers_others.name_list,
}
#: kinds of papers that :func:`make_paper` draws
KINDS: tuple[str, ...] = tuple(_DRAW)
#: millimetres at the foot of a page that stay white
_FOOT = 12
_HEADER_LEFT = (Role.AGENCY, Role.NUMBER)
_HEADER_RIGHT = (Role.MOTTO, Role.PLACE_DATE)


def make_paper(kind: str, seed: int, *, dpi: int = 300) -> Paper:
    """The paper of ``kind`` (one of :data:`KINDS`) that ``seed`` stands for; it always fits its page."""
    for most in range(9, 1, -1):
        random = np.random.default_rng([seed, KINDS.index(kind)])
        family = FAMILIES[int(random.integers(len(FAMILIES)))] if random.random() < 0.6 else FAMILIES[int(random.integers(3))]
        points = float(random.choice((12.0, 13.0, 13.0, 14.0)))
        canvas = Canvas(family, dpi, paper=int(random.integers(246, 256)))
        canvas.y = float(random.uniform(15, 24))
        length = int(random.integers(4, 11))  # not every writer fills the page
        writer = Writer(random)
        _DRAW[kind](canvas, writer, points=points - (1.5 if kind == "newsletter" else 0), most=min(most, length))
        if canvas.y < HIGH - _FOOT:
            break
    if random.random() < 0.3 and canvas.y < HIGH - _FOOT - 6:
        canvas.y = HIGH - _FOOT - 5
        canvas.centered(Role.PAGE_NUMBER, str(writer.number(1, 4)), 105, 11)
    parts = tuple(canvas.parts)
    return Paper(kind, seed, family.name, dpi, canvas.image, parts, _other_orders(parts))


def _other_orders(parts) -> tuple[tuple[int, ...], ...]:
    """A letterhead may be read right half first or across, the closing signature first."""
    everything = range(len(parts))
    left = [i for i in everything if parts[i].role in _HEADER_LEFT]
    right = [i for i in everything if parts[i].role in _HEADER_RIGHT]
    copies = [i for i in everything if parts[i].role is Role.RECIPIENTS]
    signed = [i for i in everything if parts[i].role is Role.SIGNATURE]
    if not left or not right:
        return ()
    known = set(left + right + copies + signed)
    middle = [i for i in everything if i not in known and parts[i].role is not Role.PAGE_NUMBER]
    last = [i for i in everything if parts[i].role is Role.PAGE_NUMBER]
    across = [left[0], right[0], left[1], right[1], *left[2:], *right[2:]] if len(left) > 1 and len(right) > 1 else left + right
    heads, feet = (left + right, right + left, across), (copies + signed, signed + copies)
    orders = [tuple(head + middle + foot + last) for head in heads for foot in feet]
    return tuple(order for order in dict.fromkeys(orders) if order != tuple(everything))

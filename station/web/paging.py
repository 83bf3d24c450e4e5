"""Lists in pages: one query for the rows, one for the count, whatever the size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import request
from sqlalchemy.orm import Session

PAGE_SIZE = 25


@dataclass(frozen=True)
class Found:
    """One page of a list."""

    rows: list[Any]
    number: int
    total: int
    size: int = PAGE_SIZE

    @property
    def last(self) -> int:
        return max(1, -(-self.total // self.size))


def page_number() -> int:
    """The page asked for by ``?page=``; nonsense is page 1."""
    text = request.args.get("page", "1")
    return min(max(1, int(text)), 1_000_000) if text.isascii() and text.isdigit() and len(text) < 8 else 1


def find(
    session: Session, query: Any, *, number: int | None = None, size: int = PAGE_SIZE,
    scalars: bool = False,
) -> Found:
    """The rows of one page of ``query`` and how many there are in all; past the end the last page is given."""
    number = number or page_number()
    total = session.scalar(sa.select(sa.func.count()).select_from(query.order_by(None).subquery())) or 0
    number = min(number, max(1, -(-total // size)))
    result = session.execute(query.limit(size).offset((number - 1) * size))
    return Found(list(result.scalars() if scalars else result), number, total, size)


def contains(column: Any, text: str) -> sa.ColumnElement[bool]:
    """``column`` holds ``text``, small and capital letters alike.

    SQLite's LIKE takes only a-z and A-Z for alike, so that other letters (đ, ê, ơ) are looked for in their usual
    forms: as typed, small, capital, and capital at the beginning.
    """
    forms = {
        "".join(c.lower() if c.isascii() else c for c in form): form
        for form in (text, text.lower(), text.capitalize(), text.upper())
    }
    return sa.or_(*(column.like(like(form), escape="\\") for form in forms.values()))


def like(text: str) -> str:
    """``text`` as a pattern that is found anywhere; its own % and _ mean themselves."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"

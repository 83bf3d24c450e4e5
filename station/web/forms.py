"""Reading form fields: trimmed, NFC, and with a clear sentence when one is wrong."""

from __future__ import annotations

import unicodedata
from datetime import date
from enum import Enum
from typing import TypeVar

from flask import abort, request
from flask_babel import gettext as _

from station.errors import StationError

Kind = TypeVar("Kind", bound=Enum)


class FormError(StationError):
    """A field of a form cannot be used."""

    code = "web.form"


def text(name: str, *, longest: int = 500) -> str:
    """One line of a form."""
    return " ".join(unicodedata.normalize("NFC", request.form.get(name, "")).split())[:longest]


def long_text(name: str, *, longest: int = 200_000) -> str:
    """Several lines of a form, line ends as ``\\n``."""
    value = unicodedata.normalize("NFC", request.form.get(name, "")).replace("\r\n", "\n")
    if len(value) > longest:
        raise FormError(_("Nội dung quá dài."), mend=_("Hãy chia thành nhiều bản tin."))
    return value


def number(name: str, default: int | None = None, *, low: int = 0, high: int = 10**9) -> int:
    """A whole number of a form."""
    value = request.form.get(name, "").strip()
    if not value and default is not None:
        return default
    if not value.lstrip("-").isdigit() or not low <= int(value) <= high:
        raise FormError(_("Một số trong biểu mẫu không hợp lệ."), mend=_("Hãy ghi một số từ %(low)s đến %(high)s.", low=low, high=high))
    return int(value)


def day(name: str) -> date | None:
    """A date of a form, or None when it is empty."""
    return parse_day(request.form.get(name, ""))


def parse_day(value: str) -> date | None:
    """``2026-11-24`` or ``24/11/2026``."""
    value = value.strip()
    if not value:
        return None
    if value.count("/") == 2:
        value = "-".join(part.zfill(2) for part in reversed(value.split("/")))
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise FormError(_("Ngày ghi chưa đúng."), mend=_("Hãy ghi như 24/11/2026.")) from error


def member(kind: type[Kind], value: str, default: Kind | None = None) -> Kind:
    """An enum's member by its value; without a default a wrong value is a bad request."""
    for one in kind:
        if one.value == value:
            return one
    if default is None:
        abort(400)
    return default

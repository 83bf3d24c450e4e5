"""What every template may use: dates as people write them, sizes, labels, links to static files."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

import sqlalchemy as sa
from flask import Flask, g, request, url_for
from flask_babel import format_date, get_locale
from flask_babel import gettext as _
from flask_bootstrap import Bootstrap5

from station import __version__
from station.config import Settings
from station.db import Database
from station.db.models import Emergency
from station.db.types import utc_now
from station.playout.emergency import OPEN_STATES
from station.schedules.lunar import FIRST_YEAR, LAST_YEAR, to_lunar
from station.web import data, labels

bootstrap = Bootstrap5()


def local(moment: datetime) -> datetime:
    """A moment in the station's zone."""
    return moment.astimezone(data.settings().zone)


def today() -> date:
    """The date at the station."""
    return local(utc_now()).date()


def clock(moment: datetime | None, *, seconds: bool = False) -> str:
    """``05:00``."""
    return "" if moment is None else local(moment).strftime("%H:%M:%S" if seconds else "%H:%M")


def day(value: date | datetime | None) -> str:
    """``Thứ Ba, 24/11/2026`` (English: ``Tuesday, 24/11/2026``)."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = local(value).date()
    return str(format_date(value, "EEEE, dd/MM/yyyy", rebase=False))


def short_day(value: date | datetime | None) -> str:
    """``24/11/2026``."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = local(value).date()
    return f"{value:%d/%m/%Y}"


def moment(value: datetime | None) -> str:
    """``05:00, hôm nay`` or ``05:00, 24/11/2026``."""
    if value is None:
        return ""
    when = local(value)
    if when.date() == today():
        return _("%(time)s hôm nay", time=when.strftime("%H:%M"))
    return f"{when:%H:%M}, {when:%d/%m/%Y}"


def lunar(value: date) -> str:
    """``mùng một tháng Giêng`` without the year; empty outside the years that the calendar knows."""
    if not FIRST_YEAR < value.year < LAST_YEAR:
        return ""
    there = to_lunar(value)
    if str(get_locale()) == "en":
        return f"{there.day}/{there.month}{' leap' if there.leap else ''}"
    return there.spoken(with_year=False)


def duration(seconds: float | None) -> str:
    """``4:05`` or ``1:04:05``."""
    whole = max(0, round(seconds or 0))
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{left:02d}" if hours else f"{minutes}:{left:02d}"


def decimal(value: float | None, digits: int = 1) -> str:
    """A number with the decimal comma of Vietnamese."""
    if value is None:
        return "–"
    text = f"{value:.{digits}f}".replace("-", "−")
    return text if str(get_locale()) == "en" else text.replace(".", ",")


def file_size(value: int) -> str:
    for unit in ("B", "KB", "MB", "GB"):
        if value < 1024 or unit == "GB":
            return f"{decimal(value, 0 if unit in ('B', 'KB') else 1)} {unit}"
        value = value / 1024  # type: ignore[assignment]
    return ""


@lru_cache(maxsize=128)
def _version(path: str, changed_ns: int) -> str:
    return f"{changed_ns & 0xFFFFFFFFFF:x}"


def asset(name: str) -> str:
    """The address of a static file; changes when the file does, so that it can be kept for long."""
    known: dict[str, str] = g.setdefault("assets", {})
    if name not in known:
        path = Path(__file__).parent / "static" / name
        known[name] = url_for("static", filename=name, v=_version(name, path.stat().st_mtime_ns)) if path.is_file() else ""
    return str(known[name])


def page_link(number: int) -> str:
    """This page's address with another page number; filters stay."""
    arguments = {**(request.view_args or {}), **request.args.to_dict(), "page": number}
    return url_for(request.endpoint or "home.index", **arguments)


def init_app(app: Flask, settings: Settings, database: Database) -> None:
    bootstrap.init_app(app)
    app.jinja_env.filters.update(
        clock=clock, day=day, short_day=short_day, moment=moment, lunar=lunar, duration=duration, decimal=decimal,
        file_size=file_size, local=local,
    )
    app.jinja_env.globals.update(
        asset=asset, page_link=page_link, labels=labels, station_version=__version__, today=today, now=utc_now,
        page_language=lambda: str(get_locale() or "vi"),
    )

    @app.context_processor
    def station() -> dict[str, object]:
        return {"settings": data.settings(), "emergency_open": _emergency_open}


def _emergency_open() -> Emergency | None:
    """The emergency notice that is not over yet, a real one before a test: every page says so."""
    return data.reading().scalar(
        sa.select(Emergency).where(Emergency.state.in_(OPEN_STATES)).order_by(Emergency.test, Emergency.id).limit(1)
    )

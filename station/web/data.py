"""Sessions of the database for views, and where the station's settings are found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar, cast

from flask import Flask, abort, current_app, g
from sqlalchemy.orm import Session

from station.config import Settings
from station.db import Database

KEY = "station"
Row = TypeVar("Row")


def init_app(app: Flask, settings: Settings, database: Database) -> None:
    app.extensions[KEY] = {"settings": settings, "database": database}
    app.teardown_appcontext(_close)


def settings() -> Settings:
    """The settings of the station that is served."""
    return cast(Settings, current_app.extensions[KEY]["settings"])


def database() -> Database:
    return cast(Database, current_app.extensions[KEY]["database"])


def replace_settings(new: Settings) -> None:
    """Take over settings that an administrator has just saved (the other processes take them at their start)."""
    current_app.extensions[KEY]["settings"] = new


def reading() -> Session:
    """This request's session for reading: opened at first use, closed after the response."""
    if "reader" not in g:
        g.reader_context = database().session(write=False)
        g.reader = g.reader_context.__enter__()
    return cast(Session, g.reader)


@contextmanager
def writing() -> Iterator[Session]:
    """A session that writes.  The reading session is given up first, so that what follows sees what was written."""
    _close(None)
    with database().session(write=True) as session:
        yield session


def one_or_404(session: Session, kind: type[Row], key: int) -> Row:
    """The row, or the page that says it is not here."""
    row = session.get(kind, key)
    if row is None:
        abort(404)
    return row


def _close(_error: BaseException | None) -> None:
    g.pop("reader", None)
    context = g.pop("reader_context", None)
    if context is not None:
        context.__exit__(None, None, None)

"""Files of the station home for the browser: only below ``var``, never its secrets, with ranges for audio."""

from __future__ import annotations

from pathlib import Path

from flask import Response, abort, send_file

from station.home import StationHome
from station.web.data import settings


def inside_home(home: StationHome, relative: str) -> Path | None:
    """The file that a stored path names, or None when it is outside ``var``, secret, or not a plain file."""
    if not relative or "\x00" in relative:
        return None
    path = (home.root / relative).resolve()
    var = home.var.resolve()
    if not path.is_relative_to(var) or path.is_relative_to(home.secrets.resolve()) or not path.is_file():
        return None
    if path.parent == var:
        # The database, the queue and their journals lie directly in var.
        return None
    return path


def send_home_file(relative: str, *, mimetype: str | None = None, download_name: str | None = None) -> Response:
    """A stored file with ranges; as a download when ``download_name`` is given."""
    path = inside_home(settings().home, relative)
    if path is None:
        abort(404)
    response = send_file(
        path, mimetype=mimetype, conditional=True, as_attachment=download_name is not None,
        download_name=download_name, max_age=0,
    )
    response.headers["Cache-Control"] = "private, max-age=3600"
    response.headers["Accept-Ranges"] = "bytes"
    return response

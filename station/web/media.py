"""Files of the station home for the browser: only below ``var``, never its secrets, with ranges for audio."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path

from flask import Response, abort, send_file

from station.home import StationHome
from station.web.data import settings

#: pixels; enough to read a page on a screen
SMALL_WIDTH = 1100


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


def small_picture(home: StationHome, relative: str) -> str:
    """A picture made small for a slow line (path relative to the home); made once, the full one where it is small."""
    path = inside_home(home, relative)
    if path is None:
        abort(404)
    stamp = hashlib.sha256(f"{relative} {path.stat().st_mtime_ns}".encode()).hexdigest()[:24]
    kept = home.cache / "pictures" / f"{stamp}.jpg"
    if not kept.is_file():
        from PIL import Image

        kept.parent.mkdir(parents=True, exist_ok=True)
        with Image.open(path) as picture:
            picture.draft("L", (SMALL_WIDTH, SMALL_WIDTH * 2))
            reduced = picture.convert("L" if picture.mode in ("1", "L", "I;16") else "RGB")
            reduced.thumbnail((SMALL_WIDTH, SMALL_WIDTH * 3))
            part = kept.with_name(f".{kept.name}.{os.getpid()}.{threading.get_ident()}")
            reduced.save(part, format="JPEG", quality=62, optimize=True)
        part.replace(kept)
    return kept.relative_to(home.root).as_posix()


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


def download(body: bytes, name: str, mimetype: str) -> Response:
    """Bytes made here, to be saved under that name."""
    answer = Response(body, mimetype=mimetype)
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    return answer

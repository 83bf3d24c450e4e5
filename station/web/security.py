"""The signing key, protection of forms, and the headers of every answer."""

from __future__ import annotations

import os
import secrets
import time

from flask import Flask, Response, g, request
from flask_wtf import CSRFProtect

from station.config import Settings
from station.db import Database
from station.home import StationHome

csrf = CSRFProtect()


def secret_key(home: StationHome) -> bytes:
    """The key that signs sessions: made once, readable by the owner only."""
    home.ensure()
    path = home.secrets / "web.key"
    try:
        with open(path, "xb", opener=_owner_only) as file:
            file.write(secrets.token_bytes(48))
    except FileExistsError:
        pass
    return path.read_bytes()


def _owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def style_nonce() -> str:
    """One nonce a request, for the style element that the waveform makes in its shadow root."""
    if "style_nonce" not in g:
        g.style_nonce = secrets.token_urlsafe(12)
    return str(g.style_nonce)


def init_app(app: Flask, settings: Settings, database: Database) -> None:
    csrf.init_app(app)
    app.jinja_env.globals["style_nonce"] = style_nonce
    app.after_request(_headers)
    if os.environ.get("STATION_WEB_SERVER_TIMING"):
        app.before_request(_begin)
        app.after_request(_timing)


def _begin() -> None:
    g.began, g.began_cpu = time.perf_counter(), time.thread_time()


def _timing(response: Response) -> Response:
    """How long the server took, for the bench: not told to browsers otherwise."""
    wall, cpu = (time.perf_counter() - g.began) * 1000, (time.thread_time() - g.began_cpu) * 1000
    response.headers["Server-Timing"] = f"app;dur={wall:.2f}, cpu;dur={cpu:.2f}"
    return response


def _headers(response: Response) -> Response:
    nonce = f" 'nonce-{g.style_nonce}'" if "style_nonce" in g else ""
    headers = response.headers
    headers["Content-Security-Policy"] = (
        "default-src 'self'; script-src 'self'; "
        f"style-src 'self'{nonce}; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; "
        "font-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Referrer-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(self), microphone=(self), geolocation=()"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if request.is_secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint != "static" and "Cache-Control" not in headers:
        # Pages hold what only signed-in people may see; a shared PC must not show them after sign-out.
        headers["Cache-Control"] = "no-store"
    return response

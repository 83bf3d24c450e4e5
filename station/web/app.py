"""The application factory."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from flask import Flask

from station.config import Settings
from station.db import Database, open_database
from station.web import compression, context, data, errors, language, login, permissions, security
from station.web.views import BLUEPRINTS


def create_app(settings: Settings, *, database: Database | None = None) -> Flask:
    """The page of one station.

    ``database`` is an open, migrated one (tests, ``station run``); without it the station's own is opened and
    migrated.  Nothing outside the station home is read or written.
    """
    settings.home.ensure()
    app = Flask(
        "station.web", root_path=str(Path(__file__).parent), static_folder="static", template_folder="templates"
    )
    app.config.update(
        SECRET_KEY=security.secret_key(settings.home),
        MAX_CONTENT_LENGTH=settings.web.max_upload_mb * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        MAX_FORM_PARTS=2000,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=settings.web.session_hours),
        SESSION_COOKIE_NAME="station",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(days=30),
        WTF_CSRF_TIME_LIMIT=None,
        BOOTSTRAP_SERVE_LOCAL=True,
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    if database is None:
        database = open_database(settings)
        database.migrate()
    for part in (data, language, login, security, context, compression, errors):
        part.init_app(app, settings, database)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    permissions.init_app(app, settings, database)
    return app

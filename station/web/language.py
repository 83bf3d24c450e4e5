"""The page's language: Vietnamese, or English where a person chose it."""

from __future__ import annotations

from flask import Flask, request, session
from flask_babel import Babel

from station.config import Settings
from station.db import Database

LANGUAGES = {"vi": "Tiếng Việt", "en": "English"}
babel = Babel()


def init_app(app: Flask, settings: Settings, database: Database) -> None:
    def choose() -> str:
        chosen = session.get("language") if request else None
        return chosen if chosen in LANGUAGES else settings.station.language

    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    babel.init_app(
        app, default_locale="vi", default_timezone=settings.station.timezone, locale_selector=choose,
        timezone_selector=lambda: settings.station.timezone,
    )
    app.jinja_env.globals["languages"] = LANGUAGES

"""The page's language: Vietnamese, or English where a person chose it."""

from __future__ import annotations

from typing import Any

from flask import Flask, g, request, session
from flask_babel import Babel, get_translations

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
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: _translations().ugettext(text),
        lambda one, many, n: _translations().ungettext(one, many, n), newstyle=True,
    )


def _translations() -> Any:
    """The catalog of this request, looked up once: a page has hundreds of strings."""
    if "translations" not in g:
        g.translations = get_translations()
    return g.translations

"""The web page of staff and leaders: a Flask application factory and one blueprint for each concern."""

from station.web.app import create_app

__all__ = ["create_app"]

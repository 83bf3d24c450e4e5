"""A short guide on the page itself."""

from __future__ import annotations

from flask import Blueprint, render_template

help_pages = Blueprint("help", __name__, url_prefix="/help")


@help_pages.get("/")
def index() -> str:
    return render_template("help/index.html")

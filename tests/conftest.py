"""Shared by all tests: a station home of its own for each test, and its database."""

from __future__ import annotations

import pytest

from station.config import Settings, build_settings
from station.db.database import Database, open_database
from station.home import StationHome


@pytest.fixture
def settings(tmp_path) -> Settings:
    """Settings of a fresh station home."""
    home = StationHome(tmp_path / "home").ensure()
    home.settings_file.write_text('[station]\nname = "Đài thử"\n', encoding="utf-8")
    return build_settings(home, {"station": {"name": "Đài thử"}}, {})


@pytest.fixture
def database(settings) -> Database:
    database = open_database(settings)
    database.migrate()
    yield database
    database.close()

"""Database models, sessions and migrations."""

from station.db.database import Database, open_database

__all__ = ["Database", "open_database"]

"""Opening the database: engine, sessions, migrations, and a copy put aside before a migration."""

from __future__ import annotations

import logging
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from station.config import Settings
from station.db.models import Station
from station.errors import DatabaseError

if TYPE_CHECKING:
    from alembic.config import Config

log = logging.getLogger(__name__)

#: the newest revision under ``migrations/versions``: a database that is there already needs no Alembic, which costs a
#: process that lives for months as much memory as SQLAlchemy itself
NEWEST_REVISION = "0003"
#: how long a writer waits for another one, seconds
BUSY_SECONDS = 15


class Database:
    """One database, its sessions and its schema."""

    def __init__(self, url: str, backups: Path | None = None) -> None:
        """``backups`` is where a copy is put before a migration; only SQLite is copied here."""
        self.url = sa.engine.make_url(url)
        self.backups = backups
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self.engine = sa.create_engine(self.url, connect_args={"timeout": BUSY_SECONDS})
            sa.event.listen(self.engine, "connect", _set_up_sqlite)
            sa.event.listen(self.engine, "begin", _begin_sqlite)
        else:
            self.engine = sa.create_engine(self.url, pool_pre_ping=True)
        # A writer takes SQLite's lock when it begins: a reader that turns writer later could only fail at once.
        self._readers = sessionmaker(self.engine, expire_on_commit=False)
        self._writers = sessionmaker(self.engine.execution_options(immediate=True), expire_on_commit=False)

    @contextmanager
    def session(self, *, write: bool = True) -> Iterator[Session]:
        """A session in one transaction: committed at the end, rolled back on an error.

        ``write=False`` is for reading: it never waits for a writer.
        """
        maker = self._writers if write else self._readers
        with maker() as session:
            try:
                yield session
                if write:
                    session.commit()
            except BaseException:
                session.rollback()
                raise

    def revision(self) -> str | None:
        """The revision that the database is at; None when it is empty."""
        with self.engine.connect() as connection:
            if not sa.inspect(connection).has_table("alembic_version"):
                return None
            found = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
            return None if found is None else str(found)

    def migrate(self) -> bool:
        """Bring the schema up to date; True when something was done.  A copy is put aside first."""
        try:
            now_at = self.revision()
            if now_at == NEWEST_REVISION:
                return False
            if now_at is not None:
                self._put_aside(now_at)
            from alembic import command
            from alembic.runtime.migration import MigrationContext

            with self.engine.execution_options(immediate=True).connect() as connection:
                # Another process may have migrated while this one waited for the lock.
                if MigrationContext.configure(connection).get_current_revision() != NEWEST_REVISION:
                    config = self.alembic_config()
                    config.attributes["connection"] = connection
                    command.upgrade(config, "head")
                    connection.commit()
        except (sa.exc.SQLAlchemyError, sqlite3.Error) as error:
            raise DatabaseError(
                "Không mở được cơ sở dữ liệu của đài.",
                mend="Hãy kiểm tra đĩa còn chỗ trống và quyền ghi, rồi khởi động lại.", detail=str(error),
            ) from error
        with self.session() as session:
            if session.get(Station, 1) is None:
                session.add(Station(id=1, slug="station", name=""))
        log.info("database migrated from %s to %s", now_at, NEWEST_REVISION)
        return True

    def alembic_config(self) -> Config:
        """Alembic's configuration for this database, with no file of its own."""
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        config.set_main_option("sqlalchemy.url", self.url.render_as_string(hide_password=False).replace("%", "%%"))
        return config

    def copy_to(self, target: Path) -> None:
        """A consistent copy of a SQLite database, also while others write."""
        with closing(sqlite3.connect(str(self.url.database))) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)

    def _put_aside(self, revision: str) -> None:
        if not self.is_sqlite or self.backups is None:
            return
        self.backups.mkdir(parents=True, exist_ok=True)
        name = f"before-migration-{revision}-{datetime.now(UTC):%Y%m%dT%H%M%S}.db"
        partial = self.backups / (name + ".part")
        self.copy_to(partial)
        shutil.move(partial, self.backups / name)

    def close(self) -> None:
        self.engine.dispose()


def _set_up_sqlite(connection: sqlite3.Connection, record: object) -> None:
    # SQLAlchemy then emits BEGIN itself (below), so that a transaction covers reads as well.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def open_database(settings: Settings) -> Database:
    """The station's database, by its settings; made and migrated by :meth:`Database.migrate`."""
    if not settings.database.url:
        settings.home.var.mkdir(parents=True, exist_ok=True)
    return Database(settings.database_url, backups=settings.home.var / "backups")

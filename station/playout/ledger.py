"""Writing to the database without ever waiting for it: what cannot be written now is kept, in order, and tried again."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from station.db import Database
from station.playout.clock import Clock

log = logging.getLogger(__name__)

Write = Callable[[Session], object]

#: how long a write of ``air`` may wait for another process, milliseconds
BUSY_MS = 150
_RETRY_SECONDS = 0.5
_LIMIT = 20000


def make_impatient(database: Database) -> None:
    """Let this database's connections give up soon when another process holds the lock."""
    if not database.is_sqlite:
        return

    def set_timeout(connection: object, record: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]
        cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
        cursor.close()

    database.engine.dispose()
    sa.event.listen(database.engine, "connect", set_timeout)


class Ledger:
    """An ordered queue of writes."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._waiting: deque[tuple[str, Write]] = deque()
        self._retry_at = 0.0
        #: since when nothing could be written (steady clock); None when all is well
        self.stuck_since: float | None = None
        self.problem = ""

    def write(self, write: Write, key: str = "") -> None:
        """Do ``write(session)`` in a transaction, now or as soon as possible.

        Of waiting writes with the same ``key`` only the newest is kept.
        """
        if key:
            self._waiting = deque((k, w) for k, w in self._waiting if k != key)
        self._waiting.append((key, write))
        if len(self._waiting) > _LIMIT:
            self._waiting = deque((k, w) for k, w in self._waiting if not k) or self._waiting
        if self.stuck_since is None:
            self.flush()

    def flush(self) -> None:
        """Try what waits."""
        if not self._waiting or (self.stuck_since is not None and self._clock.monotonic() < self._retry_at):
            return
        while self._waiting:
            _, write = self._waiting[0]
            try:
                with self._database.session() as session:
                    write(session)
            except sa.exc.IntegrityError as error:
                log.error("a write was refused and is dropped: %s", error)
            except sa.exc.DBAPIError as error:
                if self.stuck_since is None:
                    self.stuck_since = self._clock.monotonic()
                    log.warning("the database cannot be written: %s", error)
                self.problem = str(error.orig)
                self._retry_at = self._clock.monotonic() + _RETRY_SECONDS
                return
            self._waiting.popleft()
        if self.stuck_since is not None:
            log.warning("the database can be written again")
        self.stuck_since, self.problem = None, ""

    @property
    def waiting(self) -> int:
        return len(self._waiting)

"""Waking ``air`` at once after writing a request into the database: a poke by socket; else it looks by itself."""

from __future__ import annotations

import contextlib
import os
import select
import socket
from pathlib import Path

import sqlalchemy as sa

from station.config import Settings
from station.db import Database

_NUDGE = b"0"
#: how long is waited where there is no socket to be woken by
_ALONE_SECONDS = 0.05


def _socket_path(settings: Settings) -> Path:
    return settings.home.run / "air.sock"


def poke(settings: Settings) -> None:
    """Tell ``air`` on this machine that something new is in the database.  Does nothing where it does not run."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender, contextlib.suppress(OSError):
        sender.setblocking(False)
        sender.sendto(b"1", _address(_socket_path(settings)))


def _address(path: Path) -> str:
    """The path, or a shorter one to the same place: socket names are limited to about 100 bytes."""
    return str(path) if len(str(path).encode()) < 100 else os.path.relpath(path)


class WakeSocket:
    """``air``'s end."""

    def __init__(self, settings: Settings) -> None:
        self._path = _socket_path(settings)
        self._path.unlink(missing_ok=True)
        self._socket: socket.socket | None = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            self._socket.bind(_address(self._path))
            self._socket.setblocking(False)
        except OSError:
            self._socket.close()
            self._socket = None
        self._connection: sa.Connection | None = None
        self._version: int | None = None
        self._turns = 0

    def wait(self, seconds: float) -> bool:
        """Wait for a poke or a nudge; True when it was a poke: the database has something new."""
        if self._socket is None:
            select.select([], [], [], min(seconds, _ALONE_SECONDS))
            return False
        poked = False
        ready, _, _ = select.select([self._socket], [], [], seconds)
        with contextlib.suppress(OSError):
            while ready and (word := self._socket.recv(16)):
                poked = poked or word != _NUDGE
        return poked

    def nudge(self) -> None:
        """End a wait in another thread of this process: the mixer said something."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.sendto(_NUDGE, _address(self._path))

    def database_changed(self, database: Database) -> bool:
        """Whether anybody committed since the last call (SQLite), or it is time to look (others)."""
        self._turns += 1
        if not database.is_sqlite:
            return self._turns % 5 == 0
        try:
            if self._connection is None:
                self._connection = database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            raw = self._connection.connection.driver_connection
            assert raw is not None
            version = raw.execute("PRAGMA data_version").fetchone()[0]
        except sa.exc.DBAPIError:
            return False
        changed = version != self._version
        self._version = version
        return changed

    def pass_over(self, database: Database) -> None:
        """What was committed since the last look was this process's own."""
        if database.is_sqlite:
            self.database_changed(database)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        if self._socket is not None:
            self._socket.close()
            self._path.unlink(missing_ok=True)

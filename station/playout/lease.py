"""The exclusive right to be on air: one row of the database, renewed while its holder lives.

A standby never trusts its own clock against the holder's: it takes over when it saw the row unchanged for the whole
term by its own steady clock, or when the holder's process on this machine is dead.
"""

from __future__ import annotations

import os
import socket
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from station.db.models import Lease
from station.playout.clock import Clock

#: a lease stands for so long after its last renewal
TERM_SECONDS = 8.0
#: a holder on this machine whose loop turned so recently is alive, whatever the database says
_BEAT_SECONDS = 5.0


def process_mark(pid: int) -> str:
    """``pid:start`` of a process, so that a number used again is not taken for the same process; "" when dead."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        try:
            os.kill(pid, 0)
        except (OSError, OverflowError):
            return ""
        return f"{pid}:0"
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in "ZX" else f"{pid}:{fields[19]}"


def own_name() -> str:
    """Who this process is, as stored in the lease."""
    return f"{socket.gethostname()}:{process_mark(os.getpid())}"


class LeaseKeeper:
    """Takes, renews and gives back one lease."""

    def __init__(self, name: str, holder: str, clock: Clock, beat_file: Path, term: float = TERM_SECONDS) -> None:
        self.name, self.holder, self.epoch = name, holder, 0
        self._clock, self._beat_file, self._term = clock, beat_file, term
        self._seen: tuple[str, int, object] | None = None
        self._seen_at = 0.0

    def beat(self) -> None:
        """Leave a sign on this machine that the holder's loop turns (a full disk may refuse it)."""
        try:
            self._beat_file.write_text(f"{self.holder} {self._clock.monotonic():.3f}", encoding="utf-8")
        except OSError:
            return

    def _beats(self, holder: str) -> bool:
        try:
            name, _, moment = self._beat_file.read_text(encoding="utf-8").rpartition(" ")
            return name == holder and 0 <= self._clock.monotonic() - float(moment) < _BEAT_SECONDS
        except (OSError, ValueError):
            return False

    def _dead(self, holder: str) -> bool:
        """Whether the holder is a process of this machine that no longer exists."""
        host, _, mark = holder.partition(":")
        if host != socket.gethostname() or not mark:
            return False
        pid = mark.partition(":")[0]
        return pid.isdigit() and process_mark(int(pid)) != mark

    def look(self, session: Session) -> bool:
        """Whether taking it is worth a try; reads only."""
        row = session.get(Lease, self.name)
        if row is None or row.holder in ("", self.holder) or self._dead(row.holder):
            return True
        seen = (row.holder, row.epoch, row.expires_at)
        now = self._clock.monotonic()
        if seen != self._seen:
            self._seen, self._seen_at = seen, now
            return False
        return now - self._seen_at > self._term and not self._beats(row.holder)

    def take(self, session: Session) -> bool:
        """Take it, inside a write transaction, when it is free to take."""
        if not self.look(session):
            return False
        expires = self._clock.now() + timedelta(seconds=self._term)
        row = session.get(Lease, self.name)
        if row is None:
            session.add(Lease(name=self.name, holder=self.holder, epoch=1, expires_at=expires))
            self.epoch = 1
        else:
            row.epoch += 1
            row.holder, row.expires_at, self.epoch = self.holder, expires, row.epoch
        session.flush()
        return True

    def renew(self, session: Session) -> bool:
        """Renew it; False when somebody else has it now."""
        result = session.execute(
            sa.update(Lease).where(Lease.name == self.name, Lease.epoch == self.epoch, Lease.holder == self.holder)
            .values(expires_at=self._clock.now() + timedelta(seconds=self._term))
        )
        return bool(cast("sa.CursorResult[Any]", result).rowcount)

    def release(self, session: Session) -> None:
        """Give it back, so that the next one need not wait."""
        session.execute(
            sa.update(Lease).where(Lease.name == self.name, Lease.epoch == self.epoch, Lease.holder == self.holder)
            .values(holder="")
        )

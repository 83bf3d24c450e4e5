"""Alarms: rows for the page; e-mail and webhook are sent from them by a thread of their own."""

from __future__ import annotations

import logging

import sqlalchemy as sa
from sqlalchemy.orm import Session

from station.db.models import Alarm
from station.playout.clock import Clock
from station.playout.ledger import Ledger

log = logging.getLogger(__name__)

#: the same alarm is not raised again while it stands, nor within so long
_QUIET_SECONDS = 60.0


class Alarms:
    """Raises and clears alarms by kind."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.ledger: Ledger | None = None
        self._last: dict[tuple[str, str], float] = {}
        self._standing: set[str] = set()

    def raise_(self, kind: str, message: str, *, detail: str = "", severity: str = "error") -> None:
        """An alarm for staff: ``message`` is Vietnamese."""
        now = self._clock.monotonic()
        if now - self._last.get((kind, message), -1e9) < _QUIET_SECONDS:
            return
        self._last[(kind, message)] = now
        self._standing.add(kind)
        log.error("alarm %s: %s %s", kind, message, detail)
        at = self._clock.now()
        if self.ledger is not None:
            self.ledger.write(lambda session: session.add(
                Alarm(kind=kind, message=message, detail=detail, severity=severity, at=at)
            ))

    def note(self, kind: str, message: str, *, severity: str = "info") -> None:
        """Something staff should know that needs no cure: cleared as soon as it is written."""
        at = self._clock.now()
        if self.ledger is not None:
            self.ledger.write(lambda session: session.add(
                Alarm(kind=kind, message=message, severity=severity, at=at, cleared_at=at)
            ))

    def clear(self, kind: str) -> None:
        """What was wrong is well again."""
        if kind not in self._standing:
            return
        self._standing.discard(kind)
        self._last = {key: at for key, at in self._last.items() if key[0] != kind}
        now = self._clock.now()

        def write(session: Session) -> None:
            session.execute(sa.update(Alarm).where(Alarm.kind == kind, Alarm.cleared_at.is_(None)).values(cleared_at=now))

        if self.ledger is not None:
            self.ledger.write(write)

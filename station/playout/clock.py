"""The clock of the station, passed in so that a test can turn it."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never jump."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class JumpWatch:
    """Notices when the wall clock is set: it and the steady one no longer go together."""

    def __init__(self, clock: Clock, threshold_seconds: float = 2.0) -> None:
        self._clock, self._threshold = clock, threshold_seconds
        self._offset = clock.now().timestamp() - clock.monotonic()

    def jumped(self) -> float:
        """By how many seconds the wall clock was set since the last call; 0 when it was not."""
        offset = self._clock.now().timestamp() - self._clock.monotonic()
        by = offset - self._offset
        self._offset = offset
        return by if abs(by) >= self._threshold else 0.0

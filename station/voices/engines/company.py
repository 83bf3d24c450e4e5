"""Who is speaking in this process now: a sentence alone may use every core, sentences side by side take one each."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator


class Company:
    """Counts the sentences that are being spoken; ``threads`` limits what one may take (0: every core)."""

    def __init__(self, threads: int = 0) -> None:
        self.most = threads or len(os.sched_getaffinity(0))
        self._speaking = 0
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def join(self) -> Iterator[int]:
        """Hold a place while speaking; gives the number of threads to use."""
        with self._lock:
            self._speaking += 1
            threads = self.most if self._speaking == 1 else 1
        try:
            yield threads
        finally:
            with self._lock:
                self._speaking -= 1

    def empty(self) -> bool:
        """Whether nobody speaks now."""
        return self._speaking == 0

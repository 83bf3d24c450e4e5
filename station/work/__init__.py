"""The queue of long jobs: reading pages, speaking and assembling programs.

The ``jobs`` table is the truth: what was asked for, how far it is, how it ended.  Huey only carries the numbers of
jobs to workers, over SQLite on one machine or Redis between many.
"""

from __future__ import annotations

from station.work.jobs import acknowledge, cancel, enqueue_build, enqueue_read, retry

__all__ = ["acknowledge", "cancel", "enqueue_build", "enqueue_read", "retry"]

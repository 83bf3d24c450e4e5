"""Huey over SQLite, or over Redis by URL."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from huey import Huey, SqliteHuey

from station.config import Settings
from station.errors import StationError
from station.home import StationHome


class QueueError(StationError):
    """The queue of jobs cannot be reached."""

    code = "work.queue"


@lru_cache(maxsize=8)
def _open(url: str, home: StationHome) -> Huey:
    if not url:
        home.var.mkdir(parents=True, exist_ok=True)
        return SqliteHuey("station", filename=str(home.queue_file), results=False, timeout=15, cache_mb=1)
    try:
        from huey import RedisHuey
    except ImportError as error:
        raise QueueError(
            "Chưa cài gói để dùng Redis.", mend="Hãy chạy: pip install 'commune-station[redis]'.", detail=str(error)
        ) from error
    return RedisHuey("station", url=url, results=False)


def open_queue(settings: Settings) -> Huey:
    """The queue of these settings; the same object for the same settings, with its tasks registered."""
    queue = _open(settings.database.queue_url, settings.home)
    run_task(queue)
    return queue


def run_task(queue: Huey) -> Any:
    """The one task that the queue knows: run the job of that number."""
    task = getattr(queue, "station_task", None)
    if task is None:

        @queue.task(name="station_run_job")
        def station_run_job(job_id: int) -> None:
            from station.work.worker import current_runner

            current_runner().run(job_id)

        queue.station_task = task = station_run_job  # type: ignore[attr-defined]
    return task


def push(settings: Settings, job_id: int) -> None:
    """Hand the job's number to the workers.

    A queue that cannot be reached loses nothing: the worker looks for queued jobs in the database as well.
    """
    run_task(open_queue(settings))(job_id)

"""Rows of the ``jobs`` table: asking for a job, claiming it, its progress and its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from station.db.database import Database
from station.db.models import Bulletin, Job, Program
from station.db.states import BulletinState, JobKind, JobState, ProgramState
from station.db.types import utc_now
from station.errors import JobCancelled, StationError

#: a running job whose worker gave no sign for so long is taken to be lost
LOST_AFTER = timedelta(seconds=30)
Corners = Sequence[tuple[float, float]]
_OPEN = (JobState.QUEUED, JobState.RUNNING)


class JobError(StationError):
    """A job cannot be asked for like that."""

    code = "work"


def _open_job(session: Session, kind: JobKind, **of: int) -> Job | None:
    query = sa.select(Job).where(Job.kind == kind, Job.state.in_(_OPEN))
    for column, value in of.items():
        query = query.where(getattr(Job, column) == value)
    return session.scalar(query.order_by(Job.id.desc()).limit(1))


def enqueue_read(
    session: Session, bulletin_id: int, user_id: int | None = None, *, corners: Mapping[int, Corners] | None = None,
) -> Job:
    """Ask for the reading of a bulletin's pages.  One that is under way already is returned instead.

    ``corners``: for a page's number (from 1) the sheet's four corners that a person dragged, in pixels of the
    original.
    """
    bulletin = session.get_one(Bulletin, bulletin_id)
    job = _open_job(session, JobKind.READ, bulletin_id=bulletin_id)
    if job is None:
        job = Job(kind=JobKind.READ, bulletin_id=bulletin_id, created_by_id=user_id, station_id=bulletin.station_id)
        if corners:
            job.data = {"corners": {str(page): [list(corner) for corner in four] for page, four in corners.items()}}
        session.add(job)
        if bulletin.state in (BulletinState.RECEIVED, BulletinState.FAILED):
            bulletin.state = BulletinState.READING
        session.flush()
    return job


def enqueue_build(session: Session, program_id: int, user_id: int | None = None) -> Job:
    """Ask for speech and audio of a program.  One that is under way already is returned instead."""
    program = session.get_one(Program, program_id)
    if not program.items:
        raise JobError("Chương trình chưa có mục nào.", mend="Hãy thêm ít nhất một bản tin.", code="work.empty")
    job = _open_job(session, JobKind.BUILD, program_id=program_id)
    if job is None:
        job = Job(kind=JobKind.BUILD, program_id=program_id, created_by_id=user_id, station_id=program.station_id)
        session.add(job)
        program.state = ProgramState.BUILDING
        session.flush()
    return job


def cancel(session: Session, job: Job) -> None:
    """Ask a job to stop; one that has not begun ends at once."""
    job.cancel_requested = True
    if job.state is JobState.QUEUED:
        _end(session, job, JobState.CANCELLED, JobCancelled().message)


def retry(session: Session, job: Job) -> None:
    """Begin a failed or cancelled job again; what it finished is not done twice."""
    if job.state in _OPEN:
        return
    job.state = JobState.QUEUED
    job.attempts = 0
    job.cancel_requested = False
    job.message = job.detail = ""
    job.ended_at = job.acknowledged_at = None
    if job.kind is JobKind.BUILD and job.program_id:
        session.get_one(Program, job.program_id).state = ProgramState.BUILDING
    if job.kind is JobKind.READ and job.bulletin_id:
        bulletin = session.get_one(Bulletin, job.bulletin_id)
        if bulletin.state is BulletinState.FAILED:
            bulletin.state = BulletinState.READING


def acknowledge(session: Session, job: Job) -> None:
    """A person has seen how the job ended."""
    job.acknowledged_at = utc_now()


def _end(session: Session, job: Job, state: JobState, message: str, detail: str = "") -> None:
    job.state = state
    job.message = message
    job.detail = detail[:4000]
    job.ended_at = utc_now()
    if state is JobState.DONE:
        return
    if job.program_id and job.kind is JobKind.BUILD:
        program = session.get_one(Program, job.program_id)
        if program.state is ProgramState.BUILDING:
            program.state = ProgramState.FAILED if state is JobState.FAILED else ProgramState.DRAFT
            program.problem = message
    if job.bulletin_id and job.kind is JobKind.READ:
        bulletin = session.get_one(Bulletin, job.bulletin_id)
        if bulletin.state is BulletinState.READING:
            bulletin.state = BulletinState.FAILED
            bulletin.problem = message


@dataclass(frozen=True)
class Claim:
    """A job that this worker has taken."""

    id: int
    kind: JobKind
    bulletin_id: int | None
    program_id: int | None
    user_id: int | None
    attempt: int
    data: dict[str, Any] = field(default_factory=dict)


class JobStore:
    """Claims jobs for one worker and keeps their rows; each call is a short transaction of its own."""

    def __init__(self, database: Database, worker: str) -> None:
        self.database = database
        self.worker = worker

    def claim(self, job_id: int) -> Claim | None:
        """Take a queued job, or None when it is taken, ended or gone.  Two workers never take the same one."""
        with self.database.session() as session:
            taken: sa.CursorResult[Any] = session.execute(  # type: ignore[assignment]
                sa.update(Job).where(Job.id == job_id, Job.state == JobState.QUEUED).values(
                    state=JobState.RUNNING, worker=self.worker, attempts=Job.attempts + 1, started_at=utc_now(),
                    beat_at=utc_now(), message="", detail="",
                )
            )
            if taken.rowcount != 1:
                return None
            job = session.get_one(Job, job_id)
            return Claim(job.id, job.kind, job.bulletin_id, job.program_id, job.created_by_id, job.attempts, job.data)

    def progress(self, job_id: int, step: str, done: int, total: int) -> None:
        with self.database.session() as session:
            session.execute(sa.update(Job).where(Job.id == job_id, Job.worker == self.worker).values(
                step=step, done=done, total=total, beat_at=utc_now()
            ))

    def beat(self, job_ids: Sequence[int]) -> None:
        """A sign of life for running jobs."""
        if job_ids:
            with self.database.session() as session:
                session.execute(sa.update(Job).where(Job.id.in_(job_ids), Job.worker == self.worker).values(beat_at=utc_now()))

    def cancelled(self, job_id: int) -> bool:
        """True when a person cancelled the job, or another worker has taken it for lost."""
        with self.database.session(write=False) as session:
            row = session.execute(sa.select(Job.cancel_requested, Job.worker).where(Job.id == job_id)).first()
            return row is None or row.cancel_requested or row.worker != self.worker

    def end(self, job_id: int, state: JobState, message: str = "", detail: str = "") -> None:
        with self.database.session() as session:
            job = session.get(Job, job_id)
            if job is not None and job.worker == self.worker and job.state is JobState.RUNNING:
                _end(session, job, state, message, detail)

    def put_back(self, job_id: int, message: str, detail: str) -> bool:
        """After a failure: queue the job again, or end it when it had its attempts.  True when queued again."""
        with self.database.session() as session:
            job = session.get_one(Job, job_id)
            if job.worker != self.worker or job.state is not JobState.RUNNING:
                return False
            return _put_back(session, job, message, detail)

    def waiting(self) -> list[int]:
        """Ids of the jobs that nobody has taken, the oldest first."""
        with self.database.session(write=False) as session:
            return list(session.scalars(sa.select(Job.id).where(Job.state == JobState.QUEUED).order_by(Job.id)))

    def take_back_lost(self, is_gone: Callable[[str], bool | None], now: datetime) -> int:
        """Queue the jobs again whose worker is gone; how many.

        ``is_gone`` tells of a worker's name whether its process is gone, None when it cannot know (another
        machine's): then a job without a sign of life for :data:`LOST_AFTER` is taken to be lost.
        """
        with self.database.session(write=False) as session:
            running = session.execute(
                sa.select(Job.id, Job.worker, Job.beat_at).where(Job.state == JobState.RUNNING)
            ).all()
        lost = []
        for job_id, worker, beat_at in running:
            gone = is_gone(worker)
            if gone is None:
                gone = beat_at is None or beat_at < now - LOST_AFTER
            if gone:
                lost.append((job_id, worker))
        for job_id, worker in lost:
            with self.database.session() as session:
                job = session.get_one(Job, job_id)
                if job.state is JobState.RUNNING and job.worker == worker:
                    _put_back(session, job, "Máy xử lý đã dừng giữa chừng.", f"worker {worker} is gone")
        return len(lost)


def _put_back(session: Session, job: Job, message: str, detail: str) -> bool:
    if job.attempts >= job.max_attempts:
        _end(session, job, JobState.FAILED, message, detail)
        return False
    job.state = JobState.QUEUED
    job.worker = ""
    job.detail = detail[:4000]
    return True

"""Long jobs as a person sees them."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from flask_babel import LazyString
from sqlalchemy.orm import Session

from station.db.models import Job
from station.db.states import JobState
from station.web.labels import STEPS


@dataclass(frozen=True)
class StepView:
    """One step of a job: its words, and "done", "now", "bad" or "later"."""

    label: LazyString
    state: str


def latest(session: Session, *, bulletin_id: int | None = None, program_id: int | None = None) -> Job | None:
    """The newest job of a bulletin or of a program."""
    column, key = (Job.bulletin_id, bulletin_id) if bulletin_id is not None else (Job.program_id, program_id)
    return session.scalar(sa.select(Job).where(column == key).order_by(Job.id.desc()).limit(1))


def steps(job: Job | None) -> list[StepView]:
    """The steps of ``job``, each with where it stands."""
    if job is None:
        return []
    known = STEPS.get(job.kind.value, ())
    names = [name for name, _label in known]
    here = names.index(job.step) if job.step in names else 0
    if job.state is JobState.DONE:
        here = len(names)
    views = []
    for place, (_name, label) in enumerate(known):
        state = "done" if place < here else "later"
        if place == here:
            state = "bad" if job.state in (JobState.FAILED, JobState.CANCELLED) else "now"
        views.append(StepView(label, state))
    return views

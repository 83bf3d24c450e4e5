"""Health: disk, processes, sound, voices, backups, clock, jobs, alarms, each with what to do."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from station.db.models import Alarm, Job
from station.db.states import JobState
from station.db.types import utc_now
from station.editorial.audit import record
from station.web import data, login
from station.web.checks import all_checks
from station.work import acknowledge as acknowledge_job
from station.work import cancel as cancel_job
from station.work import retry as retry_job

health = Blueprint("health", __name__, url_prefix="/health")
View = str | Response


@health.get("/")
def index() -> View:
    session = data.reading()
    jobs = list(session.scalars(
        sa.select(Job).where(
            Job.station_id == 1,
            sa.or_(
                Job.state.in_((JobState.QUEUED, JobState.RUNNING)),
                sa.and_(Job.state == JobState.FAILED, Job.acknowledged_at.is_(None)),
            ),
        ).order_by(Job.created_at.desc()).limit(40)
    ))
    alarms = list(session.scalars(
        sa.select(Alarm).where(Alarm.station_id == 1, Alarm.severity != "info").order_by(Alarm.at.desc()).limit(30)
    ))
    return render_template(
        "health/index.html", checks=all_checks(session, data.settings()), jobs=jobs,
        alarms=[a for a in alarms if a.cleared_at is None and a.acknowledged_by_id is None],
        past=[a for a in alarms if a.cleared_at is not None or a.acknowledged_by_id is not None],
    )


@health.post("/acknowledge")
def acknowledge() -> View:
    """A person has seen an alarm or a failed job."""
    kind, key = request.form.get("kind", ""), request.form.get("id", "")
    if kind not in ("alarm", "job") or not key.isdigit():
        abort(400)
    with data.writing() as s:
        if kind == "alarm":
            data.one_or_404(s, Alarm, int(key)).acknowledged_by_id = login.person().key
        else:
            acknowledge_job(s, data.one_or_404(s, Job, int(key)))
        record(s, login.user_row(s), f"{kind}.acknowledge", f"{kind}:{key}", {"at": utc_now().isoformat()})
    flash(_("Đã ghi nhận."), "success")
    return redirect(url_for("health.index"), 303)


@health.post("/jobs/<int:job_id>")
def cancel(job_id: int) -> View:
    """Stop a long job, or try a failed one again."""
    action = request.form.get("action", "")
    if action not in ("cancel", "retry"):
        abort(400)
    with data.writing() as s:
        job = data.one_or_404(s, Job, job_id)
        (cancel_job if action == "cancel" else retry_job)(s, job)
        record(s, login.user_row(s), f"job.{action}", f"job:{job_id}")
    flash(_("Đã yêu cầu dừng.") if action == "cancel" else _("Việc sẽ được làm lại."), "success")
    return redirect(url_for("health.index"), 303)

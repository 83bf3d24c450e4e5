"""What to do about an occurrence that is due.  Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from station.db.states import LatePolicy, Outcome
from station.schedules.hours import Violation

#: a start within so many seconds of the plan is in time
GRACE_SECONDS = 5.0
#: an interrupted program is taken up again until so long after its planned end
RESUME_SECONDS = 900.0


class Action(StrEnum):
    WAIT = "wait"
    START = "start"
    END = "end"  # with the outcome


@dataclass(frozen=True)
class Verdict:
    action: Action
    outcome: Outcome | None = None
    reason: str = ""


def decide_start(
    now: datetime, planned_start: datetime, late_policy: LatePolicy, late_seconds: int, *, same_day: bool = True
) -> Verdict:
    """Whether an occurrence that never began may begin at ``now``.

    ``same_day``: the station's date is still the occurrence's.  ``start_now`` goes on trying for that day only: what
    was for yesterday is not news today.
    """
    late = (now - planned_start).total_seconds()
    if late < 0:
        return Verdict(Action.WAIT)
    if late <= GRACE_SECONDS:
        return Verdict(Action.START)
    minutes = f"{late / 60:.0f} phút" if late >= 90 else f"{late:.0f} giây"
    if late_policy is LatePolicy.SKIP:
        return Verdict(Action.END, Outcome.MISSED, f"Trễ {minutes}; buổi này không phát trễ.")
    if late_policy is LatePolicy.WAIT_UP_TO and late > late_seconds:
        return Verdict(Action.END, Outcome.MISSED, f"Trễ {minutes}, quá {late_seconds} giây cho phép.")
    if not same_day:
        return Verdict(Action.END, Outcome.MISSED, "Đã sang ngày khác mà chưa phát được.")
    return Verdict(Action.START, reason=f"Bắt đầu trễ {minutes}.")


def decide_hours(violations: Sequence[Violation]) -> Verdict:
    """The rules of hours, at air."""
    if not violations:
        return Verdict(Action.START)
    return Verdict(Action.END, Outcome.REFUSED_QUIET_HOURS, " ".join(v.message for v in violations))


def decide_resume(now: datetime, planned_end: datetime, length: timedelta, frame: int, total: int) -> Verdict:
    """Whether a program that was cut off at ``frame`` of ``total`` goes on.

    ``length`` is the program's own; one that began late has its length from the plan's end in reserve.
    """
    if total and frame >= total:
        return Verdict(Action.END, Outcome.AIRED)
    limit = max(planned_end, planned_end + length) + timedelta(seconds=RESUME_SECONDS)
    if now > limit:
        return Verdict(Action.END, Outcome.PARTIAL, "Bị ngắt giữa chừng; khi phát lại được thì đã quá giờ.")
    return Verdict(Action.START, reason="Phát tiếp từ chỗ bị ngắt.")


def judge(
    *, complete: bool, started: datetime, planned_start: datetime, level_dbfs: float | None, silence_dbfs: float
) -> Outcome:
    """The outcome of a program that was sent."""
    if level_dbfs is not None and level_dbfs < silence_dbfs:
        return Outcome.SILENT
    if not complete:
        return Outcome.PARTIAL
    late = (started - planned_start).total_seconds()
    return Outcome.AIRED_LATE if late > GRACE_SECONDS else Outcome.AIRED

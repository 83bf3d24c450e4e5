"""What is due: the book kept up to the timetable, occurrences prepared, checked and placed in their second."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from station.db.models import Occurrence
from station.db.states import FillKind, Outcome
from station.playout.book import keep_book, timetable_mark
from station.playout.choose import Choice, choose_fill, secure_copy
from station.playout.decide import Action, decide_hours, decide_start
from station.playout.desk import SURVIVABLE, Desk
from station.schedules.hours import Session as Airing
from station.schedules.hours import check_session
from station.schedules.model import Planned

log = logging.getLogger(__name__)

log = logging.getLogger(__name__)

#: an occurrence is prepared so long before its start
ARM_SECONDS = 20.0
#: and given to the mixer so long before
PLACE_SECONDS = 8.0
#: the book is kept up to the plan so often, beside every change of the timetable
PLAN_SECONDS = 6 * 3600.0


@dataclass
class Pending:
    """An occurrence without an outcome, not on air."""

    id: int
    slot_id: int
    local_date: date
    start: datetime
    end: datetime
    planned: Planned | None
    choice: Choice | None = None
    copy: Future[tuple[str, str]] | None = None

class DueDesk(Desk):
    """The part of the conductor that follows the timetable."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.pending: dict[int, Pending] = {}
        self.plan: dict[tuple[int, date], Planned] = {}
        self.on_plan: list[Callable[[], None]] = []
        self._mark: tuple[object, ...] = ()
        self._plan_again = 0.0
        self.arm_seconds = max(ARM_SECONDS, self.settings.transmitter.lead_seconds + 10)

    # ---------------------------------------------------------------- plan

    def replan(self) -> None:
        """Bring the book up to the timetable and read what is pending.  Keeps the old plan when it cannot."""
        self._plan_again = self.clock.monotonic() + PLAN_SECONDS
        now = self.clock.now()
        try:
            with self.database.session() as session:
                self.plan = keep_book(session, now, self.zone)
                self._mark = timetable_mark(session)
        except sa.exc.DBAPIError as error:
            log.warning("the plan could not be written: %s", error)
            self._plan_again = self.clock.monotonic() + 2
        self._read_pending()
        for told in self.on_plan:
            told()

    def _read_pending(self) -> None:
        on_air = {item.occurrence_id for item in self.items.values()}
        ended = {one["id"] for one in self.journal.data.get("ended", [])}
        with self.database.session(write=False) as session:
            rows = session.scalars(
                sa.select(Occurrence).where(Occurrence.outcome.is_(None), Occurrence.started_at.is_(None))
            ).all()
        old, self.pending = self.pending, {}
        for row in rows:
            if row.id in on_air or row.id in ended:
                continue
            one = Pending(
                row.id, row.slot_id, row.local_date, row.planned_start, row.planned_end,
                self.plan.get((row.slot_id, row.local_date)),
            )
            before = old.get(row.id)
            if before is not None and (before.start, before.planned) == (one.start, one.planned):
                one.choice, one.copy = before.choice, before.copy
            self.pending[row.id] = one

    def end(self, occurrence_id: int, outcome: Outcome, reason: str, frame: int | None = None) -> None:
        self.pending.pop(occurrence_id, None)
        super().end(occurrence_id, outcome, reason, frame)

    def on_recalled(self) -> None:
        super().on_recalled()
        self._read_pending()

    def wanted_copies(self) -> set[str]:
        return super().wanted_copies() | {one.choice.sha256 for one in self.pending.values() if one.choice}

    def timetable_changed(self) -> None:
        """Called when the database was written by somebody: replan when it was the timetable."""
        with self.database.session(write=False) as session:
            mark = timetable_mark(session)
        if mark != self._mark:
            self.replan()

    def next_up(self) -> Pending | None:
        return min(self.pending.values(), key=lambda one: one.start, default=None)
    # ---------------------------------------------------------------- what is due

    def start_due(self) -> None:
        now = self.clock.now()
        for one in sorted(self.pending.values(), key=lambda p: (p.start, p.id)):
            ahead = (one.start - now).total_seconds()
            if ahead > self.arm_seconds:
                break
            try:
                self._advance(one, now, ahead)
            except sa.exc.DBAPIError as error:
                log.warning("occurrence %s waits for the database: %s", one.id, error)
            except SURVIVABLE as error:
                log.exception("occurrence %s cannot be aired", one.id)
                self.end(one.id, Outcome.MISSED, f"Lỗi phần mềm: {error}")
                self.alarms.raise_("software", "Một buổi không phát được vì lỗi phần mềm.", detail=repr(error))

    def _advance(self, one: Pending, now: datetime, ahead: float) -> None:
        if one.planned is None:
            # the plan no longer reaches back to it: it is long past, and its slot may be gone
            self.end(one.id, Outcome.MISSED, "Đài không hoạt động vào giờ này.")
            return
        slot = one.planned.slot
        if ahead <= 0:
            same_day = now.astimezone(self.zone).date() == one.local_date
            verdict = decide_start(now, one.start, slot.late_policy, slot.late_seconds, same_day=same_day)
            if verdict.action is Action.END and verdict.outcome is not None:
                self.end(one.id, verdict.outcome, verdict.reason)
                self.alarms.raise_("missed", f"'{slot.name}' lúc {one.start.astimezone(self.zone):%H:%M} không phát được. {verdict.reason}")
                return
        if one.planned.fill_kind is FillKind.RELAY:
            self._start_relay(one, now, ahead)
            return
        if one.copy is None:
            self._prepare(one, now, ahead)
            return
        if not one.copy.done() or ahead > PLACE_SECONDS:
            return
        path, problem = one.copy.result()
        if problem:
            self._refuse_file(one, problem)
            return
        feed = "priority" if slot.priority else "schedule"
        if any(item.feed == feed for item in self.items.values()):
            return  # the one before runs over: this one comes after it, or its lateness ends it
        self._place(one, path, feed, now)

    def _prepare(self, one: Pending, now: datetime, ahead: float) -> None:
        assert one.planned is not None
        with self.database.session(write=False) as session:
            one.choice = choose_fill(session, one.planned, self.settings)
        if one.choice is None:
            if ahead > 1:
                return  # a leader may still approve it in the last seconds
            self.end(one.id, Outcome.REFUSED_UNAPPROVED, "Không có chương trình đã duyệt cho buổi này.")
            self.alarms.raise_("unapproved", f"'{one.planned.slot.name}' không phát: chưa có chương trình được duyệt.")
            return
        one.copy = self.executor.submit(secure_copy, one.choice, self.spool)

    def _refuse_file(self, one: Pending, problem: str) -> None:
        assert one.planned is not None
        if problem == "missing":
            self.end(one.id, Outcome.MISSED, "Không thấy tệp âm thanh của chương trình.")
        else:
            self.end(one.id, Outcome.REFUSED_UNAPPROVED, "Tệp âm thanh khác với bản đã duyệt.")
        self.alarms.raise_("file", f"'{one.planned.slot.name}': tệp âm thanh bị mất hoặc khác bản đã duyệt.")
        self.fall_back(f"'{one.planned.slot.name}' không có tệp đúng", one.end)

    def _place(self, one: Pending, path: str, feed: str, now: datetime) -> None:
        """Give a program to the mixer for its second."""
        assert one.planned is not None
        with self.database.session(write=False) as session:
            # what was approved when it was prepared may have been changed since
            choice = choose_fill(session, one.planned, self.settings)
            if choice is None or one.choice is None or choice.sha256 != one.choice.sha256:
                one.choice = one.copy = None
                return
            begin = max(now, one.start)
            verdict = decide_hours(check_session(
                Airing(begin.astimezone(self.zone), choice.seconds), self._aired(session, begin),
                self.settings.hours, self.zone,
            ))
        if verdict.action is Action.END and verdict.outcome is not None:
            self.end(one.id, verdict.outcome, verdict.reason)
            self.alarms.raise_("hours", f"'{one.planned.slot.name}' không phát: {verdict.reason}")
            return
        item = self._item(choice, f"occ:{one.id}", feed)
        item.path = path
        item.occurrence_id = one.id
        item.caused_by = f"lịch: {one.planned.slot.name}"
        item.planned_start, item.planned_end = one.start.timestamp(), one.end.timestamp()
        del self.pending[one.id]
        in_time = one.start > now
        self.send(item, mode="at" if in_time else "now", start=one.start.timestamp() if in_time else None)

    def _aired(self, session: Session, when: datetime) -> list[Airing]:
        """What the local day of ``when`` has heard so far."""
        local = when.astimezone(self.zone)
        begin = local.replace(hour=0, minute=0, second=0, microsecond=0)
        rows = session.scalars(
            sa.select(Occurrence).where(
                Occurrence.started_at >= begin, Occurrence.started_at < begin + timedelta(days=1)
            )
        )
        aired = []
        for row in rows:
            if row.started_at is None:
                continue
            end = row.ended_at or row.planned_end
            aired.append(Airing(
                row.started_at.astimezone(self.zone), max(0.0, (end - row.started_at).total_seconds()), ""
            ))
        return aired

    def _start_relay(self, one: Pending, now: datetime, ahead: float) -> None:
        """A network radio; see :mod:`station.playout.guests`."""

    # ---------------------------------------------------------------- for the page

    def state(self) -> dict[str, Any]:
        following = self.next_up()
        return {**super().state(), "next": {
            "at": following.start.isoformat(), "title": following.planned.slot.name if following.planned else "",
            "occurrence_id": following.id,
        } if following else None}

"""The conductor: reads the book of occurrences, gives programs to the mixer, writes down what became of them.

One thread calls :meth:`Conductor.tick`.  Clock, mixer and database are passed in; the simulated year in the tests runs
this same code.  What must not be lost is in the journal before it is in the database.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from station.config import Settings
from station.db import Database
from station.db.models import Level, Occurrence
from station.db.states import FillKind, Outcome, SourceKind
from station.errors import StationError
from station.playout.alarms import Alarms
from station.playout.book import end_occurrence, keep_book, timetable_mark
from station.playout.choose import Choice, choose_fill, secure_copy, tidy
from station.playout.clock import Clock, JumpWatch
from station.playout.decide import Action, decide_hours, decide_resume, decide_start, judge
from station.playout.device import DeviceWatch
from station.playout.engine_client import MixerPort
from station.playout.journal import Journal
from station.playout.ledger import Ledger
from station.playout.onair import OnAir, as_run_rows, moment
from station.schedules.hours import Session as Airing
from station.schedules.hours import check_session
from station.schedules.model import Planned

log = logging.getLogger(__name__)

#: an occurrence is prepared so long before its start
ARM_SECONDS = 20.0
#: and given to the mixer so long before
PLACE_SECONDS = 8.0
#: the book is kept up to the plan so often, beside every change of the timetable
PLAN_SECONDS = 6 * 3600.0
#: what one bad row or file may raise; the rest of the day must air all the same
SURVIVABLE = (
    StationError, sa.exc.SQLAlchemyError, OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError,
)


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


class Conductor:
    """One station's program on air."""

    def __init__(
        self, settings: Settings, database: Database, mixer: MixerPort, clock: Clock, journal: Journal,
        executor: Executor, *, position: Callable[[str], int | None], alarms: Alarms,
    ) -> None:
        self.settings, self.database, self.mixer, self.clock = settings, database, mixer, clock
        self.journal, self.executor, self.position = journal, executor, position
        self.ledger = Ledger(database, clock)
        self.alarms = alarms
        self.alarms.ledger = self.ledger
        self.device = DeviceWatch(clock, alarms, expects_card=settings.air.output == "auto")
        self.zone = settings.zone
        self.rate = settings.air.sample_rate
        self.pending: dict[int, Pending] = {}
        self.items: dict[str, OnAir] = {}
        self.output = ""
        self.level: dict[str, Any] = {}
        self.plan: dict[tuple[int, date], Planned] = {}
        self.on_plan: list[Callable[[], None]] = []
        self._mark: tuple[object, ...] = ()
        self._jump = JumpWatch(clock)
        self._levels: list[dict[str, Any]] = []
        self._number = int(journal.data.get("number", 0))
        self._plan_again = 0.0
        self.arm_seconds = max(ARM_SECONDS, settings.transmitter.lead_seconds + 10)
        self.spool = settings.home.run / "spool"

    # ---------------------------------------------------------------- start

    def start(self) -> None:
        """Take up what a former process left, then the plan."""
        left = [OnAir.from_data(data) for data in self.journal.data.get("items", ())]
        ended = self.journal.data.get("ended", [])
        for one in ended:  # outcomes that perhaps did not reach the database
            self._write_end(one["id"], Outcome(one["outcome"]), one["reason"], one["at"], one.get("frame"))
        self.replan()
        self._adopt(left)
        self._adopt_from_database({item.occurrence_id for item in left})
        self.save()

    def _adopt(self, left: list[OnAir]) -> None:
        for item in left:
            frame = self.position(item.feed) if item.state != "waiting" else None
            if item.started is None and not frame:
                self.journal.data["items"] = []
                continue  # armed, never heard: it is simply pending again
            heard = max(item.offset, (frame or item.offset) - self.settings.air.buffer_ms * self.rate // 1000)
            self._after_break(item, heard, "Tiến trình phát bị ngắt.")

    def _adopt_from_database(self, known: set[int | None]) -> None:
        """Programs that a process of another machine began: its journal is not here."""
        with self.database.session(write=False) as session:
            rows = list(session.scalars(
                sa.select(Occurrence).where(Occurrence.outcome.is_(None), Occurrence.started_at.is_not(None))
            ))
            for row in rows:
                if row.id in known or any(i.occurrence_id == row.id for i in self.items.values()):
                    continue
                self._take_over(session, row)

    def _take_over(self, session: Session, row: Occurrence) -> None:
        from station.db.models import Program
        from station.playout.choose import choose_program

        choice = choose_program(session, session.get(Program, row.program_id) if row.program_id else None, self.settings)
        if choice is None or choice.render_id != row.render_id:
            self.end(row.id, Outcome.PARTIAL, "Bị ngắt giữa chừng; chương trình không còn được duyệt.", row.resume_frame)
            return
        item = self._item(choice, f"occ:{row.id}", "priority" if row.slot.priority else "schedule")
        item.occurrence_id, item.caused_by = row.id, f"lịch: {row.slot.name}"
        item.planned_start, item.planned_end = row.planned_start.timestamp(), row.planned_end.timestamp()
        item.first_started = item.started = row.started_at.timestamp() if row.started_at else None
        item.path = ""
        self._after_break(item, int(row.resume_frame), "Máy phát trước bị ngắt.")

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

    def timetable_changed(self) -> None:
        """Called when the database was written by somebody: replan when it was the timetable."""
        with self.database.session(write=False) as session:
            mark = timetable_mark(session)
        if mark != self._mark:
            self.replan()

    def next_up(self) -> Pending | None:
        return min(self.pending.values(), key=lambda one: one.start, default=None)

    # ---------------------------------------------------------------- the loop

    def tick(self) -> None:
        """One turn: hear the mixer, start what is due, write what waits."""
        jumped = self._jump.jumped()
        if jumped:
            log.warning("the wall clock was set by %.1f seconds", jumped)
            self.alarms.note("clock", f"Đồng hồ máy vừa được chỉnh {jumped:+.0f} giây.", severity="warning")
            self._unplace()
            self.replan()
        for event in self.mixer.events():
            self.on_event(event)
        if self.clock.monotonic() >= self._plan_again:
            self.replan()
        self.device.turn()
        self.start_due()
        self.ledger.flush()

    def _unplace(self) -> None:
        """What waits at the mixer for its moment is taken back: the moment has moved."""
        for item in list(self.items.values()):
            if item.started is None and item.occurrence_id is not None and item.offset == 0:
                item.state = "recalled"
                self.mixer.send("stop", item=item.id, reason="recalled")

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

    # ---------------------------------------------------------------- items

    def _item(self, choice: Choice, base: str, feed: str) -> OnAir:
        self._number += 1
        self.journal.data["number"] = self._number
        scale = self.rate / choice.sample_rate
        chapters = [
            {**c, "start_frame": round(c["start_frame"] * scale), "end_frame": round(c["end_frame"] * scale)}
            for c in choice.chapters if isinstance(c, dict) and "start_frame" in c and "end_frame" in c
        ]
        return OnAir(
            id=f"{base}:{self._number}", feed=feed, title=choice.title, path=choice.path,
            total_frames=round(choice.frames * scale), rate=self.rate, program_id=choice.program_id,
            render_id=choice.render_id, sha256=choice.sha256, approved_by=choice.approved_by, chapters=chapters,
        )

    def send(self, item: OnAir, *, mode: str, start: float | None = None, **extra: Any) -> None:
        """Give an item to the mixer; it is in the journal first."""
        item.state = "sent"
        self.items[item.id] = item
        self.save(sync=True)
        self.mixer.send(
            "play", feed=item.feed, item=item.id, path=item.path, offset=item.offset, mode=mode, start=start, **extra
        )

    def save(self, *, sync: bool = False) -> None:
        self.journal.data["items"] = [item.to_data() for item in self.items.values()]
        self.journal.save(sync=sync)

    def end(self, occurrence_id: int, outcome: Outcome, reason: str, frame: int | None = None) -> None:
        """An occurrence has its outcome: in the journal, then in the database."""
        self.pending.pop(occurrence_id, None)
        at = self.clock.now().timestamp()
        ended = self.journal.data.setdefault("ended", [])
        ended.append({"id": occurrence_id, "outcome": str(outcome), "reason": reason, "at": at, "frame": frame})
        self.save(sync=True)
        self._write_end(occurrence_id, outcome, reason, at, frame)

    def _write_end(self, number: int, outcome: Outcome, reason: str, at: float, frame: int | None) -> None:
        when = moment(at)
        assert when is not None

        def write(session: Session) -> None:
            end_occurrence(session, number, outcome, reason, when, resume_frame=frame)

        self.ledger.write(write)
        self.ledger.write(lambda session: self._forget(number))

    def _forget(self, number: int) -> None:
        """The database has it (writes are in order): the journal need not keep it."""
        ended = self.journal.data.get("ended", [])
        self.journal.data["ended"] = [one for one in ended if one["id"] != number]

    # ---------------------------------------------------------------- events of the mixer

    def on_event(self, event: dict[str, Any]) -> None:
        kind = event["event"]
        item = self.items.get(event.get("item", ""))
        if kind == "started" and item is not None:
            self._started(item, event)
        elif kind == "ended" and item is not None:
            self._ended(item, event)
        elif kind == "held" and item is not None:
            item.held_at = event["wall"]
            item.notes.append("tạm dừng vì nguồn ưu tiên hơn")
        elif kind == "resumed" and item is not None:
            item.held_at = None
        elif kind == "level":
            self._level(event)
        elif kind == "device":
            self._device(event)
        elif kind == "gone":
            self._gone()

    def _started(self, item: OnAir, event: dict[str, Any]) -> None:
        item.started = event["wall"]
        item.state = "on_air"
        if item.first_started is None:
            item.first_started = item.started
        self.save()
        if item.occurrence_id is None:
            return
        started, number, program, render = moment(item.first_started), item.occurrence_id, item.program_id, item.render_id

        def write(session: Session) -> None:
            session.execute(sa.update(Occurrence).where(Occurrence.id == number, Occurrence.started_at.is_(None)).values(
                started_at=started, program_id=program, render_id=render,
            ))

        self.ledger.write(write)

    def _ended(self, item: OnAir, event: dict[str, Any]) -> None:
        if item.state == "recalled" and not event["begun"]:
            del self.items[item.id]
            self.save()
            self._read_pending()
            return
        del self.items[item.id]
        frames = int(event["frames"])
        if event["begun"]:
            item.add_stretch(frames, event["rms"], event["peak"])
        complete = bool(event["complete"]) and item.offset + frames >= item.total_frames - self.rate // 10
        first = moment(item.first_started) or self.clock.now()
        if item.stop_outcome:
            outcome = Outcome(item.stop_outcome)
        elif not event["begun"] and not item.sent_frames:
            outcome = Outcome.MISSED
        else:
            planned = moment(item.planned_start) or first
            outcome = judge(
                complete=complete, started=first, planned_start=planned, level_dbfs=item.level_dbfs,
                silence_dbfs=self.settings.air.silence_dbfs,
            )
        reason = item.stop_reason or self._reason(item, event, complete)
        if event["begun"]:
            self.write_as_run(item, frames, event["wall"], event["rms"], event["peak"], outcome, reason)
        if item.occurrence_id is not None:
            self.end(item.occurrence_id, outcome, reason, item.offset + frames)
        self.on_item_end(item, outcome, reason)
        self.save()
        tidy(self.spool, {i.sha256 for i in self.items.values()} | {p.choice.sha256 for p in self.pending.values() if p.choice})
        if not complete and not item.stop_reason and item.feed in ("schedule", "priority"):
            self.alarms.raise_("broken", f"'{item.title}' bị đứt giữa chừng.", detail=str(event.get("problem", "")))
            self.fall_back(f"'{item.title}' bị đứt giữa chừng", moment(item.planned_end))
        elif outcome is Outcome.SILENT:
            self.alarms.raise_("silent", f"'{item.title}' đã phát nhưng không có tiếng.")

    def _reason(self, item: OnAir, event: dict[str, Any], complete: bool) -> str:
        parts = [*dict.fromkeys(item.notes)]
        if item.breaks:
            parts.append(f"phát tiếp sau {item.breaks} lần bị ngắt")
        if not complete:
            parts.append("tệp âm thanh hỏng hoặc bị cắt ngắn" if event.get("problem") else "không phát hết")
        return "; ".join(parts)

    def on_item_end(self, item: OnAir, outcome: Outcome, reason: str) -> None:
        """For what is not an occurrence (commands, emergencies); see the deputies in :mod:`station.playout`."""

    def write_as_run(
        self, item: OnAir, frames: int, ended: float, rms: float | None, peak: float | None, outcome: Outcome, reason: str
    ) -> None:
        rows = list(as_run_rows(
            item, frames=frames, ended=ended, rms=rms, peak=peak, outcome=outcome, reason=reason, output=self.output,
        ))
        values = [{k: v for k, v in row.__dict__.items() if not k.startswith("_")} for row in rows]

        def write(session: Session) -> None:
            from station.db.models import AsRun

            session.add_all([AsRun(**one) for one in values])

        self.ledger.write(write)

    # ---------------------------------------------------------------- breaks

    def _gone(self) -> None:
        """The mixer's process died: note where everything was, start it again, go on."""
        self.alarms.raise_("engine", "Bộ trộn âm bị ngắt; đang mở lại.")
        items, self.items = list(self.items.values()), {}
        heard = {item.feed: self.position(item.feed) for item in items}
        self.mixer.start()
        for item in items:
            if item.started is None:
                if item.occurrence_id is not None and item.offset == 0:
                    self._read_pending()
                    continue
                self.send(item, mode="now")
                continue
            frame = heard[item.feed]
            lost = self.settings.air.buffer_ms * self.rate // 1000
            self._after_break(item, max(item.offset, (frame if frame is not None else item.offset) - lost), "Bộ trộn âm bị ngắt.")
        self.save()

    def _after_break(self, item: OnAir, frame: int, why: str) -> None:
        """An item was cut off at ``frame``: write down what was sent, then go on with the rest, or end it."""
        now = self.clock.now()
        frame = min(frame, item.total_frames)
        sent = frame - item.offset
        if item.started is not None and sent > 0:
            ended = min(now.timestamp(), item.started + sent / self.rate)
            level = self.level.get("rms")
            item.add_stretch(sent, -20.0 if level is None else level, self.level.get("peak", -120.0))
            self.write_as_run(item, sent, ended, level, self.level.get("peak"), Outcome.PARTIAL, why)
        planned_end = moment(item.planned_end) or now
        length = timedelta(seconds=item.total_frames / item.rate)
        verdict = decide_resume(now, planned_end, length, frame, item.total_frames)
        if item.emergency_id is None and verdict.action is Action.START and not self._still_approved(item):
            verdict = type(verdict)(Action.END, Outcome.PARTIAL, "Bị ngắt giữa chừng; chương trình không còn được duyệt.")
        if verdict.action is Action.END:
            outcome = verdict.outcome or Outcome.PARTIAL
            if item.occurrence_id is not None:
                self.end(item.occurrence_id, outcome, verdict.reason or why, frame)
            self.on_item_end(item, outcome, verdict.reason or why)
            return
        item.breaks += 1
        item.offset = 0 if self.settings.air.resume_policy == "restart" else frame
        item.started = item.held_at = None
        self._number += 1
        self.journal.data["number"] = self._number
        item.id = f"{item.id.rpartition(':')[0]}:{self._number}"
        item.state = "waiting"
        self.send(item, mode="now")

    def _still_approved(self, item: OnAir) -> bool:
        """Whether the program may still air; also finds its file again when the private copy is gone."""
        from pathlib import Path

        from station.db.models import Program
        from station.playout.choose import choose_program

        with self.database.session(write=False) as session:
            program = session.get(Program, item.program_id) if item.program_id else None
            choice = choose_program(session, program, self.settings)
        if choice is None or choice.sha256 != item.sha256:
            return False
        if not item.path or not Path(item.path).is_file():
            item.path, problem = secure_copy(choice, self.spool)
            return not problem
        return True

    # ---------------------------------------------------------------- levels, device

    def _level(self, event: dict[str, Any]) -> None:
        self.level = event
        self.device.underflows(int(event.get("underflows", 0)))
        if event["feed"] != "silence":
            self._levels.append(event)

    def take_levels(self) -> list[Level]:
        levels, self._levels = self._levels, []
        return [
            Level(at=moment(e["wall"]), rms_dbfs=e["rms"], peak_dbfs=e["peak"], source=SourceKind(e["feed"]))
            for e in levels
        ]

    def _device(self, event: dict[str, Any]) -> None:
        note = self.device.on_event(event)
        if event["state"] == "open":
            self.output = event.get("name", "")
        for item in self.items.values():
            if note and item.started is not None:
                item.notes.append(note)

    def fall_back(self, why: str, until: datetime | None) -> None:
        """Something instead of silence; see :mod:`station.playout.fallback`."""

    # ---------------------------------------------------------------- for the page

    def resume_points(self) -> list[tuple[int, int]]:
        """(occurrence, frame) of what is on air now."""
        points = []
        for item in self.items.values():
            if item.occurrence_id is not None and item.started is not None:
                frame = self.position(item.feed)
                if frame is not None:
                    points.append((item.occurrence_id, frame))
        return points

    def state(self) -> dict[str, Any]:
        """What the page shows: what is on air, how loud, what comes next."""
        feed = self.level.get("feed", "silence")
        item = next((i for i in self.items.values() if i.feed == feed and i.started is not None), None)
        following = self.next_up()
        return {
            "state": "on_air" if item else "idle", "source": feed if item else "silence",
            "title": item.title if item else "", "program_id": item.program_id if item else None,
            "occurrence_id": item.occurrence_id if item else None,
            "emergency_id": item.emergency_id if item else None,
            "started_at": moment(item.started).isoformat() if item and item.started else None,
            "position_seconds": round(self.level.get("position", 0) / self.rate, 1) if item else 0,
            "duration_seconds": round(item.total_frames / self.rate, 1) if item else 0,
            "rms_dbfs": self.level.get("rms", -120.0), "peak_dbfs": self.level.get("peak", -120.0),
            "next": {
                "at": following.start.isoformat(), "title": following.planned.slot.name if following.planned else "",
                "occurrence_id": following.id,
            } if following else None,
            "output": self.output, "underflows": self.level.get("underflows", 0),
            "interruptions": self.device.interruptions,
            "database_waiting": self.ledger.waiting,
        }

"""The conductor: reads the book of occurrences, gives programs to the mixer, goes on after breaks.

One thread calls :meth:`Conductor.tick`.  Its layers: :mod:`station.playout.desk` (what is on air),
:mod:`station.playout.due` (what comes), this one (starts, breaks, clock jumps); on top of it the desks of
emergencies, fallback, guests and commands.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from station.db.models import Occurrence, Program
from station.db.states import Outcome
from station.playout.choose import choose_program, secure_copy
from station.playout.clock import JumpWatch
from station.playout.decide import Action, decide_resume
from station.playout.due import DueDesk
from station.playout.onair import OnAir, moment

log = logging.getLogger(__name__)


class Conductor(DueDesk):
    """One station's program on air."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._jump = JumpWatch(self.clock)

    # ---------------------------------------------------------------- start

    def start(self) -> None:
        """Take up what a former process left, then the plan."""
        left = [OnAir.from_data(data) for data in self.journal.data.get("items", ())]
        ended = list(self.journal.data.get("ended", []))
        for one in ended:  # outcomes that perhaps did not reach the database
            self._write_end(one["id"], Outcome(one["outcome"]), one["reason"], one["at"], one.get("frame"))
        self.replan()
        self._adopt(left)
        self._adopt_from_database({item.occurrence_id for item in left} | {one["id"] for one in ended})
        self.save()

    def _adopt(self, left: list[OnAir]) -> None:
        for item in left:
            frame = self.position(item.feed) if item.state != "waiting" else None
            if item.started is not None and self.settings.air.resume_policy == "resume":
                # after a power cut the mixer's file may be older than the database, or empty
                frame = max(frame or 0, self._stored_frame(item.occurrence_id)) or frame
            if item.started is None and not frame:
                self.journal.data["items"] = []
                continue  # armed, never heard: it is simply pending again
            heard = max(item.offset, (frame or item.offset) - self.settings.air.buffer_ms * self.rate // 1000)
            self._after_break(item, heard, "Tiến trình phát bị ngắt.")

    def _stored_frame(self, occurrence_id: int | None) -> int:
        with self.database.session(write=False) as session:
            row = session.get(Occurrence, occurrence_id) if occurrence_id is not None else None
            return int(row.resume_frame or 0) if row is not None else 0

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
        with self.database.session(write=False) as session:
            program = session.get(Program, item.program_id) if item.program_id else None
            choice = choose_program(session, program, self.settings)
        if choice is None or choice.sha256 != item.sha256:
            return False
        if not item.path or not Path(item.path).is_file():
            item.path, problem = secure_copy(choice, self.spool)
            return not problem
        return True

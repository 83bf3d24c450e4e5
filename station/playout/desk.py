"""The desk: what is at the mixer now, what it said of it, and what is written down of it.

The lowest layer of the conductor.  Clock, mixer and database are passed in; the simulated year in the tests runs this
same code.  What must not be lost is in the journal before it is in the database.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from station.config import Settings
from station.db import Database
from station.db.models import AsRun, Level, Occurrence
from station.db.states import Outcome, SourceKind
from station.errors import StationError
from station.playout.alarms import Alarms
from station.playout.book import end_occurrence
from station.playout.choose import Choice, tidy
from station.playout.clock import Clock
from station.playout.decide import judge
from station.playout.device import DeviceWatch
from station.playout.engine_client import MixerPort
from station.playout.journal import Journal
from station.playout.ledger import Ledger
from station.playout.onair import OnAir, as_run_rows, moment

log = logging.getLogger(__name__)

#: what one bad row or file may raise; the rest of the day must air all the same
SURVIVABLE = (
    StationError, sa.exc.SQLAlchemyError, OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError,
)


class Desk:
    """Items at the mixer, by their id."""

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
        self.items: dict[str, OnAir] = {}
        self.output = ""
        self.level: dict[str, Any] = {}
        self._levels: list[dict[str, Any]] = []
        self._number = int(journal.data.get("number", 0))
        self.spool = settings.home.run / "spool"
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

    def send(self, item: OnAir, *, mode: str, start: float | None = None) -> None:
        """Give an item to the mixer; it is in the journal first."""
        item.state = "sent"
        self.items[item.id] = item
        self.save(sync=True)
        self.mixer.send(
            "play", feed=item.feed, item=item.id, path=item.path, offset=item.offset, mode=mode, start=start,
            over=item.over,
        )

    def save(self, *, sync: bool = False) -> None:
        self.journal.data["items"] = [item.to_data() for item in self.items.values()]
        self.journal.save(sync=sync)

    def end(self, occurrence_id: int, outcome: Outcome, reason: str, frame: int | None = None) -> None:
        """An occurrence has its outcome: in the journal, then in the database."""
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
            note = self.held_note(item, event["wall"])
            if note:
                item.notes.append(note)
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
            self.on_recalled()
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
                complete=complete, started=first, planned_start=planned,
                level_dbfs=None if item.path.startswith("silence:") else item.level_dbfs,  # a pause is to be silent
                silence_dbfs=self.settings.air.silence_dbfs,
            )
        reason = item.stop_reason or self._reason(item, event, complete)
        if event["begun"]:
            self.write_as_run(item, frames, event["wall"], event["rms"], event["peak"], outcome, reason)
        if item.occurrence_id is not None:
            self.end(item.occurrence_id, outcome, reason, item.offset + frames)
        self.on_item_end(item, outcome, reason)
        self.save()
        tidy(self.spool, self.wanted_copies())
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

    def held_note(self, item: OnAir, at: float) -> str:
        """What the log says of an item that fell silent for a while; "" when that is as it should be."""
        return "tạm dừng vì nguồn ưu tiên hơn"

    def on_recalled(self) -> None:
        """An item that waited at the mixer was taken back before it was heard; see :mod:`station.playout.due`."""

    def wanted_copies(self) -> set[str]:
        """The hashes of the private copies that are still needed."""
        return {item.sha256 for item in self.items.values()}

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
            session.add_all([AsRun(**one) for one in values])

        self.ledger.write(write)
    # ---------------------------------------------------------------- levels, device

    def _level(self, event: dict[str, Any]) -> None:
        self.level = event
        self.device.underflows(int(event.get("underflows", 0)))
        self.device.pace(event.get("pace"))
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

    def _gone(self) -> None:
        """The mixer's process died; see :mod:`station.playout.conductor`."""

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
        began = moment(item.started) if item else None
        return {
            "state": "on_air" if item else "idle", "source": feed if item else "silence",
            "title": item.title if item else "", "program_id": item.program_id if item else None,
            "occurrence_id": item.occurrence_id if item else None,
            "emergency_id": item.emergency_id if item else None,
            "started_at": began.isoformat() if began else None,
            "position_seconds": round(self.level.get("position", 0) / self.rate, 1) if item else 0,
            "duration_seconds": round(item.total_frames / self.rate, 1) if item else 0,
            "rms_dbfs": self.level.get("rms", -120.0), "peak_dbfs": self.level.get("peak", -120.0),
            "output": self.output, "underflows": self.level.get("underflows", 0),
            "interruptions": self.device.interruptions,
            "database_waiting": self.ledger.waiting,
        }

"""What people ask of ``air``: stop, skip, play now.  The conductor with ears."""

from __future__ import annotations

import logging
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from station.db.models import AirCommand, Level, Program, User
from station.db.states import Outcome
from station.playout.carrier import CarrierDesk
from station.playout.choose import Choice, choose_program, secure_copy
from station.playout.decide import Action, decide_hours
from station.playout.desk import SURVIVABLE
from station.playout.onair import OnAir
from station.schedules.hours import Session as Airing
from station.schedules.hours import check_session

log = logging.getLogger(__name__)


class Deputy(CarrierDesk):
    """The conductor, taking commands from the ``air_commands`` table: each once, in order."""

    def poll(self) -> None:
        """Look for what is new in the database."""
        try:
            with self.database.session(write=False) as session:
                rows = session.scalars(
                    sa.select(AirCommand).where(AirCommand.done_at.is_(None)).order_by(AirCommand.id)
                ).all()
                names = {row.id: self._name(session, row.user_id) for row in rows}
                emergencies = self.poll_emergencies(session)
            self.take_emergencies(emergencies)
            self.timetable_changed()
        except sa.exc.DBAPIError:
            return
        except SURVIVABLE as error:
            log.exception("what is new in the database could not be taken")
            self.alarms.raise_("software", "Một yêu cầu không làm được vì lỗi phần mềm.", detail=repr(error))
            return
        done = self.journal.data.setdefault("commands", [])
        for row in rows:
            if row.id in done:
                continue
            done.append(row.id)
            del done[:-50]
            self.save()
            try:
                result = self.obey(row, names[row.id])
            except SURVIVABLE as error:
                log.exception("command %s failed", row.id)
                result = f"Không làm được: {error}"
            self._finish(row.id, result)

    def _name(self, session: Session, user_id: int | None) -> str:
        user = session.get(User, user_id) if user_id else None
        return (user.display_name or user.username) if user else "không rõ"

    def _finish(self, number: int, result: str) -> None:
        at = self.clock.now()

        def write(session: Session) -> None:
            session.execute(
                sa.update(AirCommand).where(AirCommand.id == number).values(done_at=at, result=result[:500])
            )

        self.ledger.write(write)

    def obey(self, row: AirCommand, who: str) -> str:
        """Do one command; the result is a Vietnamese sentence for the page."""
        data: dict[str, Any] = row.data or {}
        if row.action in ("stop", "skip"):
            return self._stop_what_plays(row.action, who, str(data.get("reason", "")))
        if row.action == "emergency_stop":
            return self.stop_emergency(int(data.get("emergency_id", 0)), who)
        if row.action in ("transmitter_on", "transmitter_off", "transmitter_auto"):
            self.transmitter.order({"on": True, "off": False}.get(row.action.partition("_")[2]), who)
            return "Đã ghi lệnh máy phát." if self.transmitter.enabled else "Đài chưa khai báo máy phát."
        if row.action == "live_start":
            return self.live_start(str(data.get("device", "")), who, over=bool(data.get("over", True)), key=str(data.get("key", "")))
        if row.action == "play_over":
            return self._play_over(row.id, int(data.get("program_id", 0)), who)
        if row.action == "live_stop":
            return self.live_stop(who)
        if row.action == "test_tone":
            return self._test_tone(row.id, who)
        if row.action == "play_now":
            return self._play_now(row.id, int(data.get("program_id", 0)), who)
        return f"Không hiểu lệnh '{row.action}'."

    def _stop_what_plays(self, action: str, who: str, reason: str) -> str:
        """``skip`` ends the item on air; ``stop`` ends everything that plays but an emergency."""
        playing = [item for item in self.items.values() if item.feed != "emergency" and item.started is not None]
        order = ("priority", "schedule", "relay", "fallback")
        playing.sort(key=lambda item: order.index(item.feed) if item.feed in order else 9)
        if action == "skip":
            playing = playing[:1]
        for item in playing:
            item.stop_reason = f"{who} đã dừng." + (f" Lý do: {reason}" if reason else "")
            item.stop_outcome = Outcome.PARTIAL
            self.mixer.send("stop", item=item.id)
        return "Đã dừng: " + ", ".join(item.title for item in playing) if playing else "Không có gì đang phát."

    def _ready(self, program_id: int) -> tuple[Choice | None, str, str]:
        """(program, its checked file, what forbids it): approved, allowed by the hours, unchanged."""
        with self.database.session(write=False) as session:
            program = session.get(Program, program_id)
            choice = choose_program(session, program, self.settings)
            now = self.clock.now().astimezone(self.zone)
            aired = self._aired(session, now)
        if choice is None:
            return None, "", "Không phát: chương trình chưa được duyệt, hoặc đã sửa sau khi duyệt."
        verdict = decide_hours(check_session(Airing(now, choice.seconds), aired, self.settings.hours, self.zone))
        if verdict.action is Action.END:
            return None, "", f"Không phát: {verdict.reason}"
        path, problem = secure_copy(choice, self.spool)
        if problem:
            return None, "", "Không phát: tệp âm thanh bị mất hoặc khác bản đã duyệt."
        return choice, path, ""

    def _play_now(self, number: int, program_id: int, who: str) -> str:
        choice, path, problem = self._ready(program_id)
        if choice is None:
            return problem
        now = self.clock.now()
        item = self._item(choice, f"cmd:{number}", "priority")
        item.path, item.command_id, item.caused_by = path, number, who
        item.planned_start = now.timestamp()
        item.planned_end = now.timestamp() + choice.seconds
        self.send(item, mode="now")
        return f"Đang phát '{choice.title}'."

    def _play_over(self, number: int, program_id: int, who: str) -> str:
        """An approved recording over what plays, which goes on quietly under it."""
        if any(item.feed == "live" for item in self.items.values()):
            return "Micrô đang mở hoặc đang phát xen một thông báo."
        choice, path, problem = self._ready(program_id)
        if choice is None:
            return problem
        item = self._item(choice, f"cmd:{number}", "live")
        item.path, item.command_id, item.caused_by = path, number, who
        item.planned_start = self.clock.now().timestamp()
        item.over = True
        self.send(item, mode="now")
        return f"Đang phát xen '{choice.title}'."

    def _test_tone(self, number: int, who: str) -> str:
        if any(item.feed != "fallback" for item in self.items.values()):
            return "Đang phát chương trình, không phát âm thử."
        forbidden = self.hours_forbid(10.0)
        if forbidden:
            return f"Không phát âm thử: {forbidden}"
        self.play_signal("tone", "Âm thử", f"cmd:{number}", who)
        return "Đang phát âm thử 10 giây."

    def give_back_levels(self, levels: list[Level]) -> None:
        """Levels that could not be written go with the next ones."""
        values = [(row.at, row.rms_dbfs, row.peak_dbfs, row.source) for row in levels]
        self.ledger.write(lambda session: session.add_all([
            Level(at=at, rms_dbfs=rms, peak_dbfs=peak, source=source) for at, rms, peak, source in values
        ]))

    def playing(self, feed: str) -> OnAir | None:
        return next((item for item in self.items.values() if item.feed == feed), None)

    def shut_down(self) -> None:
        """A clean stop: the journal keeps what is on air, so that the next start goes on with it."""
        self.save(sync=True)
        self.ledger.flush()
        self.close_carrier()

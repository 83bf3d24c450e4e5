"""Emergency notices at the conductor: signal at once, speech as soon as it is there, repeats, then the program again."""

from __future__ import annotations

import logging
import subprocess
import sys
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from station.db.models import Emergency, User
from station.db.states import EmergencyState, Outcome
from station.errors import PlayoutError
from station.playout.choose import hash_file
from station.playout.conductor import Conductor
from station.playout.onair import OnAir
from station.playout.signals import NAMES, signal_file

log = logging.getLogger(__name__)


@dataclass
class Crisis:
    """One notice while it lasts.  ``parts`` are (title, path, frames); ``done`` counts those that were heard."""

    id: int
    test: bool
    text: str
    who: str
    repeats: int
    gap_seconds: float
    signal: str
    parts: list[tuple[str, str, int]] = field(default_factory=list)
    sent: int = 0
    done: int = 0
    spoken: bool = False
    filling: int = 0
    stopped: bool = False
    child: Any = None
    heard: bool = False


class EmergencyDesk(Conductor):
    """The part of the conductor that interrupts everything else."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.crises: dict[int, Crisis] = {}

    def poll_emergencies(self, session: Session) -> list[tuple[Emergency, str]]:
        rows = session.scalars(sa.select(Emergency).where(Emergency.state.in_(
            (EmergencyState.PREPARING, EmergencyState.ACCEPTED, EmergencyState.ON_AIR)
        )).order_by(Emergency.id)).all()
        return [(row, self._who(session, row)) for row in rows]

    def _who(self, session: Session, row: Emergency) -> str:
        people = [session.get(User, n) for n in (row.requested_by_id, row.confirmed_by_id) if n]
        return ", ".join(p.display_name or p.username for p in people if p) or "không rõ"

    def take_emergencies(self, rows: list[tuple[Emergency, str]]) -> None:
        """Put new notices on air; give those that wait for it their speech."""
        over = self.journal.data.setdefault("emergencies_over", [])
        for row, who in rows:
            if row.id in over:
                continue
            crisis = self.crises.get(row.id)
            if crisis is None:
                crisis = self._begin(row, who)
            if not crisis.spoken and row.path:
                self._add_speech(crisis, str(self.settings.home.root / row.path))
            elif not crisis.spoken and crisis.child is None:
                crisis.child = subprocess.Popen(
                    [sys.executable, "-m", "station.playout.emergency", str(self.settings.home.root), str(row.id)],
                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                )

    def _begin(self, row: Emergency, who: str) -> Crisis:
        crisis = self.crises[row.id] = Crisis(
            row.id, row.test, row.content, who, max(1, row.repeats), max(0.0, row.gap_seconds), row.signal,
        )
        crisis.done = int(self.journal.data.get("emergency_done", {}).get(str(row.id), 0))
        if row.signal in NAMES:
            path = signal_file(row.signal, self.settings.home.cache / "signals", self.rate)
            crisis.parts.append(("Tín hiệu báo trước", path, self._frames(path)))
        wake = self.wake_part()
        if wake is not None:
            # the carrier comes up under the first signal; receivers that this tone wakes hear one of their own
            crisis.parts += [wake, *crisis.parts]
        if row.path:
            self._add_speech(crisis, str(self.settings.home.root / row.path), send=False)
        crisis.sent = min(crisis.done, len(crisis.parts))
        self._send_parts(crisis)
        self._note_state(crisis.id, EmergencyState.ON_AIR)
        return crisis

    def wake_part(self) -> tuple[str, str, int] | None:
        """A tone that wakes receivers, where it is needed; see :mod:`station.playout.commands`."""
        return None

    def _frames(self, path: str) -> int:
        import soundfile

        try:
            info = soundfile.info(path)
            return round(info.frames * self.rate / info.samplerate)
        except (soundfile.LibsndfileError, OSError):
            return 0

    def _add_speech(self, crisis: Crisis, path: str, *, send: bool = True) -> None:
        frames = self._frames(path)
        gap = int(crisis.gap_seconds * self.rate)
        for turn in range(crisis.repeats):
            if turn and gap:
                crisis.parts.append(("Khoảng nghỉ", f"silence:{gap}", gap))
            crisis.parts.append((f"Thông báo khẩn, lần {turn + 1}/{crisis.repeats}", path, frames))
        crisis.spoken = True
        if send:
            self._send_parts(crisis)

    def _send_parts(self, crisis: Crisis) -> None:
        """Everything that is ready, behind what already plays; another notice waits for this one's end."""
        if any(other.id < crisis.id for other in self.crises.values()):
            return
        while crisis.sent < len(crisis.parts):
            title, path, frames = crisis.parts[crisis.sent]
            self._send_part(crisis, f"{crisis.sent}", title, path, frames)
            crisis.sent += 1
        if not crisis.spoken and crisis.filling == 0:
            # the words are still being spoken: keep the floor with short silences
            for _ in range(2):
                self._fill(crisis)

    def _send_part(self, crisis: Crisis, part: str, title: str, path: str, frames: int) -> None:
        self._number += 1
        self.journal.data["number"] = self._number
        item = OnAir(
            id=f"emg:{crisis.id}:{part}:{self._number}", feed="emergency",
            title=("[THỬ] " if crisis.test else "") + title, path=path, total_frames=frames, rate=self.rate,
            emergency_id=crisis.id, caused_by=crisis.who,
        )
        if part.isdigit() and not path.startswith("silence:"):
            item.sha256 = hash_file(self._path(path)) if "Thông báo" in title else ""
        busy = self.items and any(i.feed == "emergency" for i in self.items.values())
        self.send(item, mode="after" if busy else "now")

    @staticmethod
    def _path(path: str) -> Any:
        from pathlib import Path

        return Path(path)

    def _fill(self, crisis: Crisis) -> None:
        crisis.filling += 1
        frames = self.rate // 2
        self._send_part(crisis, "wait", "Chờ giọng đọc", f"silence:{frames}", frames)

    def _note_state(self, number: int, state: EmergencyState, **values: object) -> None:
        def write(session: Session) -> None:
            session.execute(sa.update(Emergency).where(
                Emergency.id == number, Emergency.state.not_in((EmergencyState.DONE, EmergencyState.STOPPED)),
            ).values(state=state, **values))

        self.ledger.write(write)

    def on_event(self, event: dict[str, Any]) -> None:
        item = self.items.get(event.get("item", ""))
        super().on_event(event)
        if event["event"] == "started" and item is not None and item.emergency_id is not None:
            crisis = self.crises.get(item.emergency_id)
            if crisis is not None and not crisis.heard:
                crisis.heard = True
                from station.playout.onair import moment

                first = moment(event["wall"])

                def write(session: Session) -> None:
                    session.execute(sa.update(Emergency).where(
                        Emergency.id == item.emergency_id, Emergency.first_sample_at.is_(None)
                    ).values(first_sample_at=first))

                self.ledger.write(write)

    def on_item_end(self, item: OnAir, outcome: Outcome, reason: str) -> None:
        super().on_item_end(item, outcome, reason)
        crisis = self.crises.get(item.emergency_id) if item.emergency_id is not None else None
        if crisis is None:
            return
        part = item.id.split(":")[2]
        if part == "wait":
            crisis.filling -= 1
            if not crisis.spoken and not crisis.stopped:
                if crisis.child is not None and crisis.child.poll() not in (None, 0):
                    self._over(crisis, EmergencyState.FAILED, "Không đọc được thông báo thành tiếng.")
                    return
                self._fill(crisis)
        elif not crisis.stopped:
            crisis.done = max(crisis.done, int(part) + 1)
            self.journal.data.setdefault("emergency_done", {})[str(crisis.id)] = crisis.done
            if crisis.spoken and crisis.done >= len(crisis.parts):
                self._over(crisis, EmergencyState.DONE, "")

    def stop_emergency(self, number: int, who: str) -> str:
        crisis = self.crises.get(number)
        if crisis is None:
            self._note_state(number, EmergencyState.STOPPED, ended_at=self.clock.now())
            return "Thông báo khẩn đã kết thúc."
        crisis.stopped = True
        for item in self.items.values():
            if item.emergency_id == number:
                item.stop_reason, item.stop_outcome = f"{who} đã dừng.", Outcome.PARTIAL
        self.mixer.send("stop", feed="emergency")
        self._over(crisis, EmergencyState.STOPPED, f"{who} đã dừng.")
        return "Đã dừng thông báo khẩn."

    def _over(self, crisis: Crisis, state: EmergencyState, reason: str) -> None:
        self.crises.pop(crisis.id, None)
        over = self.journal.data.setdefault("emergencies_over", [])
        over.append(crisis.id)
        del over[:-50]
        self.journal.data.get("emergency_done", {}).pop(str(crisis.id), None)
        values: dict[str, object] = {"ended_at": self.clock.now()}
        if reason:
            values["reason"] = reason
        self._note_state(crisis.id, state, **values)
        self.save()
        if state is EmergencyState.FAILED:
            self.alarms.raise_("emergency", f"Thông báo khẩn không đọc được: {crisis.text[:100]}")
        if self.settings.air.resume_policy == "restart":
            self.restart_held()
        for other in sorted(self.crises.values(), key=lambda c: c.id):
            self._send_parts(other)

    def restart_held(self) -> None:
        """By policy an interrupted program begins again instead of going on."""
        for item in list(self.items.values()):
            if item.held_at is not None and item.feed in ("schedule", "priority"):
                item.state = "restart"
                self.mixer.send("stop", item=item.id, reason="restart")

    def _ended(self, item: OnAir, event: dict[str, Any]) -> None:
        if item.state != "restart":
            super()._ended(item, event)
            return
        del self.items[item.id]
        frames = int(event["frames"])
        if event["begun"]:
            item.add_stretch(frames, event["rms"], event["peak"])
            self.write_as_run(item, frames, event["wall"], event["rms"], event["peak"], Outcome.PARTIAL,
                              "Bị thông báo khẩn ngắt; phát lại từ đầu.")
        self._number += 1
        item.id = f"{item.id.rpartition(':')[0]}:{self._number}"
        item.offset, item.started, item.held_at, item.state = 0, None, None, "waiting"
        item.breaks += 1
        self.send(item, mode="now")

    def state(self) -> dict[str, Any]:
        data = super().state()
        crisis = min(self.crises.values(), key=lambda c: c.id, default=None)
        data["emergency"] = {"id": crisis.id, "test": crisis.test, "text": crisis.text} if crisis else None
        return data

    def _after_break(self, item: OnAir, frame: int, why: str) -> None:
        if item.emergency_id is None:
            super()._after_break(item, frame, why)
            return
        # a part of a notice that was cut off is said again whole: its words matter more than the log's beauty
        crisis = self.crises.pop(item.emergency_id, None)
        if crisis is not None and crisis.child is not None and crisis.child.poll() is None:
            crisis.child.kill()
        sent = frame - item.offset
        if item.started is not None and sent > 0:
            self.write_as_run(item, sent, self.clock.now().timestamp(), None, None, Outcome.PARTIAL, why)
        try:
            self.poll()
        except PlayoutError as error:
            log.warning("after a break: %s", error)

    def poll(self) -> None:
        """Look for what is new in the database; see :class:`station.playout.commands.Deputy`."""

"""Silence watch and what sounds instead: another approved program, the last good notice, the chime, a tone."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from station.db.models import Emergency, Occurrence, Program
from station.db.states import EmergencyState, Outcome
from station.playout.choose import Choice, choose_program, secure_copy
from station.playout.conductor import Conductor
from station.playout.decide import Action, decide_hours
from station.playout.onair import OnAir, moment
from station.playout.signals import signal_file
from station.schedules.hours import Session as Airing
from station.schedules.hours import check_session

log = logging.getLogger(__name__)

#: the chain, in order
CHAIN = ("program", "notice", "chime", "tone")
_WATCHED = ("priority", "schedule", "relay")
#: of a second's blocks at full scale: that is no music any more
CLIPPED_SHARE = 0.5


class FallbackDesk(Conductor):
    """The part of the conductor that never lets it be silent."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._chain: list[str] = []
        self._until: datetime | None = None
        self._failed: set[str] = set()
        self._quiet: dict[str, int] = {}

    # ---------------------------------------------------------------- silence watch

    def _level(self, event: dict[str, Any]) -> None:
        super()._level(event)
        item = self.items.get(event.get("item", ""))
        if item is None or item.feed not in _WATCHED or item.held_at is not None:
            self._quiet.clear()
            return
        air = self.settings.air
        limit = max(1, round(air.silence_seconds))
        bad = {
            "silence": event["rms"] < air.silence_dbfs, "stuck": event.get("stuck", 0) >= 3,
            # a loud program touches full scale now and then; a broken source stays there
            "clipping": event.get("clips", 0) >= max(3, event.get("passes", 0) * CLIPPED_SHARE),
        }
        for kind, is_bad in bad.items():
            self._quiet[kind] = self._quiet.get(kind, 0) + 1 if is_bad else 0
        for kind in bad:
            if self._quiet[kind] >= limit:
                self._quiet.clear()
                self._cut(item, kind, limit)
                return

    def _cut(self, item: OnAir, kind: str, seconds: int) -> None:
        what = {"silence": "im lặng", "stuck": "tín hiệu đứng yên", "clipping": "vỡ tiếng (quá to)"}[kind] + f" {seconds} giây"
        self.alarms.raise_(kind, f"'{item.title}' đang phát nhưng {what}; chuyển sang nguồn dự phòng.")
        item.stop_reason = f"Đang phát thì {what}."
        item.stop_outcome = Outcome.PARTIAL if kind == "clipping" or self._heard(item) else Outcome.SILENT
        if item.sha256:
            self._failed.add(item.sha256)
        self.mixer.send("stop", item=item.id, reason=kind)
        self.fall_back(f"'{item.title}' {what}", moment(item.planned_end))

    def _heard(self, item: OnAir) -> bool:
        """Whether any second of it could be heard."""
        position = float(self.level.get("position", 0)) / self.rate
        return position > self.settings.air.silence_seconds + 2

    # ---------------------------------------------------------------- the chain

    def fall_back(self, why: str, until: datetime | None) -> None:
        """Begin the chain, unless one sounds already or the time is over."""
        now = self.clock.now()
        if any(item.feed == "fallback" for item in self.items.values()) or (until is not None and now >= until):
            return
        self._chain, self._until = list(CHAIN), until
        log.warning("fallback: %s", why)
        self._next_fallback(why)

    def _next_fallback(self, why: str) -> None:
        now = self.clock.now()
        while self._chain:
            if self._until is not None and now >= self._until:
                self._chain.clear()
                return
            kind = self._chain.pop(0)
            if kind == "program" and self._play_other_program(why):
                return
            if kind == "notice" and self._play_last_notice(why):
                return
            if kind in ("chime", "tone"):
                self.play_signal(kind, "Nhạc hiệu dự phòng" if kind == "chime" else "Âm báo dự phòng", "fb:0", why)
                return

    def _play_other_program(self, why: str) -> bool:
        """The approved program that aired well last, if the hours still allow it."""
        now = self.clock.now().astimezone(self.zone)
        on_air = {item.sha256 for item in self.items.values()}
        try:
            with self.database.session(write=False) as session:
                numbers = session.scalars(
                    sa.select(Occurrence.program_id).where(
                        Occurrence.outcome.in_((Outcome.AIRED, Outcome.AIRED_LATE)), Occurrence.program_id.is_not(None)
                    ).order_by(Occurrence.started_at.desc()).limit(10)
                ).all()
                found: Choice | None = None
                for number in dict.fromkeys(numbers):
                    choice = choose_program(session, session.get(Program, number), self.settings)
                    if choice is not None and choice.sha256 not in self._failed | on_air:
                        found = choice
                        break
                if found is None:
                    return False
                verdict = decide_hours(check_session(
                    Airing(now, found.seconds), self._aired(session, now), self.settings.hours, self.zone
                ))
        except sa.exc.DBAPIError as error:
            log.warning("no program for the fallback: %s", error)
            return False
        if verdict.action is Action.END:
            return False
        path, problem = secure_copy(found, self.spool)
        if problem:
            return False
        item = self._item(found, "fb:0", "fallback")
        item.path, item.caused_by = path, f"dự phòng: {why}"[:200]
        self.send(item, mode="now")
        return True

    def _play_last_notice(self, why: str) -> bool:
        """The last real emergency notice of the last day: perhaps what people need to hear again."""
        from datetime import timedelta

        try:
            with self.database.session(write=False) as session:
                row = session.scalar(sa.select(Emergency).where(
                    Emergency.state == EmergencyState.DONE, Emergency.test.is_(False), Emergency.path != "",
                    Emergency.ended_at > self.clock.now() - timedelta(days=1),
                ).order_by(Emergency.id.desc()).limit(1))
        except sa.exc.DBAPIError:
            return False
        path = self.settings.home.root / row.path if row is not None else None
        if path is None or not path.is_file():
            return False
        self._play_file(str(path), "Thông báo gần nhất (dự phòng)", "fb:0", why)
        return True

    def play_signal(self, name: str, title: str, base: str, why: str) -> None:
        """One of the station's own signals on the lowest rung."""
        self._play_file(signal_file(name, self.settings.home.cache / "signals", self.rate), title, base, why)

    def _play_file(self, path: str, title: str, base: str, why: str, *, start: float | None = None) -> None:
        import soundfile

        info = soundfile.info(path)
        self._number += 1
        self.journal.data["number"] = self._number
        self.send(OnAir(
            id=f"{base}:{self._number}", feed="fallback", title=title, path=path,
            total_frames=round(info.frames * self.rate / info.samplerate), rate=self.rate, caused_by=f"dự phòng: {why}"[:200],
        ), mode="now" if start is None else "at", start=start)

    def on_item_end(self, item: OnAir, outcome: Outcome, reason: str) -> None:
        super().on_item_end(item, outcome, reason)
        if item.feed == "fallback" and item.id.startswith("fb:"):
            if outcome is Outcome.AIRED or item.stop_reason:
                self._chain.clear()
            else:
                self._next_fallback("nguồn dự phòng trước không phát được")

"""Sources that are not files at the conductor: relays of network radio, live speech."""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path
from typing import Any

from station.db.states import Outcome
from station.playout.choose import hash_file
from station.playout.decide import Action, decide_hours
from station.playout.due import Pending
from station.playout.fallback import FallbackDesk
from station.playout.live import PAGE, live_file, page_file, page_is_gone
from station.playout.onair import OnAir
from station.playout.rungs import live_recording
from station.schedules.hours import Session as Airing
from station.schedules.hours import check_session

log = logging.getLogger(__name__)

#: VLC begins to connect so long before the relay's time
_CONNECT_SECONDS = 3.0
#: a relay that cannot be heard for so long is replaced until it is back
_STALLED_SECONDS = 4.0
_RETRY_SECONDS = 20.0
#: how long somebody is expected to speak, for the rules of hours
_SHORT_TALK_SECONDS = 30.0


class GuestDesk(FallbackDesk):
    """Starts relays for their time, replaces them while they stall or are silent; opens the microphone."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._unheard_since: dict[str, float] = {}
        self._later: list[tuple[float, OnAir]] = []

    def _start_relay(self, one: Pending, now: datetime, ahead: float) -> None:
        if ahead > _CONNECT_SECONDS or any(item.feed == "relay" for item in self.items.values()):
            return
        assert one.planned is not None
        begin = max(now, one.start)
        seconds = (one.end - begin).total_seconds()
        if seconds < 5:
            self.end(one.id, Outcome.MISSED, "Đã hết giờ tiếp sóng.")
            return
        with self.database.session(write=False) as session:
            verdict = decide_hours(check_session(
                Airing(begin.astimezone(self.zone), seconds), self._aired(session, begin), self.settings.hours, self.zone
            ))
        if verdict.action is Action.END and verdict.outcome is not None:
            self.end(one.id, verdict.outcome, verdict.reason)
            return
        self._number += 1
        self.journal.data["number"] = self._number
        del self.pending[one.id]
        item = OnAir(
            id=f"occ:{one.id}:{self._number}", feed="relay", title=one.planned.slot.name, path=f"relay:{one.planned.fill}",
            total_frames=int(seconds * self.rate), rate=self.rate, occurrence_id=one.id,
            planned_start=one.start.timestamp(), planned_end=one.end.timestamp(), caused_by=f"lịch: {one.planned.slot.name}",
        )
        in_time = one.start > now
        self.send(item, mode="at" if in_time else "now", start=one.start.timestamp() if in_time else None)

    def tick(self) -> None:
        super().tick()
        now = self.clock.now().timestamp()
        self._try_again(now)
        self._watch_live()
        for item in list(self.items.values()):
            if item.feed != "relay" or item.planned_end is None:
                continue
            if now >= item.planned_end:
                if not item.stop_outcome:
                    item.stop_outcome = self._relay_outcome(item)
                    item.stop_reason = "; ".join(dict.fromkeys(item.notes)) or "hết giờ tiếp sóng"
                    self.mixer.send("stop", item=item.id)
                    self._stop_fallback()
            else:
                self._watch_relay(item, now)

    def _cut(self, item: OnAir, kind: str, seconds: int) -> None:
        """A relay that runs but is silent is closed, replaced, and tried again after a while."""
        if item.feed != "relay":
            super()._cut(item, kind, seconds)
            return
        what = {"silence": "im lặng", "stuck": "đứng tiếng", "clipping": "vỡ tiếng"}[kind]
        item.notes.append(f"luồng tiếp sóng {what} {seconds} giây")
        self.alarms.raise_("relay", f"Luồng tiếp sóng '{item.title}' {what} {seconds} giây.")
        item.state = "recycle"
        self.mixer.send("stop", item=item.id)

    def _ended(self, item: OnAir, event: dict[str, Any]) -> None:
        if item.path.startswith("live:"):
            self._keep_recording(item)
            if not event["begun"] and not item.stop_reason:
                self.alarms.raise_("live", "Không mở được micrô để phát trực tiếp.", detail=str(event.get("problem", "")))
        if item.state != "recycle":
            super()._ended(item, event)
            return
        del self.items[item.id]
        if event["begun"]:
            item.add_stretch(int(event["frames"]), event["rms"], event["peak"])
            self.write_as_run(item, int(event["frames"]), event["wall"], event["rms"], event["peak"], Outcome.PARTIAL, item.notes[-1])
        self._later.append((self.clock.monotonic() + _RETRY_SECONDS, item))
        self.save()
        self.fall_back(item.notes[-1], None)

    def _try_again(self, now: float) -> None:
        """Silent relays whose pause is over."""
        for due, item in list(self._later):
            if self.clock.monotonic() < due and now < (item.planned_end or now):
                continue
            self._later.remove((due, item))
            if now >= (item.planned_end or now) and item.occurrence_id is not None:
                self._stop_fallback()
                self.end(item.occurrence_id, Outcome.PARTIAL, "; ".join(dict.fromkeys(item.notes)))
                continue
            self._number += 1
            item.id = f"{item.id.rpartition(':')[0]}:{self._number}"
            item.started, item.held_at = None, None
            self.send(item, mode="now")

    def held_note(self, item: OnAir, at: float) -> str:
        if item.feed != "relay":
            return super().held_note(item, at)
        if item.planned_end is not None and at > item.planned_end - 1:
            return ""  # its time is over, and what comes next has begun
        return super().held_note(item, at) if self._above_relay() else "luồng tiếp sóng đứt quãng"

    def _above_relay(self) -> bool:
        return any(i.feed in ("emergency", "live", "priority", "schedule") and i.started for i in self.items.values())

    def _relay_outcome(self, item: OnAir) -> Outcome:
        if item.started is None and item.sent_frames == 0:
            return Outcome.MISSED
        return Outcome.PARTIAL if item.notes else Outcome.AIRED

    def _watch_relay(self, item: OnAir, now: float) -> None:
        """While a relay gives nothing the next of the chain sounds; the ladder gives it the floor again by itself."""
        if now < (item.planned_start or now) + 1:
            return
        steady = self.clock.monotonic()
        heard = item.started is not None and item.held_at is None
        above = self._above_relay()
        if heard or above:
            self._unheard_since.pop(item.id, None)
            if heard and not above:
                self._stop_fallback()
            return
        since = self._unheard_since.setdefault(item.id, steady)
        if steady - since >= _STALLED_SECONDS and not any(i.feed == "fallback" for i in self.items.values()):
            item.notes.append("luồng tiếp sóng bị ngắt, có lúc phát nguồn dự phòng")
            self.alarms.raise_("relay", f"Không nghe được luồng tiếp sóng '{item.title}'.")
            self._unheard_since[item.id] = steady
            self.fall_back("mất luồng tiếp sóng", None)

    def _stop_fallback(self) -> None:
        for other in self.items.values():
            if other.feed == "fallback" and other.id.startswith("fb:") and not other.stop_reason:
                other.stop_reason, other.stop_outcome = "Nguồn chính đã trở lại hoặc đã hết giờ.", Outcome.AIRED
                self.mixer.send("stop", item=other.id)

    def _still_approved(self, item: OnAir) -> bool:
        return item.path.startswith("relay:") or super()._still_approved(item)

    def live_start(self, device: str, who: str, *, over: bool, key: str = "") -> str:
        """Open a microphone, of the station or (``key``) of a page: over what plays (ducked), or instead of it."""
        if any(item.feed == "live" for item in self.items.values()):
            return "Micrô đang mở."
        forbidden = self.hours_forbid(_SHORT_TALK_SECONDS)
        if forbidden:
            return f"Không mở micrô: {forbidden}"
        source = f"{PAGE}{page_file(self.settings.home.run, key)}" if key else device or self.settings.air.input_device
        self._number += 1
        self.journal.data["number"] = self._number
        self.send(OnAir(
            id=f"live:0:{self._number}", feed="live", title="Phát trực tiếp", path=f"live:{source}",
            total_frames=0, rate=self.rate, caused_by=who, over=over,
        ), mode="now")
        return "Đã mở micrô."

    def hours_forbid(self, seconds: float) -> str:
        """Why nothing of that length may go on air now; "" when it may."""
        now = self.clock.now().astimezone(self.zone)
        with self.database.session(write=False) as session:
            aired = self._aired(session, now)
        return decide_hours(check_session(Airing(now, seconds), aired, self.settings.hours, self.zone)).reason

    def _watch_live(self) -> None:
        for item in self.items.values():
            if item.feed == "live" and not item.stop_reason and page_is_gone(item.path):
                item.stop_reason, item.stop_outcome = "Trang không gửi tiếng nữa.", Outcome.AIRED
                self.mixer.send("stop", item=item.id)

    def _keep_recording(self, item: OnAir) -> None:
        """The recording of live speech gets the name of its hash, which the as-run row carries."""
        recording = live_recording(self.settings.home.audio / "air", item.id)
        try:
            item.sha256 = hash_file(recording)
            target = live_file(self.settings.home.audio, item.sha256)
            target.parent.mkdir(parents=True, exist_ok=True)
            recording.replace(target)
        except OSError as error:
            log.warning("the recording of live speech is not kept: %s", error)
        if item.path.startswith(f"live:{PAGE}"):
            Path(item.path.partition(PAGE)[2]).unlink(missing_ok=True)

    def state(self) -> dict[str, Any]:
        live = any(item.feed == "live" and item.path.startswith("live:") for item in self.items.values())
        return {**super().state(), "live": live}

    def live_stop(self, who: str) -> str:
        for item in self.items.values():
            if item.feed == "live":
                item.stop_reason, item.stop_outcome = f"{who} đã tắt micrô.", Outcome.AIRED
                self.mixer.send("stop", item=item.id)
                return "Đã tắt micrô."
        return "Micrô không mở."

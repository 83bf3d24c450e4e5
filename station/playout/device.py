"""What became of the audio device, told apart: gone, or only interrupted for a moment under load."""

from __future__ import annotations

import logging
from collections import deque
from typing import Any

from station.playout.alarms import Alarms
from station.playout.clock import Clock

log = logging.getLogger(__name__)

#: a device that is not open again after so long is lost; before that it was an underrun
PATIENCE_SECONDS = 0.6
#: frames may go out so much faster or slower than time passes; a card's own clock is a hundred times better
PACE_TOLERANCE = 0.01
#: so many interruptions in a minute are told to staff
_OFTEN = 5


class DeviceWatch:
    """Hears the mixer's "device" events; alarms only when the device is really away."""

    def __init__(self, clock: Clock, alarms: Alarms, *, expects_card: bool) -> None:
        """``expects_card``: the settings leave the choice open, and files are second best."""
        self._clock, self._alarms, self._expects_card = clock, alarms, expects_card
        self._away: tuple[float, str] | None = None
        self._recent: deque[float] = deque()
        self._underflows = 0
        #: how often the stream broke off and came back at once, since the start
        self.interruptions = 0

    def on_event(self, event: dict[str, Any]) -> str:
        """Take one event; a Vietnamese note for what is on air, or ""."""
        state, name = event["state"], str(event.get("name", ""))
        if state == "open":
            return self._opened(name, float(event.get("gap") or 0.0))
        if state == "lost":
            self._away = (self._clock.monotonic(), name)
        else:
            self._gone(name, str(event.get("problem", "")))
        return ""

    def _opened(self, name: str, gap: float) -> str:
        interrupted, self._away = self._away is not None, None
        self._alarms.clear("device")
        if self._expects_card and name.startswith("file:"):
            self._alarms.raise_(
                "no_card", f"Máy không có card âm thanh: chương trình được ghi ra tệp trong {name[5:]}, loa không có tiếng.",
                severity="warning",
            )
        else:
            self._alarms.clear("no_card")
        if not gap:
            return ""
        if not interrupted:
            return f"mất thiết bị âm thanh {gap:.1f} giây"
        now = self._clock.monotonic()
        self.interruptions += 1
        self._recent.append(now)
        while self._recent and now - self._recent[0] > 60:
            self._recent.popleft()
        log.warning("the stream on %s broke off for %.2f s and was opened again: an underrun (%d so far)", name, gap, self.interruptions)
        if len(self._recent) >= _OFTEN:
            self._alarms.note(
                "underrun", f"Âm thanh bị vấp {len(self._recent)} lần trong một phút vì máy quá tải.", severity="warning"
            )
            self._recent.clear()
        return f"âm thanh vấp {gap:.1f} giây"

    def _gone(self, name: str, problem: str) -> None:
        self._away = None
        self._alarms.raise_("device", f"Mất thiết bị âm thanh '{name}'.", detail=problem)

    def turn(self) -> None:
        """Called all the time: patience ends."""
        if self._away is not None and self._clock.monotonic() - self._away[0] > PATIENCE_SECONDS:
            self._gone(self._away[1], "it did not come back at once")

    def pace(self, value: float | None) -> None:
        """Frames delivered for each frame of real time over the last minute: a device may take them and yet be wrong."""
        if value is None:
            return
        if abs(value - 1) > PACE_TOLERANCE:
            self._alarms.raise_(
                "pace", f"Thiết bị âm thanh chạy {'nhanh' if value > 1 else 'chậm'} hơn đồng hồ {abs(value - 1) * 100:.0f}%.",
                detail=f"{value:.4f} frames delivered for each frame of real time", severity="warning",
            )
        else:
            self._alarms.clear("pace")

    def underflows(self, count: int) -> None:
        """The output's own count of late frames: logged, never an alarm."""
        if count > self._underflows:
            log.warning("%d underruns of the output so far", count)
        self._underflows = count

"""The carrier at the conductor: on ahead of a program, held while it lasts, off after it; what a receiver hears of it."""

from __future__ import annotations

from typing import Any

from station.playout.crisis import EmergencyDesk
from station.playout.guests import GuestDesk
from station.playout.onair import OnAir
from station.playout.receiver import Heard, ReceiverWatch
from station.playout.transmitter import Transmitter, wake_tone

#: between the end of the tone that wakes receivers and the program
_TONE_MARGIN_SECONDS = 0.3
_TONE = "cmd:0"


def _is_tone(item: OnAir) -> bool:
    return item.id.startswith(f"{_TONE}:")


class CarrierDesk(EmergencyDesk, GuestDesk):
    """Keeps the transmitter as it should be."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.transmitter = Transmitter(self.settings)
        self._bed = False
        self._tones: dict[str, float] = {}
        self._woken_at = 0.0
        self.receiver = ReceiverWatch(self.settings, self.clock)

    def start(self) -> None:
        self.transmitter.start()
        super().start()

    def tick(self) -> None:
        super().tick()
        if self.transmitter.enabled:
            self._keep_carrier()
            self._hear_transmitter()
            self._lay_bed()
        if self.receiver.enabled:
            self._watch_receiver()

    def _watch_receiver(self) -> None:
        """Sent is not received: the transmitter or its cable may be dead while everything here is well."""
        heard, seconds = self.receiver.turn()
        if seconds >= self.settings.air.silence_seconds:
            what = "không nghe thấy gì" if heard is Heard.NOTHING else "nghe thấy tiếng khác"
            self.alarms.raise_("receiver", f"Máy thu kiểm tra {what} khi đài đang phát: hãy xem lại máy phát.",
                               detail=f"likeness {self.receiver.likeness:.2f}")
        elif heard is Heard.SAME:
            self.alarms.clear("receiver")

    def _level(self, event: dict[str, Any]) -> None:
        super()._level(event)
        self.receiver.sent(event.get("envelope", ()))

    def _hear_transmitter(self) -> None:
        """A transmitter that does not obey is a silent station: people must know."""
        for report in self.transmitter.reports():
            if not report["problem"]:
                self.alarms.clear("transmitter")
            elif report["on"]:
                self.alarms.raise_("transmitter", "Không bật được máy phát: loa không có tiếng.", detail=report["problem"])
            else:
                self.alarms.raise_("transmitter", "Không tắt được máy phát: sóng vẫn mở.", detail=report["problem"])

    def _lay_bed(self) -> None:
        """While the carrier is on it is never dead."""
        if self.transmitter.on != self._bed:
            self._bed = self.transmitter.on
            self.mixer.send("bed", level=self.settings.transmitter.bed_dbfs if self._bed else 0.0)

    def _gone(self) -> None:
        super()._gone()
        self._bed = False  # the new mixer has none

    def wake_part(self) -> tuple[str, str, int] | None:
        """What must sound before speech so that sleeping receivers hear it: (title, path, frames)."""
        tone = self.settings.transmitter.wake_tone
        if not self.transmitter.enabled or not tone or self.transmitter.on:
            return None
        path = self._wake_file(tone)
        return "Âm gọi máy thu", path, self._frames(path)

    def _keep_carrier(self) -> None:
        """Carrier on its lead (and the tone that wakes receivers) ahead of a program, and as long as anything sounds."""
        tone = self._tone_seconds()
        lead = self.settings.transmitter.lead_seconds + (tone + _TONE_MARGIN_SECONDS if tone else 0.0)
        now = self.clock.now().timestamp()
        ahead = min((
            (item.planned_start or now) - now for item in self.items.values() if item.started is None and not _is_tone(item)
        ), default=1e9)
        coming = self.next_up()
        if coming is not None and coming.choice is not None:
            ahead = min(ahead, coming.start.timestamp() - now)
        sounding = any(item.started is not None for item in self.items.values())
        self.transmitter.turn(self.clock.monotonic(), wanted=sounding or ahead <= lead)
        if tone and not sounding and tone + _TONE_MARGIN_SECONDS < ahead <= lead:
            self._wake_receivers(now + ahead - tone - _TONE_MARGIN_SECONDS)

    def _tone_seconds(self) -> float:
        """How long the tone is that wakes receivers; 0 where there is none."""
        text = self.settings.transmitter.wake_tone
        if text not in self._tones:
            self._tones[text] = self._frames(self._wake_file(text)) / self.rate if text else 0.0
        return self._tones[text]

    def _wake_receivers(self, begin: float) -> None:
        """The tone, once, to end right before the program: the transmitter had its time to warm up."""
        if abs(begin - self._woken_at) < 1.0:
            return
        self._woken_at = begin
        self._play_file(
            self._wake_file(self.settings.transmitter.wake_tone), "Âm gọi máy thu", _TONE, "máy phát", start=begin
        )

    def _wake_file(self, text: str) -> str:
        import soundfile

        name = "".join(c if c.isalnum() else "-" for c in text)
        path = self.settings.home.cache / "signals" / f"wake-{name}-{self.rate}.wav"
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            soundfile.write(path, wake_tone(text, self.rate), self.rate, subtype="PCM_16")
        return str(path)

    def state(self) -> dict[str, Any]:
        carrier = self.transmitter
        return {
            **super().state(),
            "transmitter": {"enabled": carrier.enabled, "on": carrier.on, "override": carrier.override},
            "receiver": str(self.receiver.state) if self.receiver.enabled else "",
        }

    def close_carrier(self) -> None:
        """Off, whatever plays."""
        self.receiver.close()
        self.transmitter.close()

"""The voices of one script: the one asked for, its fallbacks, each opened when needed and given up when it fails."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from station.config import Settings
from station.errors import VoiceError
from station.voices.api import Voice, VoiceInfo
from station.voices.catalog import Definition
from station.voices.choose import (
    default_voice,
    describe,
    find_definition,
    list_voices,
    open_described,
    open_voice,
)

#: failures in a row after which a voice is not asked again for this script
GIVE_UP_AFTER = 3


def asked_voice(voice_id: str, settings: Settings) -> tuple[VoiceInfo, Definition | None]:
    """The voice that was asked for, the station's default where ``voice_id`` is empty, and its definition.

    One that is unknown or not installed is returned all the same: trying it gives the reason.
    """
    if not voice_id:
        return default_voice(settings), None
    try:
        definition = find_definition(voice_id, settings.home)
    except VoiceError:
        return VoiceInfo(id=voice_id, name=voice_id, engine=""), None
    return describe(definition, settings.home), definition


def fallback_voices(first: VoiceInfo, settings: Settings) -> list[VoiceInfo]:
    """The voices to try where ``first`` cannot speak, in order: the station's fallbacks, eSpeak of the region."""
    known = {voice.id: voice for voice in list_voices(settings.home)}
    region = settings.text.region
    last = sorted(
        (v for v in known.values() if v.engine == "espeak"), key=lambda v: (v.region != region, v.sex != "female")
    )
    chain = [known[name] for name in settings.voices.fallback if name in known and known[name].installed]
    chain.extend(last[:1])
    return [voice for voice in {voice.id: voice for voice in chain}.values() if voice.id != first.id]


class Chain:
    """The open voices of one script, each opened when it is first needed and given up when it keeps failing.

    ``first`` is the voice asked for.  The fallbacks are looked for when it fails: the whole catalog is read for them.
    """

    def __init__(self, voice_id: str, settings: Settings, slots: int) -> None:
        self.first, self._definition = asked_voice(voice_id, settings)
        self._settings = settings
        self._slots = slots
        #: sentences that wait when a voice is opened
        self.waiting = 1
        self._fallbacks: list[VoiceInfo] | None = None
        self._open: dict[str, Voice] = {}
        self._broken: dict[str, str] = {}
        self._failures: dict[str, int] = {}
        self._lock = threading.Lock()

    def voices(self) -> Iterator[VoiceInfo]:
        """The voices to try, in order."""
        yield self.first
        with self._lock:
            if self._fallbacks is None:
                self._fallbacks = fallback_voices(self.first, self._settings)
        yield from self._fallbacks

    def broken(self, info: VoiceInfo) -> str:
        """Why the voice is not asked any more; empty while it is."""
        return self._broken.get(info.id, "")

    def voice(self, info: VoiceInfo) -> Voice:
        with self._lock:
            if info.id in self._broken:
                raise VoiceError(self._broken[info.id], code="voices.broken")
            if info.id not in self._open:
                try:
                    self._open[info.id] = self._opened(info)
                except VoiceError as error:
                    self._broken[info.id] = error.message
                    raise
            return self._open[info.id]

    def _opened(self, info: VoiceInfo) -> Voice:
        home, idle = self._settings.home, self._settings.voices.idle_release_seconds
        at_once = min(self._slots, self.waiting)
        if info is self.first and self._definition is not None:
            return open_described(
                self._definition, info, home, idle_release_seconds=idle, slots=self._slots, at_once=at_once
            )
        return open_voice(info.id, home, idle_release_seconds=idle, slots=self._slots, at_once=at_once)

    def failed(self, info: VoiceInfo, error: VoiceError) -> None:
        with self._lock:
            self._failures[info.id] = self._failures.get(info.id, 0) + 1
            if self._failures[info.id] >= GIVE_UP_AFTER:
                self._broken[info.id] = error.message

    def worked(self, info: VoiceInfo) -> None:
        with self._lock:
            self._failures[info.id] = 0

    def close(self) -> None:
        for voice in self._open.values():
            voice.close()

"""Errors that carry a sentence for staff and details for the log.

Every error that may reach a person derives from :class:`StationError`.  ``str(error)`` is the Vietnamese
sentence; ``error.detail`` is for the log; ``error.mend`` tells what to do about it, in Vietnamese.
"""

from __future__ import annotations


class StationError(Exception):
    """Base of all errors of the station.

    ``code`` is a short stable identifier (``"bulletins.encrypted"``) that pages and the API can rely on.
    """

    code = "station"

    def __init__(self, message: str, *, detail: str = "", mend: str = "", code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail
        self.mend = mend
        if code is not None:
            self.code = code

    def for_staff(self) -> str:
        """The message and, where there is one, the way to mend it, as one line."""
        return f"{self.message} {self.mend}".strip()


class ConfigError(StationError):
    """A setting is missing or wrong."""

    code = "config"


class BulletinError(StationError):
    """A bulletin could not be taken in or read."""

    code = "bulletins"


class TextError(StationError):
    """A text could not be turned into a script."""

    code = "text"


class VoiceError(StationError):
    """A voice is missing, or could not speak."""

    code = "voices"


class ProgramError(StationError):
    """A program could not be assembled."""

    code = "programs"


class ScheduleError(StationError):
    """A timetable breaks a rule or contradicts itself."""

    code = "schedules"


class PlayoutError(StationError):
    """Something on the way to the audio output failed."""

    code = "playout"


class DatabaseError(StationError):
    """The database cannot be used."""

    code = "db"


class JobCancelled(StationError):
    """A long job was cancelled by a person."""

    code = "work.cancelled"

    def __init__(self) -> None:
        super().__init__("Việc này đã được hủy.")

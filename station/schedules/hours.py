"""The commune's rules of hours, checked when approving, when scheduling and at air.  Pure.

Only an emergency passes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from station.config import HoursSettings
from station.errors import ConfigError
from station.schedules.model import Planned
from station.schedules.planner import local_moment
from station.schedules.rules import parse_time


@dataclass(frozen=True)
class Session:
    """Something that was or will be sent: aware start, length in seconds."""

    start: datetime
    seconds: float
    name: str = ""

    @property
    def end(self) -> datetime:
        return (self.start.astimezone(UTC) + timedelta(seconds=self.seconds)).astimezone(self.start.tzinfo)


@dataclass(frozen=True)
class Violation:
    """A rule that is broken; ``rule`` is "quiet", "longest", "daily_total", "sessions" or "weekend"."""

    rule: str
    message: str
    session: Session


def quiet_ranges(hours: HoursSettings) -> list[tuple[time, time]]:
    """The quiet hours as pairs of times; the second may lie on the next day."""
    ranges = []
    for text in hours.quiet:
        parts = re.split(r"\s*[-–]\s*", text.strip())
        if len(parts) != 2:
            raise ConfigError(f"Giờ yên tĩnh '{text}' viết sai.", mend="Hãy ghi dạng 21:00-05:00.")
        ranges.append((parse_time(parts[0]), parse_time(parts[1])))
    return ranges


def quiet_until(moment: datetime, hours: HoursSettings, zone: ZoneInfo) -> datetime | None:
    """When the quiet hours that ``moment`` lies in end; None when it lies in none.  The end is not quiet."""
    local = moment.astimezone(zone)
    for first, last in quiet_ranges(hours):
        for day in (local.date() - timedelta(days=1), local.date()):
            begin = local_moment(day, first, zone)
            end = local_moment(day if last > first else day + timedelta(days=1), last, zone)
            if begin <= moment < end:
                return end
    return None


def next_quiet(moment: datetime, hours: HoursSettings, zone: ZoneInfo) -> datetime | None:
    """When the next quiet hours begin after ``moment``; None when there are none."""
    local = moment.astimezone(zone)
    begins = [
        local_moment(local.date() + timedelta(days=days), first, zone)
        for first, _ in quiet_ranges(hours) for days in (0, 1)
    ]
    return min((begin for begin in begins if begin > moment), default=None)


def check_session(
    session: Session, others: Iterable[Session], hours: HoursSettings, zone: ZoneInfo
) -> list[Violation]:
    """The rules that one session breaks beside the ``others`` of its local day."""
    found = []

    def say(rule: str, message: str) -> None:
        found.append(Violation(rule, message, session))

    local = session.start.astimezone(zone)
    until = quiet_until(session.start, hours, zone)
    if until is not None:
        say("quiet", f"{local:%H:%M} nằm trong giờ yên tĩnh (đến {until.astimezone(zone):%H:%M}).")
    else:
        quiet = next_quiet(session.start, hours, zone)
        if quiet is not None and session.end > quiet + timedelta(seconds=1):
            say("quiet", f"Buổi phát kết thúc sau {quiet.astimezone(zone):%H:%M}, lấn vào giờ yên tĩnh.")
    if session.seconds > hours.longest_session_minutes * 60 + 1:
        say("longest", f"Buổi phát dài {session.seconds / 60:.0f} phút, quá {hours.longest_session_minutes} phút.")
    if not hours.weekend and local.weekday() >= 5:
        say("weekend", "Đài không phát vào thứ Bảy và Chủ nhật.")
    same_day = [other for other in others if other.start.astimezone(zone).date() == local.date()]
    if len(same_day) + 1 > hours.sessions_a_day:
        say("sessions", f"Đã đủ {hours.sessions_a_day} buổi trong ngày.")
    total = session.seconds + sum(other.seconds for other in same_day)
    if total > hours.daily_total_minutes * 60 + 1:
        say("daily_total", f"Tổng thời lượng trong ngày là {total / 60:.0f} phút, quá {hours.daily_total_minutes} phút.")
    return found


def check_rules(planned: Sequence[Planned], hours: HoursSettings, zone: ZoneInfo) -> list[Violation]:
    """The rules that a plan breaks; of a day's limit the later sessions are the ones that break it."""
    found: list[Violation] = []
    by_day: dict[date, list[Session]] = {}
    for one in sorted(planned, key=lambda p: p.start):
        session = Session(one.start, (one.end - one.start).total_seconds(), one.slot.name)
        day = by_day.setdefault(one.start.astimezone(zone).date(), [])
        found.extend(check_session(session, day, hours, zone))
        day.append(session)
    return found

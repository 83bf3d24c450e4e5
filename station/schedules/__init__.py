"""When things air: timetable, planner, rules of hours."""

from station.schedules.hours import Session, Violation, check_rules, check_session
from station.schedules.model import ExceptionSpec, Planned, SlotSpec
from station.schedules.planner import Conflict, WayOut, find_conflicts, plan
from station.schedules.store import export_toml, import_toml
from station.schedules.toml import Timetable, parse_timetable, read_timetables, write_timetable

__all__ = [
    "Conflict", "ExceptionSpec", "Planned", "Session", "SlotSpec", "Timetable", "Violation", "WayOut", "check_rules",
    "check_session", "export_toml", "find_conflicts", "import_toml", "parse_timetable", "plan", "read_timetables",
    "write_timetable",
]

"""When things air: timetable, planner, rules of hours."""

"""Timetables as TOML files: parse, write, find.  Pure but for reading the folder."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import tomlkit

from station.db.states import FillKind, LatePolicy
from station.errors import ScheduleError
from station.schedules.model import ExceptionSpec, SlotSpec
from station.schedules.rules import KEYS, check_rule, parse_date, parse_time

_SLOT_KEYS = KEYS | {
    "key", "name", "start", "minutes", "seconds", "template", "program", "repeat", "relay", "late", "late_seconds",
    "priority", "active",
}
_FILLS = {
    "template": FillKind.LATEST, "program": FillKind.PROGRAM, "repeat": FillKind.REPEAT, "relay": FillKind.RELAY,
}
_FILL_KEYS = {kind: key for key, kind in _FILLS.items()}


@dataclass(frozen=True)
class Timetable:
    """A station's slots and exceptions; in a file, slots are named by their ``key``."""

    slots: tuple[SlotSpec, ...] = ()
    exceptions: tuple[ExceptionSpec, ...] = ()


def _wrong(where: str, what: str, mend: str) -> ScheduleError:
    return ScheduleError(f"{where}: {what}.", mend=mend, code="schedules.toml")


def _one_slot(data: Mapping[str, Any], where: str) -> SlotSpec:
    for key in data:
        if key not in _SLOT_KEYS:
            raise _wrong(where, f"mục lạ '{key}'", f"Các mục dùng được: {', '.join(sorted(_SLOT_KEYS))}.")
    key = str(data.get("key", "")).strip()
    if not key:
        raise _wrong(where, "thiếu 'key'", "Hãy đặt một tên ngắn không dấu, ví dụ key = \"sang\".")
    where = f"{where} ('{key}')"
    if "start" not in data:
        raise _wrong(where, "thiếu giờ bắt đầu", 'Hãy thêm start = "05:00".')
    rule = {
        name: [str(v) if isinstance(v, date) else v for v in value] if isinstance(value, list)
        else str(value) if isinstance(value, date) else value
        for name, value in data.items() if name in KEYS
    }
    try:
        check_rule(rule)
        start = parse_time(data["start"])
        late = LatePolicy(data.get("late", LatePolicy.START_NOW))
    except ScheduleError as error:
        raise _wrong(where, error.message.rstrip("."), error.mend) from error
    except ValueError as error:
        raise _wrong(where, "chính sách trễ giờ lạ", "Hãy ghi start_now, wait_up_to hoặc skip.") from error
    fills = [(kind, data[name]) for name, kind in _FILLS.items() if name in data]
    if len(fills) > 1:
        raise _wrong(where, "có nhiều nguồn phát", "Chỉ giữ một trong: template, program, repeat, relay.")
    fill_kind, fill = fills[0] if fills else (FillKind.LATEST, "daily")
    seconds = int(data.get("seconds", 0)) or round(float(data.get("minutes", 30)) * 60)
    if not 0 < seconds <= 86400:
        raise _wrong(where, "thời lượng không hợp lệ", "Hãy ghi số phút, ví dụ minutes = 30.")
    return SlotSpec(
        id=key, key=key, name=str(data.get("name", key)), start_time=start, duration_seconds=seconds, rule=rule,
        fill_kind=fill_kind, fill=str(fill), late_policy=late, late_seconds=int(data.get("late_seconds", 600)),
        priority=bool(data.get("priority", False)), active=bool(data.get("active", True)),
    )


def _one_exception(data: Mapping[str, Any], where: str, keys: set[str]) -> ExceptionSpec:
    slot = data.get("slot")
    if slot is not None and slot not in keys:
        raise _wrong(where, f"không có buổi '{slot}'", f"Các buổi có: {', '.join(sorted(keys))}.")
    action = str(data.get("action", "skip"))
    extra: dict[str, Any] = {}
    if action == "move":
        extra["start"] = f"{parse_time(data.get('start', '')):%H:%M:%S}"
    elif action == "fill":
        fills = [(kind, data[name]) for name, kind in _FILLS.items() if name in data]
        if len(fills) != 1:
            raise _wrong(where, "chưa ghi phát gì thay", "Hãy ghi một trong: template, program, repeat, relay.")
        extra = {"fill_kind": str(fills[0][0]), "fill": str(fills[0][1])}
    elif action == "add" and "start" in data:
        extra["start"] = f"{parse_time(data['start']):%H:%M:%S}"
    elif action not in ("skip", "add"):
        raise _wrong(where, f"việc lạ '{action}'", "Hãy ghi skip, move, fill hoặc add.")
    return ExceptionSpec(slot, parse_date(data.get("date", "")), action, extra, str(data.get("reason", "")))


def parse_timetable(text: str, name: str = "lịch") -> Timetable:
    """A timetable from TOML text.  Raises :class:`ScheduleError` naming the slot and the mend."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScheduleError(
            f"{name}: tệp viết sai.", mend="Hãy sửa dòng được nêu trong chi tiết.", detail=str(error),
            code="schedules.toml",
        ) from error
    for key in data:
        if key not in ("slot", "exception", "name"):
            raise _wrong(name, f"mục lạ '{key}'", "Chỉ dùng [[slot]] và [[exception]].")
    slots = tuple(_one_slot(one, f"{name}, buổi {n}") for n, one in enumerate(data.get("slot", ()), 1))
    keys = [slot.key for slot in slots]
    for key in keys:
        if keys.count(key) > 1:
            raise _wrong(name, f"key '{key}' dùng hai lần", "Hãy đặt mỗi buổi một key riêng.")
    exceptions = tuple(
        _one_exception(one, f"{name}, ngoại lệ {n}", set(keys)) for n, one in enumerate(data.get("exception", ()), 1)
    )
    return Timetable(slots, exceptions)


def read_timetables(folder: Path) -> Timetable:
    """All ``*.toml`` of a folder as one timetable; a key of a second file gets that file's name in front."""
    slots: list[SlotSpec] = []
    exceptions: list[ExceptionSpec] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            one = parse_timetable(path.read_text(encoding="utf-8-sig"), path.name)
        except UnicodeDecodeError as error:
            raise _wrong(path.name, "tệp không phải UTF-8", "Hãy lưu lại tệp dạng UTF-8.") from error
        taken = {slot.key for slot in slots}
        names = {slot.key: slot.key if slot.key not in taken else f"{path.stem}-{slot.key}" for slot in one.slots}
        slots.extend(replace(slot, id=names[slot.key], key=names[slot.key]) for slot in one.slots)
        exceptions.extend(
            replace(e, slot_id=names[str(e.slot_id)]) if e.slot_id is not None else e for e in one.exceptions
        )
    return Timetable(tuple(slots), tuple(exceptions))


def write_timetable(timetable: Timetable) -> str:
    """A timetable as TOML that :func:`parse_timetable` reads back to the same values."""
    document = tomlkit.document()
    document.add(tomlkit.comment("Lịch phát. Sửa xong hãy chạy: station schedule check"))
    slots, exceptions = tomlkit.aot(), tomlkit.aot()
    for slot in timetable.slots:
        table = tomlkit.table()
        for key, value in _slot_values(slot).items():
            table.add(key, value)
        slots.append(table)
    for exception in timetable.exceptions:
        table = tomlkit.table()
        table.add("date", exception.local_date.isoformat())
        if exception.slot_id is not None:
            table.add("slot", exception.slot_id)
        table.add("action", exception.action)
        if exception.action in ("move", "add") and exception.data.get("start"):
            table.add("start", exception.data["start"])
        if exception.action == "fill":
            kind = FillKind(exception.data["fill_kind"])
            table.add(_FILL_KEYS[kind], exception.data["fill"])
        if exception.reason:
            table.add("reason", exception.reason)
        exceptions.append(table)
    if timetable.slots:
        document.add("slot", slots)
    if timetable.exceptions:
        document.add("exception", exceptions)
    return tomlkit.dumps(document)


def _slot_values(slot: SlotSpec) -> dict[str, Any]:
    values: dict[str, Any] = {
        "key": slot.key, "name": slot.name, "start": f"{slot.start_time:%H:%M:%S}", "seconds": slot.duration_seconds,
        **slot.rule, _FILL_KEYS[slot.fill_kind]: slot.fill, "late": str(slot.late_policy),
        "late_seconds": slot.late_seconds,
    }
    if slot.priority:
        values["priority"] = True
    if not slot.active:
        values["active"] = False
    return values


def merge(timetables: Sequence[Timetable]) -> Timetable:
    """Several timetables as one."""
    return Timetable(
        tuple(slot for one in timetables for slot in one.slots),
        tuple(e for one in timetables for e in one.exceptions),
    )

"""Templates of programs as files of the station: written by the page, edited by hand, told apart from the built-in ones."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import fields
from enum import StrEnum
from importlib import resources
from typing import Any

import tomlkit

from station.errors import ProgramError
from station.home import StationHome
from station.programs.library import sound_names
from station.programs.template import (
    Part,
    PartKind,
    Template,
    list_templates,
    load_template,
    parse_template,
    templates_folder,
)
from station.programs.wording import plain_name

LONGEST_TITLE = 120
MOST_PARTS = 60
_HEAD = "Mẫu chương trình, do trang web ghi. Có thể sửa bằng tay (xem docs/programs.md)."
_PLAIN: dict[str, Any] = {field.name: field.default for field in fields(Part) if field.name != "kind"}
#: what a part of each kind may be given, besides its title, its pause and its days
USES: dict[PartKind, tuple[str, ...]] = {
    PartKind.CHIME: ("sound",),
    PartKind.GREETING: ("say", "bed"),
    PartKind.HEADLINES: ("say", "bed", "least_items", "most_items"),
    PartKind.ITEMS: ("say", "say_priority", "separator"),
    PartKind.REPEAT: ("say", "separator"),
    PartKind.NOTICE: ("name", "say", "bed"),
    PartKind.MACHINE_VOICE: ("say",),
    PartKind.CLOSING: ("say", "bed"),
}


class Origin(StrEnum):
    """Where a template comes from."""

    BUILT_IN = "built_in"
    OWN = "own"
    #: the station's file takes the place of the built-in one of that name
    REPLACED = "replaced"


def origin_of(name: str, home: StationHome) -> Origin:
    """Whether the template ``name`` is the station's own."""
    built_in = resources.files("station.programs").joinpath("templates", f"{name}.toml").is_file()
    if not (templates_folder(home) / f"{name}.toml").is_file():
        return Origin.BUILT_IN
    return Origin.REPLACED if built_in else Origin.OWN


def readable_templates(home: StationHome) -> tuple[list[Template], dict[str, ProgramError]]:
    """The templates that can be used, and for each other name what is wrong with its file."""
    good, bad = [], {}
    for name in list_templates(home):
        try:
            good.append(load_template(name, home))
        except ProgramError as error:
            bad[name] = error
    return good, bad


def part_values(part: Part) -> dict[str, Any]:
    """A part as the values of its TOML table: only what differs from the usual."""
    values: dict[str, Any] = {"kind": part.kind.value}
    for key, usual in _PLAIN.items():
        value = getattr(part, key)
        if value != usual:
            values[key] = list(value) if isinstance(value, tuple) else value
    return values


def to_toml(title: str, parts: Sequence[Mapping[str, Any]]) -> str:
    """A template as TOML text."""
    document = tomlkit.document()
    document.add(tomlkit.comment(_HEAD))
    document["title"] = title
    tables = tomlkit.aot()
    for values in parts:
        table = tomlkit.table()
        for key, value in values.items():
            if isinstance(value, list | tuple):
                array = tomlkit.array()
                array.extend(value)
                table[key] = array.multiline(len(value) > 1)
            else:
                table[key] = value
        tables.append(table)
    document["parts"] = tables
    return tomlkit.dumps(document)


def checked(name: str, title: str, parts: Sequence[Mapping[str, Any]], home: StationHome) -> Template:
    """The template, with its sounds known.  Raises :class:`ProgramError` saying what to mend."""
    if len(parts) > MOST_PARTS:
        raise ProgramError("Mẫu có quá nhiều phần.", mend=f"Một mẫu có nhiều nhất {MOST_PARTS} phần.", code="programs.template")
    template = parse_template(name, {"title": title, "parts": list(parts)})
    known = sound_names(home)
    for number, part in enumerate(template.parts, 1):
        for sound in (part.sound, part.separator, part.bed):
            if sound and sound not in known:
                raise ProgramError(f"Phần thứ {number} dùng âm thanh '{sound}' không có ở đài.", code="programs.template",
                                   mend="Hãy chọn âm thanh khác, hoặc thêm âm thanh đó ở trang Nhạc hiệu, âm thanh.")
        if part.since and part.until and part.since > part.until:
            raise ProgramError(f"Phần thứ {number} có ngày bắt đầu sau ngày kết thúc.", mend="Hãy sửa lại hai ngày.",
                               code="programs.template")
    return template


def save_template(name: str, title: str, parts: Sequence[Mapping[str, Any]], home: StationHome) -> Template:
    """Check and write the station's own template ``name``, whole or not at all.  Raises :class:`ProgramError`."""
    template = checked(name, title, parts, home)
    path = templates_folder(home) / f"{name}.toml"
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(to_toml(title, parts), encoding="utf-8")
        os.replace(part, path)
    except OSError as error:
        raise ProgramError("Không ghi được tệp mẫu chương trình.", mend="Hãy kiểm tra chỗ trống và quyền ghi của thư mục đài.",
                           detail=str(error), code="programs.write") from error
    finally:
        part.unlink(missing_ok=True)
    return template


def new_name(title: str, home: StationHome) -> str:
    """A free name for a new template of that title.  Raises :class:`ProgramError` for a title without letters."""
    base, taken = plain_name(title), set(list_templates(home))
    if not base:
        raise ProgramError("Mẫu chưa có tên.", mend="Hãy đặt tên bằng chữ và số.", code="programs.template")
    return next(name for name in (base, *(f"{base}-{n}" for n in range(2, 1000))) if name not in taken)


def remove_template(name: str, home: StationHome) -> bool:
    """Remove the station's own file of that name; a built-in one is then used again.  True when there was one."""
    if name not in list_templates(home):
        return False
    path = templates_folder(home) / f"{name}.toml"
    found = path.is_file()
    path.unlink(missing_ok=True)
    return found




def templates_with(sound: str, home: StationHome) -> list[str]:
    """Titles of the templates that use a sound."""
    return [one.title for one in readable_templates(home)[0]
            if any(sound in (part.sound, part.separator, part.bed) for part in one.parts)]

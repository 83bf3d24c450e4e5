"""Program templates (TOML) and the plan they give: which parts, in which order, saying what."""

from __future__ import annotations

import string
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from enum import StrEnum
from importlib import resources
from pathlib import Path
from typing import Any

from station.config import Settings
from station.errors import ProgramError
from station.home import StationHome
from station.programs.items import Item, by_priority
from station.programs.library import sound_or_missing
from station.programs.model import Clip, Priority, Segment, SegmentKind
from station.programs.wording import (
    NextProgram,
    clock_words,
    date_words,
    day_words,
    lunar_words,
    sentence_case,
    station_name,
    weekday_name,
)

#: words that a template may ask for between braces
PLACEHOLDERS = (
    "station", "commune", "province", "weekday", "date", "lunar", "time", "count", "text",
    "next_title", "next_time", "next_day",
)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Speak = Callable[[str], tuple[Clip, ...]]


class PartKind(StrEnum):
    """What a part of a template becomes."""

    CHIME = "chime"
    GREETING = "greeting"
    HEADLINES = "headlines"
    ITEMS = "items"
    REPEAT = "repeat"
    NOTICE = "notice"
    MACHINE_VOICE = "machine_voice"
    CLOSING = "closing"


@dataclass(frozen=True)
class Part:
    """One part of a template.

    ``say``: sentences; one with a placeholder that has no value is left out.  ``sound``, ``separator`` and ``bed``
    name a sound (built in, or uploaded).  ``name`` of a notice takes its words from the caller.  ``days`` limits a
    part to days of the week (``mon`` ... ``sun``), ``since`` and ``until`` to dates.
    """

    kind: PartKind
    title: str = ""
    say: tuple[str, ...] = ()
    say_priority: str = ""
    sound: str = ""
    separator: str = ""
    bed: str = ""
    name: str = ""
    pause_seconds: float = 0.5
    least_items: int = 1
    most_items: int = 10
    days: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None

    def airs_on(self, day: date) -> bool:
        return (
            (not self.days or _DAYS[day.weekday()] in self.days)
            and (self.since is None or day >= self.since) and (self.until is None or day <= self.until)
        )


@dataclass(frozen=True)
class Template:
    """A kind of program: its parts in the order they air."""

    id: str
    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Draft:
    """A segment before its words are spoken; ``lines`` are said before ``clips``."""

    kind: SegmentKind
    title: str
    lines: tuple[str, ...] = ()
    clips: tuple[Clip, ...] = ()
    ref: str = ""
    bed: str = ""
    pause_seconds: float = 0.5
    priority: Priority = Priority.NORMAL
    repeat: bool = False


def templates_folder(home: StationHome) -> Path:
    """Where the station keeps its own templates."""
    return home.schedules / "templates"


def list_templates(home: StationHome) -> list[str]:
    """Names of the station's own templates and the built-in ones."""
    built_in = {Path(str(one)).stem for one in resources.files("station.programs").joinpath("templates").iterdir()
                if str(one).endswith(".toml")}
    folder = templates_folder(home)
    own = {path.stem for path in folder.glob("*.toml")} if folder.is_dir() else set()
    return sorted(built_in | own)


def load_template(name: str, home: StationHome) -> Template:
    """The template ``name``: the station's ``schedules/templates/NAME.toml``, else the built-in one.

    Raises :class:`ProgramError` when there is none, or naming the part that is written wrongly.
    """
    names = list_templates(home)
    if name not in names:
        raise ProgramError(f"Không có mẫu chương trình '{name}'.", mend=f"Các mẫu hiện có: {', '.join(names)}.",
                           code="programs.template")
    own = templates_folder(home) / f"{name}.toml"
    source = own if own.is_file() else resources.files("station.programs").joinpath("templates", f"{name}.toml")
    try:
        data = tomllib.loads(source.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _wrong(name, "tệp viết sai cú pháp", "Hãy sửa dòng được nêu trong chi tiết.", str(error)) from error
    except OSError as error:
        raise _wrong(name, "tệp không đọc được", "Hãy kiểm tra quyền đọc của tệp.", str(error)) from error
    return parse_template(name, data)


def _wrong(name: str, what: str, mend: str, detail: str = "") -> ProgramError:
    return ProgramError(f"Mẫu chương trình '{name}': {what}.", mend=mend, detail=detail, code="programs.template")


def parse_template(name: str, data: Mapping[str, Any]) -> Template:
    """A template from parsed TOML.  Raises :class:`ProgramError` naming the key."""
    raw = data.get("parts")
    if not isinstance(raw, list) or not raw:
        raise _wrong(name, "không có phần nào", "Hãy thêm ít nhất một mục [[parts]].")
    known = {field.name for field in fields(Part)}
    parts = []
    for number, entry in enumerate(raw, 1):
        where = f"phần thứ {number}"
        if not isinstance(entry, Mapping) or entry.get("kind") not in set(PartKind):
            raise _wrong(name, f"{where} có 'kind' không dùng được", f"Hãy ghi một trong: {', '.join(PartKind)}.")
        for key, value in entry.items():
            if key not in known:
                raise _wrong(name, f"{where} có khóa lạ '{key}'", f"Các khóa dùng được: {', '.join(sorted(known))}.")
            _check_value(name, f"{where}, khóa '{key}'", key, value)
        values: dict[str, Any] = {**entry, "kind": PartKind(entry["kind"])}
        for key in ("say", "days"):
            values[key] = tuple(values.get(key, ()))
        parts.append(Part(**values))
    return Template(name, str(data.get("title", name)), tuple(parts))


def _check_value(name: str, where: str, key: str, value: Any) -> None:
    """Type and range of one value of a part."""
    if key in ("say", "days"):
        if not isinstance(value, list) or not all(isinstance(line, str) for line in value):
            raise _wrong(name, f"{where} phải là một danh sách câu", 'Ví dụ: say = ["Câu một.", "Câu hai."].')
        if key == "days" and not set(value) <= set(_DAYS):
            raise _wrong(name, f"{where} có ngày lạ", f"Hãy ghi trong số: {', '.join(_DAYS)}.")
        if key == "say":
            for line in value:
                _check_line(name, where, line)
    elif key in ("pause_seconds", "least_items", "most_items"):
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:
            raise _wrong(name, f"{where} phải là một số từ 0 đến 100", "Ví dụ: 0.8.")
    elif key in ("since", "until"):
        if not isinstance(value, date) or isinstance(value, datetime):
            raise _wrong(name, f"{where} phải là một ngày", "Ví dụ: 2026-11-24 (không có ngoặc kép).")
    elif not isinstance(value, str):
        raise _wrong(name, f"{where} phải là chữ trong ngoặc kép", 'Ví dụ: "..."')
    elif key == "say_priority":
        _check_line(name, where, value)


def _check_line(name: str, where: str, line: str) -> None:
    try:
        wanted = {field for _, field, _, _ in string.Formatter().parse(line) if field is not None}
    except ValueError as error:
        raise _wrong(name, f"{where} có dấu ngoặc nhọn sai", "Viết {{ và }} nếu muốn đọc dấu này.", str(error)) from error
    if unknown := wanted - set(PLACEHOLDERS):
        raise _wrong(name, f"{where} có chỗ điền lạ: {', '.join(sorted(unknown))}",
                     f"Các chỗ điền dùng được: {', '.join(PLACEHOLDERS)}.")


def words_for(settings: Settings, when: datetime, count: int, next_program: NextProgram | None) -> dict[str, str]:
    """What each of :data:`PLACEHOLDERS` stands for in a program that airs at ``when``; empty where there is nothing."""
    local = when.astimezone(settings.zone) if when.tzinfo else when
    today = local.date()
    words = {
        "station": station_name(settings.station), "commune": settings.station.commune,
        "province": settings.station.province, "weekday": weekday_name(today), "date": date_words(today),
        "lunar": lunar_words(today), "time": clock_words(local), "count": str(count), "text": "",
        "next_title": "", "next_time": "", "next_day": "",
    }
    if next_program is not None:
        later = next_program.when
        later = later.astimezone(settings.zone) if later.tzinfo else later
        words |= {"next_title": next_program.title, "next_time": clock_words(later),
                  "next_day": day_words(later.date(), today)}
    return words


def _filled(lines: Sequence[str], words: Mapping[str, str]) -> tuple[str, ...]:
    """The lines with their words; a line that asks for a word without value is left out."""
    return tuple(
        line.format_map(words) for line in lines
        if all(words[field].strip() for _, field, _, _ in string.Formatter().parse(line) if field is not None)
    )


def outline(
    template: Template, items: Sequence[Item], settings: Settings, when: datetime, *,
    next_program: NextProgram | None = None, notices: Mapping[str, str] | None = None,
) -> list[Draft]:
    """The program as drafts, before anything is spoken.  Pure, but for the making of built-in sounds."""
    ordered = by_priority(items)
    named = [item for item in ordered if item.title.strip() and not item.empty]
    words = words_for(settings, when, len(named), next_program)
    today = (when.astimezone(settings.zone) if when.tzinfo else when).date()
    drafts: list[Draft] = []

    def separate(part: Part) -> None:
        if part.separator:
            sound = sound_or_missing(part.separator, settings)
            drafts.append(Draft(SegmentKind.SEPARATOR, "Nhạc cắt", clips=(Clip(str(sound)),), pause_seconds=0.4))

    for part in template.parts:
        if not part.airs_on(today):
            continue
        lines = _filled(part.say, {**words, "text": (notices or {}).get(part.name, "")})
        bed = str(sound_or_missing(part.bed, settings)) if part.bed else ""
        kind = SegmentKind(part.kind) if part.kind in set(SegmentKind) else SegmentKind.NOTICE
        draft = Draft(kind, part.title or template.title, lines, bed=bed, pause_seconds=part.pause_seconds)
        if part.kind is PartKind.CHIME:
            drafts.append(replace(draft, clips=(Clip(str(sound_or_missing(part.sound or "chime", settings))),), lines=()))
        elif part.kind is PartKind.HEADLINES:
            if len(named) >= max(part.least_items, 1):
                titles = tuple(f"{sentence_case(item.title).rstrip('.')}." for item in named[: int(part.most_items)])
                drafts.append(replace(draft, lines=lines + titles))
        elif part.kind in (PartKind.ITEMS, PartKind.REPEAT):
            chosen = ordered if part.kind is PartKind.ITEMS else [item for item in ordered if item.important]
            intro, urgent = lines, _filled((part.say_priority,), words) if part.say_priority else ()
            said = 0
            for item in chosen:
                title = f"Nhắc lại: {item.title}" if part.kind is PartKind.REPEAT else item.title
                if item.empty:
                    if part.kind is PartKind.ITEMS:
                        drafts.append(Draft(SegmentKind.ITEM, title, ref=item.ref))
                    continue
                if said:
                    separate(part)
                lead = () if said else (*intro, *(urgent if item.priority is not Priority.NORMAL else ()))
                text = () if item.clips else (item.text,)
                drafts.append(Draft(SegmentKind.ITEM, title, (*lead, *text), item.clips, item.ref, "", part.pause_seconds,
                                    item.priority, part.kind is PartKind.REPEAT))
                said += 1
        elif part.kind is PartKind.NOTICE:
            if lines and (not part.name or (notices or {}).get(part.name, "").strip()):
                drafts.append(draft)
        elif part.kind is PartKind.MACHINE_VOICE:
            if settings.programs.announce_machine_voice and lines:
                drafts.append(draft)
        elif lines:
            drafts.append(draft)
    return drafts


def texts_of(drafts: Sequence[Draft]) -> list[str]:
    """Everything that is still to be spoken, in order."""
    return [line for draft in drafts for line in draft.lines]


def plan_program(
    template: Template, items: Sequence[Item], settings: Settings, when: datetime, speak: Speak, *,
    next_program: NextProgram | None = None, notices: Mapping[str, str] | None = None,
) -> list[Segment]:
    """The program as segments ready for :func:`station.programs.assembly.assemble`.

    ``when`` is when it airs (aware, or local to the station); ``speak`` turns a sentence into clips.  An item
    without any audio stays in the plan without clips, so that assembling can say what is missing.
    """
    segments = []
    for draft in outline(template, items, settings, when, next_program=next_program, notices=notices):
        clips = (*(clip for line in draft.lines for clip in speak(line)), *draft.clips)
        if clips:
            clips = (*clips[:-1], replace(clips[-1], pause_seconds=max(clips[-1].pause_seconds, draft.pause_seconds)))
        segments.append(Segment(draft.kind, draft.title, clips, draft.ref, draft.bed))
    return segments

"""``station schedule``: check and show timetables; import and export."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from station.config import Settings, load_settings
from station.db import open_database
from station.errors import ScheduleError
from station.schedules.hours import check_rules
from station.schedules.lunar import to_lunar
from station.schedules.model import ExceptionSpec, Planned, SlotSpec
from station.schedules.planner import find_conflicts, plan
from station.schedules.rules import WEEKDAY_NAMES, check_rule
from station.schedules.store import export_toml, import_toml, load_exceptions, load_slots
from station.schedules.toml import read_timetables

_WAYS = "Có hai cách: thay buổi trước trong ngày đó (action = \"skip\"), hoặc phát nối sau (action = \"move\")."


@click.group()
def schedule() -> None:
    """Lịch phát: kiểm tra, xem các buổi sắp tới, nhập và xuất tệp TOML."""


def _timetable(settings: Settings, source: str) -> tuple[str, list[SlotSpec], list[ExceptionSpec]]:
    """(where from, slots, exceptions): the database once it has slots, the TOML files before."""
    has_database = bool(settings.database.url) or settings.home.database_file.is_file()
    if source != "toml" and has_database:
        database = open_database(settings)
        try:
            if database.revision() is not None:
                with database.session(write=False) as session:
                    slots, exceptions = load_slots(session), load_exceptions(session)
                if slots or source == "database":
                    return "cơ sở dữ liệu", slots, exceptions
        finally:
            database.close()
    if source == "database":
        raise ScheduleError("Chưa có lịch trong cơ sở dữ liệu.", mend="Hãy chạy: station schedule import")
    timetable = read_timetables(settings.home.schedules)
    return f"{settings.home.schedules}", list(timetable.slots), list(timetable.exceptions)


_source = click.option(
    "--source", type=click.Choice(["auto", "toml", "database"]), default="auto", show_default=True,
    help="Lấy lịch từ tệp TOML hay cơ sở dữ liệu (auto: cơ sở dữ liệu khi đã có lịch).",
)
_days = click.option("--days", type=click.IntRange(1, 800), default=7, show_default=True, help="Số ngày tới.")


def _planned(settings: Settings, source: str, days: int) -> tuple[str, list[SlotSpec], list[Planned]]:
    where, slots, exceptions = _timetable(settings, source)
    now = datetime.now(UTC)
    return where, slots, plan(slots, exceptions, now, now + timedelta(days=days), settings.zone)


@schedule.command("list")
@_days
@_source
@click.pass_context
def list_(ctx: click.Context, days: int, source: str) -> None:
    """Các buổi phát sắp tới, mỗi buổi một dòng, kèm ngày âm lịch."""
    settings = load_settings(ctx.obj["home"])
    _, _, planned = _planned(settings, source, days)
    for one in planned:
        lunar = to_lunar(one.local_date)
        mark = f"{lunar.day}/{lunar.month}{' nhuận' if lunar.leap else ''} âm"
        note = f"  ({one.note})" if one.note else ""
        click.echo(
            f"{WEEKDAY_NAMES[one.local_date.weekday()]} {one.local_date:%d/%m/%Y} {one.start:%H:%M}-{one.end:%H:%M}  "
            f"{mark:<16} {one.slot.name} [{one.fill_kind}: {one.fill}]{note}"
        )
    if not planned:
        click.echo(f"Không có buổi phát nào trong {days} ngày tới.", err=True)


@schedule.command("check")
@_days
@_source
@click.argument("folder", required=False, type=click.Path(path_type=Path, exists=True, file_okay=False), metavar="[THƯ_MỤC]")
@click.pass_context
def check(ctx: click.Context, days: int, source: str, folder: Path | None) -> None:
    """Kiểm tra lịch: viết sai, trùng giờ, trái quy định giờ phát. Mã thoát 1 khi có điều phải sửa."""
    settings = load_settings(ctx.obj["home"])
    now = datetime.now(UTC)
    if folder is not None:
        timetable = read_timetables(folder)
        where, slots, exceptions = str(folder), list(timetable.slots), list(timetable.exceptions)
    else:
        where, slots, exceptions = _timetable(settings, source)
    for slot in slots:
        check_rule(slot.rule)
    planned = plan(slots, exceptions, now, now + timedelta(days=days), settings.zone)
    problems = [conflict.in_words() for conflict in find_conflicts(planned)]
    conflicts = len(problems)
    problems += [
        f"{v.session.start.astimezone(settings.zone):%d/%m %H:%M} '{v.session.name}': {v.message}"
        for v in check_rules(planned, settings.hours, settings.zone)
    ]
    for problem in problems:
        click.echo(problem)
    if conflicts:
        click.echo(_WAYS, err=True)
    click.echo(f"{where}: {len(slots)} buổi, {len(planned)} lần phát trong {days} ngày, {len(problems)} điều phải sửa.")
    if problems:
        sys.exit(1)


@schedule.command("import")
@click.argument("path", required=False, type=click.Path(path_type=Path, exists=True), metavar="[TỆP_HOẶC_THƯ_MỤC]")
@click.option("--remove", is_flag=True, help="Bỏ các buổi không có trong tệp.")
@click.pass_context
def import_(ctx: click.Context, path: Path | None, remove: bool) -> None:
    """Đưa lịch TOML vào cơ sở dữ liệu (mặc định: thư mục schedules của đài)."""
    settings = load_settings(ctx.obj["home"])
    database = open_database(settings)
    database.migrate()
    with database.session() as session:
        slots, exceptions = import_toml(session, path or settings.home.schedules, remove=remove)
    database.close()
    click.echo(f"Đã ghi {slots} buổi và {exceptions} ngoại lệ.")


@schedule.command("export")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Ghi ra tệp này (mặc định: in ra màn hình).")
@click.pass_context
def export(ctx: click.Context, out: Path | None) -> None:
    """Ghi lịch trong cơ sở dữ liệu thành TOML."""
    database = open_database(load_settings(ctx.obj["home"]))
    database.migrate()
    with database.session(write=False) as session:
        text = export_toml(session)
    database.close()
    if out is None:
        click.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")

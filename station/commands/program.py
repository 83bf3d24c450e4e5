"""``station program``: bulletins to one finished program, without the web."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time
from pathlib import Path

import click

from station.config import Settings, build_settings, load_settings
from station.errors import BulletinError, ConfigError, ProgramError
from station.home import StationHome
from station.programs.model import Priority, Render
from station.programs.transcript import clock


def _settings(home: Path | None) -> Settings:
    try:
        return load_settings(home)
    except ConfigError:
        if home is not None:
            raise
        return build_settings(StationHome(Path.cwd()), {}, {})


def _say(line: str) -> None:
    click.echo(line, err=True)


def _counter(label: str) -> Callable[[int, int], None]:
    """Progress on standard error: one line for each tenth."""
    last = -1

    def show(done: int, total: int) -> None:
        nonlocal last
        tenth = done * 10 // max(total, 1)
        if tenth != last:
            last = tenth
            _say(f"{label}: {done}/{total}")

    return show


@click.group()
def program() -> None:
    """Chương trình phát thanh: dựng từ các bản tin."""


@program.command("build")
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="Tệp WAV hoặc FLAC cần ghi.")
@click.option("--template", "template_name", default="", metavar="MẪU", help="Mẫu chương trình (mặc định theo cài đặt của đài).")
@click.option("--voice", default="", metavar="GIỌNG", help="Mã giọng đọc; bỏ trống: giọng mặc định.")
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="Ngày phát (mặc định: hôm nay).")
@click.option("--profile", type=click.Choice(["flat", "horn"]), help="Kiểu âm thanh (mặc định theo cài đặt của đài).")
@click.option("--priority", "urgent", multiple=True, type=click.Path(path_type=Path), help="Bản tin ưu tiên, đọc trước; dùng được nhiều lần.")
@click.option("--next", "following", metavar="'TÊN|NĂM-THÁNG-NGÀY GIỜ:PHÚT'", help="Chương trình tiếp theo, để giới thiệu ở lời kết.")
@click.option("--notice", "notices", multiple=True, metavar="TÊN=LỜI", help="Lời cho một phần thông báo của mẫu, ví dụ weather=...")
@click.option("--export", "exports", multiple=True, type=click.Path(path_type=Path, dir_okay=False), help="Ghi thêm tệp này (.mp3 .opus .ogg .txt .vtt .json .svg .png); dùng được nhiều lần.")
@click.argument("bulletins", nargs=-1, type=click.Path(path_type=Path))
@click.pass_context
def build(
    ctx: click.Context, out: Path, template_name: str, voice: str, day: datetime | None, profile: str | None,
    urgent: tuple[Path, ...], following: str | None, notices: tuple[str, ...], exports: tuple[Path, ...], bulletins: tuple[Path, ...],
) -> None:
    """Dựng một chương trình hoàn chỉnh từ các bản tin (ảnh, PDF, DOCX, TXT...).

    Mỗi tệp là một bản tin. Bản tin không đọc được thì bị bỏ ra và được nêu tên ở cuối.
    """
    from station.bulletins import read_bulletin
    from station.programs.assembly import assemble
    from station.programs.calibration import calibrate
    from station.programs.exports import export
    from station.programs.items import Item, item_of, title_of
    from station.programs.slot import estimate_drafts, fit_to_slot
    from station.programs.speech import Speaker
    from station.programs.template import load_template, outline, plan_program, texts_of
    from station.programs.wording import NextProgram, station_name

    settings = _settings((ctx.obj or {}).get("home"))
    template = load_template(template_name or settings.programs.template, settings.home)
    now = datetime.now(settings.zone)
    when = now if day is None else datetime.combine(day.date(), time(5), settings.zone)
    next_program = NextProgram(*_next(following)) if following else None
    extra = dict(_pair(notice) for notice in notices)
    problems: list[str] = []
    files = [(path, Priority.PRIORITY) for path in urgent] + [
        (path, Priority.NORMAL) for path in bulletins if path not in urgent
    ]
    if not files:
        raise ProgramError("Chưa có bản tin nào.", mend="Hãy ghi ít nhất một tệp bản tin.", code="programs.empty")
    read: list[tuple[str, str, Priority, str]] = []
    for number, (path, priority) in enumerate(files, 1):
        _say(f"Đọc bản tin {number}/{len(files)}: {path.name}")
        try:
            document = read_bulletin(path, settings)
        except BulletinError as error:
            problems.append(f"Bỏ qua “{path.name}”: {error.for_staff()}")
            continue
        text = document.spoken_text(tables="sentences")
        if not text.strip():
            problems.append(f"Bỏ qua “{path.name}”: không có chữ nào để đọc.")
            continue
        read.append((title_of(document, path.stem), text, priority, path.name))
    if not read:
        raise ProgramError("Không bản tin nào đọc được nên không dựng được chương trình.",
                           mend="Hãy chụp lại hoặc chọn tệp khác.", detail="; ".join(problems), code="programs.empty")
    calibrate(voice, settings)
    speaker = Speaker(settings, voice)
    written = [Item(title, text=text, priority=priority, ref=ref) for title, text, priority, ref in read]
    drafts = outline(template, written, settings, when, next_program=next_program, notices=extra)
    fit = fit_to_slot(estimate_drafts(drafts, settings, voice), settings.hours.longest_session_minutes * 60)
    _say(fit.message)
    for choice in fit.choices:
        _say(f"  - {choice.label}: còn khoảng {clock(choice.seconds)}{'' if choice.fits else ' (vẫn chưa vừa)'}")
    speaker.prepare(texts_of(drafts), _counter("Đọc thành tiếng (câu)"))
    items = [item_of(one.title, speaker.utterances(one.text), priority=one.priority, ref=one.ref) for one in written]
    segments = plan_program(template, items, settings, when, speaker, next_program=next_program, notices=extra)
    render = assemble(segments, out, settings, profile=profile or settings.programs.profile, title=template.title,
                      progress=_counter("Dựng chương trình (phần)"))
    problems += [*speaker.problems, *render.problems]
    for path in exports:
        _say(f"Xuất {path.name}")
        export(render, path, title=template.title, day=when.date(), artist=station_name(settings.station))
    _report(render, problems)


def _next(text: str) -> tuple[str, datetime]:
    title, _, moment = text.rpartition("|")
    try:
        return title.strip(), datetime.strptime(moment.strip(), "%Y-%m-%d %H:%M")
    except ValueError as error:
        raise click.UsageError("--next phải viết như 'Bản tin chiều|2026-11-24 17:00'.") from error


def _pair(text: str) -> tuple[str, str]:
    name, sign, words = text.partition("=")
    if not sign:
        raise click.UsageError("--notice phải viết như weather='Ngày mai trời nắng.'")
    return name.strip(), words.strip()


def _report(render: Render, problems: list[str]) -> None:
    click.echo(f"Tệp: {render.path}")
    click.echo(f"Thời lượng: {clock(render.seconds)} ({render.seconds:.1f} giây)")
    click.echo(f"Độ lớn: {render.loudness_lufs:.1f} LUFS, đỉnh {render.true_peak_dbtp:.1f} dBTP")
    click.echo("Các phần:")
    for chapter in render.chapters:
        click.echo(f"  {clock(chapter.start_frame / render.sample_rate):>7}  {chapter.title}")
    for problem in problems:
        click.echo(f"Lưu ý: {problem}", err=True)


@program.command("sound")
@click.option("--name", required=True, metavar="TÊN", help="Tên của âm thanh, ví dụ 'Nhạc hiệu xã'.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_context
def sound(ctx: click.Context, name: str, file: Path) -> None:
    """Thêm nhạc hiệu, nhạc nền của đài từ một tệp âm thanh bất kỳ (MP3, M4A, WAV...)."""
    from station.programs.uploads import import_sound

    made = import_sound(file, name, _settings((ctx.obj or {}).get("home")))
    click.echo(f"Đã thêm âm thanh '{made.name}' ({made.seconds:.1f} giây). Dùng tên này trong mẫu chương trình.")
    for note in made.notes:
        click.echo(f"Lưu ý: {note}", err=True)

"""``station voices``: the catalog of voices."""

from __future__ import annotations

import contextlib
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from station.config import load_settings


@contextlib.contextmanager
def progress_bar() -> Iterator[Callable[[int, int, str], None]]:
    """A bar on a terminal; elsewhere (a log) a line for each tenth of a file."""
    if not sys.stderr.isatty():
        told: dict[str, int] = {}

        def tell(have: int, size: int, name: str) -> None:
            tenth = have * 10 // size if size else have // 10_000_000
            if tenth != told.get(name):
                told[name] = tenth
                click.echo(f"{name}: {tenth * 10}%" if size else f"{name}: {have / 1e6:.0f} MB", err=True)

        yield tell
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        tasks: dict[str, object] = {}

        def show(have: int, size: int, name: str) -> None:
            if name not in tasks:
                tasks[name] = bar.add_task(name, total=size or None)
            bar.update(tasks[name], completed=have)  # type: ignore[arg-type]

        yield show


@click.group()
def voices() -> None:
    """Giọng đọc: xem danh mục, nghe thử."""


@voices.command("list")
@click.pass_context
def list_(ctx: click.Context) -> None:
    """Danh mục giọng đọc: mã, tên, giấy phép, dùng được hay chưa."""
    from station.voices import list_voices

    for voice in list_voices(load_settings(ctx.obj["home"]).home):
        state = "dùng được" if voice.installed else voice.missing
        click.echo(f"{voice.id}\t{voice.name}\t{voice.engine}\t{voice.license}\t{state}")


@voices.command("test")
@click.argument("voice", required=False, default="", metavar="GIỌNG")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Giữ lại câu đọc thử trong tệp WAV này.")
@click.pass_context
def test(ctx: click.Context, voice: str, out: Path | None) -> None:
    """Đọc thử một câu, cho biết tốc độ (so với thời gian thực) và mức âm."""
    from station.voices import default_voice, open_voice, voice_sample
    from station.voices.checks import loudest_dbfs
    from station.voices.wave import read_wav

    settings = load_settings(ctx.obj["home"])
    with tempfile.TemporaryDirectory() as folder:
        path = out or Path(folder) / "sample.wav"
        voice_id = voice or default_voice(settings).id
        started = time.perf_counter()
        with open_voice(voice_id, settings.home):
            loaded = time.perf_counter()
            info = voice_sample(voice_id, settings, path)
            seconds = time.perf_counter() - loaded
        samples, rate = read_wav(path)
    click.echo(
        f"{info.id}: nạp {loaded - started:.1f} giây; {len(samples) / rate:.1f} giây âm thanh trong {seconds:.2f} giây "
        f"(hệ số {seconds / (len(samples) / rate):.3f}), mức {loudest_dbfs(samples, rate):.1f} dBFS."
    )


@voices.command("install")
@click.argument("name", required=False, default="", metavar="GIỌNG")
@click.option("--recommended", is_flag=True, help="Tải giọng nên dùng của danh mục; không có mạng thì bỏ qua, không báo lỗi.")
@click.option("--give-up-after", type=float, default=60.0, metavar="GIÂY", help="Thôi khi chừng này giây không nhận thêm gì.")
@click.option("--yes", is_flag=True, help="Không hỏi lại về giấy phép.")
@click.pass_context
def install_(ctx: click.Context, name: str, recommended: bool, give_up_after: float, yes: bool) -> None:
    """Tải mô hình của một giọng, kiểm tra đúng tệp; tải tiếp được khi bị ngắt."""
    from station.errors import VoiceError
    from station.voices.catalog import load_catalog
    from station.voices.choose import find_definition
    from station.voices.install import install

    home = load_settings(ctx.obj["home"]).home
    if recommended:
        chosen = [d for d in load_catalog(home).values() if d.recommended and d.files]
    elif name:
        chosen = [find_definition(name, home)]
    else:
        raise click.UsageError("Hãy ghi mã giọng, hoặc --recommended.")
    for definition in chosen:
        size = f"{definition.size_bytes / 1e6:.0f} MB" if definition.size_bytes else "chưa rõ dung lượng"
        click.echo(f"{definition.name}: {size}. Giấy phép: {definition.license or 'chưa rõ'}.")
        if definition.license_text:
            click.echo(definition.license_text)
        if not definition.commercial:
            click.echo("LƯU Ý: không được dùng giọng này cho mục đích thương mại.")
            if not yes and sys.stdin.isatty() and not click.confirm("Đài đồng ý với giấy phép này và muốn tải?"):
                raise SystemExit(1)
        try:
            with progress_bar() as progress:
                install(definition, home, stall_seconds=give_up_after, progress=progress)
        except VoiceError as error:
            if not recommended:
                raise
            click.echo(f"Chưa tải được giọng này: {error.for_staff()}", err=True)
            click.echo(f"Đài vẫn chạy; khi có mạng hãy chạy 'station voices install {definition.id}'.", err=True)
            continue
        click.echo(f"Đã có giọng {definition.id}.")


@voices.command("train")
@click.argument("name", metavar="NGƯỜI_ĐỌC")
@click.option("--steps", type=click.IntRange(1), default=100_000, show_default=True, help="Tổng số bước luyện.")
@click.option("--base", type=click.Path(file_okay=False, exists=True), default="", help="Thư mục mô hình VITS để luyện tiếp.")
@click.pass_context
def train_(ctx: click.Context, name: str, steps: int, base: str) -> None:
    """Luyện giọng riêng từ các câu phát thanh viên đã ghi; dừng lúc nào cũng được, chạy lại sẽ tiếp tục."""
    from station.voices.training import Plan, samples, train

    home = load_settings(ctx.obj["home"]).home
    voice_id = train(home, name, Plan(steps=steps, base=str(Path(base).resolve()) if base else ""), progress=lambda done, total: click.echo(
        f"\rBước {done}/{total}", nl=False, err=True))
    for step, path in samples(home, name).items():
        click.echo(f"Mẫu ở bước {step}: {path}")
    click.echo(f"\nĐã có giọng {voice_id}. Nghe thử: station voices test {voice_id}")

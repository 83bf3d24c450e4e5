"""``station voices``: the catalog of voices."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import click

from station.config import load_settings


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
    from station.voices import default_voice, voice_sample
    from station.voices.checks import loudest_dbfs
    from station.voices.wave import read_wav

    settings = load_settings(ctx.obj["home"])
    with tempfile.TemporaryDirectory() as folder:
        path = out or Path(folder) / "sample.wav"
        started = time.perf_counter()
        info = voice_sample(voice or default_voice(settings).id, settings, path)
        seconds = time.perf_counter() - started
        samples, rate = read_wav(path)
    click.echo(
        f"{info.id}: {len(samples) / rate:.1f} giây âm thanh trong {seconds:.2f} giây "
        f"(hệ số {seconds / (len(samples) / rate):.3f}), mức {loudest_dbfs(samples, rate):.1f} dBFS."
    )

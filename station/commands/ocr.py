"""``station ocr FILE...``: the text of a bulletin on standard output."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from station.bulletins import document_to_json, problem_text, read_bulletin
from station.config import load_settings
from station.errors import ConfigError


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="Dạng in ra.")
@click.option("--spoken", is_flag=True, help="Chỉ in phần sẽ được đọc lên loa.")
@click.option(
    "--tables", type=click.Choice(["rows", "sentences"]), default="rows",
    help="Bảng in theo hàng như trên giấy, hay thành câu cho người nghe.",
)
@click.option("--pages-dir", type=click.Path(path_type=Path, file_okay=False), help="Lưu ảnh trang đã nắn vào thư mục này.")
@click.pass_context
def ocr(
    ctx: click.Context, files: tuple[Path, ...], form: str, spoken: bool, tables: str, pages_dir: Path | None
) -> None:
    """Đọc chữ từ ảnh, PDF, DOCX, TXT; nhiều tệp theo thứ tự làm thành một bản tin."""
    try:
        settings = load_settings((ctx.obj or {}).get("home"))
    except ConfigError:
        if (ctx.obj or {}).get("home") is not None:
            raise
        from station.config import build_settings
        from station.home import StationHome

        settings = build_settings(StationHome(Path.cwd()), {}, {})
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("Đang đọc trang", total=None)
        document = read_bulletin(
            files, settings, out_dir=pages_dir,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    if form == "json":
        click.echo(json.dumps(document_to_json(document), ensure_ascii=False))
    else:
        click.echo(document.spoken_text(tables=tables) if spoken else document.text())
    for code in document.warnings:
        click.echo(f"Lưu ý: {problem_text(code)}", err=True)

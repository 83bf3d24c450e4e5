"""``station backup`` and ``station restore``."""

from __future__ import annotations

from pathlib import Path

import click

from station.config import load_settings


@click.command()
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Tệp cần ghi (mặc định trong var/backups).")
@click.option("--with-models", is_flag=True, help="Sao lưu cả các giọng đọc đã tải (lớn).")
@click.pass_context
def backup(ctx: click.Context, out: Path | None, with_models: bool) -> None:
    """Sao lưu toàn bộ đài vào một tệp, kể cả khi đài đang chạy."""
    from station.backup import backup as make

    path = make(load_settings(ctx.obj["home"]), out, with_models=with_models)
    click.echo(f"Đã sao lưu vào {path} ({path.stat().st_size / 1e6:.1f} MB).")
    click.echo("Hãy chép tệp này sang một ổ đĩa khác và giữ kín: trong đó có toàn bộ dữ liệu của đài.")


@click.command()
@click.argument("archive", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def restore(archive: Path, folder: Path) -> None:
    """Khôi phục đài từ tệp sao lưu vào một THƯ MỤC mới."""
    from station.backup import restore as unpack
    from station.home import StationHome

    manifest = unpack(archive, folder)
    StationHome(folder.resolve()).ensure()
    click.echo(f"Đã khôi phục vào {folder} (bản sao lưu lúc {manifest['made_at']}).")
    click.echo(f"Hãy kiểm tra bằng: station --home {folder} doctor")

"""``station init``: a new station home."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--name", default="", help="Tên đài, ví dụ 'Đài truyền thanh xã Hoa Lộc'.")
@click.option("--samples", is_flag=True, help="Chép cả các bản tin mẫu để làm quen.")
def init(folder: Path, name: str, samples: bool) -> None:
    """Tạo một đài mới trong THƯ MỤC: cài đặt, lịch phát, từ điển đọc, nơi nhận bản tin.

    Tệp nào đã có thì được giữ nguyên.
    """
    from station.config import load_settings
    from station.db.database import open_database
    from station.editorial.people import needs_first_user
    from station.starter import make_home

    home, made = make_home(folder, name=name, samples=samples)
    settings = load_settings(home)
    database = open_database(settings)
    database.migrate()
    with database.session(write=False) as session:
        first = needs_first_user(session)
    database.close()
    for path in made:
        click.echo(f"  đã tạo {path}")
    click.echo(f"Đài nằm ở {home.root}")
    if first:
        click.echo("Việc tiếp theo:")
        click.echo(f"  station --home {home.root} user add quantri --role administrator")
        click.echo(f"  station --home {home.root} run")

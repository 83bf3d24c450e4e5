"""``station air``: the process that is on air."""

from __future__ import annotations

import click

from station.config import load_settings


@click.command()
@click.pass_context
def air(ctx: click.Context) -> None:
    """Phát theo lịch: chạy mãi cho đến khi bị dừng (SIGTERM). Chạy thêm một tiến trình là để dự phòng."""
    from station.playout.air import AirProcess

    AirProcess(load_settings(ctx.obj["home"])).run()

"""``station worker``: the process of long jobs."""

from __future__ import annotations

import logging

import click

from station.config import load_settings


@click.command()
@click.pass_context
def worker(ctx: click.Context) -> None:
    """Chạy phần xử lý: đọc ảnh, đọc thành tiếng, dựng chương trình.

    Thường do 'station run' bật. Bản tin đặt vào bulletins/inbox cũng được nhận ở đây. Dừng bằng Ctrl+C; việc dở
    dang được làm tiếp ở lần chạy sau.
    """
    from station.work.worker import run_worker

    logging.getLogger("huey").setLevel(logging.WARNING)
    run_worker(load_settings(ctx.obj["home"]))

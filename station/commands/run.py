"""``station run``: the whole station."""

from __future__ import annotations

import logging
import socket

import click

from station.config import Settings, load_settings


def page_addresses(settings: Settings) -> list[str]:
    """Where the page can be opened: on this machine, and from others in the same network."""
    port = settings.web.port
    addresses = [f"http://127.0.0.1:{port}"]
    if settings.web.host in ("0.0.0.0", "::"):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect(("192.0.2.1", 9))  # nothing is sent: the system only picks its own address
                own = probe.getsockname()[0]
            except OSError:
                own = ""
        if own and not own.startswith("127."):
            addresses.append(f"http://{own}:{port}")
    return addresses


@click.command()
@click.pass_context
def run(ctx: click.Context) -> None:
    """Chạy cả đài: trang web, phần xử lý và phần phát sóng; phần nào dừng thì tự bật lại.

    Dừng bằng Ctrl+C. Nhật ký của từng phần nằm trong var/logs.
    """
    from station.db.database import open_database
    from station.supervise import Supervisor

    logging.getLogger("station").setLevel(logging.INFO)
    settings = load_settings(ctx.obj["home"])
    settings.home.ensure()
    database = open_database(settings)
    database.migrate()
    click.echo("Trang web của đài: " + "  hoặc  ".join(page_addresses(settings)))
    try:
        Supervisor(settings, database).run()
    finally:
        database.close()
    click.echo("Đài đã dừng.")

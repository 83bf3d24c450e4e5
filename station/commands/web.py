"""``station web``: the page, served by waitress."""

from __future__ import annotations

import logging

import click

from station.config import load_settings


@click.command()
@click.option("--host", help="Địa chỉ lắng nghe (mặc định theo cài đặt web.host).")
@click.option("--port", type=click.IntRange(1, 65535), help="Cổng (mặc định theo cài đặt web.port).")
@click.pass_context
def web(ctx: click.Context, host: str | None, port: int | None) -> None:
    """Chạy trang của đài cho tới khi bị dừng."""
    from waitress import serve

    from station.editorial.people import needs_first_user
    from station.web import create_app
    from station.web.data import KEY
    from station.web.views.auth import first_run_code

    settings = load_settings((ctx.obj or {}).get("home"))
    app = create_app(settings)
    host, port = host or settings.web.host, port or settings.web.port
    with app.extensions[KEY]["database"].session(write=False) as session:
        if needs_first_user(session):
            click.echo(f"Chưa có người dùng. Mã bắt đầu: {first_run_code(settings.home)}", err=True)
    click.echo(f"Trang của đài: http://{'localhost' if host == '0.0.0.0' else host}:{port}/", err=True)
    logging.getLogger("waitress").setLevel(logging.WARNING)
    # Streams of the home page hold a thread each; a slow phone line must not hold up the others.
    serve(
        app, host=host, port=port, threads=settings.web.threads, channel_timeout=120, cleanup_interval=20,
        connection_limit=400, ident="station", max_request_body_size=settings.web.max_upload_mb * 1024 * 1024 + 65536,
    )

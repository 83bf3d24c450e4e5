"""``station run``: the whole station."""

from __future__ import annotations

import logging
import socket

import click

from station.config import Settings, load_settings
from station.errors import StationError


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


def start_in_background(settings: Settings, seconds: float = 90.0) -> None:
    """Start the station as a process of its own, wait until its page answers, and say where it is.

    Raises :class:`StationError` when the page does not answer in time; the log then tells why.
    """
    import http.client
    import subprocess
    import sys
    import time

    log = settings.home.logs / "run.log"
    settings.home.ensure()
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "station", "--home", str(settings.home.root), "run"],
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
        )
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None and running_pid(settings) is None:
            break
        connection = http.client.HTTPConnection("127.0.0.1", settings.web.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status < 500:
                click.echo("Đài đang chạy. Trang web: " + "  hoặc  ".join(page_addresses(settings)))
                click.echo(f"Dừng đài: station --home {settings.home.root} stop")
                return
        except (OSError, http.client.HTTPException):
            time.sleep(0.3)
        finally:
            connection.close()
    raise StationError("Đài chưa chạy được.", mend=f"Hãy xem {log} và chạy: station doctor")


def running_pid(settings: Settings) -> int | None:
    """The process of the running station, by the lock that it holds; None when it does not run."""
    import fcntl

    path = settings.home.run / "supervisor.lock"
    try:
        with path.open("r+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                text = file.read().strip()
                return int(text) if text.isdigit() else None
    except FileNotFoundError:
        pass
    return None


@click.command()
@click.option("--background", is_flag=True, help="Chạy nền: trả lại dòng lệnh khi trang web đã mở được.")
@click.pass_context
def run(ctx: click.Context, background: bool) -> None:
    """Chạy cả đài: trang web, phần xử lý và phần phát sóng; phần nào dừng thì tự bật lại.

    Dừng bằng Ctrl+C hoặc 'station stop'. Nhật ký của từng phần nằm trong var/logs.
    """
    from station.db.database import open_database
    from station.supervise import Supervisor

    settings = load_settings(ctx.obj["home"])
    if background:
        start_in_background(settings)
        return
    logging.getLogger("station").setLevel(logging.INFO)
    settings.home.ensure()
    database = open_database(settings)
    database.migrate()
    click.echo("Trang web của đài: " + "  hoặc  ".join(page_addresses(settings)))
    try:
        Supervisor(settings, database).run()
    finally:
        database.close()
    click.echo("Đài đã dừng.")


@click.command()
@click.pass_context
def stop(ctx: click.Context) -> None:
    """Dừng đài đang chạy; chương trình đang phát dở được ghi lại để phát tiếp ở lần sau."""
    import os
    import signal
    import time

    settings = load_settings(ctx.obj["home"])
    pid = running_pid(settings)
    if pid is None:
        click.echo("Đài không chạy.")
        return
    os.kill(pid, signal.SIGTERM)
    end = time.monotonic() + 60
    while running_pid(settings) is not None:
        if time.monotonic() > end:
            raise StationError("Đài chưa dừng sau 60 giây.", mend=f"Hãy xem {settings.home.logs}.")
        time.sleep(0.2)
    click.echo("Đài đã dừng.")

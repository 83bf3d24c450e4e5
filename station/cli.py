"""The ``station`` command.

Each sub-command lives in a module of :mod:`station.commands` and is imported only when it is called, so that
``station --help`` and small commands start at once on an old PC.
"""

from __future__ import annotations

import importlib
import logging
import os
import sys
from pathlib import Path

import click

from station import __version__
from station.errors import StationError

#: sub-command -> (module, attribute, one line of help)
COMMANDS: dict[str, tuple[str, str, str]] = {
    "init": ("station.commands.init", "init", "Tạo một đài mới trong một thư mục."),
    "demo": ("station.commands.demo", "demo", "Chạy thử: từ ảnh bản tin đến loa."),
    "run": ("station.commands.run", "run", "Chạy cả đài: web, xử lý, phát sóng."),
    "stop": ("station.commands.run", "stop", "Dừng đài đang chạy."),
    "user": ("station.commands.user", "user", "Người dùng: thêm, xem, đặt lại mật khẩu."),
    "doctor": ("station.commands.doctor", "doctor", "Kiểm tra máy và đài, chỉ cách khắc phục."),
    "backup": ("station.commands.backup", "backup", "Sao lưu toàn bộ đài vào một tệp."),
    "restore": ("station.commands.backup", "restore", "Khôi phục đài từ tệp sao lưu."),
    "ocr": ("station.commands.ocr", "ocr", "Đọc chữ từ ảnh, PDF, DOCX."),
    "normalize": ("station.commands.normalize", "normalize", "Đổi chữ viết thành lời đọc."),
    "say": ("station.commands.say", "say", "Đọc một câu ra tệp âm thanh."),
    "voices": ("station.commands.voices", "voices", "Giọng đọc: xem, cài, nghe thử."),
    "program": ("station.commands.program", "program", "Chương trình: dựng từ các bản tin."),
    "worker": ("station.commands.worker", "worker", "Phần xử lý: đọc ảnh, đọc tiếng, dựng chương trình."),
    "schedule": ("station.commands.schedule", "schedule", "Lịch phát: kiểm tra, xem, nhập, xuất."),
    "web": ("station.commands.web", "web", "Chạy trang của đài."),
    "emergency": ("station.commands.emergency", "emergency", "Thông báo khẩn cấp: phát ngay, phát thử, dừng."),
    "report": ("station.commands.report", "report", "Báo cáo tháng và nhật ký phát sóng."),
    "air": ("station.commands.air", "air", "Phát theo lịch ra loa (chạy liên tục)."),
    "bench": ("station.commands.bench", "bench", "Đo tốc độ và độ chính xác."),
}


class LazyGroup(click.Group):
    """A click group that imports a sub-command only when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[cmd_name]
        command = getattr(importlib.import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{module}.{attribute} is not a click command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Lệnh"):
            formatter.write_dl([(name, line) for name, (_, _, line) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="station")
@click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="STATION_HOME",
    help="Thư mục của đài (mặc định: thư mục hiện tại hoặc thư mục cha gần nhất có station.toml).",
)
@click.option("-v", "--verbose", is_flag=True, help="Ghi thêm chi tiết kỹ thuật ra màn hình.")
@click.pass_context
def cli(ctx: click.Context, home: Path | None, verbose: bool) -> None:
    """Đài truyền thanh xã: từ tờ giấy đến loa phát thanh."""
    ctx.ensure_object(dict)
    ctx.obj["home"] = home
    _set_up_logging(verbose)


def _set_up_logging(verbose: bool) -> None:
    """To standard error; a process of ``station run`` also writes a file of its own that never grows without end."""
    file = os.environ.get("STATION_LOG_FILE", "")
    level = "DEBUG" if verbose else os.environ.get("STATION_LOG_LEVEL", "INFO" if file else "WARNING").upper()
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    if file:
        from logging.handlers import RotatingFileHandler

        handlers[0].setLevel(logging.ERROR)
        handlers.append(RotatingFileHandler(file, maxBytes=5_000_000, backupCount=4, encoding="utf-8", delay=True))
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s", handlers=handlers)
    for chatty in ("alembic", "huey", "apscheduler"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, logging.getLevelName(level)))


def main() -> None:
    """Entry point of the console script: errors end as one Vietnamese line and exit status 1."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    if "STATION_SUPERVISOR" in os.environ:
        from station.supervise import follow_supervisor

        follow_supervisor()
    try:
        cli.main(standalone_mode=True, prog_name="station")
    except StationError as error:
        logging.getLogger("station").debug("error detail: %s", error.detail, exc_info=True)
        click.echo(f"Lỗi: {error.for_staff()}", err=True)
        if error.detail:
            click.echo(f"  (chi tiết: {error.detail})", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()

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
    "ocr": ("station.commands.ocr", "ocr", "Đọc chữ từ ảnh, PDF, DOCX."),
    "normalize": ("station.commands.normalize", "normalize", "Đổi chữ viết thành lời đọc."),
    "say": ("station.commands.say", "say", "Đọc một câu ra tệp âm thanh."),
    "voices": ("station.commands.voices", "voices", "Giọng đọc: xem, cài, nghe thử."),
    "program": ("station.commands.program", "program", "Chương trình: dựng từ các bản tin."),
    "schedule": ("station.commands.schedule", "schedule", "Lịch phát: kiểm tra, xem, nhập, xuất."),
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
    logging.basicConfig(
        level=logging.DEBUG if verbose else os.environ.get("STATION_LOG_LEVEL", "WARNING").upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )


def main() -> None:
    """Entry point of the console script: errors end as one Vietnamese line and exit status 1."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
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

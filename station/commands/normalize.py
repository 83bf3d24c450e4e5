"""``station normalize``: written lines to spoken lines."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click

from station.config import load_settings
from station.errors import ConfigError
from station.home import StationHome
from station.text import Lexicon, load_lexicon
from station.text import normalize as normalize_line
from station.text import report as report_line


@click.command()
@click.option("--region", type=click.Choice(["north", "central", "south"]), help="Cách đọc theo vùng (mặc định theo cài đặt của đài).")
@click.option("--report", "as_report", is_flag=True, help="In những chỗ phải đoán, mỗi chỗ một dòng JSON.")
@click.pass_context
def normalize(ctx: click.Context, region: str | None, as_report: bool) -> None:
    """Đọc từng dòng từ đầu vào chuẩn và in lời đọc, mỗi dòng một dòng.

    Với --report, in các chỗ phải đoán (vị trí, chữ viết, lời đọc, các cách đọc khác) thay cho lời đọc.
    """
    home = ctx.obj.get("home") if ctx.obj else None
    lexicon = Lexicon()
    try:
        settings = load_settings(StationHome(home.resolve()) if home else None)
        lexicon = load_lexicon(settings.home.voices / "lexicon.toml")
        region = region or settings.text.region
    except ConfigError:
        if home is not None:
            raise
    for number, raw in enumerate(sys.stdin.buffer, 1):
        line = raw.decode("utf-8", errors="replace").removeprefix("\ufeff").rstrip("\r\n")
        _one(number, line, region or "north", lexicon, as_report)


def _one(number: int, line: str, region: str, lexicon: Lexicon, as_report: bool) -> None:
    if not as_report:
        sys.stdout.write(normalize_line(line, region=region, lexicon=lexicon) + "\n")
        return
    for doubt in report_line(line, region=region, lexicon=lexicon)[1]:
        sys.stdout.write(json.dumps({"line": number, **asdict(doubt)}, ensure_ascii=False) + "\n")

"""``station doctor``."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from station.config import load_settings


@click.command()
@click.option("--json", "as_json", is_flag=True, help="In dạng JSON, mỗi mục một dòng.")
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> None:
    """Kiểm tra máy và đài: có đủ những gì cần chưa, thiếu thì làm thế nào.

    Kết thúc với mã 1 khi có mục hỏng (✗); mục cần lưu ý (!) thì đài vẫn chạy được.
    """
    from station.health import State, checks

    marks = {State.GOOD: "✓", State.WARNING: "!", State.BAD: "✗"}
    colors = {State.GOOD: "green", State.WARNING: "yellow", State.BAD: "red"}
    settings = load_settings(ctx.obj["home"])
    bad = 0
    for check in checks(settings):
        bad += check.state is State.BAD
        if as_json:
            click.echo(json.dumps(asdict(check), ensure_ascii=False))
            continue
        click.echo(f"{click.style(marks[check.state], fg=colors[check.state])} {check.title}: {check.message}")
        if check.mend:
            click.echo(f"    → {check.mend}")
    if not as_json:
        click.echo(f"Có {bad} mục cần khắc phục." if bad else "Máy và đài đều dùng được.")
    ctx.exit(1 if bad else 0)

"""``station demo``: the whole way once, on a sample."""

from __future__ import annotations

from pathlib import Path

import click

from station.config import load_settings

STEPS = {
    "reading": "đọc trang", "speaking": "đọc câu", "assembling": "dựng phần", "preview": "bản nghe thử", "airing": "đang phát (giây)",
}


@click.command()
@click.argument("paper", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--no-serve", is_flag=True, help="Chạy thử xong thì dừng, không bật đài.")
@click.option("--show", is_flag=True, help="In cả văn bản đọc được, lời đọc và dòng nhật ký phát sóng.")
@click.pass_context
def demo(ctx: click.Context, paper: Path | None, no_serve: bool, show: bool) -> None:
    """Đưa một ảnh bản tin (mặc định là ảnh mẫu) qua mọi khâu, đến tận loa.

    Chạy xong thì bật đài, trừ khi có --no-serve. Nơi không có card âm thanh, chương trình được phát ra tệp.
    """
    from station.db.database import open_database
    from station.demo import Demo, DemoError, sample_bulletin

    settings = load_settings(ctx.obj["home"])
    settings.home.ensure()
    database = open_database(settings)
    database.migrate()
    demonstration = Demo(settings, database, paper or sample_bulletin(settings), progress=_progress())
    outcomes = demonstration.outcomes
    try:
        for number, stage in enumerate(demonstration.run(), 1):
            _clear()
            click.echo(f"{number}. {stage.name}: {stage.result} ({stage.seconds:.1f} giây)")
    finally:
        database.close()
    if show:
        for title, text in (("Văn bản", outcomes.text), ("Lời đọc", outcomes.script),
                            ("Nhật ký phát sóng", "\n".join(outcomes.as_run or []))):
            click.echo(f"\n--- {title} ---\n{text}")
        click.echo("")
    if outcomes.password:
        click.echo(f"Người dùng đầu tiên: quantri   Mật khẩu lần đầu: {outcomes.password}")
    click.echo(f"Chương trình: {outcomes.program}")
    click.echo(f"Thời lượng: {outcomes.seconds:.1f} giây   Độ lớn: {outcomes.loudness_lufs:.1f} LUFS")
    if outcomes.aired_file is not None:
        click.echo(f"Máy không có card âm thanh nên chương trình được phát ra tệp: {outcomes.aired_file}")
    if not outcomes.aired:
        raise DemoError("Chương trình đã dựng xong nhưng chưa phát được trọn vẹn.", mend="Hãy chạy: station doctor")
    if not no_serve:
        from station.commands.run import start_in_background

        start_in_background(settings)


def _progress():  # type: ignore[no-untyped-def]
    """Shows the running step on standard error: in place on a terminal, at each tenth elsewhere."""
    import sys

    terminal = sys.stderr.isatty()
    last = ("", -1)

    def show(step: str, done: int, total: int) -> None:
        nonlocal last
        if step not in STEPS or total < 1:
            return
        tenth = done * 10 // max(total, 1)
        if (step, tenth) == last and not terminal:
            return
        last = (step, tenth)
        line = f"   {STEPS[step]}: {done}/{total}"
        click.echo(f"\r\033[K{line}" if terminal else line, nl=not terminal, err=True)

    return show


def _clear() -> None:
    import sys

    if sys.stderr.isatty():
        click.echo("\r\033[K", nl=False, err=True)

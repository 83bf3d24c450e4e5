"""``station bench NAME``: a benchmark beside a naive baseline, as JSON lines."""

from __future__ import annotations

import importlib

import click

from station.bench import NAMES


@click.command()
@click.argument("name", type=click.Choice(NAMES))
@click.option("--set", "pairs", multiple=True, metavar="KHÓA=GIÁ_TRỊ", help="Đổi một tham số của phép đo.")
def bench(name: str, pairs: tuple[str, ...]) -> None:
    """Đo một phần của đài bên cạnh một cách làm đơn giản, trong cùng một lần chạy.

    In mỗi số đo một dòng JSON (name, value, unit, baseline, ratio, goal, met) ra đầu ra chuẩn; tiến độ in ra
    đầu ra lỗi. Mã thoát 0 khi đo được.
    """
    options = dict(pair.split("=", 1) for pair in pairs if "=" in pair)
    module = importlib.import_module(f"station.bench.{name}")
    for figure in module.run(options):
        click.echo(figure.to_json())

"""``station report``: the month for the committee, the log for whoever asks."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from station.config import load_settings
from station.db import open_database
from station.playout.report import OUTCOME_WORDS, month_report, parse_month
from station.playout.report_forms import to_csv, to_html, write_xlsx


@click.command()
@click.option("--month", required=True, metavar="NĂM-THÁNG", help="Tháng cần báo cáo, ví dụ 2026-11.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Thư mục ghi các tệp (mặc định: var/reports).")
@click.option(
    "--format", "forms", type=click.Choice(["html", "csv", "xlsx"]), multiple=True, help="Dạng tệp (mặc định: cả ba)."
)
@click.pass_context
def report(ctx: click.Context, month: str, out: Path | None, forms: tuple[str, ...]) -> None:
    """Báo cáo phát thanh của một tháng: bản in (HTML), bảng tính (XLSX), dữ liệu (CSV)."""
    settings = load_settings(ctx.obj["home"])
    year, number = parse_month(month)
    database = open_database(settings)
    database.migrate()
    with database.session(write=False) as session:
        found = month_report(session, year, number, settings.zone)
    database.close()
    folder = out or settings.home.var / "reports"
    folder.mkdir(parents=True, exist_ok=True)
    base = folder / f"bao-cao-{year}-{number:02}"
    for form in forms or ("html", "csv", "xlsx"):
        path = base.with_suffix(f".{form}")
        if form == "html":
            path.write_text(to_html(found, settings, datetime.now(UTC)), encoding="utf-8")
        elif form == "csv":
            path.write_bytes(to_csv(found.rows).encode("utf-8"))
        else:
            write_xlsx(found, settings, path)
        click.echo(f"Đã ghi {path}")
    words = ", ".join(f"{OUTCOME_WORDS[o]}: {n}" for o, n in found.outcomes.items()) or "không có buổi nào"
    click.echo(f"Tháng {number}/{year}: {found.planned} buổi ({words}).")

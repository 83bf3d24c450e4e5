"""``station emergency``: interrupt everything, now."""

from __future__ import annotations

import secrets
import time

import click
import sqlalchemy as sa

from station.config import Settings, load_settings
from station.db import Database, open_database
from station.db.models import Emergency, User
from station.db.states import EmergencyState
from station.playout.emergency import (
    CONFIRMATION,
    CONFIRMATION_TEST,
    EmergencyError,
    confirm_emergency,
    request_emergency,
    stop_emergency,
)
from station.playout.wake import poke

_user = click.option("--user", default="", metavar="TÊN", help="Tên đăng nhập của người ra lệnh.")


@click.group()
def emergency() -> None:
    """Thông báo khẩn cấp: phát ngay, phát thử, xác nhận, dừng."""


def _open(ctx: click.Context) -> tuple[Settings, Database]:
    settings = load_settings(ctx.obj["home"])
    database = open_database(settings)
    database.migrate()
    return settings, database


def _person(session: sa.orm.Session, username: str) -> User | None:
    if not username:
        return None
    user = session.scalar(sa.select(User).where(User.username == username, User.active))
    if user is None:
        raise EmergencyError(f"Không có người dùng '{username}'.")
    return user


def _follow(settings: Settings, database: Database, number: int, seconds: float = 15) -> None:
    """Tell whether it really went on air: a request alone is not heard by anybody."""
    poke(settings)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with database.session(write=False) as session:
            row = session.get_one(Emergency, number)
        if row.state is EmergencyState.WAITING:
            click.echo(f"Thông báo {number} đang chờ người thứ hai: station emergency confirm {number} --user TÊN")
            return
        if row.first_sample_at is not None and row.accepted_at is not None:
            delay = (row.first_sample_at - row.accepted_at).total_seconds()
            click.echo(f"Thông báo {number} đang phát (sau {max(0.0, delay):.2f} giây).")
            return
        if row.state in (EmergencyState.FAILED, EmergencyState.STOPPED, EmergencyState.DONE):
            click.echo(f"Thông báo {number} đã kết thúc. {row.reason}")
            return
        time.sleep(0.1)
    raise EmergencyError(
        f"Thông báo {number} chưa lên sóng.", mend="Hãy kiểm tra tiến trình phát: station air (hoặc station run)."
    )


def _start(
    ctx: click.Context, text: str, confirmation: str, key: str, signal: str, repeats: int | None, gap: float | None,
    username: str, *, test: bool,
) -> None:
    settings, database = _open(ctx)
    wanted = CONFIRMATION_TEST if test else CONFIRMATION
    if not confirmation:
        confirmation = click.prompt(f"Gõ {wanted} để phát ngay", default="", show_default=False)
    with database.session() as session:
        row = request_emergency(
            session, settings, content=text, idempotency_key=key or secrets.token_hex(8), confirmation=confirmation,
            user=_person(session, username), test=test, signal=signal, repeats=repeats, gap_seconds=gap,
        )
        number = row.id
    _follow(settings, database, number)
    database.close()


_options = (
    click.option("--confirm", "confirmation", default="", metavar="CHỮ", help="Chữ xác nhận (bỏ trống: hỏi khi chạy)."),
    click.option("--key", default="", metavar="KHÓA", help="Khóa chống phát hai lần: cùng khóa là cùng một thông báo."),
    click.option("--signal", type=click.Choice(["siren", "chime", "none"]), default=None, help="Tín hiệu báo trước."),
    click.option("--repeats", type=click.IntRange(1, 50), default=None, help="Số lần đọc."),
    click.option("--gap", type=click.FloatRange(0, 60), default=None, help="Nghỉ giữa hai lần, giây."),
    _user,
)


def _with_options(command):  # type: ignore[no-untyped-def]
    for option in reversed(_options):
        command = option(command)
    return command


@emergency.command("start")
@click.argument("text")
@_with_options
@click.pass_context
def start(
    ctx: click.Context, text: str, confirmation: str, key: str, signal: str | None, repeats: int | None,
    gap: float | None, user: str,
) -> None:
    """Phát ngay thông báo khẩn TEXT, ngắt mọi chương trình khác."""
    _start(ctx, text, confirmation, key, signal or "", repeats, gap, user, test=False)


@emergency.command("test")
@click.argument("text", default="Nội dung phát thử.")
@_with_options
@click.pass_context
def test(
    ctx: click.Context, text: str, confirmation: str, key: str, signal: str | None, repeats: int | None,
    gap: float | None, user: str,
) -> None:
    """Phát thử: có lời báo trước và sau rằng đây không phải báo động thật."""
    _start(ctx, text, confirmation, key, signal or "", repeats or 1, gap, user, test=True)


@emergency.command("confirm")
@click.argument("number", type=int, metavar="SỐ")
@_user
@click.pass_context
def confirm(ctx: click.Context, number: int, user: str) -> None:
    """Người thứ hai xác nhận thông báo SỐ."""
    settings, database = _open(ctx)
    with database.session() as session:
        person, row = _person(session, user), session.get(Emergency, number)
        if row is None or person is None:
            raise EmergencyError("Thiếu số thông báo hoặc tên người xác nhận (--user).")
        confirm_emergency(session, row, user=person)
    _follow(settings, database, number)
    database.close()


@emergency.command("stop")
@click.option("--reason", default="", metavar="LÝ_DO", help="Lý do dừng, ghi vào nhật ký.")
@_user
@click.pass_context
def stop(ctx: click.Context, reason: str, user: str) -> None:
    """Dừng mọi thông báo khẩn đang phát hoặc đang chờ."""
    settings, database = _open(ctx)
    with database.session() as session:
        ended = stop_emergency(session, _person(session, user), reason=reason)
    poke(settings)
    database.close()
    click.echo(f"Đã yêu cầu dừng {len(ended)} thông báo." if ended else "Không có thông báo khẩn nào.")

"""``station user``: accounts, for the first one and for a forgotten password."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.orm import Session

from station.config import load_settings
from station.db.database import open_database
from station.db.models import User
from station.db.states import UserRole
from station.editorial import audit, people

ROLES = {
    UserRole.EDITOR: "biên tập viên", UserRole.APPROVER: "người duyệt", UserRole.OPERATOR: "người vận hành",
    UserRole.ADMINISTRATOR: "quản trị",
}


@contextmanager
def _session(ctx: click.Context) -> Iterator[Session]:
    database = open_database(load_settings(ctx.obj["home"]))
    database.migrate()
    try:
        with database.session() as session:
            yield session
    finally:
        database.close()


def _password(from_stdin: bool) -> tuple[str, bool]:
    """(password, made here)."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\n"), False
    return people.make_password(), True


def _find(session: Session, username: str) -> User:
    user = people.find_user(session, username)
    if user is None:
        raise people.PeopleError(f"Không có người dùng tên '{username}'.", mend="Hãy xem: station user list.")
    return user


@click.group()
def user() -> None:
    """Người dùng của đài: thêm, xem, đặt lại mật khẩu, khóa."""


@user.command("add")
@click.argument("username")
@click.option("--role", type=click.Choice([role.value for role in UserRole]), default="editor", show_default=True, help="Vai trò.")
@click.option("--name", "display_name", default="", help="Họ và tên.")
@click.option("--password-stdin", is_flag=True, help="Đọc mật khẩu từ đầu vào chuẩn thay vì tự tạo.")
@click.pass_context
def add(ctx: click.Context, username: str, role: str, display_name: str, password_stdin: bool) -> None:
    """Thêm một người. Mật khẩu đầu tiên được tự tạo và chỉ hiện một lần này."""
    password, made = _password(password_stdin)
    with _session(ctx) as session:
        new = people.create_user(
            session, username=username, password=password, role=UserRole(role), display_name=display_name,
            must_change_password=made,
        )
        audit.record(session, None, "user.add", f"user:{new.id}", {"role": role, "by": "command"})
    click.echo(f"Đã thêm {username} ({ROLES[UserRole(role)]}).")
    if made:
        click.echo(f"Mật khẩu lần đầu: {password}")


@user.command("password")
@click.argument("username")
@click.option("--password-stdin", is_flag=True, help="Đọc mật khẩu từ đầu vào chuẩn thay vì tự tạo.")
@click.pass_context
def password_(ctx: click.Context, username: str, password_stdin: bool) -> None:
    """Đặt lại mật khẩu; mọi phiên đang mở của người đó đều kết thúc."""
    password, made = _password(password_stdin)
    with _session(ctx) as session:
        found = _find(session, username)
        people.change_password(session, found, password)
        found.must_change_password = made
        audit.record(session, None, "user.password", f"user:{found.id}", {"by": "command"})
    click.echo(f"Đã đặt lại mật khẩu của {username}.")
    if made:
        click.echo(f"Mật khẩu mới: {password}")


@user.command("disable")
@click.argument("username")
@click.pass_context
def disable(ctx: click.Context, username: str) -> None:
    """Khóa một tài khoản (không xóa gì)."""
    with _session(ctx) as session:
        found = _find(session, username)
        people.deactivate(session, found)
        audit.record(session, None, "user.disable", f"user:{found.id}", {"by": "command"})
    click.echo(f"Đã khóa tài khoản {username}.")


@user.command("list")
@click.pass_context
def list_(ctx: click.Context) -> None:
    """Xem danh sách người dùng."""
    with _session(ctx) as session:
        users = session.query(User).order_by(User.username).all()
        for one in users:
            state = "" if one.active else " (đã khóa)"
            click.echo(f"{one.username:<20} {ROLES[one.role]:<16} {one.display_name}{state}")
    if not users:
        click.echo("Chưa có ai. Hãy chạy: station user add quantri --role administrator")

"""The people of the station: accounts, passwords, signing in."""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session
from werkzeug.security import check_password_hash, generate_password_hash

from station.db.models import User
from station.db.states import UserRole
from station.errors import StationError

#: wrong passwords in a row before an account rests, and for how long
LOCK_AFTER = 8
LOCK_FOR = timedelta(minutes=10)
SHORTEST_PASSWORD = 8
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
# A sign-in with an unknown name costs the same time as one with a wrong password.
_DUMMY = generate_password_hash(secrets.token_hex(16))
# No characters that look alike on paper: the first password is read off a screen.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


class SignInError(StationError):
    """The name or the password is wrong, or the account rests."""

    code = "people.sign_in"


class PeopleError(StationError):
    """An account cannot be made or changed like that."""

    code = "people"


def make_password() -> str:
    """A first password that can be typed on a phone: three groups of four letters and digits (59 bits)."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))


def check_new_password(password: str, username: str = "") -> None:
    """Raises :class:`PeopleError` for a password that is too short or is the account's name."""
    if len(password) < SHORTEST_PASSWORD:
        raise PeopleError(f"Mật khẩu cần ít nhất {SHORTEST_PASSWORD} ký tự.", code="people.password")
    if password.strip().lower() in (username.lower(), "12345678", "123456789", "1234567890", "matkhau123", "password"):
        raise PeopleError("Mật khẩu này quá dễ đoán.", mend="Hãy chọn một mật khẩu khác.", code="people.password")


def needs_first_user(session: Session) -> bool:
    """True while nobody can sign in."""
    return session.scalar(sa.select(User.id).where(User.active).limit(1)) is None


def find_user(session: Session, username: str, station_id: int = 1) -> User | None:
    return session.scalar(sa.select(User).where(User.station_id == station_id, User.username == username.strip().lower()))


def create_user(
    session: Session, *, username: str, password: str, role: UserRole, display_name: str = "",
    must_change_password: bool = False, station_id: int = 1,
) -> User:
    """A new account.  Raises :class:`PeopleError` for a name that is taken or a password that is too weak."""
    username = username.strip().lower()
    if not _USERNAME.fullmatch(username):
        raise PeopleError(
            "Tên đăng nhập chỉ gồm chữ không dấu, chữ số, dấu chấm và gạch nối, từ 2 đến 64 ký tự.",
            code="people.username",
        )
    if find_user(session, username, station_id) is not None:
        raise PeopleError(f"Đã có người dùng tên '{username}'.", mend="Hãy chọn tên khác.", code="people.taken")
    check_new_password(password, username)
    user = User(
        station_id=station_id, username=username, display_name=display_name.strip() or username, role=role,
        password_hash=generate_password_hash(password), must_change_password=must_change_password,
    )
    session.add(user)
    session.flush()
    return user


def sign_in(session: Session, username: str, password: str, *, now: datetime, station_id: int = 1) -> User:
    """The person, or :class:`SignInError`.  Counts failures (commit the session also after the error)."""
    wrong = SignInError("Tên đăng nhập hoặc mật khẩu không đúng.", mend="Hãy kiểm tra lại, kể cả chữ hoa, chữ thường.")
    user = find_user(session, username, station_id)
    if user is None or not user.active:
        check_password_hash(_DUMMY, password)
        raise wrong
    if user.locked_until is not None and user.locked_until > now:
        minutes = max(1, round((user.locked_until - now).total_seconds() / 60))
        raise SignInError(
            "Tài khoản tạm nghỉ vì nhập sai mật khẩu nhiều lần.", mend=f"Hãy thử lại sau {minutes} phút.",
            code="people.locked",
        )
    if not check_password_hash(user.password_hash, password):
        user.failed_logins += 1
        if user.failed_logins >= LOCK_AFTER:
            user.failed_logins = 0
            user.locked_until = now + LOCK_FOR
        raise wrong
    user.failed_logins = 0
    user.locked_until = None
    user.last_login_at = now
    return user


def change_password(session: Session, user: User, new: str) -> None:
    """A new password; all of the person's other sessions end."""
    check_new_password(new, user.username)
    user.password_hash = generate_password_hash(new)
    user.must_change_password = False
    user.session_epoch += 1
    user.failed_logins = 0
    user.locked_until = None


def deactivate(session: Session, user: User) -> None:
    """The person may not sign in any more.  The last administrator stays."""
    others = session.scalar(
        sa.select(sa.func.count()).select_from(User).where(
            User.station_id == user.station_id, User.role == UserRole.ADMINISTRATOR, User.active, User.id != user.id
        )
    )
    if user.role is UserRole.ADMINISTRATOR and not others:
        raise PeopleError("Đây là người quản trị duy nhất.", mend="Hãy thêm người quản trị khác trước.", code="people.last")
    user.active = False
    user.session_epoch += 1

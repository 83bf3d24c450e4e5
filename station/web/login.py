"""Who is signed in: a snapshot of the user's row, checked at every request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import Flask, session
from flask_login import LoginManager, UserMixin, current_user, login_user

from station.config import Settings
from station.db import Database
from station.db.models import User
from station.db.states import UserRole
from station.web.data import reading

manager = LoginManager()


@dataclass(frozen=True)
class Person(UserMixin):
    """A signed-in person; ``epoch`` must match the row's, so that a session can be ended from elsewhere."""

    key: int
    username: str
    display_name: str
    role: UserRole
    epoch: int
    must_change_password: bool

    @classmethod
    def of(cls, user: User) -> Person:
        return cls(
            user.id, user.username, user.display_name or user.username, user.role, user.session_epoch,
            user.must_change_password,
        )

    def get_id(self) -> str:
        return f"{self.key}.{self.epoch}"

    def may(self, permission: str) -> bool:
        from station.web.permissions import GRANTS, Permission

        return Permission(permission) in GRANTS[self.role]


def person() -> Person:
    """The signed-in person; only for views that need one."""
    return cast(Person, current_user)


def user_row(db_session) -> User:  # noqa: ANN001 - a Session of either kind
    """The signed-in person's row in ``db_session``."""
    return cast(User, db_session.get(User, person().key))


def start_session(user: User) -> None:
    """Sign ``user`` in; the old session's content is dropped (no fixation), but not the language."""
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language
    session.permanent = True
    login_user(Person.of(user))


def init_app(app: Flask, settings: Settings, database: Database) -> None:
    manager.init_app(app)
    manager.login_view = "auth.sign_in"
    manager.login_message = None
    manager.session_protection = "basic"

    @manager.user_loader
    def load(session_id: str) -> Person | None:
        key, _, epoch = session_id.partition(".")
        if not key.isdigit():
            return None
        user = reading().get(User, int(key))
        if user is None or not user.active or str(user.session_epoch) != epoch:
            return None
        return Person.of(user)

"""People and their roles: made, changed, a new password, sessions ended."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from station.db.models import User
from station.db.states import UserRole
from station.editorial import people
from station.editorial.audit import record
from station.errors import StationError
from station.web import data, forms, login
from station.web.paging import find
from station.web.permissions import GRANTS, MEANINGS, ROLE_NAMES, P

users = Blueprint("users", __name__, url_prefix="/users")
View = str | Response | tuple[str, int]


def _roles() -> list[tuple[str, str]]:
    return [(role.value, _(name)) for role, name in ROLE_NAMES.items()]


def _may() -> list[tuple[str, list[str]]]:
    """Each role and what it may do, in words."""
    shown = [p for p in P if p not in (P.PUBLIC, P.API)]
    return [(_(ROLE_NAMES[role]), [_(MEANINGS[p]) for p in shown if p in GRANTS[role]]) for role in ROLE_NAMES]


@users.get("/")
def index() -> View:
    found = find(
        data.reading(), sa.select(User).where(User.station_id == 1).order_by(User.active.desc(), User.username), scalars=True
    )
    return render_template("users/index.html", found=found, may_do=_may())


@users.get("/new")
def new() -> View:
    return render_template("users/new.html", roles=_roles(), form={})


@users.post("/new")
def create() -> View:
    password = people.make_password()
    try:
        with data.writing() as s:
            user = people.create_user(
                s, username=forms.text("username", longest=64), password=password,
                role=forms.member(UserRole, request.form.get("role", "")),
                display_name=forms.text("display_name", longest=200), must_change_password=True,
            )
            record(s, login.user_row(s), "user.create", f"user:{user.id}", {"role": user.role.value})
    except StationError as error:
        flash(error.for_staff(), "danger")
        return render_template("users/new.html", roles=_roles(), form=request.form), 400
    return render_template("users/password.html", user=user, password=password)


@users.get("/<int:user_id>")
def edit(user_id: int) -> View:
    return render_template("users/edit.html", user=data.one_or_404(data.reading(), User, user_id), roles=_roles())


@users.post("/<int:user_id>")
def save(user_id: int) -> View:
    role = forms.member(UserRole, request.form.get("role", ""))
    with data.writing() as s:
        user = data.one_or_404(s, User, user_id)
        wants_active = bool(request.form.get("active"))
        loses_admin = user.active and user.role is UserRole.ADMINISTRATOR and role is not UserRole.ADMINISTRATOR
        if (user.active and not wants_active) or loses_admin:
            # deactivate() keeps the last administrator; a change of role must not get round it
            was = user.active
            people.deactivate(s, user)
            user.active = was and wants_active
        elif wants_active and not user.active:
            user.active = True
        if user.role is not role:
            user.session_epoch += 1
        user.role = role
        user.display_name = forms.text("display_name", longest=200) or user.username
        record(s, login.user_row(s), "user.save", f"user:{user_id}", {"role": role.value, "active": user.active})
    flash(_("Đã lưu tài khoản."), "success")
    return redirect(url_for("users.index"), 303)


@users.post("/<int:user_id>/password")
def password(user_id: int) -> View:
    """A new first password, shown once."""
    new_password = people.make_password()
    with data.writing() as s:
        user = data.one_or_404(s, User, user_id)
        people.change_password(s, user, new_password)
        user.must_change_password = True
        record(s, login.user_row(s), "user.password_reset", f"user:{user_id}")
    return render_template("users/password.html", user=user, password=new_password)


@users.post("/<int:user_id>/end-sessions")
def end_sessions(user_id: int) -> View:
    with data.writing() as s:
        data.one_or_404(s, User, user_id).session_epoch += 1
        record(s, login.user_row(s), "user.end_sessions", f"user:{user_id}")
    flash(_("Mọi phiên đăng nhập của người này đã kết thúc."), "success")
    return redirect(url_for("users.edit", user_id=user_id), 303)

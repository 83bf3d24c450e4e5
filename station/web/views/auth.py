"""Signing in and out, the first user, one's own password, the language."""

from __future__ import annotations

import hmac
import secrets
from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user, logout_user
from werkzeug.security import check_password_hash
from werkzeug.wrappers import Response

from station.db.states import UserRole
from station.db.types import utc_now
from station.editorial import audit, people
from station.errors import StationError
from station.home import StationHome
from station.web import data, forms, login
from station.web.errors import local_referrer
from station.web.language import LANGUAGES

auth = Blueprint("auth", __name__)
Page = str | Response | tuple[str, int]


def first_run_code(home: StationHome) -> str:
    """The code that whoever makes the first account must know: only a person at the machine can read it."""
    path = home.secrets / "first-run.txt"
    if not path.is_file():
        path.write_text(people.make_password() + "\n", encoding="utf-8")
        path.chmod(0o600)
    return path.read_text(encoding="utf-8").strip()


def _way_on(target: str) -> str:
    """``target`` when it is a path of this page, else the home page."""
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or not target.startswith("/") or target.startswith(("//", "/\\")):
        return url_for("home.index")
    return target


@auth.get("/sign-in")
def sign_in() -> Page:
    if current_user.is_authenticated:
        return redirect(url_for("home.index"))
    if people.needs_first_user(data.reading()):
        return redirect(url_for("auth.first_user"))
    return render_template("auth/sign_in.html")


@auth.post("/sign-in")
def sign_in_post() -> Page:
    refused: StationError | None = None
    with data.writing() as s:
        try:
            user = people.sign_in(
                s, forms.text("username", longest=64), request.form.get("password", "")[:200], now=utc_now()
            )
        except people.SignInError as error:
            refused = error  # the count of failures must be committed
        else:
            audit.record(s, user, "session.start", f"user:{user.id}", address=request.remote_addr or "")
    if refused is not None:
        flash(refused.for_staff(), "danger")
        return render_template("auth/sign_in.html"), 401
    login.start_session(user)
    return redirect(_way_on(request.form.get("next", "")), 303)


@auth.get("/first-user")
def first_user() -> Page:
    if not people.needs_first_user(data.reading()):
        return redirect(url_for("auth.sign_in"))
    first_run_code(data.settings().home)
    return render_template("auth/first_user.html")


@auth.post("/first-user")
def first_user_post() -> Page:
    home = data.settings().home
    if not people.needs_first_user(data.reading()):
        return redirect(url_for("auth.sign_in"), 303)
    given = request.form.get("code", "").strip()
    try:
        if not hmac.compare_digest(given.encode(), first_run_code(home).encode()):
            raise forms.FormError(_("Mã bắt đầu không đúng."), mend=_("Hãy xem lại tệp var/secrets/first-run.txt."))
        with data.writing() as s:
            if not people.needs_first_user(s):
                return redirect(url_for("auth.sign_in"), 303)
            user = people.create_user(
                s, username=forms.text("username", longest=64), password=request.form.get("password", "")[:200],
                role=UserRole.ADMINISTRATOR, display_name=forms.text("display_name", longest=200),
            )
            audit.record(s, user, "user.first", f"user:{user.id}", address=request.remote_addr or "")
    except StationError as error:
        flash(error.for_staff(), "danger")
        return render_template("auth/first_user.html"), 400
    (home.secrets / "first-run.txt").unlink(missing_ok=True)
    login.start_session(user)
    return redirect(url_for("setup.index"), 303)


@auth.post("/sign-out")
def sign_out() -> Page:
    logout_user()
    session.clear()
    return redirect(url_for("auth.sign_in"), 303)


@auth.get("/password")
def password() -> Page:
    return render_template("auth/password.html")


@auth.post("/password")
def password_post() -> Page:
    new = request.form.get("new", "")[:200]
    try:
        if not secrets.compare_digest(new.encode(), request.form.get("again", "")[:200].encode()):
            raise forms.FormError(_("Hai lần gõ mật khẩu mới không giống nhau."))
        with data.writing() as s:
            user = login.user_row(s)
            if not check_password_hash(user.password_hash, request.form.get("old", "")[:200]):
                raise forms.FormError(_("Mật khẩu hiện tại không đúng."))
            people.change_password(s, user, new)
            audit.record(s, user, "user.password", f"user:{user.id}", address=request.remote_addr or "")
    except StationError as error:
        flash(error.for_staff(), "danger")
        return render_template("auth/password.html"), 400
    login.start_session(user)
    flash(_("Đã đổi mật khẩu. Các phiên đăng nhập khác đã kết thúc."), "success")
    return redirect(url_for("home.index"), 303)


@auth.post("/language")
def language() -> Page:
    chosen = request.form.get("language", "")
    if chosen in LANGUAGES:
        session["language"] = chosen
    return redirect(local_referrer(url_for("home.index")), 303)

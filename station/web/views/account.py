"""One's own account: language, password, tokens of the API."""

from __future__ import annotations

import hashlib
import secrets

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from station.db.models import ApiToken
from station.db.types import utc_now
from station.editorial.audit import record
from station.web import data, forms, login
from station.web.scopes import SCOPES, scopes_of

account = Blueprint("account", __name__, url_prefix="/account")
View = str | Response


@account.get("/")
def index() -> View:
    tokens = list(data.reading().scalars(
        sa.select(ApiToken).where(ApiToken.user_id == login.person().key).order_by(ApiToken.id.desc()).limit(50)
    ))
    return render_template("account/index.html", tokens=tokens, scopes=_choices(), made="")


def _choices() -> list[tuple[str, str]]:
    mine = scopes_of(login.person().role)
    return [(scope, _(words)) for scope, (_permission, words) in SCOPES.items() if scope in mine]


@account.post("/tokens")
def token_new() -> View:
    """A token, shown once; only its hash is kept.  It may do no more than its owner."""
    wanted = [scope for scope in request.form.getlist("scope") if scope in scopes_of(login.person().role)]
    name = forms.text("name", longest=100)
    if not wanted or not name:
        raise forms.FormError(_("Hãy đặt tên và chọn ít nhất một phạm vi cho mã."))
    token = "tram_" + secrets.token_urlsafe(30)
    with data.writing() as s:
        row = ApiToken(
            user_id=login.person().key, name=name, token_sha256=hashlib.sha256(token.encode()).hexdigest(), scopes=wanted
        )
        s.add(row)
        s.flush()
        record(s, login.user_row(s), "token.create", f"token:{row.id}", {"scopes": wanted})
    tokens = list(data.reading().scalars(
        sa.select(ApiToken).where(ApiToken.user_id == login.person().key).order_by(ApiToken.id.desc()).limit(50)
    ))
    return render_template("account/index.html", tokens=tokens, scopes=_choices(), made=token)


@account.post("/tokens/<int:token_id>/revoke")
def token_revoke(token_id: int) -> View:
    with data.writing() as s:
        row = s.get(ApiToken, token_id)
        if row is None or row.user_id != login.person().key:
            abort(404)
        row.revoked_at = row.revoked_at or utc_now()
        record(s, login.user_row(s), "token.revoke", f"token:{token_id}")
    flash(_("Mã truy cập đã bị thu hồi."), "success")
    return redirect(url_for("account.index"), 303)

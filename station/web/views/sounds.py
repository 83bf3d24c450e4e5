"""Chimes, beds and other sounds: the built-in ones, and what staff uploaded."""

from __future__ import annotations

import re
import tempfile
import unicodedata
from pathlib import Path

import soundfile
from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from station.db.models import Sound
from station.editorial.audit import record
from station.programs.library import BUILT_IN, sound_names, sound_path
from station.web import data, forms, login

sounds = Blueprint("sounds", __name__, url_prefix="/sounds")
View = str | Response
LONGEST_SECONDS = 600


@sounds.get("/")
def index() -> View:
    names = sound_names(data.settings().home)
    return render_template("sounds/index.html", sounds=names, built_in=set(BUILT_IN))


def _name(text: str) -> str:
    """A file name of a title: ``Nhạc hiệu xã`` becomes ``nhac-hieu-xa``."""
    plain = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return re.sub(r"[^a-z0-9]+", "-", "".join(c for c in plain if not unicodedata.combining(c))).strip("-")[:60]


@sounds.post("/")
def upload() -> View:
    """Keep an uploaded sound as FLAC; whatever it was, it is decoded here once and never again."""
    file = request.files.get("file")
    name = _name(forms.text("name", longest=100) or Path(file.filename or "").stem if file else "")
    if file is None or not file.filename or not name:
        raise forms.FormError(_("Hãy chọn tệp âm thanh và đặt tên."))
    if name in BUILT_IN:
        raise forms.FormError(_("Tên này đã dùng cho âm thanh có sẵn."), mend=_("Hãy đặt tên khác."))
    home = data.settings().home
    with tempfile.TemporaryDirectory(dir=home.cache) as folder:
        given, made = Path(folder) / "given", Path(folder) / "made.flac"
        file.save(given)
        try:
            info = soundfile.info(given)
            if not 0.1 <= info.duration <= LONGEST_SECONDS:
                raise forms.FormError(_("Âm thanh phải dài từ 0,1 giây đến 10 phút."))
            samples, rate = soundfile.read(given, dtype="float32", always_2d=True)
        except soundfile.LibsndfileError as error:
            raise forms.FormError(
                _("Không đọc được tệp âm thanh này."), mend=_("Hãy gửi tệp WAV, FLAC, OGG hoặc MP3."), detail=str(error)
            ) from error
        soundfile.write(made, samples, rate, subtype="PCM_16", format="FLAC")
        home.sounds.mkdir(parents=True, exist_ok=True)
        target = home.sounds / f"{name}.flac"
        made.replace(target)
    with data.writing() as s:
        s.add(Sound(name=name, kind="chime", path=target.relative_to(home.root).as_posix(), seconds=info.duration, created_by_id=login.person().key))
        record(s, login.user_row(s), "sound.upload", name)
    flash(_("Đã thêm âm thanh “%(name)s”.", name=name), "success")
    return redirect(url_for("sounds.index"), 303)


@sounds.get("/<name>/audio")
def audio(name: str) -> Response:
    path = sound_path(name, data.settings())
    return send_file(path, mimetype="audio/flac" if path.suffix == ".flac" else "audio/wav", conditional=True, max_age=0)


@sounds.post("/<name>/remove")
def remove(name: str) -> View:
    home = data.settings().home
    path = home.sounds / f"{_name(name)}.flac"
    if path.is_file() and name not in BUILT_IN:
        path.unlink()
        with data.writing() as s:
            record(s, login.user_row(s), "sound.remove", name)
        flash(_("Đã bỏ âm thanh “%(name)s”.", name=name), "success")
    return redirect(url_for("sounds.index"), 303)

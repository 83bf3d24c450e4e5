"""Chimes, beds and other sounds: the built-in ones, and what staff uploaded."""

from __future__ import annotations

import tempfile
from pathlib import Path

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from station.db.models import Sound
from station.editorial.audit import record
from station.programs.library import BUILT_IN, sound_names, sound_path
from station.programs.profiles import PROFILES
from station.programs.template_file import templates_with
from station.programs.uploads import import_sound
from station.programs.wording import plain_name, station_name
from station.web import compared, data, forms, login

sounds = Blueprint("sounds", __name__, url_prefix="/sounds")
View = str | Response


@sounds.get("/")
def index() -> View:
    names = sound_names(data.settings().home)
    return render_template("sounds/index.html", sounds=names, built_in=set(BUILT_IN), profile=data.settings().programs.profile)


@sounds.post("/")
def upload() -> View:
    """Take in an uploaded sound of any format; whatever it was, it is decoded here once and never again."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise forms.FormError(_("Chưa có tệp âm thanh."), mend=_("Hãy chọn tệp âm thanh rồi gửi lại."))
    title = forms.text("name", longest=100) or Path(file.filename).stem
    home = data.settings().home
    with tempfile.TemporaryDirectory(dir=home.cache) as folder:
        given = Path(folder) / "given"
        file.save(given)
        made = import_sound(given, title, data.settings())
    with data.writing() as s:
        s.add(Sound(name=made.name, kind="chime", path=made.path.relative_to(home.root).as_posix(), seconds=made.seconds,
                    created_by_id=login.person().key))
        record(s, login.user_row(s), "sound.upload", made.name)
    for note in made.notes:
        flash(note, "warning")
    flash(_("Đã thêm âm thanh “%(name)s”.", name=title), "success")
    return redirect(url_for("sounds.index"), 303)


@sounds.get("/<name>/audio")
def audio(name: str) -> Response:
    path = sound_path(name, data.settings())
    return send_file(path, mimetype="audio/flac" if path.suffix == ".flac" else "audio/wav", conditional=True, max_age=0)


@sounds.post("/<name>/remove")
def remove(name: str) -> View:
    home = data.settings().home
    path = home.sounds / f"{plain_name(name)}.flac"
    if path.is_file() and name not in BUILT_IN:
        if used := templates_with(path.stem, home):
            raise forms.FormError(_("Mẫu chương trình đang dùng âm thanh này: %(names)s.", names=", ".join(used)),
                                  mend=_("Hãy chọn âm thanh khác trong mẫu rồi bỏ âm thanh này."))
        path.unlink()
        with data.writing() as s:
            record(s, login.user_row(s), "sound.remove", name)
        flash(_("Đã bỏ âm thanh “%(name)s”.", name=name), "success")
    return redirect(url_for("sounds.index"), 303)


@sounds.get("/profiles/<profile>")
def profile(profile: str) -> Response:
    """The station's own sentences as that kind of loudspeaker would get them."""
    config = data.settings()
    if profile not in PROFILES:
        abort(404)
    text = (f"Đây là {station_name(config.station)}. Xin kính chào toàn thể bà con và các bạn nghe đài. "
            "Sáng mai, từ 7 giờ 30 phút, Trạm Y tế xã tiêm phòng cho trẻ em dưới 5 tuổi.")
    return send_file(compared.sample(config, profile, text), mimetype="audio/flac", conditional=True, max_age=0)

"""Voices: the catalog with licenses, a sample to hear, the station's default."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from station.editorial.audit import record
from station.voices import default_voice, voice_sample
from station.web import data, login, remembered
from station.web.settings_file import save_settings

voices = Blueprint("voices", __name__, url_prefix="/voices")
View = str | Response


@voices.get("/")
def index() -> View:
    config = data.settings()
    found = remembered.voices(config.home)
    found.sort(key=lambda voice: (not voice.installed, not voice.neural, voice.name))
    return render_template("voices/index.html", voices=found, default=default_voice(config).id)


@voices.get("/<voice_id>/sample")
def sample(voice_id: str) -> Response:
    """A sentence in that voice; made once for each state of the voice."""
    config = data.settings()
    info = next((voice for voice in remembered.voices(config.home) if voice.id == voice_id and voice.installed), None)
    if info is None:
        abort(404)
    path = config.home.cache / "samples" / f"{info.id}-{info.fingerprint[:16] or 'x'}.wav"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        voice_sample(info.id, config, path)
    return send_file(path, mimetype="audio/wav", conditional=True, max_age=0)


@voices.post("/default")
def choose() -> View:
    voice_id = request.form.get("voice", "")
    if voice_id and voice_id not in {voice.id for voice in remembered.voices(data.settings().home)}:
        abort(400)
    save_settings({"voices": {"default": voice_id}})
    with data.writing() as s:
        record(s, login.user_row(s), "voices.default", voice_id)
    flash(_("Đã chọn giọng của đài. Chương trình dựng từ nay sẽ dùng giọng này."), "success")
    return redirect(url_for("voices.index"), 303)

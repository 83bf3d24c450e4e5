"""Voices: the catalog with licenses, a sample to hear, the station's default."""

from __future__ import annotations

import hashlib

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from station.editorial.audit import record
from station.programs.wording import station_name
from station.voices import default_voice, voice_sample
from station.voices.delivery import LIMITS, load_deliveries, parse_delivery, save_delivery, save_program_voice
from station.voices.measured import speeds
from station.web import data, login, remembered
from station.web.settings_file import save_settings

voices = Blueprint("voices", __name__, url_prefix="/voices")
View = str | Response
#: kept at a time: each setting that somebody tries is a file
MOST_SAMPLES = 60


@voices.get("/")
def index() -> View:
    config = data.settings()
    found = remembered.voices(config.home)
    default = default_voice(config).id
    # the station's voice, the better ones, the one to get, then the rest
    found.sort(key=lambda voice: (
        voice.id != default, not (voice.installed and voice.neural), not voice.recommended, not voice.installed, voice.name
    ))
    kept = load_deliveries(config.home)
    return render_template(
        "voices/index.html", voices=found, default=default, deliveries=kept, limits=LIMITS,
        templates=remembered.templates(config.home), speeds=speeds(config.home),
    )


@voices.get("/<voice_id>/sample")
def sample(voice_id: str) -> Response:
    """The station's own sentence in that voice; ``speed``, ``pitch`` and ``pauses`` are heard before they are saved."""
    config = data.settings()
    info = next((voice for voice in remembered.voices(config.home) if voice.id == voice_id and voice.installed), None)
    if info is None:
        abort(404)
    asked = {key: request.args[key] for key in LIMITS if key in request.args}
    delivery = parse_delivery(asked) if asked else load_deliveries(config.home).of(info.id)
    text = f"Đây là {station_name(config.station)}. Xin kính chào toàn thể bà con và các bạn nghe đài."
    told = f"{info.fingerprint} {delivery} {config.voices.speed} {text}"
    folder = config.home.cache / "samples"
    path = folder / f"{info.id}-{hashlib.sha256(told.encode()).hexdigest()[:16]}.wav"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        for old in sorted(folder.glob("*.wav"), key=lambda one: one.stat().st_mtime)[:-MOST_SAMPLES]:
            old.unlink(missing_ok=True)
        voice_sample(info.id, config, path, text, delivery)
    return send_file(path, mimetype="audio/wav", conditional=True, max_age=0)


@voices.post("/<voice_id>/delivery")
def delivery(voice_id: str) -> View:
    """Keep how this voice reads at the station."""
    home = data.settings().home
    if voice_id not in {voice.id for voice in remembered.voices(home)}:
        abort(404)
    save_delivery(home, voice_id, parse_delivery({key: request.form.get(key, "") for key in LIMITS}))
    with data.writing() as s:
        record(s, login.user_row(s), "voices.delivery", voice_id)
    flash(_("Đã lưu cách đọc của giọng."), "success")
    return redirect(url_for("voices.index"), 303)


@voices.post("/programs")
def programs() -> View:
    """Keep the voice of each kind of program; empty is the station's voice."""
    home = data.settings().home
    known = {voice.id for voice in remembered.voices(home)} | {""}
    for template, _title in remembered.templates(home):
        chosen = request.form.get(template, "")
        if chosen not in known:
            abort(400)
        save_program_voice(home, template, chosen)
    with data.writing() as s:
        record(s, login.user_row(s), "voices.programs")
    flash(_("Đã lưu giọng của từng loại chương trình."), "success")
    return redirect(url_for("voices.index"), 303)


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

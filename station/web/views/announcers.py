"""The announcer's own voice: consent, reading sentence by sentence, each take checked; left and taken up at will."""

from __future__ import annotations

import tempfile
from pathlib import Path

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from station.db.types import utc_now
from station.editorial.audit import record
from station.voices import announcer
from station.voices.training import LEAST_SENTENCES, samples
from station.web import data, forms, login, remembered

announcers = Blueprint("announcers", __name__, url_prefix="/announcers")
View = str | Response


@announcers.get("/")
def index() -> View:
    return render_template(
        "announcers/index.html", sessions=announcer.sessions(data.settings().home), consent=announcer.CONSENT_TEXT,
        total=len(announcer.sentence_list()),
    )


@announcers.post("/")
def begin() -> View:
    """Keep the speaker's consent and open the session."""
    speaker = forms.text("speaker", longest=80)
    if not speaker or not request.form.get("agree"):
        raise forms.FormError(_("Cần tên người đọc và sự đồng ý của người đó."), mend=_("Hãy ghi tên và đánh dấu vào ô đồng ý."))
    session = announcer.begin(
        data.settings().home, speaker, agreed_at=utc_now(), witness=forms.text("witness", longest=80)
    )
    with data.writing() as s:
        record(s, login.user_row(s), "announcer.consent", session.id)
    return redirect(url_for("announcers.show", voice_id=session.id), 303)


@announcers.get("/<voice_id>")
def show(voice_id: str) -> View:
    session = announcer.Session(data.settings().home, voice_id)
    done = session.recorded()
    number = request.args.get("cau", type=int)
    if number is None or not 0 <= number < len(session.sentences):
        following = session.next_sentence()
        number = following if following is not None else len(session.sentences) - 1
    return render_template(
        "announcers/show.html", session=session, done=done, number=number, minutes=session.minutes(),
        enough=len(done) >= LEAST_SENTENCES, steps=list(samples(data.settings().home, voice_id))[-6:],
    )


@announcers.post("/<voice_id>/takes/<int:number>")
def take(voice_id: str, number: int) -> View:
    """Check a take; a good one is kept and the next sentence comes, a bad one says what to do."""
    session = announcer.Session(data.settings().home, voice_id)
    file = request.files.get("voice")
    if file is None or not file.filename:
        raise forms.FormError(_("Chưa có bản ghi."), mend=_("Hãy ghi âm hoặc chọn tệp rồi gửi lại."))
    with tempfile.TemporaryDirectory(dir=data.settings().home.cache) as folder:
        given = Path(folder) / "given"
        file.save(given)
        made = session.record(number, given)
    if made.kept:
        flash(_("Đã giữ câu %(n)s.", n=number + 1), "success")
        return redirect(url_for("announcers.show", voice_id=voice_id), 303)
    flash(_("Chưa giữ câu này: %(why)s", why=" ".join(made.messages)), "warning")
    return redirect(url_for("announcers.show", voice_id=voice_id, cau=number), 303)


@announcers.get("/<voice_id>/takes/<int:number>/audio")
def audio(voice_id: str, number: int) -> Response:
    path = announcer.Session(data.settings().home, voice_id).take_path(number)
    if path is None:
        abort(404)
    return send_file(path, mimetype="audio/wav", conditional=True, max_age=0)


@announcers.get("/<voice_id>/samples/<int:step>")
def trained(voice_id: str, step: int) -> Response:
    """What the voice in training said at a checkpoint."""
    path = samples(data.settings().home, announcer.Session(data.settings().home, voice_id).id).get(step)
    if path is None:
        abort(404)
    return send_file(path, mimetype="audio/wav", conditional=True, max_age=0)


@announcers.post("/<voice_id>/withdraw")
def withdraw(voice_id: str) -> View:
    """The speaker takes the consent back: recordings, model and catalog entry are removed."""
    home = data.settings().home
    announcer.Session(home, voice_id)
    announcer.withdraw(home, voice_id)
    remembered.forget()
    with data.writing() as s:
        record(s, login.user_row(s), "announcer.withdraw", voice_id)
    flash(_("Đã xóa bản ghi và giọng của người đọc."), "success")
    return redirect(url_for("announcers.index"), 303)

"""The station's own readings of names and abbreviations, and trying a sentence."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from station.editorial.audit import record
from station.text import Entry, load_lexicon, remove_entry, save_entry
from station.voices.speak import make_station_script
from station.web import data, forms, login
from station.web.proofing import spoken_lines

lexicon = Blueprint("lexicon", __name__, url_prefix="/lexicon")
View = str | Response


@lexicon.get("/")
def index() -> View:
    home = data.settings().home
    query = " ".join(request.args.get("q", "").split())[:100].lower()
    sample = " ".join(request.args.get("try", "").split())[:500]
    entries = [
        entry for entry in load_lexicon(home.voices / "lexicon.toml").entries
        if query in entry.written.lower() or query in entry.spoken.lower()
    ]
    entries.sort(key=lambda entry: entry.written.lower())
    lines = spoken_lines(make_station_script(sample, data.settings())) if sample else []
    return render_template("lexicon/index.html", entries=entries[:500], total=len(entries), query=query, sample=sample, lines=lines)


@lexicon.post("/")
def save() -> View:
    entry = Entry(
        forms.text("written", longest=200), forms.text("spoken", longest=300), bool(request.form.get("case")),
        forms.text("note", longest=200),
    )
    save_entry(data.settings().home.voices / "lexicon.toml", entry)
    with data.writing() as s:
        record(s, login.user_row(s), "lexicon.save", entry.written[:90], {"spoken": entry.spoken})
    flash(_("Đã lưu cách đọc “%(word)s”. Chương trình dựng từ nay sẽ đọc như vậy.", word=entry.written), "success")
    return redirect(url_for("lexicon.index"), 303)


@lexicon.post("/remove")
def remove() -> View:
    written = forms.text("written", longest=200)
    if remove_entry(data.settings().home.voices / "lexicon.toml", written):
        with data.writing() as s:
            record(s, login.user_row(s), "lexicon.remove", written[:90])
        flash(_("Đã bỏ cách đọc “%(word)s”.", word=written), "success")
    return redirect(url_for("lexicon.index"), 303)

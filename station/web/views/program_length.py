"""Making a program fit its slot, and the words that are typed for it: addresses of the blueprint of programs."""

from __future__ import annotations

import unicodedata

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from station.db.types import utc_now
from station.editorial.fitting import carry_out, fit_of_program, next_place, undo
from station.editorial.programs import set_sound
from station.programs.slot import ChoiceKind
from station.web import data, forms, login
from station.web.context import day as written_day
from station.web.program_length import named_notices
from station.web.views.programs import load_program, programs

LONGEST_NOTICE = 5000


@programs.post("/<int:program_id>/fit")
def fit(program_id: int) -> Response:
    """Shorten pauses, leave out repeats, drop or move items; "undo" gives pauses and repeats back."""
    way, user_id = request.form.get("way", ""), login.person().key
    with data.writing() as s:
        program = load_program(s, program_id)
        if way == "undo":
            undo(s, program, user_id=user_id)
            flash(_("Quãng nghỉ và phần nhắc lại đã trở về như mẫu."), "success")
            return redirect(url_for("programs.show", program_id=program_id) + "#length", 303)
        kind = forms.member(ChoiceKind, way)
        where = next_place(fit_of_program(s, data.settings(), program, utc_now())[0])
        title = _("Chương trình %(day)s", day=written_day(where.day)) if where.day else _("Chương trình phát thanh")
        moved_to = carry_out(s, data.settings(), program, kind, now=utc_now(), user_id=user_id,
                             program_title=f"{where.name}, {written_day(where.day)}" if where.name and where.day else title)
        told = (moved_to.title, moved_to.id) if moved_to is not None else None
    if told is not None:
        flash(_("Đã chuyển sang “%(title)s”.", title=told[0]), "success")
    else:
        flash(_("Đã rút ngắn chương trình. Hãy dựng lại để nghe."), "success")
    return redirect(url_for("programs.show", program_id=program_id) + "#length", 303)


@programs.post("/<int:program_id>/notices")
def notices(program_id: int) -> Response:
    """Keep the words of the template's named notices for this program; empty ones are not read."""
    with data.writing() as s:
        program = load_program(s, program_id)
        given = {}
        for name, _title, _words in named_notices(program):
            words = unicodedata.normalize("NFC", forms.long_text(f"notice-{name}", longest=LONGEST_NOTICE)).strip()
            if words:
                given[name] = words
        set_sound(s, program, options={"notices": given}, user_id=login.person().key)
    flash(_("Đã lưu lời của chương trình."), "success")
    return redirect(url_for("programs.show", program_id=program_id), 303)

"""What is heard and sent of a program: sound, waveform, other forms, samples of profiles.  Of the blueprint of programs."""

from __future__ import annotations

import hashlib
import os
import threading
from dataclasses import fields

from flask import Response, abort, jsonify, request, send_file

from station.db.models import Program, Render
from station.db.states import ItemKind
from station.db.types import utc_now
from station.editorial.content import read_content
from station.programs import exports, model
from station.programs.model import SegmentKind
from station.programs.profiles import PROFILES
from station.programs.wording import plain_name, station_name
from station.web import compared, data, media, renders
from station.web.views.programs import load_program, programs
from station.web.waves import stored_peaks, to_svg

#: form -> its media type
FORMS = {"mp3": "audio/mpeg", "opus": "audio/ogg", "flac": "audio/flac", "vtt": "text/vtt", "txt": "text/plain"}
_EXPORTING = threading.Lock()


def _render(program_id: int, render_id: int) -> Render:
    render = data.reading().get(Render, render_id)
    if render is None or render.program_id != program_id:
        abort(404)
    return render


@programs.get("/<int:program_id>/renders/<int:render_id>/audio")
def audio(program_id: int, render_id: int) -> Response:
    """The program's sound: the small preview, or with ``?full=1`` the file that goes on air."""
    render = _render(program_id, render_id)
    if request.args.get("full"):
        name = render.path.rsplit("/", 1)[-1]
        return media.send_home_file(render.path, download_name=f"chuong-trinh-{program_id}-{name}")
    return media.send_home_file(render.preview_path or render.path)


@programs.get("/<int:program_id>/renders/<int:render_id>/waveform.svg")
def waveform(program_id: int, render_id: int) -> Response:
    render = _render(program_id, render_id)
    home = data.settings().home
    path = media.inside_home(home, render.path)
    if path is None:
        abort(404)
    values = stored_peaks(home, path, render.sha256)
    if request.args.get("as") == "json":
        answer: Response = jsonify(peaks=values, seconds=render.seconds)
    else:
        places = [part.start / render.seconds for part in renders.chapters(render)] if render.seconds else []
        answer = Response(to_svg(values, places), mimetype="image/svg+xml")
    answer.headers["Cache-Control"] = "private, max-age=86400"
    return answer


def audio_of(render: Render, path: str) -> model.Render:
    """The stored row as the assembler gave it; ``path`` is the file's full path."""
    known = {field.name for field in fields(model.Chapter)}
    chapters = tuple(
        model.Chapter(**{**{key: row[key] for key in known if key in row}, "kind": SegmentKind(row["kind"])})
        for row in render.chapters
    )
    return model.Render(
        path, render.sample_rate, render.channels, render.frames, render.sha256, render.script_sha256, render.loudness_lufs,
        render.true_peak_dbtp, chapters, tuple(model.Cue(**row) for row in render.cues),
    )


@programs.get("/<int:program_id>/renders/<int:render_id>/export.<ending>")
def export(program_id: int, render_id: int, ending: str) -> Response:
    """The program to send by chat or to keep, with its title, date and chapters; made at the first wish, then kept."""
    if ending not in FORMS:
        abort(404)
    render = _render(program_id, render_id)
    program, config = data.one_or_404(data.reading(), Program, program_id), data.settings()
    source = media.inside_home(config.home, render.path)
    if source is None:
        abort(404)
    name = f"{plain_name(program.title) or 'chuong-trinh'}.{ending}"
    if ending == "mp3" and render.preview_path.endswith(".mp3"):  # made when the program was built
        return media.send_home_file(render.preview_path, mimetype=FORMS[ending], download_name=name)
    told = hashlib.sha256(repr((program.title, program.air_date, config.station)).encode()).hexdigest()[:8]
    kept = source.with_name(f"{source.stem}.{told}.{ending}")
    with _EXPORTING:
        if not kept.is_file():
            part = kept.with_name(f".{os.getpid()}-{kept.name}")
            try:
                exports.export(
                    audio_of(render, str(source)), part, title=program.title, day=program.air_date,
                    artist=station_name(config.station),
                )
                os.replace(part, kept)
            finally:
                part.unlink(missing_ok=True)
    return send_file(kept, mimetype=FORMS[ending], as_attachment=True, download_name=name, conditional=True, max_age=0)


@programs.get("/<int:program_id>/profiles/<profile>")
def profile(program_id: int, profile: str) -> Response:
    """The first sentences of the program as that kind of loudspeaker would get them."""
    if profile not in PROFILES:
        abort(404)
    session, config = data.reading(), data.settings()
    program = load_program(session, program_id)
    content = read_content(session, config, program, utc_now())
    spoken = {ItemKind.BULLETIN, ItemKind.NOTICE, ItemKind.RECORDING}
    heard = [item for item, row in zip(content.items, program.items, strict=True) if row.kind in spoken and not item.empty]
    if not heard:
        abort(404)
    path = compared.sample(config, profile, heard[0].text, voice=content.voice, delivery=content.delivery, clips=heard[0].clips)
    return send_file(path, mimetype="audio/flac", conditional=True, max_age=0)

"""The job that speaks and assembles a program."""

from __future__ import annotations

import logging
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from station.config import Settings
from station.db.database import Database
from station.db.models import Program, Render, Text
from station.db.states import ProgramState, TextKind
from station.db.types import utc_now
from station.editorial.content import ProgramContent, read_content
from station.editorial.programs import content_sha256
from station.errors import ProgramError
from station.programs.assembly import assemble
from station.programs.exports import export_audio
from station.programs.items import clips_of
from station.programs.model import Render as Audio
from station.programs.slot import shorten_pauses
from station.programs.speech import Speaker
from station.programs.template import plan_program, texts_of
from station.programs.wording import station_name
from station.voices.cache import KEEP_SECONDS
from station.voices.speak import speech_cache
from station.work.jobs import Claim
from station.work.worker import Progress

_LOG = logging.getLogger(__name__)
#: what the page of a program says when its audio found no room on the disk at first
MADE_ROOM = "Ổ đĩa đã đầy: lời đọc của các chương trình cũ đã được xóa để lấy chỗ. Hãy xóa bớt tệp không dùng."


def build_program(settings: Settings, database: Database, claim: Claim, progress: Progress) -> str:
    """Speak every sentence, assemble, and store the render; the program is then ready to be heard and approved.

    Sentences that were spoken before lie in the speech cache and are not spoken again, so a job that was killed goes
    on where it was.
    """
    assert claim.program_id is not None
    with database.session(write=False) as session:
        content = read_content(session, settings, session.get_one(Program, claim.program_id), utc_now())
    template, when, following = content.load_template(settings), content.airing.start, content.airing.announced()
    speaker = Speaker(settings, content.voice, delivery=content.delivery, cancelled=progress.cancelled)
    texts = texts_of(content.outline(settings))
    progress.step("speaking", 0, max(1, len(texts)))
    speaker.prepare(texts, lambda done, total: progress.step("speaking", done, total))
    items = [
        item if item.clips or not item.text else replace(item, clips=clips_of(speaker.utterances(item.text)), text="")
        for item in content.items
    ]
    segments = plan_program(template, items, settings, when, speaker, next_program=following, notices=content.notices)
    if content.pauses < 1:
        segments = shorten_pauses(segments, content.pauses)
    progress.step("assembling", 0, max(1, len(segments)))
    folder = settings.home.audio / f"{claim.program_id:06d}"
    folder.mkdir(parents=True, exist_ok=True)
    # One file for each build: what was approved or is on air now is never written over.
    path = folder / f"{claim.id:06d}-{claim.attempt}.flac"

    def put_together() -> Audio:
        return assemble(
            segments, path, settings, profile=content.profile, title=content.title, cancelled=progress.cancelled,
            progress=lambda done, total: progress.step("assembling", done, total),
        )

    try:
        audio = put_together()
    except ProgramError as error:
        # A full disk: sentences of older programs can be spoken again, this program must come out today.
        if error.code != "programs.write" or not speech_cache(settings).prune(0, keep_seconds=KEEP_SECONDS):
            raise
        _LOG.warning("old speech was removed to make room for program %s: %s", claim.program_id, error.detail)
        audio = put_together()
        audio = replace(audio, problems=(*audio.problems, MADE_ROOM))
    progress.check()
    progress.step("preview", 0, 1)
    preview = _preview(audio, path.with_suffix(".mp3"), content, settings, progress)
    _store(settings, database, claim, content, audio, preview, speaker)
    progress.step("preview", 1, 1)
    return f"Chương trình dài {audio.seconds / 60:.1f} phút, độ lớn {audio.loudness_lufs:.1f} LUFS."


def _preview(audio: Audio, path: Path, content: ProgramContent, settings: Settings, progress: Progress) -> Path | None:
    """A small file for the phone; without ffmpeg the page plays the program itself."""
    try:
        return export_audio(audio, path, title=content.title, day=content.airing.start.date(),
                            artist=station_name(settings.station), cancelled=progress.cancelled)
    except ProgramError as error:
        _LOG.warning("no preview of %s: %s %s", audio.path, error.message, error.detail)
        return None


def _store(
    settings: Settings, database: Database, claim: Claim, content: ProgramContent, audio: Audio, preview: Path | None,
    speaker: Speaker,
) -> None:
    def relative(path: str | Path) -> str:
        # not resolved: a station may keep its audio on another disk, by a link in its home
        return Path(path).absolute().relative_to(settings.home.root.absolute()).as_posix()

    with database.session() as session:
        program = session.get_one(Program, claim.program_id)
        voices = sorted({one.voice for made in speaker.spoken() for one in made if one.voice})
        render = Render(
            program_id=program.id, path=relative(audio.path), preview_path=relative(preview) if preview else "",
            sha256=audio.sha256, script_sha256=audio.script_sha256, content_sha256=content.sha256,
            frames=audio.frames, sample_rate=audio.sample_rate, channels=audio.channels,
            loudness_lufs=audio.loudness_lufs, true_peak_dbtp=audio.true_peak_dbtp, voice=", ".join(voices)[:100],
            script="\n".join(cue.text for cue in audio.cues), chapters=[asdict(one) for one in audio.chapters],
            cues=[asdict(one) for one in audio.cues], problems=list(dict.fromkeys((*speaker.problems, *audio.problems))),
        )
        session.add(render)
        session.flush()
        for bulletin_id, text in content.bulletins.items():
            _keep_spoken(session, bulletin_id, "\n".join(one.spoken for one in speaker.utterances(text)))
        if content_sha256(session, program) != content.sha256:
            # Edited while it was being spoken: the audio is kept in the cache, the program stays to be built again.
            program.state = ProgramState.DRAFT
            program.problem = "Nội dung đã thay đổi trong lúc dựng. Hãy dựng lại."
            return
        program.render = render
        program.state = ProgramState.READY
        program.problem = ""


def _keep_spoken(session: Any, bulletin_id: int, content: str) -> None:
    """The third text: what was said.  A new version only where it changed."""
    latest = session.scalar(
        sa.select(Text).where(Text.bulletin_id == bulletin_id, Text.kind == TextKind.SPOKEN)
        .order_by(Text.version.desc()).limit(1)
    )
    if content and (latest is None or latest.content != content):
        session.add(Text(
            bulletin_id=bulletin_id, kind=TextKind.SPOKEN, version=latest.version + 1 if latest else 1, content=content
        ))

"""The same words in each loudspeaker profile, made when somebody wants to hear them, kept for a while."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

from station.config import Settings
from station.programs.model import Clip, Segment, SegmentKind
from station.programs.pace import voice_of
from station.programs.profiles import PROFILES
from station.programs.samples import SENTENCES, profile_samples
from station.programs.speech import Speaker
from station.voices.delivery import PLAIN, Delivery, load_deliveries
from station.voices.speak import make_station_script

#: sets of samples kept at a time
MOST_SETS = 12
_MAKING = threading.Lock()


def sample(
    settings: Settings, profile: str, text: str, *, voice: str = "", delivery: Delivery = PLAIN, clips: Sequence[Clip] = ()
) -> Path:
    """The first sentences of ``text`` (or the recording ``clips``) in ``profile``, equally loud in all of them.

    Sentences that were spoken before come from the speech cache.  Raises :class:`ProgramError` when there is nothing
    to hear, :class:`VoiceError` when it cannot be spoken.
    """
    assert profile in PROFILES
    info = voice_of(voice, settings)
    sentences = make_station_script(text, settings).sentences[:SENTENCES]
    words = text[: sentences[-1].end] if sentences else ""
    told = (words, [(clip.path, clip.text) for clip in clips], info.fingerprint, delivery, load_deliveries(settings.home).of(info.id),
            settings.voices.speed, settings.programs)
    folder = settings.home.cache / "profiles" / hashlib.sha256(repr(told).encode()).hexdigest()[:24]
    path = folder / f"{profile}.flac"
    with _MAKING:  # the page asks for all of them at once
        if not path.is_file():
            spoken = tuple(clips) or Speaker(settings, voice, delivery=delivery)(words) if words or clips else ()
            folder.parent.mkdir(parents=True, exist_ok=True)
            for old in sorted(folder.parent.iterdir(), key=lambda one: one.stat().st_mtime)[: -MOST_SETS + 1]:
                shutil.rmtree(old, ignore_errors=True)
            made = Path(tempfile.mkdtemp(dir=folder.parent))
            try:
                profile_samples([Segment(SegmentKind.ITEM, "", spoken)], made, settings)
                shutil.rmtree(folder, ignore_errors=True)
                made.rename(folder)
            finally:
                shutil.rmtree(made, ignore_errors=True)
    return path

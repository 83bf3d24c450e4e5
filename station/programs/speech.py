"""Speech for what a program itself says: greeting, headlines, closing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace

from station.config import Settings
from station.programs.items import clips_of
from station.programs.model import Clip
from station.programs.pace import asked_speed, learn_pace
from station.text.script import Script, Sentence
from station.voices.api import Progress, Utterance
from station.voices.delivery import PLAIN, Delivery, deliver

#: texts whose sentences are remembered
_MOST_KNOWN = 256
_KNOWN: dict[Hashable, tuple[Sentence, ...]] = {}
_LOCK = threading.Lock()


def sentences_of(text: str, settings: Settings) -> tuple[Sentence, ...]:
    """The sentences that will be said of a written text, without the places of their words; remembered for a while.

    For lengths and comparisons: a page asks for the same bulletins again and again.
    """
    lexicon = settings.home.voices / "lexicon.toml"
    changed = lexicon.stat().st_mtime_ns if lexicon.is_file() else 0
    key = (text, settings.text, str(settings.home.root), changed)
    with _LOCK:
        found = _KNOWN.pop(key, None)
        if found is not None:
            _KNOWN[key] = found  # the newest at the end
            return found
    from station.voices.speak import make_station_script

    found = tuple(replace(one, tokens=()) for one in make_station_script(text, settings).sentences)
    with _LOCK:
        _KNOWN[key] = found
        while len(_KNOWN) > _MOST_KNOWN:
            _KNOWN.pop(next(iter(_KNOWN)))
    return found


class Speaker:
    """Turns written sentences into clips by one voice of the station; every text is spoken once.

    :meth:`prepare` speaks many texts side by side in one go, so that a voice is loaded only once.
    """

    def __init__(
        self, settings: Settings, voice: str = "", *, delivery: Delivery = PLAIN, cancelled: Callable[[], bool] | None = None,
    ) -> None:
        self._delivery = delivery
        self._settings, self._voice, self._cancelled = settings, voice, cancelled
        self._made: dict[str, tuple[Utterance, ...]] = {}

    def prepare(self, texts: Sequence[str], progress: Progress | None = None) -> None:
        """Speak what was not spoken yet.  Raises :class:`VoiceError` or :class:`JobCancelled`."""
        from station.voices.speak import make_station_script, speak_script

        wanted = [text for text in dict.fromkeys(texts) if text not in self._made]
        scripts = [deliver(make_station_script(text, self._settings), self._delivery) for text in wanted]
        sentences = tuple(sentence for script in scripts for sentence in script.sentences)
        if sentences:
            spoken = speak_script(Script("", sentences), self._voice, self._settings, progress=progress,
                                  cancelled=self._cancelled)
            learn_pace(spoken, self._settings, [asked_speed(sentence) for sentence in sentences])
        else:
            spoken = ()
        at = 0
        for text, script in zip(wanted, scripts, strict=True):
            self._made[text] = spoken[at:at + len(script.sentences)]
            at += len(script.sentences)

    def utterances(self, text: str) -> tuple[Utterance, ...]:
        """The spoken sentences of ``text``; none when there is nothing to say in it."""
        if text not in self._made:
            self.prepare([text])
        return self._made[text]

    def __call__(self, text: str) -> tuple[Clip, ...]:
        return clips_of(self.utterances(text))

    def spoken(self) -> tuple[tuple[Utterance, ...], ...]:
        """The utterances of every text so far."""
        return tuple(self._made.values())

    @property
    def problems(self) -> tuple[str, ...]:
        """What went wrong while speaking, in Vietnamese, each once."""
        found = [one.problem for made in self._made.values() for one in made if one.problem]
        return tuple(dict.fromkeys(found))

"""A whole script spoken: cached, in parallel, checked, never lost in the middle."""

from __future__ import annotations

import logging
import os
from collections import deque
from collections.abc import Callable, Collection
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from station.config import Settings
from station.errors import JobCancelled, VoiceError
from station.text.script import Script, Sentence
from station.voices.api import Progress, Utterance, Voice, VoiceInfo
from station.voices.cache import SpeechCache, Stored, sentence_key
from station.voices.chain import Chain
from station.voices.checks import MESSAGES, check_speech
from station.voices.choose import cores
from station.voices.clean_text import split_long
from station.voices.delivery import (
    EMPHASIS_SPEED,
    LIMITS,
    PLAIN,
    Deliveries,
    Delivery,
    deliver,
    load_deliveries,
)
from station.voices.own_pace import OwnPace
from station.voices.stretch import shift_pitch
from station.voices.wave import read_wav, write_wav

_LOG = logging.getLogger(__name__)
#: silence between the pieces of a sentence that was too long for one breath
PIECE_PAUSE_SECONDS = 0.15
Ready = Callable[[int, Utterance], None]
#: sentences of a fast engine that may be on their way to the disk
WRITING = 12
#: until a sentence is on its way to the engine, where its voice is open; a fast engine needs five times that to say it
HEAD_START_SECONDS = 0.001
#: of every voice that spoke in this process
_PACE = OwnPace()


#: the threads of the last script, by their number: to start one takes a tenth of what eSpeak needs for a sentence
_spare: dict[int, ThreadPoolExecutor] = {}
os.register_at_fork(after_in_child=_spare.clear)  # a child has none of the threads


def _threads(count: int) -> ThreadPoolExecutor:
    """An executor with ``count`` threads that nobody else uses."""
    return _spare.pop(count, None) or ThreadPoolExecutor(max_workers=count, thread_name_prefix="speak")


def _keep(pool: ThreadPoolExecutor, count: int, under_way: Collection[Future[Any]]) -> None:
    """Wait for the end of what is ``under_way`` and cannot be cancelled any more, and keep the threads for the next."""
    for future in under_way:
        future.cancel()
    wait(under_way)
    if _spare.setdefault(count, pool) is not pool:
        pool.shutdown()


class _Spoken(NamedTuple):
    stored: Stored
    voice: str
    problem: str
    from_cache: bool


def speech_cache(settings: Settings) -> SpeechCache:
    """The speech cache of the station."""
    return SpeechCache(settings.home.cache / "speech", settings.voices.cache_mb * 1_000_000)


def speak_checked(voice: Voice, text: str, speed: float, pitch: float = 0.0) -> np.ndarray:
    """One sentence by one voice, long ones in pieces, checked; a bad one is tried once more.

    ``pitch`` is in half tones.  Raises :class:`VoiceError` (code ``voices.check.CODE``) when the second try is bad as well.
    """
    rate = voice.info.sample_rate
    name = voice.info.fingerprint or voice.info.id
    vietnamese = voice.info.language.startswith("vi")
    gap = np.zeros(int(PIECE_PAUSE_SECONDS * rate), dtype=np.float32)
    problem = None
    for _attempt in range(2):
        pieces: list[np.ndarray] = []
        for piece in [text] if voice.info.engine == "recorded" else split_long(text):
            if pieces:
                pieces.append(gap)
            pieces.append(voice.speak(piece, speed=speed))
        samples = pieces[0] if len(pieces) == 1 else np.concatenate(pieces)
        if voice.info.engine == "recorded":  # a person has listened to it
            return shift_pitch(samples, rate, pitch)
        expected = _PACE.expected(name, text) if vietnamese else None
        problem = check_speech(
            samples, rate, text, speed=speed, babble=voice.info.neural,
            expected_seconds=expected / speed if expected else None,
        )
        if problem is None:
            if vietnamese:
                _PACE.heard(name, text, len(samples) / rate * speed)
            return shift_pitch(samples, rate, pitch)
        _LOG.warning("voice %s: %s for %r", voice.info.id, problem.value, text[:80])
    assert problem is not None
    raise VoiceError(f"Giọng '{voice.info.name}': {MESSAGES[problem]}.", code=f"voices.check.{problem.value}")


def _what_happened(problem: str, info: VoiceInfo, stored: Stored) -> str:
    """What the editor is told of a sentence; empty when all went well."""
    parts = []
    if problem:
        parts.append(f"{problem.rstrip('.')}. Câu này do giọng dự phòng '{info.name}' đọc.")
    if stored.spilled:
        parts.append("Ổ đĩa đã đầy: lời đọc đang nằm tạm ở bộ nhớ của máy.")
    return " ".join(parts)


class _Job(NamedTuple):
    """What decides the sound of a sentence, but for the voice that speaks: sentences alike are spoken once."""

    voice: str
    text: str
    speed: float
    pitch: float


def _job(sentence: Sentence, voice_id: str, speed: float) -> _Job:
    pace = speed * sentence.speed * (EMPHASIS_SPEED if sentence.emphasis else 1.0)
    return _Job(sentence.voice or voice_id, sentence.spoken, pace, sentence.pitch)


class _Keys:
    """The speech cache's keys of one script, at the speed and pitch that each voice has at this station."""

    def __init__(self, deliveries: Deliveries) -> None:
        self._deliveries = deliveries
        self._own: dict[tuple[str, float, float], Delivery] = {}

    def own(self, job: _Job, info: VoiceInfo) -> Delivery:
        """How ``info`` reads the sentence."""
        asked = (info.id, job.speed, job.pitch)
        if (own := self._own.get(asked)) is None:
            own = self._own[asked] = Delivery(job.speed, job.pitch) * self._deliveries.of(info.id)
        return own

    def key(self, job: _Job, info: VoiceInfo) -> str:
        """Empty where it cannot be told before the voice is open."""
        if not info.fingerprint:
            return ""
        own = self.own(job, info)
        return sentence_key(job.text, info.fingerprint, own.speed, own.pitch)


def _speak_one(job: _Job, chain: Chain, cache: SpeechCache, keys: _Keys) -> _Spoken:
    """One sentence by the first voice of the chain that can, from the cache where it is there."""
    problem = ""
    last: VoiceError | None = None
    for info in chain.voices():
        own, key = keys.own(job, info), keys.key(job, info)
        if key and (stored := cache.find(key)):
            return _Spoken(stored, info.id, _what_happened(problem, info, stored), True)
        try:
            voice = chain.voice(info)
            samples = speak_checked(voice, job.text, own.speed, own.pitch)
        except VoiceError as error:
            if error.code == "voices.empty":
                raise
            if error.code != "voices.no_recording" and not chain.broken(info):
                chain.failed(info, error)
            _LOG.warning("voice %s failed: %s %s", info.id, error.message, error.detail)
            problem = problem or error.message
            last = error
            continue
        chain.worked(info)
        key = key or sentence_key(job.text, voice.info.fingerprint, own.speed, own.pitch)
        stored = cache.store(key, samples, voice.info.sample_rate)
        return _Spoken(stored, info.id, _what_happened(problem, info, stored), False)
    raise VoiceError(
        "Không giọng nào đọc được câu này.", mend="Hãy kiểm tra giọng đọc bằng 'station doctor'.",
        detail=last.detail if last else "", code="voices.none",
    ) from last


def speaking_order(sentences: list[str]) -> list[int]:
    """Indexes in the order to speak them: the first sentence, so that it can be heard at once, then the longest."""
    rest = sorted(range(1, len(sentences)), key=lambda i: -len(sentences[i]))
    return [0, *rest] if sentences else []


def _utterance(sentence: Sentence, spoken: _Spoken, pauses: float) -> Utterance:
    return Utterance(
        path=spoken.stored.path, frames=spoken.stored.frames, sample_rate=spoken.stored.sample_rate,
        pause_seconds=sentence.pause_seconds * pauses, spoken=sentence.spoken, from_cache=spoken.from_cache,
        voice=spoken.voice, problem=spoken.problem,
    )


def speak_script(
    script: Script, voice_id: str, settings: Settings, *, speed: float = 1.0, progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None, on_ready: Ready | None = None,
) -> tuple[Utterance, ...]:
    """Every sentence of ``script`` spoken, in the script's order.

    Sentences are spoken side by side and stored one by one, so a cancelled or interrupted call is taken up again
    where it stopped.  ``speed`` multiplies the station's, the voice's (``voices/delivery.toml``) and the sentence's
    own; pitch and pauses are those of the voice and the sentence.  ``on_ready(index, utterance)`` hears of each sentence
    as it ends (the first one first).  A sentence that its voice cannot say is said by the next voice of the chain
    and carries a ``problem``.  Raises :class:`JobCancelled`, or :class:`VoiceError` when nothing at all can speak.
    """
    cache = speech_cache(settings)
    deliveries = load_deliveries(settings.home)
    low, high = LIMITS["speed"]
    speed = min(max(speed * settings.voices.speed, low), high)
    sentences = script.sentences
    jobs: dict[_Job, list[int]] = {}
    for index, sentence in enumerate(sentences):
        jobs.setdefault(_job(sentence, voice_id, speed), []).append(index)
    slots = settings.voices.workers or cores()
    chains: dict[str, Chain] = {}
    results: dict[int, Utterance] = {}

    def finish(indexes: list[int], spoken: _Spoken) -> None:
        for index in indexes:
            results[index] = _utterance(sentences[index], spoken, deliveries.of(spoken.voice).pauses)
            if on_ready is not None:
                on_ready(index, results[index])
        if progress is not None:
            progress(len(results), len(sentences))

    names = list(jobs)
    order = [names[i] for i in speaking_order([job.text for job in names])]
    pool = _threads(slots + WRITING)
    running: dict[Future[_Spoken], list[int]] = {}
    try:
        for voice in dict.fromkeys(job.voice for job in names):
            chains[voice] = Chain(voice, settings, slots)
        # More than the engine's own, so that it never waits while a sentence is checked and stored.  A fast engine says
        # several while the disk confirms one; of a slow one few, as a cancelled call waits for those under way.
        slow = any(chain.first.neural for chain in chains.values())
        in_flight = slots + (min(slots, 4) if slow else WRITING)
        waiting: deque[_Job] = deque()
        keys = _Keys(deliveries)
        kept: list[tuple[_Job, str]] = []
        for job in order:  # quickly: the engine waits for it
            key = keys.key(job, chains[job.voice].first)
            if key and cache.seems_kept(key):
                kept.append((job, key))
            else:
                waiting.append(job)
        for name, chain in chains.items():
            chain.waiting = sum(job.voice == name for job in waiting)

        def fill() -> None:
            # the first sentence has the engine for itself, so that it is heard soonest
            first = not (kept or results) and chains[order[0].voice].first.neural
            while waiting and len(running) < (1 if first else in_flight):
                job = waiting.popleft()
                future = pool.submit(_speak_one, job, chains[job.voice], cache, keys)
                running[future] = jobs[job]

        if cancelled is not None and cancelled():
            raise JobCancelled
        fill()
        if kept and running:  # both would run in one interpreter: first the engine gets its sentence
            wait(running, timeout=HEAD_START_SECONDS)
            cache.expect(len(running))
        for job, key in kept:  # looked at while the engine speaks, and without a thread for each
            if stored := cache.find(key):
                info = chains[job.voice].first
                finish(jobs[job], _Spoken(stored, info.id, _what_happened("", info, stored), True))
            else:
                waiting.append(job)
        while running or waiting:
            if cancelled is not None and cancelled():
                raise JobCancelled
            fill()
            done, _ = wait(running, timeout=0.2, return_when=FIRST_COMPLETED)
            for number, future in enumerate(done):  # several may have ended at once
                if number and cancelled is not None and cancelled():
                    raise JobCancelled
                finish(running.pop(future), future.result())
    finally:
        _keep(pool, slots + WRITING, running)
        for chain in chains.values():
            chain.close()
        cache.close()
    cache.prune_at_times()
    return tuple(results[index] for index in range(len(sentences)))


def join_utterances(utterances: tuple[Utterance, ...]) -> tuple[np.ndarray, int]:
    """(mono float samples, rate) of utterances with their pauses, at the first one's rate."""
    import soxr

    if not utterances:
        raise VoiceError("Không có câu nào để đọc.", code="voices.empty")
    rate = utterances[0].sample_rate
    parts: list[np.ndarray] = []
    for utterance in utterances:
        samples, own = read_wav(Path(utterance.path))
        parts.append(samples if own == rate else soxr.resample(samples, own, rate))
        parts.append(np.zeros(int(utterance.pause_seconds * rate), dtype=np.float32))
    return np.concatenate(parts), rate


def make_station_script(text: str, settings: Settings) -> Script:
    """The script of ``text`` in the station's region, with the station's lexicon."""
    from station.text import load_lexicon, make_script

    path = settings.home.voices / "lexicon.toml"
    lexicon = load_lexicon(path) if path.is_file() else None
    return make_script(text, region=settings.text.region, lexicon=lexicon)


def say(
    text: str, voice_id: str, settings: Settings, out_path: Path | str, delivery: Delivery = PLAIN
) -> tuple[Utterance, ...]:
    """Normalize ``text``, speak it and write one WAV file (mono, 16 bit) to ``out_path``."""
    script = deliver(make_station_script(text, settings), delivery)
    if not script.sentences:
        raise VoiceError("Không có chữ nào để đọc.", code="voices.empty")
    utterances = speak_script(script, voice_id, settings)
    samples, rate = join_utterances(utterances)
    try:
        write_wav(Path(out_path), samples, rate)
    except OSError as error:
        raise VoiceError(f"Không ghi được tệp {out_path}.", detail=str(error), code="voices.write") from error
    return tuple(replace(utterance) for utterance in utterances)

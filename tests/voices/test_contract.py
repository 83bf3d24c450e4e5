"""What every kind of voice promises, asked of each: eSpeak NG, Piper, Coqui, recordings.  All sentences are invented.

The engines, processes and (but for the invented weights) models are real.
"""

from __future__ import annotations

import subprocess
import sys
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from station.errors import JobCancelled, VoiceError
from station.voices import list_voices, open_voice, speak_script
from station.voices.checks import SILENCE_DBFS, check_speech, loudest_dbfs
from station.voices.wave import read_wav

from .conftest import ENGLISH, SENTENCES, make_script

VOICES = ("espeak-bac-nu", "espeak-nam-nam", "piper-joe", "piper-vi", "coqui", "coqui-speakers", "loa")
#: engines of which each reading is a little different or which say what was recorded
pytestmark = pytest.mark.parametrize("voice_id", VOICES)


@pytest.fixture
def voice(voice_id, station):
    with open_voice(voice_id, station.home) as opened:
        yield opened


@pytest.fixture
def texts(voice_id):
    return ENGLISH if voice_id == "piper-joe" else SENTENCES


def test_it_says_who_it_is(voice_id, station):
    info = {voice.id: voice for voice in list_voices(station.home)}[voice_id]
    assert info.installed and not info.missing
    assert info.name and info.license and info.fingerprint
    assert info.region in ("north", "central", "south") and info.sex in ("female", "male")
    assert info.neural == (info.engine in ("piper", "coqui"))


def test_a_sentence_is_mono_float_sound_of_a_plausible_length(voice, texts):
    for text in texts:
        samples = voice.speak(text)
        assert samples.dtype == np.float32 and samples.ndim == 1
        assert np.isfinite(samples).all() and np.abs(samples).max() <= 1.0
        assert loudest_dbfs(samples, voice.info.sample_rate) > SILENCE_DBFS
        assert check_speech(samples, voice.info.sample_rate, text) is None


def test_speed_changes_the_length_and_nothing_else(voice, texts):
    normal = len(voice.speak(texts[1]))
    assert len(voice.speak(texts[1], speed=1.6)) < 0.8 * normal
    assert len(voice.speak(texts[1], speed=0.7)) > 1.2 * normal
    assert abs(len(voice.speak(texts[1])) - normal) < 0.15 * normal


def test_sentences_at_different_speeds_do_not_disturb_one_another(voice, texts):
    speeds = (0.6, 1.8) * 4
    alone = {speed: len(voice.speak(texts[1], speed=speed)) for speed in (0.6, 1.8)}
    with ThreadPoolExecutor(4) as pool:
        lengths = list(pool.map(lambda speed: len(voice.speak(texts[1], speed=speed)), speeds))
    for speed, length in zip(speeds, lengths, strict=True):
        assert abs(length - alone[speed]) < 0.2 * alone[speed]


def test_capitals_markup_spaces_and_decomposed_letters_are_the_same_sentence(voice, texts):
    text = texts[2]
    strange = unicodedata.normalize("NFD", f"  [[{text.capitalize()}\u200b]]\n")
    assert abs(len(voice.speak(strange)) - len(voice.speak(text))) < 0.25 * len(voice.speak(text))


@pytest.mark.parametrize("text", ["", " ... ", "?!", "\x00\n"])
def test_a_text_without_words_is_refused_in_vietnamese(voice, text):
    with pytest.raises(VoiceError, match="không có chữ nào") as caught:
        voice.speak(text)
    assert caught.value.code == "voices.empty"


def test_a_voice_may_be_closed_twice_and_opened_again(voice_id, station, texts):
    for _ in range(2):
        opened = open_voice(voice_id, station.home)
        assert opened.speak(texts[3]).size
        opened.close()
        opened.close()


#: a process of its own, as the station's is: other tests load what they like into this one
SPEAK_ONCE = """
import sys
from pathlib import Path
from station.home import StationHome
from station.voices import hosted, open_voice
with open_voice(sys.argv[1], StationHome(Path(sys.argv[2]))) as voice:
    assert voice.speak(sys.argv[3]).size
loaded = {"torch", "TTS", "piper", "onnx", "onnxruntime", "espeakng_loader"} & set(sys.modules)
hosted.release_all()
assert not loaded, loaded
assert "libespeak" not in Path("/proc/self/maps").read_text(encoding="utf-8")
"""


def test_nothing_heavy_or_gpl_is_loaded_into_the_stations_own_process(voice_id, station, texts):
    done = subprocess.run(
        [sys.executable, "-c", SPEAK_ONCE, voice_id, str(station.home.root), texts[3]], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_script_is_spoken_in_order_with_its_pauses_and_read_from_the_cache_the_second_time(voice_id, station, texts):
    progress = []
    first = speak_script(make_script(*texts), voice_id, station, progress=lambda *now: progress.append(now))
    assert [u.spoken for u in first] == list(texts)
    assert {u.voice for u in first} == {voice_id} and not any(u.problem for u in first)
    assert all(u.pause_seconds == 0.3 and not u.from_cache for u in first)
    assert progress[-1] == (4, 4) and [done for done, _ in progress] == [1, 2, 3, 4]
    for utterance in first:
        samples, rate = read_wav(Path(utterance.path))
        assert (len(samples), rate) == (utterance.frames, utterance.sample_rate)
    again = speak_script(make_script(*texts), voice_id, station)
    assert all(u.from_cache for u in again) and [u.path for u in again] == [u.path for u in first]


def test_correcting_one_sentence_speaks_one_sentence(voice_id, station, texts):
    speak_script(make_script(texts[0], texts[2], texts[3]), voice_id, station)
    again = speak_script(make_script(texts[0], texts[1], texts[3]), voice_id, station)
    assert [u.from_cache for u in again] == [True, False, True]


def test_another_speed_is_another_sound(voice_id, station, texts):
    slow = speak_script(make_script(texts[0]), voice_id, station, speed=0.8)[0]
    fast = speak_script(make_script(texts[0]), voice_id, station, speed=1.3)[0]
    assert not fast.from_cache and fast.frames < 0.85 * slow.frames


def test_a_cancelled_script_is_taken_up_where_it_stopped(voice_id, station, texts):
    done = []
    narrow = replace(station, voices=replace(station.voices, workers=1))
    with pytest.raises(JobCancelled):
        speak_script(make_script(*texts), voice_id, narrow, cancelled=lambda: bool(done),
                     on_ready=lambda index, _: done.append(index))
    again = speak_script(make_script(*texts), voice_id, station)
    assert again[done[0]].from_cache and len(again) == 4

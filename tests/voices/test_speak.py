"""A script becomes speech: cached, in order, resumable, with fallback.  The sentences are invented."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from station.config import Settings, VoiceSettings
from station.errors import JobCancelled, VoiceError
from station.home import StationHome
from station.text.script import Script, Sentence
from station.voices import chain, default_voice, list_voices, open_voice, speak_script
from station.voices.cache import SpeechCache, _whole, forget
from station.voices.checks import Problem, check_speech, repeats
from station.voices.own_pace import OwnPace
from station.voices.wave import check_wav, read_wav

TEXTS = (
    "kính thưa toàn thể bà con.",
    "ngày mai xã tổ chức tiêm phòng cho đàn gia súc, đề nghị bà con đưa trâu bò đến sân kho.",
    "xin trân trọng cảm ơn.",
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=StationHome(tmp_path).ensure(), voices=VoiceSettings(cache_mb=50))


def script(*texts: str) -> Script:
    return Script(" ".join(texts), tuple(Sentence(text, 0, len(text)) for text in texts))


def test_espeak_is_always_in_the_catalog_in_three_regions_and_both_sexes(settings: Settings) -> None:
    voices = {(v.region, v.sex) for v in list_voices(settings.home) if v.engine == "espeak" and v.installed}
    assert voices == {(r, s) for r in ("north", "central", "south") for s in ("female", "male")}


@pytest.mark.parametrize("voice_id", ["espeak-bac-nu", "espeak-trung-nam", "espeak-nam-nu"])
def test_every_espeak_voice_speaks_plausible_vietnamese(settings: Settings, voice_id: str) -> None:
    with open_voice(voice_id, settings.home) as voice:
        samples = voice.speak(TEXTS[1])
        assert check_speech(samples, voice.info.sample_rate, TEXTS[1]) is None
        assert len(voice.speak(TEXTS[1], speed=1.5)) < 0.85 * len(samples)


def test_a_text_without_words_is_refused_in_vietnamese(settings: Settings) -> None:
    with open_voice("espeak-bac-nu", settings.home) as voice, pytest.raises(VoiceError, match="không có chữ nào"):
        voice.speak(" ... ")


def test_sentences_come_back_in_order_and_a_second_call_speaks_only_what_changed(settings: Settings) -> None:
    first = speak_script(script(*TEXTS), "espeak-bac-nu", settings)
    assert [u.spoken for u in first] == list(TEXTS)
    for utterance in first:
        samples, rate = read_wav(Path(utterance.path))
        assert len(samples) == utterance.frames and rate == utterance.sample_rate
    again = speak_script(script(TEXTS[0], "câu này đã được sửa lại.", TEXTS[2]), "espeak-bac-nu", settings)
    assert [u.from_cache for u in again] == [True, False, True]


def test_a_cancelled_call_is_taken_up_where_it_stopped(settings: Settings) -> None:
    done: list[int] = []
    with pytest.raises(JobCancelled):
        speak_script(script(*TEXTS), "espeak-bac-nu", settings, cancelled=lambda: bool(done),
                     on_ready=lambda index, _: done.append(index))
    again = speak_script(script(*TEXTS), "espeak-bac-nu", settings)
    assert sum(u.from_cache for u in again) >= len(done) >= 1


def test_a_voice_that_is_not_there_never_stops_the_program(settings: Settings) -> None:
    spoken = speak_script(script(*TEXTS), "piper-vais1000", settings)
    assert len(spoken) == 3
    assert all(u.voice == "espeak-bac-nu" and "dự phòng" in u.problem for u in spoken)


def test_a_damaged_file_in_the_cache_is_spoken_again(settings: Settings) -> None:
    path = Path(speak_script(script(TEXTS[0]), "espeak-bac-nu", settings)[0].path)
    path.write_bytes(path.read_bytes()[:200])
    again = speak_script(script(TEXTS[0]), "espeak-bac-nu", settings)[0]
    assert not again.from_cache and len(read_wav(Path(again.path))[0]) == again.frames


def test_a_sentence_that_rotted_on_the_disk_is_spoken_again_by_the_next_process(settings: Settings) -> None:
    """A power cut or a worn card leaves a file of the right length and time, with other samples in it."""
    path = Path(speak_script(script(TEXTS[0]), "espeak-bac-nu", settings)[0].path)
    whole, times = path.read_bytes(), path.stat()
    path.write_bytes(whole[:4000] + bytes(4096) + whole[8096:])
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    forget()
    again = speak_script(script(TEXTS[0]), "espeak-bac-nu", settings)[0]
    assert not again.from_cache and check_wav(again.path) == (again.frames, again.sample_rate)
    assert speak_script(script(TEXTS[0]), "espeak-bac-nu", settings)[0].from_cache


def test_a_sentence_of_the_cache_is_a_wav_that_every_reader_takes(settings: Settings) -> None:
    utterance = speak_script(script(TEXTS[1]), "espeak-bac-nu", settings)[0]
    samples, rate = read_wav(Path(utterance.path))
    by_library, same_rate = soundfile.read(utterance.path, dtype="float32")
    assert rate == same_rate == utterance.sample_rate and np.array_equal(samples, by_library)
    told = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", utterance.path, "-f", "s16le", "-"], capture_output=True, check=True
    )
    assert not told.stderr and np.array_equal(np.frombuffer(told.stdout, "<i2") / np.float32(32768), samples)


def test_a_sentence_in_use_is_marked_and_found_whole_without_being_read_again(settings: Settings) -> None:
    path = speak_script(script(TEXTS[0]), "espeak-bac-nu", settings)[0].path
    os.utime(path, (time.time() - 3600, time.time() - 3600))
    assert speak_script(script(TEXTS[0]), "espeak-bac-nu", settings)[0].from_cache
    assert time.time() - os.stat(path).st_mtime < 60 and _whole[path][0][2] == os.stat(path).st_mtime_ns


def test_files_that_were_expected_are_used_or_removed(settings: Settings) -> None:
    speak_script(script(*TEXTS), "espeak-bac-nu", settings)
    corrected = speak_script(script(*TEXTS[:-1], "Giờ phát thanh xin tạm dừng tại đây."), "espeak-bac-nu", settings)
    folder = settings.home.cache / "speech"
    assert not corrected[-1].from_cache and not list(folder.glob(".*.part"))
    cache = SpeechCache(folder, 10_000_000)
    cache.expect(2)
    assert len(list(folder.glob(".*.part"))) == 2
    stored = cache.store("a" * 64, np.full(2000, 0.1, np.float32), 16000)
    assert len(list(folder.glob(".*.part"))) == 1 and check_wav(stored.path) == (2000, 16000)
    cache.close()
    assert not list(folder.glob(".*.part"))


def test_a_cache_that_is_cleared_meanwhile_is_made_anew(settings: Settings) -> None:
    cache = SpeechCache(settings.home.cache / "speech", 10_000_000)
    cache.expect(1)
    shutil.rmtree(cache.folder)
    stored = cache.store("a" * 64, np.full(2000, 0.1, np.float32), 16000)
    assert not stored.spilled and check_wav(stored.path) == (2000, 16000)


def test_the_catalog_is_read_for_fallbacks_only_when_the_voice_fails(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(chain, "list_voices", lambda home: asked.append(home) or list_voices(home))
    speak_script(script(*TEXTS), "espeak-bac-nam", settings)
    assert not asked
    spoken = speak_script(script(*TEXTS), "không có giọng này", settings)
    assert len(asked) == 1 and all(u.voice == "espeak-bac-nu" and u.problem for u in spoken)


def test_the_default_is_espeak_of_the_region_where_no_neural_voice_is_installed(settings: Settings) -> None:
    assert default_voice(settings).id == "espeak-bac-nu"


def test_silence_and_a_cut_off_sentence_are_found(settings: Settings) -> None:
    with open_voice("espeak-bac-nu", settings.home) as voice:
        samples = voice.speak(TEXTS[1])
    assert check_speech(samples * 0, 22050, TEXTS[1]) is Problem.SILENT
    assert check_speech(samples[: len(samples) // 8], 22050, TEXTS[1]) is Problem.TOO_SHORT


def test_a_sentence_whose_rest_is_silence_is_cut_off_though_it_lasts_long_enough(settings: Settings) -> None:
    with open_voice("espeak-bac-nu", settings.home) as voice:
        samples = voice.speak(TEXTS[1]).copy()
    samples[len(samples) // 8:] *= 0.0005
    assert check_speech(samples, 22050, TEXTS[1]) is Problem.TOO_SHORT


def test_half_a_sentence_is_found_by_the_pace_of_the_voices_other_sentences(settings: Settings) -> None:
    pace = OwnPace()
    with open_voice("espeak-bac-nu", settings.home) as voice:
        for number in ("hai", "ba", "bốn", "năm", "sáu"):
            text = f"thôn {number} họp tại nhà văn hóa lúc bảy giờ tối."
            assert pace.expected("v", TEXTS[1]) is None
            pace.heard("v", text, len(voice.speak(text)) / 22050)
        samples, expected = voice.speak(TEXTS[1]), pace.expected("v", TEXTS[1])
    assert check_speech(samples, 22050, TEXTS[1], expected_seconds=expected) is None
    half = samples[: len(samples) // 2]
    assert check_speech(half, 22050, TEXTS[1]) is None, "alone, half a sentence passes for a fast one"
    assert check_speech(half, 22050, TEXTS[1], expected_seconds=expected) is Problem.TOO_SHORT
    thrice = np.concatenate([samples] * 3)
    assert check_speech(thrice, 22050, TEXTS[1], expected_seconds=expected) is Problem.TOO_LONG


def test_a_voice_that_breaks_off_in_the_middle_of_a_bulletin_is_replaced_for_that_sentence(settings: Settings, monkeypatch) -> None:
    from station.voices import hosted

    speak = hosted.HostedVoice.speak

    def broken(voice, text, *, speed=1.0):
        samples = speak(voice, text, speed=speed)
        return samples[: len(samples) // 2] if "tám" in text and voice.info.id == "espeak-nam-nam" else samples

    monkeypatch.setattr(hosted.HostedVoice, "speak", broken)
    texts = [f"thôn {n} họp tại nhà văn hóa lúc bảy giờ tối." for n in ("một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám")]
    narrow = replace(settings, voices=replace(settings.voices, workers=1))
    speak_script(script(*texts[:7]), "espeak-nam-nam", narrow)  # side by side, the eighth might be heard before the pace is known
    spoken = speak_script(script(*texts), "espeak-nam-nam", narrow)
    assert [u.voice for u in spoken] == ["espeak-nam-nam"] * 7 + ["espeak-bac-nu"]
    assert "bị cụt" in spoken[-1].problem and "dự phòng" in spoken[-1].problem


@pytest.mark.parametrize("period_seconds", [0.35, 0.8, 1.6])
def test_a_stuck_voice_is_found_and_a_text_that_says_a_word_thrice_is_not(settings: Settings, period_seconds: float) -> None:
    with open_voice("espeak-bac-nu", settings.home) as voice:
        samples = voice.speak(TEXTS[1])
    piece = samples[11025: 11025 + int(period_seconds * 22050)]
    stuck = np.concatenate([samples[:22050], *[piece] * 5])
    assert repeats(stuck, 22050) and not repeats(samples, 22050)
    assert check_speech(samples, 22050, "một hai ba ba ba bốn " * 4) is None


def test_a_clipped_sentence_is_found(settings: Settings) -> None:
    with open_voice("espeak-bac-nu", settings.home) as voice:
        samples = voice.speak(TEXTS[1])
    assert check_speech(np.clip(samples * 30, -1, 1), 22050, TEXTS[1]) is Problem.CLIPPED

"""Recordings: any file ffmpeg reads becomes a clean clip, or a clear refusal.  The sounds are synthetic."""

from __future__ import annotations

import subprocess

import numpy as np
import pytest
import soundfile

from station.errors import VoiceError
from station.voices.recorded import import_recording
from station.voices.sound_levels import RecordingProblem, measure

from .conftest import SENTENCES, espeak_wav


@pytest.fixture
def speech(tmp_path):
    """Speech with two seconds of faint noise before and after."""
    samples, rate = soundfile.read(espeak_wav(SENTENCES[0], tmp_path / "speech.wav"))
    noise = np.random.default_rng(3).normal(0, 0.0008, len(samples) + 4 * rate)
    noise[2 * rate:2 * rate + len(samples)] += samples * 0.3
    soundfile.write(tmp_path / "take.wav", noise, rate)
    return tmp_path / "take.wav", len(samples) / rate


def test_edges_are_trimmed_the_level_is_set_and_the_background_turned_down(speech, tmp_path):
    source, seconds = speech
    before = source.read_bytes()
    recording = import_recording(source, tmp_path / "out.wav")
    samples, rate = soundfile.read(recording.path)
    assert rate == recording.sample_rate == 48000 and len(samples) == recording.frames
    assert abs(recording.seconds - seconds) < 0.8
    after, start = measure(samples, rate), measure(*soundfile.read(source))
    assert -24 < after.speech_db < -16 and np.abs(samples).max() < 0.9
    assert start.speech_db < after.speech_db
    assert not recording.problems and source.read_bytes() == before


@pytest.mark.parametrize("suffix", ["mp3", "ogg", "m4a", "webm", "flac", "aac"])
def test_every_usual_kind_of_file_is_read(speech, tmp_path, suffix):
    source = tmp_path / f"take.{suffix}"
    subprocess.run(["ffmpeg", "-v", "error", "-i", str(speech[0]), "-strict", "-2", str(source)], check=True, timeout=60)
    assert abs(import_recording(source, tmp_path / "out.wav").seconds - speech[1]) < 0.9


@pytest.mark.parametrize(("gain", "problem"), [(0.1, RecordingProblem.QUIET), (60.0, RecordingProblem.CLIPPED)])
def test_a_quiet_or_clipped_recording_comes_with_a_warning(speech, tmp_path, gain, problem):
    samples, rate = soundfile.read(speech[0])
    soundfile.write(tmp_path / "bad.wav", np.clip(samples * gain, -1, 1), rate, "FLOAT")
    recording = import_recording(tmp_path / "bad.wav", tmp_path / "out.wav")
    assert problem in recording.problems and recording.messages()
    assert recording.utterance("xin chào").problem


@pytest.mark.parametrize(("content", "code"), [
    (b"khong phai am thanh", "voices.not_audio"), (b"", "voices.not_audio"),
    (b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n/etc/hostname\n#EXT-X-ENDLIST\n", "voices.not_audio"),
    (b"ffconcat version 1.0\nfile '/etc/hostname'\n", "voices.not_audio"),
])
def test_what_is_no_sound_or_points_at_other_files_is_refused(tmp_path, content, code):
    (tmp_path / "take.mp3").write_bytes(content)
    with pytest.raises(VoiceError) as caught:
        import_recording(tmp_path / "take.mp3", tmp_path / "out.wav")
    assert caught.value.code == code and not (tmp_path / "out.wav").exists()


def test_silence_and_a_blink_are_refused_and_nothing_is_left(tmp_path, speech):
    samples, rate = soundfile.read(speech[0])
    for name, sound in (("silent", samples * 0), ("too_short", samples[: rate // 5])):
        soundfile.write(tmp_path / f"{name}.wav", sound, rate)
        with pytest.raises(VoiceError) as caught:
            import_recording(tmp_path / f"{name}.wav", tmp_path / "out" / "out.wav")
        assert caught.value.code == f"voices.recording.{name}"
    assert list((tmp_path / "out").iterdir()) == []


def test_a_long_recording_goes_through_in_little_memory(tmp_path):
    rate, minutes = 16000, 12
    second = np.sin(np.arange(rate) * 0.2) * 0.2 * (np.arange(rate) < rate * 0.7)
    soundfile.write(tmp_path / "long.wav", np.tile(second, 60 * minutes).astype(np.float32), rate)
    import tracemalloc

    tracemalloc.start()
    recording = import_recording(tmp_path / "long.wav", tmp_path / "out.wav")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert recording.seconds > 60 * minutes - 2 and peak < 60_000_000

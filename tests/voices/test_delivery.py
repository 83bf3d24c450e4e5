"""Speed, pitch and pauses: of a voice, of a sentence, of a program.  The sentences are invented."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from station.errors import VoiceError
from station.text.script import Script
from station.voices import speak_script, voice_sample
from station.voices.delivery import (
    Deliveries,
    Delivery,
    deliver,
    load_deliveries,
    parse_delivery,
    save_delivery,
    save_program_voice,
)
from station.voices.stretch import shift_pitch
from station.voices.wave import read_wav

from .conftest import SENTENCES, make_script

VOICE = "espeak-bac-nam"


def spoken(settings, script: Script):
    return speak_script(script, VOICE, settings)


def pitch_hertz(samples: np.ndarray, rate: int) -> float:
    """The median pitch of voiced frames, by autocorrelation."""
    found = []
    size = int(rate * 0.05)
    for start in range(0, len(samples) - size, size):
        frame = samples[start:start + size] - samples[start:start + size].mean()
        if np.sqrt((frame**2).mean()) < 0.03:
            continue
        likeness = np.correlate(frame, frame, "full")[size - 1:]
        low, high = int(rate / 400), int(rate / 60)
        place = low + int(likeness[low:high].argmax())
        if likeness[place] > 0.5 * likeness[0]:
            found.append(rate / place)
    return float(np.median(found))


def test_a_voices_own_way_of_reading_is_kept_and_heard_in_every_script(own_station):
    plain = spoken(own_station, make_script(*SENTENCES))
    save_delivery(own_station.home, VOICE, Delivery(speed=0.8, pauses=2.0))
    slow = spoken(own_station, make_script(*SENTENCES))
    assert all(1.12 < after.frames / before.frames < 1.45 for before, after in zip(plain, slow, strict=True))
    assert [u.pause_seconds for u in slow] == pytest.approx([0.6] * 4)
    save_delivery(own_station.home, VOICE, Delivery())
    assert [u.path for u in spoken(own_station, make_script(*SENTENCES))] == [u.path for u in plain]


def test_another_voice_is_not_touched(own_station):
    before = speak_script(make_script(SENTENCES[0]), "espeak-nam-nu", own_station)
    save_delivery(own_station.home, VOICE, Delivery(speed=1.5, pitch=3))
    assert speak_script(make_script(SENTENCES[0]), "espeak-nam-nu", own_station)[0].path == before[0].path


def test_a_higher_pitch_is_heard_at_the_same_pace(own_station):
    low = spoken(own_station, make_script(SENTENCES[1]))[0]
    high = spoken(own_station, deliver(make_script(SENTENCES[1]), Delivery(pitch=4)))[0]
    first, rate = read_wav(Path(low.path))
    second, _ = read_wav(Path(high.path))
    assert abs(len(second) / len(first) - 1) < 0.03
    assert pitch_hertz(second, rate) / pitch_hertz(first, rate) == pytest.approx(2 ** (4 / 12), rel=0.06)


def test_a_tone_is_moved_by_as_many_half_tones_as_asked():
    rate = 22050
    tone = (0.5 * np.sin(2 * np.pi * 200 * np.arange(rate) / rate)).astype(np.float32)
    for half_tones in (-5, 2):
        spectrum = np.abs(np.fft.rfft(shift_pitch(tone, rate, half_tones)[2000:-2000]))
        assert spectrum.argmax() * rate / (2 * (len(spectrum) - 1)) == pytest.approx(200 * 2 ** (half_tones / 12), rel=0.01)


def test_an_emphasized_sentence_is_said_slower(own_station):
    script = make_script(SENTENCES[1])
    loud = replace(script, sentences=(replace(script.sentences[0], emphasis=True),))
    assert spoken(own_station, loud)[0].frames > 1.06 * spoken(own_station, script)[0].frames


def test_one_bulletin_read_slower_leaves_the_others_of_the_program_as_they_are(own_station):
    script = make_script(*SENTENCES[:2])
    slow = deliver(make_script(SENTENCES[0]), Delivery(speed=0.7, pauses=1.5))
    together = Script("", (*script.sentences, *slow.sentences))
    first, second, again = spoken(own_station, together)
    assert again.frames > 1.2 * first.frames and again.pause_seconds == pytest.approx(0.45)
    assert [u.path for u in spoken(own_station, script)] == [first.path, second.path]


def test_a_sample_is_heard_with_values_that_are_not_saved(own_station, tmp_path):
    plain, other = tmp_path / "plain.wav", tmp_path / "other.wav"
    text = "Kính chào bà con. Mời bà con nghe đài."
    voice_sample(VOICE, own_station, plain, text)
    voice_sample(VOICE, own_station, other, text, Delivery(speed=0.7, pauses=3.0))
    assert len(read_wav(other)[0]) > 1.3 * len(read_wav(plain)[0])
    assert load_deliveries(own_station.home) == Deliveries()


def test_a_recorded_voice_is_heard_by_a_sentence_that_it_has(station, tmp_path):
    voice_sample("loa", station, tmp_path / "a.wav")
    assert len(read_wav(tmp_path / "a.wav")[0]) > 8000


def test_the_file_keeps_what_staff_wrote_and_a_mistake_in_it_silences_nothing(own_station):
    path = own_station.home.voices / "delivery.toml"
    path.write_text('# lời ghi của đài\n[voice.x]\nspeed = "nhanh"\n', encoding="utf-8")
    save_delivery(own_station.home, VOICE, Delivery(pitch=-2))
    save_program_voice(own_station.home, "daily", VOICE)
    assert "# lời ghi của đài" in path.read_text(encoding="utf-8")
    assert load_deliveries(own_station.home) == Deliveries({VOICE: Delivery(pitch=-2)}, {"daily": VOICE})
    path.write_text("[[[", encoding="utf-8")
    assert load_deliveries(own_station.home) == Deliveries()
    assert spoken(own_station, make_script(SENTENCES[3]))[0].frames
    with pytest.raises(VoiceError, match="viết sai"):
        save_delivery(own_station.home, VOICE, Delivery(pitch=1))


@pytest.mark.parametrize("values", [{"speed": "9"}, {"pitch": "cao"}, {"pauses": "0"}, {"speed": "nan"}])
def test_a_value_outside_its_limits_is_refused_with_the_limits(values):
    with pytest.raises(VoiceError, match="ghi chưa đúng") as caught:
        parse_delivery(values)
    assert "từ" in caught.value.mend
    assert parse_delivery({"speed": "0,9", "pitch": "-1.5"}) == Delivery(0.9, -1.5)

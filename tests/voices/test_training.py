"""A tiny voice is trained by Coqui's trainer for a few steps on the processor, and goes on from where it stopped.

The recordings are made by eSpeak NG; the result says nothing that anyone would understand.
"""

from __future__ import annotations

import json
import tomllib

import pytest

from station.errors import VoiceError
from station.voices import announcer, list_voices, speak_script
from station.voices.training import Plan, newest_run, samples, train
from station.voices.wave import read_wav

from .conftest import espeak_wav, make_script
from .make_models import TINY
from .test_announcer import NOW

#: discriminators are most of the work: one period, short pieces
SIZES = {**TINY, "length_scale": 3.0, "spec_segment_size": 8, "periods_multi_period_discriminator": [2]}


@pytest.fixture
def session(own_station, tmp_path):
    session = announcer.begin(own_station.home, "Chị Hòa", agreed_at=NOW)
    for index in range(4):
        assert session.record(index, espeak_wav(session.sentences[index], tmp_path / "take.wav")).kept
    return session


def test_a_few_sentences_are_too_few_and_consent_is_asked(own_station, session):
    with pytest.raises(VoiceError, match="cần ít nhất 50 câu"):
        train(own_station.home, session.id)
    with pytest.raises(VoiceError, match="đồng ý"):
        train(own_station.home, "nguoi-la")


@pytest.mark.slow
def test_a_voice_is_trained_goes_on_after_a_stop_and_joins_the_catalog(own_station, session):
    steps = []
    plan = Plan(steps=2, batch_size=2, save_every=1, least_sentences=4, sizes=SIZES)
    voice_id = train(own_station.home, session.id, plan, progress=lambda *now: steps.append(now))
    assert voice_id == "chi-hoa-rieng" and steps[-1] == (2, 2)
    output = session.folder / "training"
    first = newest_run(output)
    assert first is not None and list(first.glob("checkpoint_*.pth"))
    assert list(samples(own_station.home, session.id)) == [1, 2], "each checkpoint is to be heard"
    assert all(len(read_wav(path)[0]) > 1000 for path in samples(own_station.home, session.id).values())
    train(own_station.home, session.id, Plan(steps=4, batch_size=2, save_every=1, least_sentences=4, sizes=SIZES))
    assert newest_run(output) == first, "a second run must go on in the first one's folder"
    assert max(int(p.stem.split("_")[1]) for p in first.glob("checkpoint_*.pth")) >= 4
    assert 4 in samples(own_station.home, session.id)
    info = {voice.id: voice for voice in list_voices(own_station.home)}[voice_id]
    assert info.own and info.installed and not info.commercial
    assert json.loads((own_station.home.models / voice_id / "consent.json").read_text("utf-8"))["speaker"] == "Chị Hòa"
    assert tomllib.loads((own_station.home.voices / f"{voice_id}.toml").read_text("utf-8"))["voice"]["own"]
    spoken = speak_script(make_script(session.sentences[0].lower()), voice_id, own_station)
    assert spoken[0].frames and "Không nạp được" not in spoken[0].problem

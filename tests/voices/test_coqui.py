"""Coqui's traps: layouts of models, speakers, letters outside the vocabulary, paths with "fairseq", cloning."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import unicodedata

import numpy as np
import pytest

from station.errors import VoiceError
from station.voices import hosted, list_voices, open_voice
from station.voices.checks import check_speech
from station.voices.clean_text import split_long
from station.voices.engines.coqui import synthesis_arguments
from station.voices.engines.vocabulary import fit_to_vocabulary

from .conftest import ROOT, SENTENCES, define, make_models

LOWERCASE = frozenset("aáàbcdđeghiklmnoópqrstuvxy ,.")


def test_the_mms_layout_speaks_at_its_own_rate(home):
    with open_voice("coqui-mms", home) as voice:
        assert voice.info.sample_rate == 16000
        samples = voice.speak("xin chào.")
        assert samples.size > 1600
    hosted.release_all()


def test_a_path_with_fairseq_in_it_and_a_name_of_coquis_own_catalog_speak(own_station, models, tmp_path, monkeypatch):
    monkeypatch.setenv("TTS_HOME", str(tmp_path / "fairseq-home"))
    shutil.copytree(models / "coqui", tmp_path / "fairseq-home" / "tts" / "tts_models--vi--fairseq--vits")
    define(own_station.home, "by-name", "coqui", '[voice.settings]\nmodel_name = "tts_models/vi/fairseq/vits"\n')
    with open_voice("by-name", own_station.home) as voice:
        assert check_speech(voice.speak(SENTENCES[0]), voice.info.sample_rate, SENTENCES[0]) is None


def test_a_name_that_was_not_fetched_is_not_installed_and_never_fetched(own_station, tmp_path, monkeypatch):
    monkeypatch.setenv("TTS_HOME", str(tmp_path))
    define(own_station.home, "by-name", "coqui", '[voice.settings]\nmodel_name = "tts_models/vi/fairseq/vits"\n')
    assert not {v.id: v for v in list_voices(own_station.home)}["by-name"].installed


def test_speakers_are_chosen_by_name_and_an_unknown_one_is_refused(own_station, models):
    define(own_station.home, "hoa", "coqui", 'folder = "m"\n[voice.settings]\nspeaker = "hoa"\n')
    define(own_station.home, "ai", "coqui", 'folder = "m"\n[voice.settings]\nspeaker = "ai"\n')
    shutil.copytree(models / "coqui-speakers", own_station.home.root / "m")
    with open_voice("hoa", own_station.home) as voice:
        assert voice.speak(SENTENCES[3]).size
    with pytest.raises(VoiceError) as caught:
        open_voice("ai", own_station.home)
    assert "lan, hoa" in caught.value.detail


@pytest.mark.parametrize(("text", "fitted"), [
    ("Bà CON", "bà con"), ("a; b: c!", "a, b, c."), ("web", "ueb"), ("a — b", "a b"),
])
def test_a_text_is_fitted_to_a_lowercase_vocabulary(text, fitted):
    assert fit_to_vocabulary(text, LOWERCASE) == fitted


def test_letters_may_be_decomposed_and_a_lost_letter_is_an_error():
    assert fit_to_vocabulary("ố", frozenset("o\u0302\u0301")) == unicodedata.normalize("NFD", "ố")
    with pytest.raises(ValueError, match="ω"):
        fit_to_vocabulary("ký tự ω", LOWERCASE | {"ý", "ự"})


_LAID_OUT = """
import sys
from pathlib import Path
import numpy as np
from station.voices.engines import coqui, hifigan
def heard(folder):
    engine = coqui.Engine(folder, {})
    engine._torch.manual_seed(5)
    return np.frombuffer(engine.speak("xin chào toàn thể bà con.", 1.0), "<f4")
for name in sys.argv[2:]:
    fast = heard(Path(sys.argv[1]) / name)
    kept, hifigan.lay_out = hifigan.lay_out, lambda decoder: None
    plain = heard(Path(sys.argv[1]) / name)
    hifigan.lay_out = kept
    assert len(fast) == len(plain) and np.abs(plain).max() > 0.05
    assert np.abs(fast - plain).max() < 1e-4, (name, np.abs(fast - plain).max())
    print(name, "same")
"""


def test_the_faster_layout_of_the_decoder_gives_the_same_sound(models):
    done = subprocess.run([sys.executable, "-c", _LAID_OUT, str(models), "coqui", "coqui-speakers"], capture_output=True,
                          encoding="utf-8", timeout=120, cwd=ROOT, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[:2] == ["coqui same", "coqui-speakers same"]


def test_a_voice_is_cloned_from_a_reference_clip(own_station, tmp_path):
    """A real XTTS with random weights, in the layout of viXTTS, through the process of the engine."""
    folder = own_station.home.models / "coqui-xtts"
    make_models(own_station.home.models, "coqui-xtts")
    subprocess.run(["espeak-ng", "-v", "vi+f3", "-w", str(folder / "chi-man.wav"), SENTENCES[0]], check=True, timeout=60)
    define(own_station.home, "nhai", "coqui",
           f'folder = "{folder}"\nsample_rate = 24000\n[voice.settings]\nreference = "chi-man.wav"\n')
    with open_voice("nhai", own_station.home) as voice:
        samples = voice.speak("xin chào bà con thôn ba: mời nghe.")
    # random weights stop where they like: what counts is that there is sound
    assert samples.size > 500 and np.abs(samples).max() > 0.001
    assert len(list((folder / ".voices").glob("clip-*.pth"))) == 1, "what is computed from the clip is kept"


def test_another_clip_is_another_voice_and_a_missing_one_is_told(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.wav").write_bytes(name.encode())
    names = {synthesis_arguments(tmp_path, {"reference": f"{n}.wav"}, speaker=None, language="vi")["speaker"] for n in "ab"}
    assert len(names) == 2
    with pytest.raises(FileNotFoundError, match="khong-co"):
        synthesis_arguments(tmp_path, {"reference": "khong-co.wav"}, speaker=None, language="vi")


@pytest.mark.parametrize(("text", "longest"), [("thôn ba họp, " * 60, 240), ("a" * 900, 240)])
def test_no_piece_is_longer_than_an_engine_takes(text, longest):
    pieces = split_long(text)
    assert max(map(len, pieces)) <= longest
    assert "".join("".join(pieces).split()) == "".join(text.split())


_FORMS = """
import copy
import torch
from station.voices.engines.coqui import import_without_cuda
import_without_cuda()
from torch.nn.utils import parametrize
from TTS.vocoder.models.hifigan_generator import HifiganGenerator
from station.voices.engines import hifigan
for kind, speaker, each, ups, window in (
    ("1", 0, False, ((8, 16), (8, 16), (2, 4), (2, 4)), 32768), ("1", 0, False, ((8, 16), (4, 8), (2, 4)), 700),
    ("2", 8, False, ((4, 8), (4, 12)), 300), ("1", 8, True, ((4, 8), (5, 10), (3, 6)), 600), ("1", 0, False, ((4, 8),), 64),
):
    torch.manual_seed(1)
    plain = HifiganGenerator(
        24, 1, kind, [[1, 3, 5]] * 3 if kind == "1" else [[1, 3]] * 3, [3, 7, 11], [k for _, k in ups], 256,
        [s for s, _ in ups], inference_padding=0, cond_channels=speaker, conv_pre_weight_norm=False,
        conv_post_weight_norm=False, cond_in_each_up_layer=each,
    ).eval()
    for module in plain.modules():
        if parametrize.is_parametrized(module, "weight"):
            parametrize.remove_parametrizations(module, "weight")
    with torch.inference_mode():
        for parameter in plain.parameters():
            parameter.normal_(0.0, 0.06) if parameter.dim() > 1 else parameter.normal_(0.0, 0.3)
        hifigan.WINDOW_SAMPLES = window
        fast = copy.deepcopy(plain)
        hifigan.lay_out(fast)
        for length in (3, 41, 150):
            frames, g = torch.randn(1, 24, length), torch.randn(1, speaker, 1) if speaker else None
            one, two = plain(frames, g), fast(frames, g)
            assert one.shape == two.shape and one.abs().max() > 1e-3, (ups, length)
            difference = float((one - two).abs().max() / one.abs().max())
            assert difference < 1e-4, (ups, length, difference)
odd = HifiganGenerator(24, 1, "1", [[1, 3, 5]], [3], [11], 32, [5], conv_pre_weight_norm=False, conv_post_weight_norm=False)
before, forward = dict(odd.named_modules()), odd.forward
try:
    hifigan.lay_out(odd)
except ValueError:
    assert dict(odd.named_modules()) == before and odd.forward == forward
    print("same")
"""


def test_every_form_of_the_decoder_sounds_the_same_in_windows_and_halves_and_another_form_is_left_as_it_is():
    done = subprocess.run([sys.executable, "-c", _FORMS], capture_output=True, encoding="utf-8", timeout=120, cwd=ROOT,
                          check=False, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip() == "same"

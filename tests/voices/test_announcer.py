"""The announcer's own voice: what is read, what is kept, and that Coqui's trainer learns from it.

Takes are made by eSpeak NG; no person's voice is in the tests.
"""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
import soundfile

from station.errors import VoiceError
from station.voices import announcer, ljspeech
from station.voices.syllables import INITIALS, TONES, Syllable, greedy_order, parse_syllable, units

from .conftest import espeak_wav

#: every rhyme a bulletin is likely to need, written here without looking at the list
RHYMES = (
    "a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây e em en eo ep et ê êch êm "
    "ên ênh êp êt êu i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu o oa oac oach oai oan oang oanh oat oay "
    "oăn oăt oc oe oet oi om on ong op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt u ua uc ui um un ung uôc uôi uôm "
    "uôn uông uôt up ut uân uât uây uê uy uya uyên uyêt uynh uyt ư ưa ưc ưi ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu"
).split()
NOW = datetime(2026, 5, 4, 8, 30, tzinfo=UTC)


def test_the_sentences_cover_every_tone_and_initial_and_the_rhymes_of_the_language():
    covered = frozenset().union(*map(units, announcer.sentence_list()))
    assert {f"tone:{tone}" for tone in TONES} <= covered
    assert {f"initial:{i}" for i in INITIALS if i not in ("ngh", "gh", "k")} <= covered
    assert [rhyme for rhyme in RHYMES if f"rhyme:{rhyme}" not in covered] == []


def test_half_of_the_reading_gives_nearly_all_of_the_language():
    sentences = announcer.sentence_list()
    whole = frozenset().union(*map(units, sentences))
    half = frozenset().union(*map(units, sentences[: len(sentences) // 2]))
    assert len(half) > 0.8 * len(whole)


@pytest.mark.parametrize(("word", "parts"), [
    ("nghiêng", ("ng", "iêng", "ngang")), ("Quyết", ("qu", "yêt", "sắc")), ("gì", ("g", "i", "huyền")),
    ("giữa", ("gi", "ưa", "ngã")), ("ủy", ("", "uy", "hỏi")), ("kẹo", ("c", "eo", "nặng")),
])
def test_a_syllable_is_taken_apart(word, parts):
    assert parse_syllable(word) == Syllable(*parts)


def test_the_greedy_order_takes_what_adds_most_first_and_loses_nothing():
    sentences = ["ba ba ba", "quyển thuyền nghiêng đổ xuống", "ba má"]
    assert greedy_order(sentences)[0] == sentences[1] and sorted(greedy_order(sentences)) == sorted(sentences)


def test_nothing_is_recorded_without_consent_and_the_consent_is_kept(own_station):
    with pytest.raises(VoiceError, match="đồng ý"):
        announcer.Session(own_station.home, "chi-hoa")
    session = announcer.begin(own_station.home, "Chị Hòa", agreed_at=NOW, witness="Ông Lâm")
    assert session.id == "chi-hoa"
    assert announcer.Session(own_station.home, "chi-hoa").consent.agreed_at == NOW.isoformat()
    announcer.withdraw(own_station.home, "chi-hoa")
    assert not announcer.session_folder(own_station.home, "chi-hoa").exists()


def test_a_good_take_is_kept_and_a_session_is_taken_up_where_it_stopped(own_station, tmp_path):
    session = announcer.begin(own_station.home, "Chị Hòa", agreed_at=NOW)
    for index in (0, 1):
        assert session.next_sentence() == index
        take = session.record(index, espeak_wav(session.sentences[index], tmp_path / "take.wav"))
        assert take.kept and not take.messages
    later = announcer.Session(own_station.home, "chi-hoa")
    assert later.recorded() == {0, 1} and later.next_sentence() == 2 and later.minutes() > 0.05
    rows = ljspeech.read(session.folder)
    assert [row.text for row in rows] == list(session.sentences[:2])
    assert soundfile.info(session.folder / "wavs" / f"{rows[0].id}.wav").samplerate == 22050


@pytest.mark.parametrize(("spoil", "words"), [
    (lambda x: x * 0, "không có tiếng"), (lambda x: x * 0.03, "quá nhỏ"), (lambda x: np.clip(x * 40, -1, 1), "vỡ"),
    (lambda x: x[: len(x) // 12], "quá ngắn"),
    (lambda x: x + np.random.default_rng(1).normal(0, 0.05, len(x)), "Tiếng nền"),
])
def test_a_bad_take_is_not_kept_and_says_what_to_do(own_station, tmp_path, spoil, words):
    session = announcer.begin(own_station.home, "Chị Hòa", agreed_at=NOW)
    samples, rate = soundfile.read(espeak_wav(session.sentences[0], tmp_path / "take.wav"))
    soundfile.write(tmp_path / "bad.wav", np.clip(spoil(samples), -1, 1), rate)
    take = session.record(0, tmp_path / "bad.wav")
    assert not take.kept and words in " ".join(take.messages)
    assert session.recorded() == frozenset() and not list((session.folder / "wavs").glob("*"))


def test_a_bad_take_does_not_replace_a_good_one(own_station, tmp_path):
    session = announcer.begin(own_station.home, "Chị Hòa", agreed_at=NOW)
    good = espeak_wav(session.sentences[0], tmp_path / "take.wav")
    session.record(0, good)
    samples, rate = soundfile.read(good)
    soundfile.write(tmp_path / "bad.wav", np.clip(samples * 40, -1, 1), rate)
    assert not session.record(0, tmp_path / "bad.wav").kept
    assert session.recorded() == {0}

"""A program's length is known before it is spoken, and a long one is told with choices (invented items)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from station.config import Settings, VoiceSettings
from station.home import StationHome
from station.programs.assembly import assemble
from station.programs.calibration import calibrate
from station.programs.items import Item
from station.programs.model import Clip, Priority, Segment, SegmentKind
from station.programs.pace import USUAL, Pace, learn_pace, pace_of
from station.programs.slot import (
    ChoiceKind,
    Estimate,
    PartEstimate,
    estimate,
    fit_to_slot,
    scaled_to,
    shorten_pauses,
    with_pauses,
    without_items,
    without_repeats,
)
from station.programs.speech import Speaker
from station.programs.template import load_template, outline, plan_program, texts_of
from station.voices.api import Utterance
from station.voices.delivery import Delivery, save_delivery

WHEN = datetime(2026, 11, 24, 5)
ITEMS = [
    Item("Lịch cắt điện", text="Công ty Điện lực cắt điện từ 8h đến 11h ngày 26/11 tại các thôn 1, 2, 3. Bà con chủ "
         "động sắp xếp công việc.", ref="1"),
    Item("Tiêm phòng", text="Sáng thứ Năm, Trạm Y tế xã tiêm phòng cho trẻ dưới 5 tuổi. Phụ huynh mang theo sổ tiêm.",
         priority=Priority.PRIORITY, ref="2"),
]


@pytest.mark.parametrize("voice", ["espeak-bac-nu", "espeak-nam-nam"])
def test_the_length_is_known_within_a_tenth_before_a_word_is_spoken(tmp_path: Path, voice: str) -> None:
    settings = Settings(home=StationHome(tmp_path), voices=VoiceSettings(speed=1.1))
    template = load_template("daily", settings.home)
    before = estimate(template, ITEMS, settings, WHEN, voice=voice)
    speaker = Speaker(settings, voice)
    speaker.prepare(texts_of(outline(template, ITEMS, settings, WHEN)))
    render = assemble(plan_program(template, ITEMS, settings, WHEN, speaker), tmp_path / "o.wav", settings)
    assert before.seconds == pytest.approx(render.seconds, rel=0.1)
    assert estimate(template, ITEMS, settings, WHEN, voice=voice).seconds == pytest.approx(render.seconds, rel=0.05)


def test_a_voice_of_an_unusual_pace_is_timed_once_before_its_first_program(tmp_path: Path) -> None:
    settings = Settings(home=StationHome(tmp_path))
    settings.home.voices.mkdir(parents=True)
    (settings.home.voices / "cham.toml").write_text(
        '[voice]\nid = "cham"\nengine = "espeak"\n[voice.settings]\nvoice = "vi"\nwords_per_minute = 85\n', encoding="utf-8")
    template = load_template("daily", settings.home)
    guessed = estimate(template, ITEMS, settings, WHEN, voice="cham").seconds
    assert calibrate("cham", settings)
    timed = estimate(template, ITEMS, settings, WHEN, voice="cham").seconds
    speaker = Speaker(settings, "cham")
    speaker.prepare(texts_of(outline(template, ITEMS, settings, WHEN)))
    assert {one.voice for made in speaker.spoken() for one in made} == {"cham"}
    real = assemble(plan_program(template, ITEMS, settings, WHEN, speaker), tmp_path / "o.wav", settings).seconds
    assert abs(guessed / real - 1) > 0.1 > 0.05 > abs(timed / real - 1)
    stored = (settings.home.cache / "pace.json").read_text(encoding="utf-8")
    assert calibrate("cham", settings) and (settings.home.cache / "pace.json").read_text(encoding="utf-8") == stored


@pytest.mark.parametrize("delivery", [Delivery(speed=0.8), Delivery(speed=1.25, pauses=2.0)])
def test_the_way_a_program_is_read_counts_in_its_length(tmp_path: Path, delivery: Delivery) -> None:
    settings = Settings(home=StationHome(tmp_path))
    save_delivery(settings.home, "espeak-bac-nu", Delivery(speed=0.9, pauses=0.7))
    template = load_template("daily", settings.home)
    texts = texts_of(outline(template, ITEMS, settings, WHEN))
    before = estimate(template, ITEMS, settings, WHEN, voice="espeak-bac-nu", delivery=delivery)
    speaker = Speaker(settings, "espeak-bac-nu", delivery=delivery)
    speaker.prepare(texts)
    render = assemble(plan_program(template, ITEMS, settings, WHEN, speaker), tmp_path / "o.wav", settings)
    assert before.seconds == pytest.approx(render.seconds, rel=0.1)
    learned = estimate(template, ITEMS, settings, WHEN, voice="espeak-bac-nu", delivery=delivery)
    assert learned.seconds == pytest.approx(render.seconds, rel=0.05)


def _parts() -> Estimate:
    return Estimate((
        PartEstimate(SegmentKind.GREETING, "Chào", "", 20, 4),
        PartEstimate(SegmentKind.ITEM, "Gấp", "1", 100, 20, Priority.EMERGENCY),
        PartEstimate(SegmentKind.ITEM, "Hai", "2", 100, 20),
        PartEstimate(SegmentKind.ITEM, "Ba", "3", 100, 20),
        PartEstimate(SegmentKind.ITEM, "Nhắc lại: Gấp", "1", 100, 20, Priority.EMERGENCY, True),
    ))


def test_a_program_that_fits_needs_no_choice() -> None:
    fit = fit_to_slot(_parts(), 420)
    assert fit.choices == () and fit.over_seconds == 0 and "vừa khung giờ 7:00" in fit.message


def test_a_program_too_long_is_told_with_choices_that_spare_what_is_important() -> None:
    fit = fit_to_slot(_parts(), 370)
    choices = {choice.kind: choice for choice in fit.choices}
    assert fit.over_seconds == 50 and "0:50" in fit.message
    assert not choices[ChoiceKind.SHORTEN_PAUSES].fits and choices[ChoiceKind.SHORTEN_PAUSES].factor == 0.5
    assert choices[ChoiceKind.DROP_REPEATS].fits and choices[ChoiceKind.DROP_REPEATS].seconds == 320
    assert choices[ChoiceKind.MOVE].refs == choices[ChoiceKind.DROP].refs == ("3",)
    hopeless = {choice.kind: choice for choice in fit_to_slot(_parts(), 60).choices}
    assert hopeless[ChoiceKind.DROP].refs == ("2", "3") and not hopeless[ChoiceKind.DROP].fits
    slight = fit_to_slot(_parts(), 400).choices[0]
    assert slight.kind is ChoiceKind.SHORTEN_PAUSES and slight.fits and 395 < slight.seconds < 400
    assert with_pauses(_parts(), slight.factor).seconds == pytest.approx(slight.seconds)
    shortened = fit_to_slot(_parts(), 400, least_pause=1.0)
    assert ChoiceKind.SHORTEN_PAUSES not in {choice.kind for choice in shortened.choices}, "they are at half already"
    assert scaled_to(_parts(), 210).seconds == pytest.approx(210) and scaled_to(_parts(), 210).pause_seconds == pytest.approx(42)


def test_a_choice_can_be_carried_out(tmp_path: Path) -> None:
    stay, go = without_items(ITEMS, ("1",))
    assert [one.ref for one in stay] == ["2"] and [one.ref for one in go] == ["1"]
    segment = Segment(SegmentKind.ITEM, "a", (Clip("x", 1.0), Clip("y", 0.4)))
    assert [clip.pause_seconds for clip in shorten_pauses([segment], 0.6)[0].clips] == [0.6, pytest.approx(0.24)]
    assert shorten_pauses([segment], 0.1)[0].clips[0].pause_seconds == 0.5
    template = load_template("daily", StationHome(tmp_path))
    settings = Settings(home=StationHome(tmp_path))
    whole, less = (estimate(one, ITEMS, settings, WHEN) for one in (template, without_repeats(template)))
    assert any(part.repeat for part in whole.parts) and not any(part.repeat for part in less.parts)
    assert less.seconds < whole.seconds


def test_a_voice_that_speaks_otherwise_is_learned(tmp_path: Path) -> None:
    settings = Settings(home=StationHome(tmp_path))
    assert pace_of("espeak-bac-nu", settings).syllable == pytest.approx(USUAL["espeak"].syllable)
    real = Pace(0.5, 0.1, 0.9)
    said = [" ".join(["từ"] * count) + ", hết" for count in range(3, 40)]
    made = [Utterance("x", round(real.seconds(text) * 16000), 16000, 0.4, text, voice="espeak-bac-nu") for text in said]
    learn_pace(made, settings)
    learned = pace_of("espeak-bac-nu", settings)
    for text in said:
        assert learned.seconds(text) == pytest.approx(real.seconds(text), rel=0.2)
    assert sum(map(learned.seconds, said)) == pytest.approx(sum(map(real.seconds, said)), rel=0.02)
    learn_pace([replace(one, from_cache=True, frames=1) for one in made], settings)
    assert pace_of("espeak-bac-nu", settings) == learned
    (tmp_path / "var/cache/pace.json").write_text("{hỏng", encoding="utf-8")
    assert pace_of("espeak-bac-nu", settings).syllable == pytest.approx(USUAL["espeak"].syllable)

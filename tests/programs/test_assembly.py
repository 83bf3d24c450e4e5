"""Assembly keeps loudness (by ffmpeg's meter), positions and bytes (synthetic audio)."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from station.config import Settings
from station.errors import ProgramError
from station.programs import levels
from station.programs.assembly import assemble
from station.programs.library import sound_path
from station.programs.model import Clip, Segment, SegmentKind
from station.programs.samples import profile_samples
from tests.programs.audio import ebur128, item, settings_in, speechlike, write


def _parts(folder: Path, station: Settings) -> list[Segment]:
    """Items that differ in everything: level, rate, channels, offset, dynamics."""
    loud = np.stack([speechlike(6, 44100, 1)] * 2, axis=1) * 3
    swing = speechlike(6, 22050, 2) * (1 + 4 * (np.arange(6 * 22050) % 11025 < 2000))
    return [
        item("quiet", write(folder / "q.wav", speechlike(6, 22050) * 0.1, 22050, "PCM_24")),
        item("loud", write(folder / "l.flac", loud, 44100)),
        item("offset", write(folder / "o.wav", speechlike(6, 16000, 3) + 0.3, 16000)),
        item("swing", write(folder / "s.wav", np.clip(swing, -1, 1), 22050)),
        item("phone", write(folder / "p.wav", speechlike(6, 8000, 4), 8000)),
        item("bed", write(folder / "b.wav", speechlike(6, 48000, 5), 48000), bed=str(sound_path("bed", station))),
        Segment(SegmentKind.CHIME, "chime", (Clip(str(sound_path("chime", station)), 0.5),)),
    ]


@pytest.mark.parametrize(("profile", "target", "rate"), [("flat", -16.0, 48000), ("horn", -16.0, 48000), ("flat", -23.0, 44100)])
def test_every_item_and_the_whole_come_out_at_the_target_without_overs(tmp_path: Path, profile: str, target: float, rate: int) -> None:
    station = settings_in(tmp_path, loudness_lufs=target, sample_rate=rate)
    render = assemble(_parts(tmp_path, station), tmp_path / "o.wav", station, profile=profile)
    assert render.problems == ()
    loudness, peak = ebur128(render.path)
    assert loudness == pytest.approx(target, abs=0.5) and peak <= -1.0
    assert render.loudness_lufs == pytest.approx(loudness, abs=0.1)
    assert peak - 0.1 <= render.true_peak_dbtp + 0.15 and render.true_peak_dbtp <= -1.0
    for chapter in render.chapters:
        assert ebur128(render.path, (chapter.start_frame, chapter.end_frame))[0] == pytest.approx(target, abs=0.5), chapter.title


def test_a_clip_comes_out_as_it_is_but_for_one_gain(tmp_path: Path) -> None:
    station = settings_in(tmp_path)
    time = np.arange(48000 * 2) / 48000
    wave = 0.02 * np.sin(2 * np.pi * 997 * time)
    render = assemble([item("a", write(tmp_path / "a.wav", wave, 48000, "FLOAT"), pause=0.0)], tmp_path / "o.wav", station)
    samples = soundfile.read(render.path, dtype="float64")[0]
    assert len(samples) == 48000 * 2
    # a sine of amplitude 1 at 997 Hz measures -3.01 LUFS: -16 LUFS is an amplitude of 10 ** (-12.99 / 20)
    expected = wave / 0.02 * 10 ** (-12.99 / 20)
    assert np.abs(samples[200:-200] - expected[200:-200]).max() < 0.001
    assert samples[0] == 0 and samples[-1] == 0


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from([8000, 16000, 22050, 44100, 48000]), st.integers(200, 30000), st.integers(1, 2),
                          st.floats(0, 0.3)), min_size=1, max_size=4))
def test_positions_are_exact_for_any_rates_lengths_and_pauses(tmp_path: Path, clips: list[tuple[int, int, int, float]]) -> None:
    parts, at, expected = [], 0, []
    for number, (rate, frames, channels, pause) in enumerate(clips):
        wave = np.random.default_rng(number).uniform(-0.5, 0.5, frames)
        path = write(tmp_path / f"{number}.wav", np.tile(wave[:, None], (1, channels)), rate)
        parts.append(item(str(number), path, pause=pause))
        length = round(frames * 48000 / rate) + round(pause * 48000)
        expected.append((str(number), at, at + length))
        at += length
    render = assemble(parts, tmp_path / "o.wav", settings_in(tmp_path))
    assert [(c.ref, c.start_frame, c.end_frame) for c in render.chapters] == expected
    assert render.frames == soundfile.info(render.path).frames == at


def test_sound_begins_and_ends_where_its_cue_says(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"{n}.wav", speechlike(1.5, 22050, n) + 0.0, 22050) for n in range(3)]
    render = assemble([item("a", *paths, pause=0.5)], tmp_path / "o.wav", settings_in(tmp_path))
    samples = np.abs(soundfile.read(render.path)[0])
    assert [cue.end_frame - cue.start_frame for cue in render.cues] == [72000] * 3
    for cue, following in zip(render.cues, [*(c.start_frame for c in render.cues[1:]), render.frames], strict=True):
        assert samples[cue.start_frame:cue.end_frame].max() > 0.1
        assert samples[cue.end_frame:following].max() == 0 and following - cue.end_frame == 24000


def test_the_same_content_gives_the_same_bytes_in_any_process(tmp_path: Path) -> None:
    station = settings_in(tmp_path)
    parts = _parts(tmp_path, station)
    first = {ending: assemble(parts, tmp_path / f"a.{ending}", station, title="Bản tin").sha256 for ending in ("wav", "flac")}
    for ending, digest in first.items():
        assert hashlib.sha256((tmp_path / f"a.{ending}").read_bytes()).hexdigest() == digest
    code = (
        "import sys; from pathlib import Path; from tests.programs.test_assembly import _parts; "
        "from tests.programs.audio import settings_in; from station.programs.assembly import assemble; "
        "folder = Path(sys.argv[1]); station = settings_in(folder); parts = _parts(folder, station); "
        "print(*(assemble(parts, folder / f'child.{e}', station, title='Bản tin').sha256 for e in ('wav', 'flac')))"
    )
    for threads in ("1", "4"):
        done = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True,
            env={**os.environ, "OPENBLAS_NUM_THREADS": threads, "PYTHONHASHSEED": threads},
        )
        assert done.stdout.split() == list(first.values())
    assert soundfile.SoundFile(tmp_path / "a.flac").title == "Bản tin"
    assert np.array_equal(soundfile.read(tmp_path / "a.wav")[0], soundfile.read(tmp_path / "a.flac")[0])


def test_a_bed_is_heard_alone_and_ducks_under_speech(tmp_path: Path) -> None:
    station = settings_in(tmp_path)
    tone = 0.1 * np.sin(2 * np.pi * 300 * np.arange(48000 * 4) / 48000)
    speech = speechlike(4, 48000)
    bed = write(tmp_path / "bed.wav", tone, 48000)
    render = assemble([item("a", write(tmp_path / "s.wav", speech, 48000), bed=bed)], tmp_path / "o.wav", station)
    samples = soundfile.read(render.path)[0]
    cue = render.cues[0]

    def level_of_bed(start: int) -> float:
        part = samples[start:start + 24000] * np.exp(-2j * np.pi * 300 * np.arange(24000) / 48000)
        return 20 * np.log10(2 * abs(part.mean()))

    alone = level_of_bed(cue.start_frame - 48000)
    assert cue.start_frame == 76800 and render.frames > cue.end_frame + 96000
    under = np.median([level_of_bed(cue.start_frame + 24000 * n) for n in range(6)])
    assert -30 < alone < -15 and 9 < alone - under < 15
    assert np.abs(samples[:100]).max() < 0.001 and np.abs(samples[-100:]).max() < 0.001


def test_the_horn_profile_keeps_to_its_band_and_evens_out_speech(tmp_path: Path) -> None:
    station = settings_in(tmp_path)
    wave = speechlike(8, 48000) * np.repeat([1.0, 0.2] * 4, 48000)
    path = write(tmp_path / "s.wav", wave, 48000, "FLOAT")
    sound = {name: soundfile.read(assemble([item("a", path)], tmp_path / f"{name}.wav", station, profile=name).path)[0]
             for name in ("flat", "horn")}

    def band(samples: np.ndarray, low: float, high: float) -> float:
        power = np.abs(np.fft.rfft(samples)) ** 2
        hertz = np.fft.rfftfreq(len(samples), 1 / 48000)
        return 10 * np.log10(power[(hertz >= low) & (hertz < high)].mean())

    presence = band(sound["horn"], 2000, 3500) - band(sound["horn"], 600, 1200)
    assert presence - (band(sound["flat"], 2000, 3500) - band(sound["flat"], 600, 1200)) > 3
    assert band(sound["horn"], 2000, 3500) - band(sound["horn"], 40, 120) > 15
    assert band(sound["horn"], 2000, 3500) - band(sound["horn"], 9000, 20000) > 10
    spread = {name: np.sqrt(np.mean(one[:40000] ** 2) / np.mean(one[52000:90000] ** 2)) for name, one in sound.items()}
    assert spread["horn"] < 0.7 * spread["flat"]


def test_profiles_can_be_compared_by_ear_equally_loud(tmp_path: Path) -> None:
    station = settings_in(tmp_path)
    paths = [write(tmp_path / f"{n}.wav", speechlike(2, 22050, n), 22050) for n in range(6)]
    chime = Segment(SegmentKind.CHIME, "chime", (Clip(str(sound_path("chime", station))),))
    made = profile_samples([chime, item("a", *paths)], tmp_path / "samples", station)
    assert set(made) == {"flat", "horn"} and made["flat"].sha256 != made["horn"].sha256
    assert {len(one.cues) for one in made.values()} == {4} and len({one.frames for one in made.values()}) == 1
    assert made["flat"].loudness_lufs == pytest.approx(made["horn"].loudness_lufs, abs=0.5)
    with pytest.raises(ProgramError):
        profile_samples([chime], tmp_path / "none", station)


def test_a_long_item_is_as_exact_when_its_levels_are_looked_at_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # at the program's own rate: noise up to half of a lower rate loses its top in resampling, as no speech does
    swell = speechlike(120, 48000) * np.repeat(np.linspace(0.5, 2.0, 12), 10 * 48000)
    part = item("dài", write(tmp_path / "d.wav", np.clip(swell, -1, 1), 48000))
    monkeypatch.setattr(levels, "HOPS_AT_ONCE", 10_000)
    render = assemble([part], tmp_path / "o.wav", settings_in(tmp_path))
    assert ebur128(render.path)[0] == pytest.approx(-16, abs=0.1) and render.true_peak_dbtp <= -1.0

"""What is broken is left out and named; what cannot be made is refused, and nothing is lost (synthetic audio)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from station.errors import JobCancelled, ProgramError
from station.programs.assembly import assemble
from station.programs.model import LONGEST_SOUND_SECONDS, Segment, SegmentKind
from tests.programs.audio import ebur128, item, settings_in, speechlike, write


@pytest.fixture
def good(tmp_path: Path) -> Segment:
    return item("tốt", write(tmp_path / "good.wav", speechlike(3, 22050), 22050))


def _broken(folder: Path, kind: str) -> str:
    path = folder / f"{kind}.wav"
    if kind == "text":
        path.write_text("không phải âm thanh", encoding="utf-8")
    elif kind == "empty":
        path.touch()
    elif kind == "no_frames":
        soundfile.write(path, np.zeros(0), 22050)
    elif kind == "silent":
        soundfile.write(path, np.zeros(22050), 22050)
    elif kind == "only_offset":
        soundfile.write(path, np.full(22050, 0.5), 22050)
    elif kind == "opposed":
        wave = speechlike(2, 22050)
        soundfile.write(path, np.stack([wave, -wave], axis=1), 22050)
    elif kind == "not_numbers":
        soundfile.write(path, np.full(22050, np.nan), 22050, subtype="FLOAT")
    elif kind == "folder":
        path.mkdir()
    elif kind == "cut_flac":
        whole = folder / "whole.flac"
        soundfile.write(whole, speechlike(20, 22050), 22050)
        path = folder / "cut_flac.flac"
        path.write_bytes(whole.read_bytes()[:60])
    return str(path)


@pytest.mark.parametrize("kind", ["missing", "text", "empty", "no_frames", "silent", "only_offset", "opposed",
                                  "not_numbers", "folder", "cut_flac"])
def test_a_broken_clip_is_left_out_and_named(tmp_path: Path, good: Segment, kind: str) -> None:
    station, path = settings_in(tmp_path), _broken(tmp_path, kind)
    render = assemble([item("hỏng", path), good], tmp_path / "o.wav", station)
    assert [chapter.title for chapter in render.chapters] == ["tốt"]
    assert any(Path(path).name in problem for problem in render.problems)
    assert any("“hỏng” không có âm thanh" in problem for problem in render.problems)
    assert ebur128(render.path)[0] == pytest.approx(-16, abs=0.5)
    with_rest = assemble([item("nửa", path, good.clips[0].path)], tmp_path / "p.wav", station)
    assert [chapter.title for chapter in with_rest.chapters] == ["nửa"] and len(with_rest.problems) == 1


def test_a_torn_clip_is_heard_as_far_as_it_goes_and_named(tmp_path: Path, good: Segment) -> None:
    whole = Path(write(tmp_path / "w.wav", speechlike(4, 22050), 22050)).read_bytes()
    (tmp_path / "dut.wav").write_bytes(whole[: len(whole) // 2])
    render = assemble([item("đứt", str(tmp_path / "dut.wav")), good], tmp_path / "o.wav", settings_in(tmp_path))
    assert any("dut.wav bị đứt giữa chừng, chỉ còn 2.0 giây đầu" in problem for problem in render.problems)
    assert render.chapters[0].end_frame == pytest.approx(2.5 * 48000, abs=60)
    assert assemble([good], tmp_path / "p.wav", settings_in(tmp_path)).problems == ()


@pytest.mark.parametrize("what", ["gone", "shorter", "broken"])
def test_a_clip_that_changes_while_the_program_is_built_is_named_and_nothing_is_written(tmp_path: Path, good: Segment, what: str) -> None:
    path = Path(write(tmp_path / "c.flac", speechlike(12, 48000), 48000))  # too long to be kept in memory

    def change(done: int, _total: int) -> None:
        if done == 2 and what == "gone":
            path.unlink(missing_ok=True)
        elif done == 2:
            write(path, speechlike(2, 48000), 48000)
            if what == "broken":
                path.write_bytes(b"fLaC" + bytes(100))

    with pytest.raises(ProgramError, match="c.flac thay đổi trong lúc dựng") as caught:
        assemble([good, item("a", str(path))], tmp_path / "o.wav", settings_in(tmp_path), progress=change)
    assert caught.value.mend and not (tmp_path / "o.wav").exists() and not list(tmp_path.glob(".o.wav*"))


@pytest.mark.parametrize("segments", [[], [Segment(SegmentKind.ITEM, "trống", ())]])
def test_a_program_with_nothing_to_hear_is_refused(tmp_path: Path, segments: list[Segment]) -> None:
    with pytest.raises(ProgramError, match="không có phần nào") as caught:
        assemble(segments, tmp_path / "out.wav", settings_in(tmp_path))
    assert caught.value.mend and not (tmp_path / "out.wav").exists()


def test_a_chime_of_an_hour_is_cut_softly_and_named(tmp_path: Path, good: Segment) -> None:
    time = np.arange(8000) / 8000
    second = np.round(100 * np.sin(2 * np.pi * 500 * time)).astype(np.int16) * 100
    with soundfile.SoundFile(tmp_path / "hour.wav", "w", 8000, 1) as file:
        for _ in range(60):
            file.write(np.tile(second, 60))
    chime = item("nhạc", str(tmp_path / "hour.wav"), pause=0.0, kind=SegmentKind.CHIME)
    render = assemble([chime, good], tmp_path / "o.wav", settings_in(tmp_path))
    assert render.chapters[0].end_frame == LONGEST_SOUND_SECONDS * 48000
    assert any("hour.wav dài quá 60 giây" in problem for problem in render.problems)
    samples = np.abs(soundfile.read(render.path)[0][: render.chapters[0].end_frame])
    assert samples[-480:].max() < 0.02 < samples[-24000:-12000].max() < samples[:48000].max()


def test_clipping_is_named_and_its_level_still_right(tmp_path: Path) -> None:
    wave = np.clip(speechlike(4, 22050) * 40, -1, 1)
    render = assemble([item("vỡ", write(tmp_path / "v.wav", wave, 22050))], tmp_path / "o.wav", settings_in(tmp_path))
    assert any("v.wav bị vỡ tiếng" in problem for problem in render.problems)
    assert ebur128(render.path)[0] == pytest.approx(-16, abs=0.5)


def test_numbers_out_of_range_and_many_channels_are_taken(tmp_path: Path) -> None:
    wave = np.tile(speechlike(3, 48000)[:, None], (1, 6)) * 100
    wave[1000] = np.inf
    wave[2000] = np.nan
    render = assemble([item("lạ", write(tmp_path / "l.wav", wave, 48000, "FLOAT"))], tmp_path / "o.wav", settings_in(tmp_path))
    loudness, peak = ebur128(render.path)
    assert loudness == pytest.approx(-16, abs=0.5) and peak <= -1.0


def test_an_offset_from_zero_does_not_click(tmp_path: Path) -> None:
    wave = speechlike(3, 22050) * 0.5 + 0.4
    render = assemble([item("lệch", write(tmp_path / "d.wav", wave, 22050))], tmp_path / "o.wav", settings_in(tmp_path))
    samples = soundfile.read(render.path)[0]
    assert abs(samples.mean()) < 1e-3
    assert np.abs(samples[:20]).max() < 0.05 and np.abs(samples[3 * 48000 - 20:3 * 48000]).max() < 0.05


def test_what_can_never_reach_the_target_is_named(tmp_path: Path) -> None:
    wave = np.zeros(48000 * 3)
    wave[::12000] = 0.9
    render = assemble([item("gõ", write(tmp_path / "g.wav", wave, 48000))], tmp_path / "o.wav", settings_in(tmp_path))
    assert any("“gõ” chỉ đạt" in problem for problem in render.problems) and any("chương trình là" in p for p in render.problems)
    assert ebur128(render.path)[1] <= -1.0


def test_a_bed_that_cannot_be_read_leaves_the_speech(tmp_path: Path, good: Segment) -> None:
    part = item("a", good.clips[0].path, bed=str(tmp_path / "none.wav"))
    render = assemble([part], tmp_path / "o.wav", settings_in(tmp_path))
    assert render.chapters[0].start_frame == 0 and render.cues[0].start_frame == 0
    assert any("Nhạc nền none.wav" in problem for problem in render.problems)


def test_a_failed_or_cancelled_build_leaves_the_old_file_as_it_was(tmp_path: Path, good: Segment) -> None:
    station, out = settings_in(tmp_path), tmp_path / "out" / "o.wav"
    out.parent.mkdir()
    out.write_bytes(b"old")
    steps: list[int] = []
    with pytest.raises(JobCancelled):
        assemble([good, good], out, station, progress=lambda done, total: steps.append(done), cancelled=lambda: 3 in steps)
    assert steps == [1, 2, 3] and out.read_bytes() == b"old" and list(out.parent.iterdir()) == [out]
    with pytest.raises(ProgramError, match="Không ghi được"):
        assemble([good], tmp_path / "no folder" / "o.wav", station)
    for name, profile in (("o.mp3", "flat"), ("o.wav", "cave")):
        with pytest.raises(ProgramError) as caught:
            assemble([good], out.parent / name, station, profile=profile)
        assert caught.value.mend
    assert list(out.parent.iterdir()) == [out]

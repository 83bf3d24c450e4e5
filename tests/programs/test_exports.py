"""Exports: what a player and a reader find in them (synthetic audio)."""

from __future__ import annotations

import json
import subprocess
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from station.config import Settings
from station.errors import JobCancelled, ProgramError
from station.home import StationHome
from station.programs.assembly import assemble
from station.programs.exports import export
from station.programs.model import Chapter, Clip, Cue, Render, Segment, SegmentKind
from station.programs.transcript import shown, transcript, vtt
from station.programs.waveform import waveform


@pytest.fixture(scope="module")
def render(tmp_path_factory: pytest.TempPathFactory) -> Render:
    folder = tmp_path_factory.mktemp("render")
    time = np.arange(22050 * 3) / 22050
    for name, level in (("a", 0.1), ("b", 0.4)):
        soundfile.write(folder / f"{name}.wav", level * np.sin(2 * np.pi * 500 * time), 22050)
    parts = [
        Segment(SegmentKind.ITEM, "Cắt điện; thôn #3", (Clip(str(folder / "a.wav"), 0.75, "Cắt điện."),), "1"),
        Segment(SegmentKind.SEPARATOR, "Nhạc cắt", (Clip(str(folder / "b.wav"), 0.0),)),
        Segment(SegmentKind.ITEM, "Họp = thôn", (Clip(str(folder / "b.wav"), 0.5, "Họp lúc bảy giờ < tám giờ."),), "2"),
    ]
    return assemble(parts, folder / "o.flac", Settings(home=StationHome(folder)))


@pytest.mark.parametrize("ending", [".mp3", ".opus", ".ogg", ".flac"])
def test_an_export_has_title_date_and_chapters_at_their_times_and_the_same_bytes(render: Render, tmp_path: Path, ending: str) -> None:
    made = [export(render, tmp_path / f"{name}{ending}", title="Bản tin sáng", day=date(2026, 11, 24)) for name in "xy"]
    assert made[0].read_bytes() == made[1].read_bytes()
    if ending == ".flac":
        found = json.loads(subprocess.run(["ffprobe", "-v", "error", "-of", "json", "-show_format", str(made[0])],
                                          capture_output=True, check=True).stdout)
        assert {key.lower(): value for key, value in found["format"]["tags"].items()}["title"] == "Bản tin sáng"
        assert np.array_equal(soundfile.read(made[0], dtype="int16")[0], soundfile.read(render.path, dtype="int16")[0])
        return
    found = json.loads(subprocess.run(
        ["ffprobe", "-v", "error", "-of", "json", "-show_format", "-show_streams", "-show_chapters", str(made[0])],
        capture_output=True, check=True).stdout)
    tags = {**found["streams"][0].get("tags", {}), **found["format"].get("tags", {})}
    tags = {key.lower(): value for key, value in tags.items()}
    assert tags["title"] == "Bản tin sáng" and tags["date"].startswith("2026")
    chapters = [(one["tags"]["title"], float(one["start_time"])) for one in found["chapters"]]
    assert chapters == [("Cắt điện; thôn #3", 0.0), ("Họp = thôn", pytest.approx(6.75, abs=0.002))]
    assert float(found["format"]["duration"]) == pytest.approx(render.seconds, abs=0.1)


def test_a_broken_or_cancelled_export_leaves_no_file(render: Render, tmp_path: Path) -> None:
    with pytest.raises(JobCancelled):
        export_cancelled(render, tmp_path)
    with pytest.raises(ProgramError, match=r"\.xyz"):
        export(render, tmp_path / "a.xyz")
    gone = Render("/none.flac", 48000, 1, 1, "", "", 0, 0)
    with pytest.raises(ProgramError, match="Không thấy"):
        export(gone, tmp_path / "a.mp3")
    assert list(tmp_path.iterdir()) == []


def export_cancelled(render: Render, folder: Path) -> None:
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 48000 * 120).astype(np.float32)
    long = folder.parent / "long.flac"
    soundfile.write(long, noise, 48000)
    export(Render(str(long), 48000, 1, len(noise), "", "", 0, 0), folder / "a.mp3", cancelled=lambda: True)


def test_subtitles_are_timed_to_sentences_and_escaped(render: Render, tmp_path: Path) -> None:
    text = export(render, tmp_path / "a.vtt").read_text(encoding="utf-8")
    assert text == vtt(render.cues, 48000)
    assert "00:00:06.750 --> 00:00:09.750\nHọp lúc bảy giờ &lt; tám giờ." in text
    assert "01:01:01.001 --> 01:01:02.000" in vtt([Cue("a", 3661001, 3662000, 0)], 1000)


def test_the_transcript_has_the_words_under_their_parts() -> None:
    chapters = [Chapter(SegmentKind.CHIME, "Nhạc", 0, 50), Chapter(SegmentKind.ITEM, "Họp", 50, 3725 * 10)]
    assert shown("thông báo") == "Thông báo." and shown("Có ai không?") == "Có ai không?" and shown("") == ""
    assert transcript(chapters, [Cue("Câu một.", 60, 70, 1), Cue("Câu hai.", 80, 90, 1)], 10) == "[0:05] Họp\nCâu một.\nCâu hai.\n"


def test_the_waveform_has_the_peaks_of_its_stretches(render: Render, tmp_path: Path) -> None:
    path = tmp_path / "w.wav"
    samples = np.zeros(1000)
    samples[250], samples[999] = -0.5, 0.25
    soundfile.write(path, samples, 8000, subtype="FLOAT")
    assert waveform(path, 10).peaks == (0, 0, 0.5, 0, 0, 0, 0, 0, 0, 0.25)
    assert len(waveform(path, 5000).peaks) == 1000
    data = json.loads(export(render, tmp_path / "w.json").read_text())
    assert data["duration"] == pytest.approx(render.seconds) and len(data["peaks"][0]) == 1200
    quiet = data["peaks"][0][round(1200 * 3.4 / render.seconds)]
    assert quiet == 0 and max(data["peaks"][0]) > 0.15
    with Image.open(export(render, tmp_path / "w.png")) as picture:
        assert picture.size == (1200, 120)
    svg = export(render, tmp_path / "w.svg").read_text(encoding="utf-8")
    assert svg.count("<title>") == 3 and "Cắt điện; thôn #3" in svg


def test_a_file_that_is_no_audio_has_no_waveform(tmp_path: Path) -> None:
    (tmp_path / "x.flac").write_text("không phải âm thanh", encoding="utf-8")
    with pytest.raises(ProgramError):
        waveform(tmp_path / "x.flac")

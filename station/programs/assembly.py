"""Segments to one mono program, streamed: memory does not grow with the program's length.

Two passes over the clips.  The first finds each segment's gain at the clips' own rates; the second reads, resamples,
lays beds, limits, measures and writes.  The file appears under its name only when it is whole.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr

from station.config import Settings
from station.errors import JobCancelled, ProgramError
from station.programs.beds import LEAD_SECONDS, TAIL_SECONDS, Bed, ducking
from station.programs.clips import SILENT_PEAK, BadClip, Facts, blocks, examine, measure
from station.programs.levels import SegmentLevels
from station.programs.limiter import Limiter
from station.programs.loudness import Meter
from station.programs.model import (
    LONGEST_SOUND_SECONDS,
    SHORT_SOUNDS,
    Chapter,
    Clip,
    Cue,
    Render,
    Segment,
)
from station.programs.profiles import PROFILES

LONGEST_PROGRAM_HOURS = 12
#: farther than this from the target is told (LU)
TOLERANCE_LU = 0.5
#: more samples than this cut off at full scale are told
MOST_FLAT_TOPS = 20
_SILENCE_FRAMES = 16384


@dataclass(frozen=True)
class _Placed:
    """A clip and where it lies in its segment, in frames of the program."""

    clip: Clip
    facts: Facts
    start: int
    frames: int


@dataclass(frozen=True)
class _Part:
    """A segment that will be heard."""

    segment: Segment
    clips: tuple[_Placed, ...]
    frames: int
    gain: float
    bed: Bed | None = None
    corners: tuple[np.ndarray, np.ndarray] | None = None


class _Planner:
    """The first pass: what is usable, where it goes, how loud it must be made."""

    def __init__(self, settings: Settings, profile: str) -> None:
        self._rate, self._profile = settings.programs.sample_rate, profile
        self._target, self._ceiling = settings.programs.loudness_lufs, settings.programs.true_peak_dbtp
        self._beds: dict[str, Bed | None] = {}
        self.problems: list[str] = []

    def _bed(self, segment: Segment) -> Bed | None:
        if segment.bed and segment.bed not in self._beds:
            try:
                self._beds[segment.bed] = Bed(segment.bed, self._rate, self._target)
            except BadClip as error:
                self._beds[segment.bed] = None
                self.problems.append(f"Nhạc nền {Path(segment.bed).name} {error} nên được bỏ qua.")
        return self._beds.get(segment.bed) if segment.bed else None

    def part(self, segment: Segment) -> _Part | None:
        """The segment ready to be written; None when nothing of it can be heard (named in ``problems``)."""
        rate, bed = self._rate, self._bed(segment)
        position = round(LEAD_SECONDS * rate) if bed else 0
        placed: list[_Placed] = []
        levels = SegmentLevels()
        for clip in segment.clips:
            name = f"“{segment.title}”: tệp {Path(clip.path).name}"
            try:
                facts = examine(clip, self._profile, LONGEST_SOUND_SECONDS if segment.kind in SHORT_SOUNDS else None)
                highest, flat_tops = 0.0, 0
                for found in measure(clip, facts, self._profile):
                    levels.add(position / rate, found)
                    highest, flat_tops = max(highest, float(found.peaks.max())), flat_tops + found.flat_tops
                if highest < SILENT_PEAK / 10:
                    raise BadClip("không có tiếng")
            except BadClip as error:
                self.problems.append(f"{name} {error}, đã bỏ qua.")
                continue
            if facts.cut:
                self.problems.append(f"{name} dài quá {LONGEST_SOUND_SECONDS:.0f} giây nên chỉ phát phần đầu.")
            if facts.torn:
                self.problems.append(f"{name} bị đứt giữa chừng, chỉ còn {facts.frames / facts.rate:.1f} giây đầu; nên thu hoặc đọc lại.")
            if flat_tops > MOST_FLAT_TOPS:
                self.problems.append(f"{name} bị vỡ tiếng vì thu quá to; nên thu lại nhỏ hơn.")
            frames = max(1, round(facts.frames * rate / facts.rate))
            placed.append(_Placed(clip, facts.alone(), position, frames))
            position += frames + round(max(clip.pause_seconds, 0.0) * rate)
        if not placed:
            self.problems.append(f"“{segment.title}” không có âm thanh nên không có trong chương trình.")
            return None
        corners = None
        if bed:
            end = placed[-1].start + placed[-1].frames
            position = max(position, end + round(TAIL_SECONDS * rate))
            corners = ducking([(one.start / rate, (one.start + one.frames) / rate) for one in placed], position / rate)
        gain = levels.solve(position / rate, self._target, self._ceiling,
                            bed.powers(corners, position / rate) if bed and corners else None)
        if abs(gain.expected_lufs - self._target) > TOLERANCE_LU:
            self.problems.append(
                f"“{segment.title}” chỉ đạt {gain.expected_lufs:.1f} LUFS thay vì {self._target:.0f} LUFS "
                "vì tiếng thu quá nhỏ hoặc quá chênh lệch.")
        return _Part(segment, tuple(placed), position, gain.factor, bed, corners)


def _changed(clip: Clip, detail: str) -> ProgramError:
    return ProgramError(f"Tệp âm thanh {Path(clip.path).name} thay đổi trong lúc dựng.", mend="Hãy dựng lại chương trình.",
                        detail=f"{clip.path}: {detail}", code="programs.changed")


def _again(sound: Iterator[np.ndarray], clip: Clip) -> Iterator[np.ndarray]:
    """The blocks of a clip that could be read a moment ago."""
    try:
        yield from sound
    except (soundfile.LibsndfileError, OSError, RuntimeError) as error:
        raise _changed(clip, str(error)) from error


def _resampled(placed: _Placed, profile: str, gain: float, rate: int) -> Iterator[np.ndarray]:
    """The clip at the program's rate: exactly ``placed.frames`` frames."""
    same, given, factor = placed.facts.rate == rate, 0, np.float32(gain)
    stream = None if same else soxr.ResampleStream(placed.facts.rate, rate, 1, dtype="float32")
    taken = 0
    for block in _again(blocks(placed.clip, placed.facts, profile), placed.clip):
        taken += len(block)
        block = block * factor
        if stream is not None:
            block = stream.resample_chunk(block, last=taken >= placed.facts.frames)
        block = block[: placed.frames - given]
        given += len(block)
        yield block
    if taken < placed.facts.frames:
        raise _changed(placed.clip, "shorter than before")
    if given < placed.frames:
        yield np.zeros(placed.frames - given, np.float32)


def _silence(frames: int) -> Iterator[np.ndarray]:
    while frames > 0:
        yield np.zeros(min(frames, _SILENCE_FRAMES), np.float32)
        frames -= _SILENCE_FRAMES


def _dry(part: _Part, profile: str, rate: int) -> Iterator[np.ndarray]:
    """A segment's clips and pauses."""
    at = 0
    for placed in part.clips:
        yield from _silence(placed.start - at)
        yield from _resampled(placed, profile, part.gain, rate)
        at = placed.start + placed.frames
    yield from _silence(part.frames - at)


def _wet(part: _Part, profile: str, rate: int) -> Iterator[np.ndarray]:
    """A segment with its bed."""
    if part.bed is None or part.corners is None:
        yield from _dry(part, profile, rate)
        return
    bed, at = part.bed.taker(), 0
    for block in _dry(part, profile, rate):
        places = np.arange(at, at + len(block)) / rate
        yield block + bed(len(block)) * np.interp(places, *part.corners).astype(np.float32)
        at += len(block)


class _Sink:
    """Limits, measures and writes 16-bit samples."""

    def __init__(self, file: soundfile.SoundFile, rate: int, ceiling: float) -> None:
        self._file, self._limiter, self._meter = file, Limiter(rate, ceiling), Meter(rate)
        self.frames = 0

    def add(self, block: np.ndarray) -> None:
        self._write(self._limiter.push(block))

    def _write(self, block: np.ndarray) -> None:
        if len(block):
            self._meter.add(block)
            scaled = np.rint(block * np.float32(32768))
            self._file.write(np.clip(scaled, -32768, 32767).astype(np.int16))
            self.frames += len(block)

    def finish(self) -> tuple[float, float]:
        """Loudness (LUFS) and true peak (dBTP) of what was written."""
        self._write(self._limiter.flush())
        return self._meter.loudness(), 20 * float(np.log10(max(self._limiter.true_peak, 1e-6)))


def assemble(
    segments: Sequence[Segment], out_path: Path | str, settings: Settings, *, profile: str = "flat", title: str = "",
    progress: Callable[[int, int], None] | None = None, cancelled: Callable[[], bool] | None = None,
) -> Render:
    """One program from ``segments`` as 16-bit FLAC or WAV (by suffix), each segment at the station's loudness.

    The same content gives the same bytes.  A clip that cannot be read, or is silent, is left out and named in
    ``problems``.  ``progress`` counts two steps for each segment.  Raises :class:`ProgramError` when nothing is left
    or the file cannot be written, :class:`JobCancelled`; a file of that name is then as it was.
    """
    out, rate = Path(out_path), settings.programs.sample_rate
    if profile not in PROFILES:
        raise ProgramError(f"Không có kiểu âm thanh '{profile}'.", mend=f"Hãy chọn: {', '.join(PROFILES)}.")
    form = {".wav": "WAV", ".flac": "FLAC"}.get(out.suffix.lower())
    if form is None:
        raise ProgramError(f"Không ghi được chương trình thành tệp '{out.suffix}'.", mend="Hãy đặt tên tệp .wav hoặc .flac.")
    planner, parts, total = _Planner(settings, profile), [], 2 * len(segments)

    def step(done: int) -> None:
        if progress is not None and done:
            progress(done, total)
        if cancelled is not None and cancelled():
            raise JobCancelled

    for index, segment in enumerate(segments):
        step(index)
        part = planner.part(segment)
        if part is not None:
            parts.append(part)
    if not parts:
        raise ProgramError("Chương trình không có phần nào có âm thanh.", mend="Hãy thêm ít nhất một tin đã đọc lời.",
                           detail="; ".join(planner.problems), code="programs.empty")
    if sum(part.frames for part in parts) > LONGEST_PROGRAM_HOURS * 3600 * rate:
        raise ProgramError(f"Chương trình dài hơn {LONGEST_PROGRAM_HOURS} giờ.", mend="Hãy chia thành nhiều chương trình.")
    temporary = out.with_name(f".{out.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        with soundfile.SoundFile(temporary, "w", rate, 1, subtype="PCM_16", format=form) as file:
            if title:
                file.title = title
            sink = _Sink(file, rate, settings.programs.true_peak_dbtp)
            for index, part in enumerate(parts):
                if index:
                    step(len(segments) + index - 1)
                for block in _wet(part, profile, rate):
                    sink.add(block)
            loudness, peak = sink.finish()
        step(total - 1)
        with temporary.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            os.fsync(stream.fileno())
        os.replace(temporary, out)
        folder = os.open(out.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except (OSError, soundfile.LibsndfileError) as error:
        raise ProgramError(f"Không ghi được tệp chương trình {out.name}.", mend="Hãy kiểm tra chỗ trống trên ổ đĩa.",
                           detail=str(error), code="programs.write") from error
    finally:
        temporary.unlink(missing_ok=True)
    if progress is not None:
        progress(total, total)
    target = settings.programs.loudness_lufs
    problems = planner.problems
    if abs(loudness - target) > TOLERANCE_LU:
        problems.append(f"Độ lớn của chương trình là {loudness:.1f} LUFS, chưa đúng mức {target:.0f} LUFS.")
    chapters, cues = _positions(parts)
    words = hashlib.sha256("\n".join(cue.text for cue in cues).encode()).hexdigest()
    return Render(str(out), rate, 1, sink.frames, digest, words, loudness, peak, chapters, cues, tuple(dict.fromkeys(problems)))


def _positions(parts: Sequence[_Part]) -> tuple[tuple[Chapter, ...], tuple[Cue, ...]]:
    """Chapters and cues, in frames of the program."""
    chapters, cues, at = [], [], 0
    for index, part in enumerate(parts):
        for one in part.clips:
            if one.clip.text:
                cues.append(Cue(one.clip.text, at + one.start, at + one.start + one.frames, index))
        end = at + part.frames
        chapters.append(Chapter(part.segment.kind, part.segment.title, at, end, part.segment.ref))
        at = end
    return tuple(chapters), tuple(cues)

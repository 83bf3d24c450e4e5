"""Segments to one mono program, streamed: memory does not grow with the program's length."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import soundfile
import soxr

from station.config import Settings
from station.errors import JobCancelled, ProgramError
from station.programs.loudness import Meter
from station.programs.model import Chapter, Clip, Cue, Render, Segment

BLOCK_FRAMES = 65536


def _blocks(clip: Clip, rate: int, mean: float) -> Iterator[np.ndarray]:
    """The clip as mono float32 at ``rate`` without its DC offset; exactly ``round(frames * ratio)`` frames."""
    with soundfile.SoundFile(clip.path) as source:
        wanted = round(len(source) * rate / source.samplerate)
        stream = soxr.ResampleStream(source.samplerate, rate, 1, dtype="float32")
        given = 0
        while given < wanted:
            block = source.read(BLOCK_FRAMES, dtype="float32", always_2d=True)
            mono = np.nan_to_num(block.mean(axis=1)) - np.float32(mean)
            out = stream.resample_chunk(mono, last=len(block) < BLOCK_FRAMES)[: wanted - given]
            if len(block) < BLOCK_FRAMES and len(out) < wanted - given:
                out = np.pad(out, (0, wanted - given - len(out)))
            given += len(out)
            yield out


def _mean(clip: Clip) -> float:
    """The clip's DC offset.  Raises ``soundfile.LibsndfileError`` or ``ValueError`` when it holds no audio."""
    total, frames = 0.0, 0
    with soundfile.SoundFile(clip.path) as source:
        for block in source.blocks(BLOCK_FRAMES, dtype="float32", always_2d=True):
            total += float(np.nan_to_num(block).mean(axis=1).sum(dtype=np.float64))
            frames += len(block)
    if not frames:
        raise ValueError("empty")
    return total / frames


def assemble(
    segments: Sequence[Segment], out_path: Path | str, settings: Settings, *, profile: str = "flat", title: str = "",
    progress: Callable[[int, int], None] | None = None, cancelled: Callable[[], bool] | None = None,
) -> Render:
    """One program from ``segments`` as 16-bit FLAC or WAV (by suffix), each segment at the station's loudness.

    The gain of a segment never lifts its sample peak above 1 dB under the true-peak ceiling.  A clip that cannot be
    read or is silent is left out and named in ``problems``.  Raises :class:`ProgramError` when nothing is left.
    Profiles other than ``flat`` are refused.
    """
    if profile != "flat":
        raise ProgramError(f"Kiểu âm thanh '{profile}' chưa dùng được.", mend="Hãy chọn 'flat'.")
    rate, target = settings.programs.sample_rate, settings.programs.loudness_lufs
    ceiling = 10 ** ((settings.programs.true_peak_dbtp - 1.0) / 20)
    problems: list[str] = []
    plan: list[tuple[Segment, float, list[tuple[Clip, float]]]] = []
    for segment in segments:
        good, meter, peak = [], Meter(rate), 0.0
        for clip in segment.clips:
            try:
                mean, loudest = _mean(clip), 0.0
                for block in _blocks(clip, rate, mean):
                    loudest = max(loudest, float(np.abs(block).max(initial=0.0)))
                    meter.add(block)
            except (soundfile.LibsndfileError, ValueError, OSError):
                problems.append(f"“{segment.title}”: không đọc được tệp âm thanh {Path(clip.path).name}, đã bỏ qua.")
                continue
            if loudest < 1e-4:
                problems.append(f"“{segment.title}”: tệp {Path(clip.path).name} không có tiếng, đã bỏ qua.")
                continue
            good.append((clip, mean))
            peak = max(peak, loudest)
        if not good:
            problems.append(f"“{segment.title}” không có âm thanh nên không có trong chương trình.")
            continue
        gain = 10 ** ((target - meter.loudness()) / 20)
        plan.append((segment, min(gain, ceiling / peak), good))
    if not plan:
        raise ProgramError("Chương trình không có phần nào có âm thanh.", mend="Hãy thêm ít nhất một tin đã đọc lời.",
                           detail="; ".join(problems))
    out, position, peak, meter = Path(out_path), 0, 0.0, Meter(rate)
    chapters: list[Chapter] = []
    cues: list[Cue] = []
    with soundfile.SoundFile(out, "w", rate, 1, subtype="PCM_16") as sink:
        for index, (segment, gain, good) in enumerate(plan):
            start = position
            for clip, mean in good:
                if cancelled is not None and cancelled():
                    raise JobCancelled()
                begin = position
                for block in _blocks(clip, rate, mean):
                    block = block * np.float32(gain)
                    sink.write(block)
                    meter.add(block)
                    peak = max(peak, float(np.abs(soxr.resample(block, rate, 4 * rate)).max(initial=0.0)))
                    position += len(block)
                if clip.text:
                    cues.append(Cue(clip.text, begin, position, index))
                silence = np.zeros(round(clip.pause_seconds * rate), np.float32)
                sink.write(silence)
                meter.add(silence)
                position += len(silence)
            chapters.append(Chapter(segment.kind, segment.title, start, position, segment.ref))
            if progress is not None:
                progress(index + 1, len(plan))
    with out.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    words = hashlib.sha256("\n".join(cue.text for cue in cues).encode()).hexdigest()
    loudness = meter.loudness()
    if abs(loudness - target) > 0.5:
        problems.append(f"Độ lớn của chương trình là {loudness:.1f} LUFS, chưa đúng mức {target:.0f} LUFS.")
    return Render(str(out), rate, 1, position, digest, words, loudness, 20 * float(np.log10(max(peak, 1e-9))),
                  tuple(chapters), tuple(cues), tuple(problems))

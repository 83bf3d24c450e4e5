"""Recorded audio instead of synthesis: a file or a microphone recording, cleaned and checked.

The file is opened by ffmpeg in a process of its own, with limits on memory, time and the kinds of files it may read;
the sound then goes through in blocks, so that an hour takes no more memory than a minute.
"""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from station.errors import VoiceError
from station.voices.api import Utterance
from station.voices.checks import clipped_share
from station.voices.sound_levels import (
    FRAME_SECONDS,
    MESSAGES,
    Levels,
    RecordingProblem,
    find_problems,
    frame_levels,
    gain_envelope,
    summarize,
)

#: what programs are made at
SAMPLE_RATE = 48000
LONGEST_SECONDS = 2 * 3600.0
TIMEOUT_SECONDS = 300.0
MEMORY_BYTES = 2 << 30
_BLOCK_SECONDS = 10.0
#: ffmpeg's readers of single media files; playlists and scripts that open other files are not among them
FORMATS = (
    "aac,ac3,aiff,amr,ape,asf,au,avi,caf,flac,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,mp3,mpeg,mpegts,ogg,opus,"
    "rm,tta,voc,w64,wav,wv"
)
_USELESS = (RecordingProblem.SILENT, RecordingProblem.TOO_SHORT)


@dataclass(frozen=True)
class Recording:
    """A recording as it may go on air: a WAV (mono, 16 bit), its levels before cleaning, and what is wrong with it."""

    path: str
    frames: int
    sample_rate: int
    speech_dbfs: float
    noise_dbfs: float
    problems: tuple[RecordingProblem, ...] = ()

    @property
    def seconds(self) -> float:
        return self.frames / self.sample_rate

    def messages(self) -> tuple[str, ...]:
        """What staff read about the problems, in Vietnamese."""
        return tuple(MESSAGES[problem] for problem in self.problems)

    def utterance(self, text: str = "", pause_seconds: float = 0.4) -> Utterance:
        """The recording in the form that programs take from a voice."""
        return Utterance(
            path=self.path, frames=self.frames, sample_rate=self.sample_rate, pause_seconds=pause_seconds,
            spoken=text, voice="recorded", problem=" ".join(self.messages()),
        )


def decode(source: Path, out_path: Path, sample_rate: int = SAMPLE_RATE) -> None:
    """The sound of any file ffmpeg reads as a mono 16-bit WAV.  Raises :class:`VoiceError` (``voices.not_audio``)."""
    ffmpeg = shutil.which("ffmpeg")
    if ffmpeg is None:
        raise VoiceError("Máy chưa có ffmpeg nên không đọc được tệp ghi âm.", mend="Hãy cài gói ffmpeg.",
                         code="voices.missing")
    if not source.is_file():
        raise VoiceError(f"Không thấy tệp {source.name}.", code="voices.not_audio")
    process = subprocess.Popen(
        [ffmpeg, "-v", "error", "-nostdin", "-threads", "1", "-protocol_whitelist", "file,pipe",
         "-format_whitelist", FORMATS, "-i", f"file:{source}", "-map", "0:a:0", "-vn", "-sn", "-dn", "-ac", "1",
         "-ar", str(sample_rate), "-t", str(LONGEST_SECONDS + 1), "-c:a", "pcm_s16le", "-f", "wav", "-y",
         f"file:{out_path}"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )
    with contextlib.suppress(OSError, ValueError):
        resource.prlimit(process.pid, resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    try:
        _, errors = process.communicate(timeout=TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired as error:
        process.kill()
        process.wait()
        raise VoiceError(f"Đọc tệp {source.name} quá lâu nên đã dừng.", code="voices.not_audio") from error
    if process.returncode != 0 or not out_path.is_file():
        detail = errors.decode("utf-8", "replace")[-500:]
        if "No space left" in detail:
            raise VoiceError("Ổ đĩa đã đầy, không đọc được tệp ghi âm.", detail=detail, code="voices.disk_full",
                             mend="Hãy xóa bớt tệp không dùng rồi thử lại.")
        raise VoiceError(
            f"Tệp {source.name} không có âm thanh đọc được.", detail=detail, code="voices.not_audio",
            mend="Hãy dùng tệp âm thanh thông thường: mp3, wav, m4a, ogg.",
        )


def _blocks(path: Path) -> Iterator[np.ndarray]:
    """The WAV in whole numbers of frames of levels."""
    import soundfile

    with soundfile.SoundFile(path) as file:
        size = int(file.samplerate * FRAME_SECONDS) * int(_BLOCK_SECONDS / FRAME_SECONDS)
        yield from file.blocks(size, dtype="float32")


def measure_file(path: Path, sample_rate: int) -> Levels:
    """Levels of a WAV, read in blocks."""
    frames, peak, clipped, total = [], 0.0, 0.0, 0
    for block in _blocks(path):
        frames.append(frame_levels(block, sample_rate))
        peak = max(peak, float(np.abs(block).max(initial=0.0)))
        clipped += clipped_share(block) * len(block) if len(block) else 0.0
        total += len(block)
    return summarize(np.concatenate(frames) if frames else np.zeros(0), peak, clipped / max(total, 1))


def _write_clean(raw: Path, out_path: Path, levels: Levels, sample_rate: int) -> int:
    """The WAV with the envelope of :func:`gain_envelope`; returns the number of samples."""
    import soundfile

    envelope, first, end = gain_envelope(levels)
    size = int(sample_rate * FRAME_SECONDS)
    written = 0
    with soundfile.SoundFile(out_path, "w", sample_rate, 1, "PCM_16", format="WAV") as out:
        place = 0
        for block in _blocks(raw):
            count = len(block) // size
            if count == 0:
                break
            # gains of neighbouring frames are joined by lines: no clicks where the gate moves
            edges = envelope[max(place - 1, 0):place + count + 1]
            centers = np.arange(max(place - 1, 0), max(place - 1, 0) + len(edges)) + 0.5
            gains = np.interp(place + np.arange(count * size) / size, centers, edges)
            keep_from, keep_to = max(first - place, 0) * size, max(min(end - place, count), 0) * size
            part = (block[: count * size] * gains)[keep_from:keep_to]
            out.write(part.astype(np.float32))
            written += len(part)
            place += count
    return written


def import_recording(source: Path | str, out_path: Path | str, *, sample_rate: int = SAMPLE_RATE) -> Recording:
    """A file of any kind as a clean WAV at ``out_path``: edges trimmed, background gated, speech at -20 dBFS.

    ``source`` is never changed; ``out_path`` appears whole or not at all.  Raises :class:`VoiceError` when there is no
    sound in it (``voices.not_audio``), it is silent or too short (``voices.recording.CODE``), or the disk is full.
    """
    source, out_path = Path(source), Path(out_path)
    out_path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".import-", dir=out_path.parent) as folder:
        raw, clean = Path(folder) / "raw.wav", Path(folder) / "clean.wav"
        decode(source, raw, sample_rate)
        try:
            levels = measure_file(raw, sample_rate)
            if levels.seconds > LONGEST_SECONDS:
                raise VoiceError("Bản ghi dài quá hai giờ.", mend="Hãy cắt thành nhiều tệp.", code="voices.recording.too_long")
            problems = find_problems(levels)
            if problems and problems[0] in _USELESS:
                raise VoiceError(MESSAGES[problems[0]], code=f"voices.recording.{problems[0].value}")
            frames = _write_clean(raw, clean, levels, sample_rate)
            with clean.open("rb") as file:
                os.fsync(file.fileno())
            os.replace(clean, out_path)
        except (OSError, RuntimeError) as error:  # soundfile's errors are RuntimeErrors
            raise VoiceError("Không ghi được bản ghi âm.", detail=str(error), code="voices.write") from error
    return Recording(str(out_path), frames, sample_rate, round(levels.speech_db, 1), round(levels.noise_db, 1), problems)

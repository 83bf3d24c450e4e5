"""A finished program for phones and chats: MP3 or Opus with its title, date and chapters.  Made by ffmpeg, streamed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from station.errors import JobCancelled, ProgramError
from station.programs.model import Chapter, Render, SegmentKind
from station.programs.transcript import stamp, transcript, vtt
from station.programs.waveform import waveform, waveform_png, waveform_svg

#: file name ending -> encoder options; speech in mono needs no more
CODECS: dict[str, tuple[str, ...]] = {
    ".mp3": ("-c:a", "libmp3lame", "-b:a", "64k", "-id3v2_version", "3", "-write_xing", "1"),
    ".opus": ("-c:a", "libopus", "-b:a", "32k", "-application", "voip", "-f", "opus"),
    ".ogg": ("-c:a", "libopus", "-b:a", "32k", "-application", "voip", "-f", "ogg"),
    ".flac": ("-c:a", "flac"),
}
ENDINGS = (*CODECS, ".txt", ".vtt", ".json", ".svg", ".png")


def ffmpeg_path() -> str:
    """Where ffmpeg is.  Raises :class:`ProgramError` when it is not installed."""
    found = shutil.which("ffmpeg")
    if found is None:
        raise ProgramError("Máy chưa có ffmpeg nên chưa xuất hay đổi được tệp âm thanh.",
                           mend="Hãy cài bằng lệnh: sudo apt install ffmpeg.", code="programs.ffmpeg")
    return found


def _escaped(text: str) -> str:
    """Text as ffmpeg's metadata format wants it."""
    for mark in ("\\", "=", ";", "#"):
        text = text.replace(mark, f"\\{mark}")
    return " ".join(text.split())


def metadata(
    chapters: Sequence[Chapter], sample_rate: int, *, title: str = "", day: date | None = None, artist: str = "",
    comments: bool = False,
) -> str:
    """Title, date and chapters in ffmpeg's FFMETADATA format; separators belong to the chapter before them.

    ``comments``: chapters as the comments that Ogg uses, written out here because ffmpeg 5 rounds their seconds up.
    """
    lines = [";FFMETADATA1"]
    for key, value in (("title", title), ("artist", artist), ("date", day.isoformat() if day else ""), ("language", "vie")):
        if value:
            lines.append(f"{key}={_escaped(value)}")
    told = [chapter for chapter in chapters if chapter.kind is not SegmentKind.SEPARATOR]
    if comments:
        for index, chapter in enumerate(told, 1):
            lines += [f"CHAPTER{index:03d}={_escaped(stamp(chapter.start_frame, sample_rate))}",
                      f"CHAPTER{index:03d}NAME={_escaped(chapter.title)}"]
        return "\n".join(lines) + "\n"
    for index, chapter in enumerate(told):
        end = told[index + 1].start_frame if index + 1 < len(told) else chapter.end_frame
        lines += ["[CHAPTER]", f"TIMEBASE=1/{sample_rate}", f"START={chapter.start_frame}", f"END={end}",
                  f"title={_escaped(chapter.title)}"]
    return "\n".join(lines) + "\n"


def export_audio(
    render: Render, out_path: Path | str, *, title: str = "", day: date | None = None, artist: str = "",
    cancelled: Callable[[], bool] | None = None,
) -> Path:
    """The program as ``.mp3``, ``.opus``, ``.ogg`` (Opus) or ``.flac`` with title, date and chapters.

    The same render gives the same bytes.  The file appears when it is whole.  Raises :class:`ProgramError`, or
    :class:`JobCancelled`.
    """
    out = Path(out_path)
    codec = CODECS.get(out.suffix.lower())
    if codec is None:
        raise ProgramError(f"Chưa xuất được tệp loại '{out.suffix}'.", mend=f"Hãy chọn: {', '.join(CODECS)}.")
    if not Path(render.path).is_file():
        raise ProgramError("Không thấy tệp âm thanh của chương trình.", mend="Hãy dựng lại chương trình.", detail=render.path)
    with tempfile.TemporaryDirectory(prefix="station-export-") as folder:
        notes = Path(folder) / "metadata.txt"
        ogg = "libopus" in codec
        notes.write_text(
            metadata(render.chapters, render.sample_rate, title=title, day=day, artist=artist, comments=ogg), encoding="utf-8"
        )
        part = out.with_name(f".{out.stem}.{os.getpid()}-{threading.get_ident()}{out.suffix.lower()}")
        try:
            run_ffmpeg(
                ["-i", render.path, "-f", "ffmetadata", "-i", str(notes), "-map", "0:a:0", "-map_metadata", "1",
                 "-map_chapters", "-1" if ogg else "1", *codec, "-fflags", "+bitexact", "-flags:a", "+bitexact", str(part)],
                seconds=60 + render.seconds, cancelled=cancelled,
            )
            os.replace(part, out)
        finally:
            part.unlink(missing_ok=True)
    return out


def export(
    render: Render, out_path: Path | str, *, title: str = "", day: date | None = None, artist: str = "",
    cancelled: Callable[[], bool] | None = None,
) -> Path:
    """The program in the form that the file name ending asks for.

    Audio as in :func:`export_audio`; ``.txt`` transcript, ``.vtt`` subtitles, ``.json`` peaks, ``.svg`` and ``.png``
    waveform.
    """
    out = Path(out_path)
    ending = out.suffix.lower()
    if ending == ".png":
        return waveform_png(waveform(render.path), out)
    if ending == ".txt":
        text = transcript(render.chapters, render.cues, render.sample_rate)
    elif ending == ".vtt":
        text = vtt(render.cues, render.sample_rate)
    elif ending == ".json":
        text = waveform(render.path).to_json()
    elif ending == ".svg":
        text = waveform_svg(waveform(render.path), render.chapters, render.sample_rate)
    elif ending in CODECS:
        return export_audio(render, out, title=title, day=day, artist=artist, cancelled=cancelled)
    else:
        raise ProgramError(f"Chưa xuất được tệp loại '{out.suffix}'.", mend=f"Hãy chọn: {', '.join(ENDINGS)}.")
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ProgramError(f"Không ghi được tệp {out.name}.", detail=str(error), code="programs.write") from error
    return out


def preview(
    render: Render, out_path: Path | str, *, title: str = "", day: date | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Path:
    """What the leader hears on a phone: see :func:`export_audio`."""
    return export_audio(render, out_path, title=title, day=day, cancelled=cancelled)


def run_ffmpeg(arguments: Sequence[str], *, seconds: float, cancelled: Callable[[], bool] | None = None) -> None:
    """Runs ffmpeg to its end.  Raises :class:`ProgramError` (with ffmpeg's words) or :class:`JobCancelled`."""
    command = [ffmpeg_path(), "-nostdin", "-v", "error", "-y", *arguments]
    with tempfile.TemporaryFile() as words:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=words)
        end = time.monotonic() + seconds
        try:
            while True:
                try:
                    code = process.wait(timeout=0.2)
                    break
                except subprocess.TimeoutExpired:
                    if cancelled is not None and cancelled():
                        raise JobCancelled from None
                    if time.monotonic() > end:
                        raise ProgramError("Xuất tệp âm thanh quá lâu nên đã dừng.", mend="Hãy thử lại khi máy rảnh.",
                                           code="programs.timeout") from None
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        if code:
            words.seek(0)
            raise ProgramError("ffmpeg không làm được tệp âm thanh.", mend="Hãy kiểm tra chỗ trống trên ổ đĩa.",
                               detail=words.read().decode("utf-8", "replace")[-600:], code="programs.ffmpeg")

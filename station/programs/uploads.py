"""Sounds that staff upload: any format that ffmpeg reads, kept as FLAC under the station's sounds."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import station
from station.config import Settings
from station.errors import ProgramError
from station.programs.exports import ffmpeg_path
from station.programs.library import BUILT_IN
from station.programs.wording import plain_name

_LOG = logging.getLogger(__name__)
LONGEST_SECONDS = 600.0
TIMEOUT_SECONDS = 90.0
MEMORY_MB = 1024
_MESSAGES = {
    "unreadable": ("Không đọc được tệp âm thanh này.", "Hãy gửi tệp MP3, M4A, WAV, FLAC hoặc OGG khác."),
    "empty": ("Tệp này không có âm thanh nào bên trong.", "Hãy kiểm tra lại tệp."),
    "silent": ("Tệp này không có tiếng.", "Hãy thu lại, hoặc chọn tệp khác."),
    "memory": ("Tệp này quá lớn để xử lý.", "Hãy cắt ngắn rồi gửi lại."),
}


@dataclass(frozen=True)
class ImportedSound:
    """A sound that was taken in; ``notes`` are for staff, in Vietnamese."""

    name: str
    path: Path
    seconds: float
    notes: tuple[str, ...] = ()


def sound_name(title: str) -> str:
    """A sound's name from a title: ``"Nhạc hiệu xã"`` -> ``"nhac-hieu-xa"``.  Raises :class:`ProgramError`."""
    name = plain_name(title)
    if not name:
        raise ProgramError("Âm thanh chưa có tên.", mend="Hãy đặt tên bằng chữ và số.", code="programs.sound")
    if name in BUILT_IN:
        raise ProgramError("Tên này đã dùng cho âm thanh có sẵn.", mend="Hãy đặt tên khác.", code="programs.sound")
    return name


def import_sound(
    source: Path | str, title: str, settings: Settings, *, longest_seconds: float = LONGEST_SECONDS
) -> ImportedSound:
    """Takes in an uploaded sound: decoded in a process of its own with limits, mono, 48 kHz, silence cut off its ends.

    One longer than ``longest_seconds`` is cut, and says so.  A sound of the same name is replaced, whole or not at
    all.  Raises :class:`ProgramError`.
    """
    source, name = Path(source).resolve(), sound_name(title)
    if not source.is_file() or not source.stat().st_size:
        raise ProgramError("Tệp âm thanh rỗng hoặc không còn.", mend="Hãy gửi lại tệp.", code="programs.sound")
    folder = settings.home.sounds
    folder.mkdir(parents=True, exist_ok=True)
    handle, made = tempfile.mkstemp(prefix=".import-", suffix=".flac", dir=folder)
    os.close(handle)
    try:
        answer = _run({
            "source": str(source), "out": made, "longest_seconds": longest_seconds, "ffmpeg": ffmpeg_path(),
            "title": " ".join(title.split())[:100], "memory_mb": MEMORY_MB, "seconds": TIMEOUT_SECONDS,
        })
        if "error" in answer:
            message, mend = _MESSAGES.get(str(answer["error"]), _MESSAGES["unreadable"])
            raise ProgramError(message, mend=mend, detail=str(answer.get("detail", "")), code=f"programs.sound.{answer['error']}")
        target = folder / f"{name}.flac"
        Path(made).chmod(0o644)
        os.replace(made, target)
    finally:
        Path(made).unlink(missing_ok=True)
    notes = []
    if answer["cut"]:
        notes.append(f"Âm thanh dài quá {longest_seconds:.0f} giây nên chỉ giữ phần đầu.")
    if float(answer["trimmed"]) > 0.5:
        notes.append(f"Đã cắt {float(answer['trimmed']):.1f} giây không có tiếng ở hai đầu.")
    return ImportedSound(name, target, float(answer["seconds"]), tuple(notes))


def _run(task: dict[str, Any]) -> dict[str, Any]:
    """The child's answer; a child that dies or takes too long counts as a file that cannot be read."""
    environment = {key: value for key, value in os.environ.items() if key in ("PATH", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV")}
    environment["PYTHONPATH"] = str(Path(station.__file__).resolve().parents[1])
    process = subprocess.Popen(
        [sys.executable, "-m", "station.programs.sound_child"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env=environment, start_new_session=True,
    )
    try:
        out, err = process.communicate(json.dumps(task).encode(), timeout=float(task["seconds"]))
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return {"error": "memory", "detail": "timeout"}
    try:
        answer = json.loads(out)
    except ValueError:
        _LOG.warning("sound process ended with %s", process.returncode)
        return {"error": "unreadable", "detail": err.decode("utf-8", "replace")[-400:]}
    return answer if isinstance(answer, dict) else {"error": "unreadable"}

"""Fetching a voice's model: resumed where it stopped, verified, or told how to copy it by hand."""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from station.errors import VoiceError
from station.home import StationHome
from station.voices.catalog import Definition, ModelFile
from station.voices.fingerprints import file_sha256

_BLOCK = 1 << 16
#: (bytes so far, bytes in all or 0, name of the file)
Downloaded = Callable[[int, int, str], None]


def by_hand(definition: Definition, home: StationHome) -> str:
    """What to copy on a machine without a network, in Vietnamese."""
    names = "; ".join(f"{file.name} từ {file.url}" for file in definition.files)
    return f"Trên máy có mạng, hãy tải {names}; rồi chép vào thư mục {definition.model_folder(home)}."


def _verified(file: ModelFile, path: Path) -> bool:
    if file.size and path.stat().st_size != file.size:
        return False
    return not file.sha256 or file_sha256(path) == file.sha256


def fetch(file: ModelFile, folder: Path, *, stall_seconds: float = 60.0, progress: Downloaded | None = None) -> Path:
    """Fetch one file into ``folder``; a ``.part`` file of an earlier try is continued by HTTP Range.

    Raises :class:`VoiceError` (``voices.checksum``: wrong content, thrown away; ``voices.network``: may be resumed).
    """
    folder.mkdir(parents=True, exist_ok=True)
    path, part = folder / file.name, folder / f"{file.name}.part"
    if path.is_file() and _verified(file, path):
        return path
    have = part.stat().st_size if part.is_file() else 0
    request = urllib.request.Request(file.url, headers={"Range": f"bytes={have}-"} if have else {})
    try:
        if not (have and file.size and have == file.size):
            with urllib.request.urlopen(request, timeout=stall_seconds) as answer:
                resumed = have > 0 and answer.status == 206
                have = have if resumed else 0
                with part.open("ab" if resumed else "wb") as out:
                    while block := answer.read(_BLOCK):
                        out.write(block)
                        have += len(block)
                        if file.size and have > file.size:
                            break
                        if progress is not None:
                            progress(have, file.size, file.name)
    except (urllib.error.URLError, OSError, ValueError) as error:
        raise VoiceError(
            f"Không tải được {file.name}.", detail=str(error), code="voices.network",
            mend="Hãy thử lại khi có mạng: phần đã tải được giữ nguyên.",
        ) from error
    if file.size and part.stat().st_size < file.size:
        raise VoiceError(f"Tải {file.name} bị ngắt giữa chừng.", mend="Hãy chạy lại để tải tiếp.", code="voices.network")
    if not _verified(file, part):
        part.unlink()
        raise VoiceError(
            f"Tệp {file.name} tải về không đúng với danh mục nên đã bị bỏ.", code="voices.checksum",
            mend="Hãy tải lại; nếu vẫn lỗi, không dùng nguồn này.",
        )
    os.replace(part, path)
    return path


def install(
    definition: Definition, home: StationHome, *, stall_seconds: float = 60.0, progress: Downloaded | None = None
) -> None:
    """Fetch every file of a voice.  Raises :class:`VoiceError` that tells what to copy by hand."""
    if any(not file.url for file in definition.files):
        raise VoiceError(f"Giọng '{definition.id}' không có địa chỉ tải.", mend=by_hand(definition, home))
    for file in definition.files:
        try:
            fetch(file, definition.model_folder(home), stall_seconds=stall_seconds, progress=progress)
        except VoiceError as error:
            error.mend = f"{error.mend} {by_hand(definition, home)}"
            raise

"""Fetching a voice's model: resumed where it stopped, verified, or told how to copy it by hand."""

from __future__ import annotations

import errno
import http.client
import os
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import IO

from station.errors import VoiceError
from station.home import StationHome
from station.voices.catalog import Definition, ModelFile
from station.voices.choose import missing_files
from station.voices.fingerprints import file_sha256

_BLOCK = 1 << 16
#: (bytes so far, bytes in all or 0, name of the file)
Downloaded = Callable[[int, int, str], None]


#: bytes that stay free on the disk: a station that fills its disk goes silent
SPARE_BYTES = 50_000_000


def _size_words(size: int) -> str:
    if not size:
        return "chưa rõ dung lượng"
    return f"{size} byte" if size < 100_000 else f"{size / 1e6:.1f}".replace(".", ",") + " MB"


def by_hand(definition: Definition, home: StationHome) -> str:
    """What to copy on a machine without a network, in Vietnamese: each file, from where, how large, and to where."""
    parts = []
    for file in definition.files:
        known = _size_words(file.size) + (f", SHA-256 {file.sha256}" if file.sha256 else "")
        parts.append(f"{file.name} ({known}) từ {file.url or definition.source or 'nơi phát hành giọng'}")
    what = "; ".join(parts) or f"các tệp của mô hình từ {definition.source or 'nơi phát hành giọng'}"
    return (
        f"Trên một máy có mạng, hãy tải {what}. Chép tất cả vào thư mục {definition.model_folder(home)} của máy này, "
        f"rồi chạy 'station voices install {definition.id}' để kiểm tra."
    )


def _verified(file: ModelFile, path: Path) -> bool:
    if file.size and path.stat().st_size != file.size:
        return False
    return not file.sha256 or file_sha256(path) == file.sha256


def _disk_full(file: ModelFile, detail: str) -> VoiceError:
    return VoiceError(
        f"Ổ đĩa không đủ chỗ cho {file.name} ({_size_words(file.size)}).", code="voices.disk_full", detail=detail,
        mend="Hãy xóa bớt tệp không dùng rồi chạy lại: phần đã tải được giữ nguyên.",
    )


def _begin(file: ModelFile, have: int, stall_seconds: float) -> tuple[IO[bytes], int]:
    """The answer of the server and the byte that it begins with: ``have``, or 0 where it cannot go on from there."""
    headers = {"User-Agent": "commune-station", **({"Range": f"bytes={have}-"} if have else {})}
    answer = urllib.request.urlopen(urllib.request.Request(file.url, headers=headers), timeout=stall_seconds)
    resumed = have > 0 and answer.status == 206
    if resumed and (said := answer.headers.get("Content-Range", "")) and not said.startswith(f"bytes {have}-"):
        answer.close()
        return _begin(file, 0, stall_seconds)
    return answer, have if resumed else 0


def _download(file: ModelFile, part: Path, stall_seconds: float, progress: Downloaded | None) -> None:
    """Fetch what is missing of ``part``.  Raises OSError (also for what the server answers) or ValueError."""
    have = part.stat().st_size if part.is_file() else 0
    if file.size and have > file.size:  # of another file, long ago
        part.unlink()
        have = 0
    if file.size and have == file.size:
        return
    try:
        answer, have = _begin(file, have, stall_seconds)
    except urllib.error.HTTPError as error:
        if error.code != 416 or not have:
            raise
        if _verified(file, part):  # nothing was left to fetch
            return
        part.unlink()
        answer, have = _begin(file, 0, stall_seconds)
    with answer, part.open("ab" if have else "wb") as out:
        while block := answer.read(_BLOCK):
            out.write(block)
            have += len(block)
            if file.size and have > file.size:
                break
            if progress is not None:
                progress(have, file.size, file.name)


def fetch(file: ModelFile, folder: Path, *, stall_seconds: float = 60.0, progress: Downloaded | None = None) -> Path:
    """Fetch one file into ``folder``; a ``.part`` file of an earlier try is continued by HTTP Range.

    Raises :class:`VoiceError` (``voices.checksum``: wrong content, thrown away; ``voices.network``: may be resumed;
    ``voices.disk_full``).
    """
    folder.mkdir(parents=True, exist_ok=True)
    path, part = folder / file.name, folder / f"{file.name}.part"
    if path.is_file() and _verified(file, path):
        return path
    if not file.url:
        raise VoiceError(f"Danh mục không có địa chỉ tải của {file.name}.", code="voices.by_hand")
    have = part.stat().st_size if part.is_file() else 0
    free = shutil.disk_usage(folder).free
    if file.size and free < file.size - have + SPARE_BYTES:
        raise _disk_full(file, f"{free} bytes free")
    try:
        _download(file, part, stall_seconds, progress)
    except (OSError, ValueError, http.client.HTTPException) as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise _disk_full(file, str(error)) from error
        raise VoiceError(
            f"Không tải được {file.name}.", detail=f"{file.url}: {error}", code="voices.network",
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
    """Fetch every file of a voice that is not there yet.  Raises :class:`VoiceError` that tells what to copy by hand."""
    if not definition.files and definition.engine != "espeak" and missing_files(definition, home):
        raise VoiceError(f"Giọng '{definition.id}' không có tệp để tải.", mend=by_hand(definition, home),
                         code="voices.by_hand")
    for file in definition.files:
        try:
            fetch(file, definition.model_folder(home), stall_seconds=stall_seconds, progress=progress)
        except VoiceError as error:
            error.mend = f"{error.mend} {by_hand(definition, home)}".strip()
            raise

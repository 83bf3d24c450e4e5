"""A consistent copy of everything, and back.

The archive is a ``tar.gz``: ``manifest.json`` first, then ``station.db`` (copied while the station runs), then the
content folders and the files under ``var`` that the database names.  Files are written before the row that names
them and never deleted, so the database is copied first and every file it names is in the archive.

Left out: what can be made again (speech cache, logs), the queue, keys, and voice models unless asked for.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import sqlite3
import tarfile
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from station import __version__
from station.config import Settings
from station.db.database import open_database
from station.errors import StationError
from station.home import SETTINGS_FILE

FOLDERS = ("voices", "schedules", "bulletins", "var/uploads", "var/pages", "var/audio", "var/sounds", "var/recordings",
           "var/reports")
MODELS = "var/models"
FORMAT = 1


class BackupError(StationError):
    """A backup could not be made or is not one."""

    code = "backup"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def backup(settings: Settings, out: Path | None = None, *, with_models: bool = False) -> Path:
    """Write the archive (default: ``var/backups/station-TIME.tar.gz``) and return its path.

    Written beside and renamed when whole; readable by the owner only.
    """
    home = settings.home
    if settings.database.url and not settings.database.url.startswith("sqlite"):
        raise BackupError(
            "Đài dùng PostgreSQL: cơ sở dữ liệu cần được sao lưu bằng pg_dump.",
            mend="Hãy sao lưu cơ sở dữ liệu bằng pg_dump và chép thư mục của đài.",
        )
    if out is None:
        out = home.var / "backups" / f"station-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.tar.gz"
    out = out.resolve()
    partial = out.with_name(out.name + ".part")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=".backup-") as scratch:
            copy = Path(scratch) / "station.db"
            database = open_database(settings)
            database.migrate()
            database.copy_to(copy)
            database.close()
            manifest = {
                "format": FORMAT, "version": __version__, "made_at": datetime.now(UTC).isoformat(),
                "database_sha256": _sha256(copy), "with_models": with_models,
            }
            handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "wb") as file:
                with tarfile.open(fileobj=file, mode="w:gz", compresslevel=3) as archive:
                    data = json.dumps(manifest, indent=1).encode()
                    entry = tarfile.TarInfo("manifest.json")
                    entry.size = len(data)
                    archive.addfile(entry, io.BytesIO(data))
                    archive.add(copy, "var/station.db")
                    for name in (SETTINGS_FILE, *FOLDERS, *((MODELS,) if with_models else ())):
                        if (home.root / name).exists():
                            archive.add(home.root / name, name, filter=_plain)
                file.flush()
                os.fsync(file.fileno())
        partial.rename(out)
    except (OSError, tarfile.TarError, sqlite3.Error) as error:
        partial.unlink(missing_ok=True)
        raise BackupError(
            "Không ghi được bản sao lưu.", mend="Hãy kiểm tra chỗ trống và quyền ghi của ổ đĩa.", detail=str(error)
        ) from error
    return out


def _plain(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Only files and folders; nothing half-written."""
    if not (entry.isfile() or entry.isdir()) or entry.name.endswith(".part"):
        return None
    return entry


def restore(archive: Path, folder: Path) -> dict[str, object]:
    """Unpack a backup into a new or empty ``folder``; returns its manifest.

    Raises :class:`BackupError` when the folder holds something, the file is no backup, is damaged, or would write
    outside the folder.
    """
    folder = folder.resolve()
    if folder.exists() and any(folder.iterdir()):
        raise BackupError(f"Thư mục {folder} không trống.", mend="Hãy chọn một thư mục mới.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".restore-") as scratch:
            root = Path(scratch) / "home"
            root.mkdir()
            with tarfile.open(archive, "r:gz") as tar:
                tar.extractall(root, filter="data")
            manifest = json.loads((root / "manifest.json").read_text(encoding="utf-8"))
            if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
                raise BackupError("Bản sao lưu này do phiên bản khác tạo ra.", mend="Hãy dùng phần mềm cùng phiên bản.")
            database = root / "var" / "station.db"
            if _sha256(database) != manifest["database_sha256"]:
                raise BackupError("Bản sao lưu bị hỏng.", mend="Hãy dùng một bản khác.")
            with closing(sqlite3.connect(database)) as connection:
                if connection.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
                    raise BackupError("Cơ sở dữ liệu trong bản sao lưu bị hỏng.", mend="Hãy dùng một bản khác.")
            (root / "manifest.json").unlink()
            if folder.exists():
                folder.rmdir()
            root.rename(folder)
    except (OSError, EOFError, tarfile.TarError, KeyError, ValueError, sqlite3.Error) as error:
        raise BackupError(
            f"Không khôi phục được từ {archive.name}.", mend="Hãy kiểm tra tệp sao lưu và chỗ trống của ổ đĩa.",
            detail=repr(error),
        ) from error
    return manifest

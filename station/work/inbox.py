"""The watched folder: a scan that lies still in ``bulletins/inbox`` becomes a bulletin by itself.

A file is one bulletin; a folder is one bulletin of many photos, in the order of their names.  What was taken in is
moved to ``inbox/da-nhan`` and what could not be to ``inbox/khong-doc-duoc``, so nothing is lost and nothing is taken
twice.
"""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

from station.config import Settings
from station.db.database import Database
from station.db.models import Alarm
from station.editorial import bulletins
from station.editorial.bulletins import Upload
from station.errors import StationError
from station.work.jobs import enqueue_read

_LOG = logging.getLogger(__name__)
TAKEN = "da-nhan"
REFUSED = "khong-doc-duoc"


class Inbox:
    """Looks into the folder when asked; remembers sizes, to see which files are still being written."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings = settings
        self.database = database
        self._seen: dict[Path, tuple[int, int]] = {}

    def look(self) -> list[int]:
        """Take in what lay still since the last look; ids of the new bulletins."""
        folder = self.settings.home.inbox
        try:
            entries = sorted(e for e in folder.iterdir() if not e.name.startswith(".") and e.name not in (TAKEN, REFUSED))
        except FileNotFoundError:
            return []
        still = {}
        taken = []
        for entry in entries:
            files = sorted(f for f in entry.rglob("*") if f.is_file()) if entry.is_dir() else [entry]
            state = (len(files), hash(tuple((f.stat().st_size, f.stat().st_mtime_ns) for f in files)))
            still[entry] = state
            if files and self._seen.get(entry) == state:
                bulletin_id = self._take(entry, files)
                if bulletin_id is not None:
                    taken.append(bulletin_id)
        self._seen = still
        return taken

    def _take(self, entry: Path, files: list[Path]) -> int | None:
        uploads = [Upload(file.name, file) for file in files]
        try:
            with self.database.session() as session:
                digest = bulletins.content_hash(files)
                same = bulletins.find_duplicate(session, digest)
                if same is not None:
                    _LOG.info("%s is bulletin %s already", entry, same.id)
                    number = None
                else:
                    bulletin = bulletins.receive(session, self.settings, uploads, user_id=None, source="inbox")
                    enqueue_read(session, bulletin.id)
                    number = bulletin.id
        except StationError as error:
            _LOG.warning("inbox: %s: %s %s", entry, error.message, error.detail)
            if error.code == "bulletins.disk":
                return None
            with self.database.session() as session:
                session.add(Alarm(
                    kind="inbox", severity="warning", detail=error.detail,
                    message=f"Không nhận được '{entry.name}' trong thư mục bản tin đến. {error.for_staff()}",
                ))
            self._move(entry, REFUSED)
            return None
        self._move(entry, TAKEN)
        return number

    def _move(self, entry: Path, where: str) -> None:
        folder = entry.parent / where
        folder.mkdir(exist_ok=True)
        target, number = folder / entry.name, 1
        while target.exists():
            number += 1
            target = folder / f"{entry.stem} ({number}){entry.suffix}"
        shutil.move(entry, target)

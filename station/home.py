"""The station home: the folder that holds one station's content, settings and data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from station.errors import ConfigError

SETTINGS_FILE = "station.toml"


@dataclass(frozen=True)
class StationHome:
    """Where everything of one station lies.  Paths are absolute; nothing is created until asked."""

    root: Path

    @property
    def settings_file(self) -> Path:
        return self.root / SETTINGS_FILE

    @property
    def voices(self) -> Path:
        """Voice definitions (``*.toml``) and ``lexicon.toml``: content, staff may edit."""
        return self.root / "voices"

    @property
    def schedules(self) -> Path:
        """Timetables (``*.toml``): content, staff may edit."""
        return self.root / "schedules"

    @property
    def bulletins(self) -> Path:
        """Sample bulletins; ``inbox/`` below it is watched for new scans."""
        return self.root / "bulletins"

    @property
    def inbox(self) -> Path:
        return self.bulletins / "inbox"

    @property
    def var(self) -> Path:
        """Everything that the software writes; ignored by git."""
        return self.root / "var"

    @property
    def uploads(self) -> Path:
        """Originals, never changed after they were written."""
        return self.var / "uploads"

    @property
    def pages(self) -> Path:
        """Prepared page images, made again from the originals when lost."""
        return self.var / "pages"

    @property
    def audio(self) -> Path:
        """Finished programs and their previews."""
        return self.var / "audio"

    @property
    def sounds(self) -> Path:
        """Chimes and beds that staff uploaded."""
        return self.var / "sounds"

    @property
    def cache(self) -> Path:
        """Speech cache and other files that can be made again."""
        return self.var / "cache"

    @property
    def models(self) -> Path:
        """Voice models that were installed."""
        return self.var / "models"

    @property
    def logs(self) -> Path:
        return self.var / "logs"

    @property
    def run(self) -> Path:
        """Process ids, heartbeats and sockets of running processes."""
        return self.var / "run"

    @property
    def secrets(self) -> Path:
        """Keys made at first run; readable by the owner only, never in backups' listings or logs."""
        return self.var / "secrets"

    @property
    def database_file(self) -> Path:
        return self.var / "station.db"

    @property
    def queue_file(self) -> Path:
        return self.var / "queue.db"

    def ensure(self) -> StationHome:
        """Make the folders under ``var`` and the content folders.  Returns itself."""
        for folder in (
            self.voices, self.schedules, self.inbox, self.uploads, self.pages, self.audio, self.sounds,
            self.cache, self.models, self.logs, self.run, self.secrets,
        ):
            folder.mkdir(parents=True, exist_ok=True)
        self.secrets.chmod(0o700)
        return self


def find_home(start: Path | None = None) -> StationHome:
    """The station home at ``start`` (default: the current folder) or the nearest one above it.

    Raises :class:`ConfigError` when there is no ``station.toml`` on the way up.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / SETTINGS_FILE).is_file():
            return StationHome(folder)
    raise ConfigError(
        f"Không thấy tệp {SETTINGS_FILE} ở {here} hay thư mục nào phía trên.",
        mend="Hãy chạy 'station init THƯ_MỤC' để tạo đài mới, hoặc thêm --home THƯ_MỤC.",
    )

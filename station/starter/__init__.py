"""What a new station home begins with: the content folders and a commented ``station.toml``."""

from __future__ import annotations

import shutil
from pathlib import Path

from station.errors import ConfigError
from station.home import StationHome

HERE = Path(__file__).parent
#: folders of the checkout that are not content of a new station
_LEFT_OUT = ("inbox", "truth", "__pycache__", ".gitkeep")


def make_home(folder: Path, *, name: str = "", samples: bool = False) -> tuple[StationHome, list[str]]:
    """Make ``folder`` a station home; what is there already is never overwritten.

    Returns the home and the names of the files that were made.  ``samples`` also copies the sample bulletins.
    Raises :class:`ConfigError` when the folder cannot be written.
    """
    home = StationHome(folder.resolve())
    made: list[str] = []
    try:
        home.ensure()
        for part in ("voices", "schedules", *(("bulletins",) if samples else ())):
            for source in sorted((HERE / part).rglob("*")):
                relative = source.relative_to(HERE)
                if source.is_file() and not set(relative.parts) & set(_LEFT_OUT):
                    target = home.root / relative
                    if not target.exists():
                        target.parent.mkdir(parents=True, exist_ok=True)
                        shutil.copyfile(source, target)
                        made.append(relative.as_posix())
        if not home.settings_file.exists():
            text = (HERE / "station.toml").read_text(encoding="utf-8")
            if name:
                text = text.replace('name = "Đài truyền thanh xã"', f"name = {_toml(name)}")
            home.settings_file.write_text(text, encoding="utf-8")
            made.append(home.settings_file.name)
        ignore = home.root / ".gitignore"
        if not ignore.exists():
            ignore.write_text("var/\n/bulletins/inbox/*\n", encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"Không tạo được đài ở {folder}.", mend="Hãy kiểm tra quyền ghi và chỗ trống của ổ đĩa.", detail=str(error)
        ) from error
    return home, made


def _toml(text: str) -> str:
    import tomlkit

    return tomlkit.item(text).as_string()

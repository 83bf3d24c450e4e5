"""The catalog of voices: ``voices/*.toml`` of the station's home, and eSpeak NG, which needs no file.

One file holds one ``[voice]`` table, its engine's own values in ``[voice.settings]``, and a ``[[voice.files]]``
table for each file of the model.  See docs/voices.md for every key.
"""

from __future__ import annotations

import functools
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from station.errors import VoiceError
from station.home import StationHome

ENGINES = ("espeak", "piper", "coqui", "recorded")
REGIONS = ("north", "central", "south")
#: content of the folder that is no voice
NOT_VOICES = frozenset({"lexicon.toml", "delivery.toml"})

_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


@dataclass(frozen=True)
class ModelFile:
    """One file of a model: ``name`` in the voice's folder, where it comes from, size in bytes, SHA-256 in hex."""

    name: str
    url: str = ""
    size: int = 0
    sha256: str = ""


@dataclass(frozen=True)
class Definition:
    """A voice as its TOML file describes it."""

    id: str
    name: str
    engine: str
    language: str = "vi"
    region: str = "north"
    sex: str = ""
    #: hertz as published, 0 where the model is to say; a model that has another rate is not the one described here
    sample_rate: int = 0
    license: str = ""
    license_text: str = ""
    commercial: bool = True
    credit: str = ""
    source: str = ""
    recommended: bool = False
    own: bool = False
    #: where the model lies, absolute or below the station's home; empty for ``var/models/ID``
    folder: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[ModelFile, ...] = ()

    @property
    def size_bytes(self) -> int:
        return sum(file.size for file in self.files)

    def model_folder(self, home: StationHome) -> Path:
        """The folder of the model's files: ``folder``, Coqui's own for a name of its catalog, else ``var/models/ID``."""
        if self.folder:
            return home.root / self.folder
        if self.engine == "coqui" and (name := str(self.settings.get("model_name", ""))):
            return coqui_home() / name.replace("/", "--")
        return home.models / self.id


def coqui_home() -> Path:
    """The folder where Coqui keeps models fetched by name, by its own rules."""
    for variable in ("TTS_HOME", "XDG_DATA_HOME"):
        if value := os.environ.get(variable):
            return Path(value).expanduser() / "tts"
    return Path.home() / ".local" / "share" / "tts"


def _espeak(name: str, voice_id: str, region: str, sex: str, code: str, variant: str, pitch: int) -> Definition:
    return Definition(
        id=voice_id, name=name, engine="espeak", region=region, sex=sex, license="GPL-3.0-or-later",
        license_text="Phần mềm tự do. Âm thanh đọc ra được dùng không hạn chế.", credit="eSpeak NG",
        settings={"voice": f"{code}+{variant}" if variant else code, "words_per_minute": 120, "pitch": pitch},
    )


#: eSpeak NG: always in the catalog.  Variants and rate as measured most intelligible (docs/voices.md).
BUILT_IN = (
    _espeak("eSpeak nữ miền Bắc", "espeak-bac-nu", "north", "female", "vi", "f3", 50),
    _espeak("eSpeak nam miền Bắc", "espeak-bac-nam", "north", "male", "vi", "m3", 45),
    _espeak("eSpeak nữ miền Trung", "espeak-trung-nu", "central", "female", "vi-vn-x-central", "f3", 50),
    _espeak("eSpeak nam miền Trung", "espeak-trung-nam", "central", "male", "vi-vn-x-central", "m3", 45),
    _espeak("eSpeak nữ miền Nam", "espeak-nam-nu", "south", "female", "vi-vn-x-south", "f3", 50),
    _espeak("eSpeak nam miền Nam", "espeak-nam-nam", "south", "male", "vi-vn-x-south", "m3", 45),
)


def _bad(path: Path, what: str, mend: str, detail: str = "") -> VoiceError:
    return VoiceError(f"Tệp giọng đọc {path.name} viết sai: {what}.", mend=mend, detail=detail, code="voices.catalog")


def parse_definition(path: Path, data: Mapping[str, Any]) -> Definition:
    """The definition in parsed TOML ``data`` of the file ``path``.  Raises :class:`VoiceError` naming the key."""
    voice = data.get("voice")
    if not isinstance(voice, Mapping):
        raise _bad(path, "thiếu mục [voice]", "Hãy bắt đầu tệp bằng dòng [voice].")
    known = {name for name in Definition.__dataclass_fields__ if name not in ("files", "settings")}
    values = {key: value for key, value in voice.items() if key not in ("files", "settings")}
    strange = sorted(set(values) - known)
    if strange:
        raise _bad(path, f"có khóa lạ '{strange[0]}'", f"Các khóa dùng được: {', '.join(sorted(known))}.")
    values.setdefault("id", path.stem)
    for key, value in values.items():
        wanted = type(Definition.__dataclass_fields__[key].default)
        if wanted not in (str, int, bool):
            wanted = str
        if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
            raise _bad(path, f"giá trị của '{key}' sai kiểu", f"Hãy xem '{key}' trong docs/voices.md.")
    if not _ID.fullmatch(values["id"]):
        raise _bad(path, f"mã giọng '{values['id']}' không hợp lệ", "Chỉ dùng chữ thường a-z, số, dấu chấm, gạch.")
    if values.get("engine") not in ENGINES:
        raise _bad(path, "khóa 'engine' không hợp lệ", f"Hãy ghi một trong: {', '.join(ENGINES)}.")
    if values.get("region", "north") not in REGIONS:
        raise _bad(path, "khóa 'region' không hợp lệ", f"Hãy ghi một trong: {', '.join(REGIONS)}.")
    values.setdefault("name", values["id"])
    settings = voice.get("settings", {})
    if not isinstance(settings, Mapping):
        raise _bad(path, "mục [voice.settings] sai kiểu", "Hãy ghi một mục [voice.settings].")
    files = []
    for file in voice.get("files", []):
        if not isinstance(file, Mapping) or not _FILE_NAME.fullmatch(str(file.get("name", ""))):
            raise _bad(path, "tên tệp trong [[voice.files]] không hợp lệ", "Chỉ ghi tên tệp, không ghi thư mục.")
        try:
            files.append(ModelFile(**file))
        except TypeError as error:
            raise _bad(path, "mục [[voice.files]] có khóa lạ", "Dùng: name, url, size, sha256.", str(error)) from error
    return Definition(**values, settings=dict(settings), files=tuple(files))


@functools.cache
def _same_place(folder: str, other: str) -> bool:
    return os.path.realpath(folder) == os.path.realpath(other)


@functools.cache
def _shipped_folder() -> str:
    """The definitions beside the package: a checkout's own ``voices`` folder."""
    return str(Path(__file__).resolve().parents[2] / "voices")


#: definitions by file, with the file's time and size when it was read
_read: dict[str, tuple[tuple[int, int], Definition]] = {}


def _read_definition(path: str) -> Definition:
    """The definition in a file, read anew when the file changed."""
    stat = os.stat(path)
    state = (stat.st_mtime_ns, stat.st_size)
    known = _read.get(path)
    if known is None or known[0] != state:
        file = Path(path)
        definition = parse_definition(file, tomllib.loads(file.read_text(encoding="utf-8-sig")))
        known = _read[path] = (state, definition)
    return known[1]


def _definition_files(folder: str) -> list[str]:
    """Paths of the definitions in a folder, by name; none where there is no folder.  Each script asks for them."""
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return []
    return [os.path.join(folder, name) for name in names if name.endswith(".toml") and name not in NOT_VOICES]


def load_catalog(home: StationHome, *, problems: list[VoiceError] | None = None) -> dict[str, Definition]:
    """Every definition by id: eSpeak NG, the checkout's, the home's (later ones win).

    A file that cannot be read is left out, so that one typing mistake never silences a station; its error is
    appended to ``problems`` where that is given.
    """
    catalog = {definition.id: definition for definition in BUILT_IN}
    folders = [_shipped_folder()]
    if not _same_place(own := f"{home.root}/voices", folders[0]):
        folders.append(own)
    for folder in folders:
        for path in _definition_files(folder):
            try:
                definition = _read_definition(path)
            except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
                if problems is not None:
                    problems.append(_bad(Path(path), "không đọc được", "Hãy sửa dòng nêu trong chi tiết.", str(error)))
                continue
            except VoiceError as error:
                if problems is not None:
                    problems.append(error)
                continue
            catalog[definition.id] = definition
    return catalog

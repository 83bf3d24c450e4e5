"""Sounds by name: the station's own synthesized ones, and what staff uploaded."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np
import soundfile

from station.config import Settings
from station.errors import ProgramError
from station.home import StationHome
from station.programs import sounds

#: the station's own sounds; made once, and again when the code that makes them changes
BUILT_IN: dict[str, tuple[str, Callable[[int], np.ndarray]]] = {
    "chime": ("Chuông mở đầu", sounds.chime),
    "closing": ("Chuông kết thúc", sounds.closing),
    "separator": ("Nhạc cắt", sounds.separator),
    "bed": ("Nhạc nền êm", sounds.bed),
    "siren": ("Còi báo động", sounds.siren),
    "tone": ("Âm thử 1000 Hz", sounds.tone),
}
_SAFE = re.compile(r"[\w-]+(\.\w+)?")


def sound_names(home: StationHome) -> dict[str, str]:
    """Every sound that a template may name, with a title for staff: built-in ones and uploaded ones."""
    names = {name: title for name, (title, _) in BUILT_IN.items()}
    if home.sounds.is_dir():
        names |= {path.stem: _title(path, path.stat().st_mtime_ns) for path in sorted(home.sounds.glob("[!.]*.flac"))}
    return names


@lru_cache(maxsize=256)
def _title(path: Path, _changed_ns: int) -> str:
    """The title that staff gave a sound, kept inside of its file; else the file's name."""
    try:
        with soundfile.SoundFile(path) as file:
            return str(file.title or path.stem)
    except (soundfile.LibsndfileError, OSError):
        return path.stem


@lru_cache(maxsize=1)
def _version() -> str:
    """Changes with the code that makes the sounds."""
    return hashlib.sha256(Path(sounds.__file__).read_bytes()).hexdigest()[:12]


def sound_path(name: str, settings: Settings) -> Path:
    """The file of a sound: an uploaded one first, else a built-in one, made once into the cache.

    Raises :class:`ProgramError` for a name that is neither.
    """
    if not _SAFE.fullmatch(name):
        raise ProgramError(f"Tên âm thanh '{name}' không dùng được.", mend="Tên chỉ có chữ, số và dấu gạch ngang.",
                           code="programs.sound")
    uploaded = settings.home.sounds / f"{Path(name).stem}.flac"
    if uploaded.is_file():
        return uploaded
    if name not in BUILT_IN:
        raise ProgramError(f"Không có âm thanh tên '{name}'.", code="programs.sound",
                           mend=f"Các âm thanh hiện có: {', '.join(sound_names(settings.home))}.")
    rate = settings.programs.sample_rate
    path = settings.home.cache / "sounds" / f"{name}-{rate}-{_version()}.wav"
    if not path.is_file():
        samples = np.round(BUILT_IN[name][1](rate) * 32767).astype(np.int16)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.{os.getpid()}")
        soundfile.write(part, samples, rate, subtype="PCM_16", format="WAV")
        os.replace(part, path)
    return path


def sound_or_missing(name: str, settings: Settings) -> Path:
    """:func:`sound_path`; for a sound that is there no more the file that it had, so that assembling names it and goes on.

    Raises :class:`ProgramError` for a name that no sound can have.
    """
    try:
        return sound_path(name, settings)
    except ProgramError:
        if not _SAFE.fullmatch(name):
            raise
        return settings.home.sounds / f"{Path(name).stem}.flac"

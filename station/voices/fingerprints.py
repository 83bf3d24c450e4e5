"""What a voice's sound depends on: the hash of its model, its settings and its engine."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import json
import threading
from pathlib import Path

from station.home import StationHome
from station.voices import espeak
from station.voices.catalog import Definition

_PACKAGES = {"piper": "piper-tts", "coqui": "coqui-tts", "espeak": "espeakng-loader"}
_lock = threading.Lock()
_hashes: dict[tuple[str, int, int], str] = {}


def file_sha256(path: Path) -> str:
    """SHA-256 of a file in hex, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _model_hash(path: Path, memory: Path) -> str:
    """SHA-256 of a model's file, remembered by its size and time: hashing 150 MB takes half a second."""
    stat = path.stat()
    key = (str(path), stat.st_size, stat.st_mtime_ns)
    with _lock:
        if key in _hashes:
            return _hashes[key]
        name = f"{path}|{stat.st_size}|{stat.st_mtime_ns}"
        try:
            remembered = json.loads(memory.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            remembered = {}
        digest = remembered.get(name)
        if not isinstance(digest, str):
            digest = file_sha256(path)
            remembered = {k: v for k, v in remembered.items() if k.split("|")[0] != str(path)} | {name: digest}
            try:
                memory.parent.mkdir(parents=True, exist_ok=True)
                memory.write_text(json.dumps(remembered), encoding="utf-8")
            except OSError:
                pass  # only a shortcut: a full or read-only disk must not stop speech
        _hashes[key] = digest
        return digest


def engine_version(engine: str) -> str:
    """The version of the engine as installed, for the cache's key."""
    if engine == "espeak" and (path := espeak.command()):
        return espeak.version(path)
    if engine not in _PACKAGES:
        return ""
    try:
        return importlib.metadata.version(_PACKAGES[engine])
    except importlib.metadata.PackageNotFoundError:
        return ""


@functools.lru_cache(maxsize=32)
def _espeak_fingerprint(version: str, settings: str) -> str:
    return _short_hash("espeak", version, settings)


def fingerprint(definition: Definition, home: StationHome) -> str:
    """A short hash of everything that decides how the voice sounds; raises OSError when its files cannot be read."""
    if definition.engine == "espeak":  # asked by every script, and no file to look at
        return _espeak_fingerprint(engine_version("espeak"), _text(dict(definition.settings)))
    folder = definition.model_folder(home)
    models = []
    if folder.is_dir():
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            name = path.relative_to(folder)
            if path.suffix != ".part" and not any(part.startswith(".") for part in name.parts):
                models.append((name.as_posix(), _model_hash(path, home.cache / "model-hashes.json")))
    return _short_hash(definition.engine, engine_version(definition.engine), dict(definition.settings), models)


def _short_hash(*parts: object) -> str:
    return hashlib.sha256(_text(parts).encode()).hexdigest()[:24]


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True, default=str)

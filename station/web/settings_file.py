"""Saving settings: into ``station.toml``, checked first, comments kept, never half a file."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from typing import Any

import tomlkit

from station.config import Settings, build_settings
from station.web import data, remembered


def changed_text(text: str, changes: Mapping[str, Mapping[str, Any]]) -> str:
    """``text`` of a settings file with these values; what is not named stays as it is."""
    document = tomlkit.parse(text)
    for section, values in changes.items():
        table = document.setdefault(section, tomlkit.table())
        for key, value in values.items():
            table[key] = list(value) if isinstance(value, tuple) else value
    return tomlkit.dumps(document)


def save_settings(changes: Mapping[str, Mapping[str, Any]]) -> Settings:
    """Check, write and take over.  Raises :class:`station.errors.ConfigError` and writes nothing when a value is wrong."""
    home = data.settings().home
    path = home.settings_file
    before = path.read_text(encoding="utf-8-sig") if path.is_file() else ""
    text = changed_text(before, changes)
    settings = build_settings(home, tomllib.loads(text), os.environ)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_text(text, encoding="utf-8")
    if path.is_file():
        part.chmod(path.stat().st_mode & 0o777)
    part.replace(path)
    data.replace_settings(settings)
    remembered.forget()
    return settings

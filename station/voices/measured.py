"""How fast each voice was on this machine when it was last heard alone; shown to who chooses one."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path

from station.home import StationHome

_LOG = logging.getLogger(__name__)


def _file(home: StationHome) -> Path:
    return home.cache / "voice-speed.json"


def speeds(home: StationHome) -> dict[str, float]:
    """Seconds of work for a second of speech (real-time factor), by the voice's fingerprint."""
    try:
        found = json.loads(_file(home).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {k: v for k, v in found.items() if isinstance(v, float)} if isinstance(found, dict) else {}


def remember_speed(home: StationHome, fingerprint: str, factor: float) -> None:
    """Keep a voice's real-time factor.  Only a comfort: a full disk is logged and nothing more."""
    kept = {**speeds(home), fingerprint: round(float(factor), 5)}
    path = _file(home)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(kept), encoding="utf-8")
        os.replace(part, path)
    except OSError as error:
        _LOG.warning("cannot keep the speed of a voice: %s", error)

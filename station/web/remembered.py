"""Answers kept for a moment: what lies in files (voices, templates) is not read again for every page."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from station.home import StationHome
from station.programs.template_file import readable_templates
from station.voices import list_voices
from station.voices.api import VoiceInfo

Answer = TypeVar("Answer")
SECONDS = 3.0
_kept: dict[Hashable, tuple[float, Any]] = {}


def _remember(key: Hashable, make: Callable[[], Answer]) -> Answer:
    now = time.monotonic()
    found = _kept.get(key)
    if found is None or now - found[0] > SECONDS:
        if len(_kept) > 100:
            _kept.clear()
        found = (now, make())
        _kept[key] = found
    return found[1]


def forget() -> None:
    """After a change from this page, which must be seen at once."""
    _kept.clear()


def voices(home: StationHome) -> list[VoiceInfo]:
    """The catalog of voices."""
    return list(_remember(("voices", home.root), lambda: list_voices(home)))


def templates(home: StationHome) -> list[tuple[str, str]]:
    """Names and titles of the templates of programs; one that is written wrongly is left out (its page says why)."""
    return list(_remember(("templates", home.root), lambda: [(one.id, one.title) for one in readable_templates(home)[0]]))

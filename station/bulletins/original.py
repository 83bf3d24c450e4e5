"""The page as it was sent: which file holds it, and a picture of it for the four corners to be dragged on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from station.bulletins.child import IMAGES
from station.bulletins.sandbox import run_task
from station.config import Settings
from station.errors import BulletinError

#: longest side of the picture, pixels
LONGEST = 1500


@dataclass(frozen=True)
class Original:
    """A picture of the page at ``path`` (JPEG); ``width`` and ``height`` are the pixels of what was sent."""

    path: Path
    width: int
    height: int


def original_page(paths: Sequence[Path], number: int, settings: Settings, out: Path) -> Original:
    """Page ``number`` (from 1) of the files of a bulletin, written to ``out``.

    Raises :class:`BulletinError` for a page that is none, or is no picture (text documents have no corners).
    """
    left = number
    for path in paths:
        suffix = path.suffix.lower()
        count = 1
        if suffix == ".pdf" or "tif" in suffix:
            task = {"task": "count", "path": str(path)}
            count = int(run_task(task, seconds=20.0, memory_mb=settings.ocr.memory_limit_mb)["pages"])
        if left <= count:
            if suffix not in (*IMAGES, ".pdf"):
                break
            answer: dict[str, Any] = run_task(
                {"task": "picture", "path": str(path), "index": left - 1, "out": str(out), "longest": LONGEST},
                seconds=settings.ocr.page_timeout_seconds, memory_mb=settings.ocr.memory_limit_mb,
            )
            return Original(out, int(answer["width"]), int(answer["height"]))
        left -= count
    raise BulletinError("Trang này không có ảnh để chỉnh.", code="bulletins.no_picture")

"""What is on air, in a file that was made full size beforehand: it can be written on a full disk, beside a locked
database, and survives a kill.

Two records take turns; each carries a number and a checksum, so that a torn write leaves the other one.
"""

from __future__ import annotations

import json
import os
import zlib
from pathlib import Path
from typing import Any

_RECORD = 65536
_HEAD = 64
#: of outcomes that the database did not take yet, the newest are kept where there is no room for all
_ENDED_KEPT = 100


def _shortened(data: dict[str, Any]) -> dict[str, Any]:
    """Without what is only for the log's beauty: chapters of what is on air, reasons of old outcomes."""
    items = [{**item, "chapters": [], "notes": item.get("notes", [])[-3:]} for item in data.get("items", ())]
    ended = [{**one, "reason": str(one.get("reason", ""))[:80]} for one in data.get("ended", ())][-_ENDED_KEPT:]
    return {**data, "items": items, "ended": ended}


class Journal:
    """A small mapping that is always on disk."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._number = 0
        self.data: dict[str, Any] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.is_file() or path.stat().st_size != 2 * _RECORD:
            path.write_bytes(bytes(2 * _RECORD))
        self._file = os.open(path, os.O_RDWR)
        for index in (0, 1):
            number, data = self._read(index)
            if number > self._number:
                self._number, self.data = number, data

    def _read(self, index: int) -> tuple[int, dict[str, Any]]:
        raw = os.pread(self._file, _RECORD, index * _RECORD).rstrip(b"\0")
        head, _, body = raw.partition(b"\n")
        try:
            number, check = (int(part) for part in head.split())
            if zlib.crc32(body) != check:
                return 0, {}
            return number, json.loads(body)
        except ValueError:
            return 0, {}

    def save(self, *, sync: bool = False) -> None:
        """Write ``data``.  ``sync`` waits for the disk (for what must survive a power cut)."""
        body = json.dumps(self.data, ensure_ascii=False).encode()
        if len(body) > _RECORD - _HEAD:
            body = json.dumps(_shortened(self.data), ensure_ascii=False).encode()
        if len(body) > _RECORD - _HEAD:
            raise ValueError("journal record too long")
        self._number += 1
        record = b"%d %d\n" % (self._number, zlib.crc32(body)) + body
        os.pwrite(self._file, record.ljust(_RECORD, b"\0"), (self._number % 2) * _RECORD)
        if sync:
            os.fsync(self._file)

    def close(self) -> None:
        os.close(self._file)

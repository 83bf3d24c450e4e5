"""The LJSpeech layout: ``metadata.csv`` with ``id|text|text`` a line, and ``wavs/ID.wav``.  Coqui's trainer reads it."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

METADATA = "metadata.csv"


@dataclass(frozen=True)
class Row:
    """One recorded sentence; ``text`` holds neither line breaks nor bars."""

    id: str
    text: str


def read(folder: Path) -> list[Row]:
    """The rows whose recording is there, in order; none where nothing was recorded yet."""
    path = folder / METADATA
    if not path.is_file():
        return []
    rows = []
    for line in path.read_text(encoding="utf-8-sig").splitlines():
        name, _, rest = line.partition("|")
        text = rest.split("|")[-1].strip() or rest.split("|")[0].strip()
        if name and text and (folder / "wavs" / f"{name}.wav").is_file():
            rows.append(Row(name, text))
    return rows


def write(folder: Path, rows: list[Row]) -> None:
    """Write ``metadata.csv`` so that a power cut leaves the old one or the new one."""
    folder.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=".", suffix=".part", dir=folder)
    with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as out:
        for row in rows:
            text = " ".join(row.text.replace("|", " ").split())
            out.write(f"{row.id}|{text}|{text}\n")
        out.flush()
        os.fsync(out.fileno())
    os.replace(temporary, folder / METADATA)


def put(folder: Path, row: Row) -> None:
    """Add a row, or replace the one of the same id in its place."""
    rows = read(folder)
    known = {existing.id for existing in rows}
    write(folder, [row if r.id == row.id else r for r in rows] if row.id in known else [*rows, row])

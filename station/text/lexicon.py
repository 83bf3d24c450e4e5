"""The station's own readings: ``voices/lexicon.toml``.  They win over everything else.

    [[entry]]
    written = "Bù Ghe"
    spoken = "bù ghe"
    case = true        # only in this case; default: any case
    note = "Tên thôn"
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from station.errors import TextError


@dataclass(frozen=True)
class Entry:
    """One word or phrase and its reading."""

    written: str
    spoken: str
    case: bool = False
    note: str = ""


def _fold(text: str) -> str:
    return unicodedata.normalize("NFC", text).lower()


@dataclass(frozen=True)
class Lexicon:
    """Entries, found by their first characters; the longest that fits wins."""

    entries: tuple[Entry, ...] = ()
    _by_head: Mapping[str, tuple[tuple[str, Entry], ...]] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Lexicon:
        """A lexicon of these entries; a later one replaces an earlier one of the same writing."""
        from station.text.clean import clean

        kept: dict[tuple[str, bool], Entry] = {}
        for entry in entries:
            if entry.written.strip() and entry.spoken.strip():
                kept[(entry.written if entry.case else _fold(entry.written), entry.case)] = entry
        heads: dict[str, list[tuple[str, Entry]]] = {}
        for entry in kept.values():
            text = clean(entry.written.strip()).text.strip()
            if text:
                heads.setdefault(text[0].lower(), []).append((text, entry))
        for items in heads.values():
            items.sort(key=lambda item: (len(item[0]), item[1].case), reverse=True)
        return cls(tuple(kept.values()), {head: tuple(items) for head, items in heads.items()})

    def match(self, text: str, pos: int) -> tuple[int, str] | None:
        """The longest entry that stands at ``pos`` as a whole word: its end and its reading."""
        for written, entry in self._by_head.get(text[pos].lower(), ()):
            end = pos + len(written)
            here = text[pos:end]
            if (here == written if entry.case else here.lower() == written.lower()) and not (
                written[-1].isalnum() and text[end:end + 1].isalnum()
            ):
                return end, entry.spoken
        return None


def load_lexicon(path: Path | str) -> Lexicon:
    """The lexicon of a file; an absent file is an empty lexicon.

    Raises :class:`TextError` naming what is wrong.
    """
    path = Path(path)
    if not path.is_file():
        return Lexicon()
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TextError(
            f"Từ điển đọc {path.name} viết sai.", mend="Hãy sửa dòng được nêu trong chi tiết.", detail=str(error),
            code="text.lexicon",
        ) from error
    rows = data.get("entry", [])
    if not isinstance(rows, list):
        raise TextError("Từ điển đọc phải gồm các mục [[entry]].", code="text.lexicon")
    entries = []
    for number, item in enumerate(rows, 1):
        written, spoken = (item.get("written"), item.get("spoken")) if isinstance(item, dict) else (None, None)
        if not isinstance(written, str) or not isinstance(spoken, str) or not written.strip() or not spoken.strip():
            raise TextError(
                f"Mục thứ {number} trong từ điển đọc thiếu 'written' hoặc 'spoken'.",
                mend='Mỗi mục cần hai dòng: written = "..." và spoken = "...".', code="text.lexicon",
            )
        entries.append(Entry(written, spoken, bool(item.get("case", False)), str(item.get("note", ""))))
    return Lexicon.of(entries)


def check_entry(entry: Entry) -> None:
    """Raise :class:`TextError` when the reading cannot be said (digits or signs in it)."""
    if not entry.written.strip() or not entry.spoken.strip():
        raise TextError("Hãy ghi cả từ và cách đọc.", code="text.lexicon")
    if not re.fullmatch(r"[^\W\d_]+(?:[ ,'-]+[^\W\d_]+)*", entry.spoken.strip()):
        raise TextError(
            "Cách đọc chỉ được gồm chữ và dấu cách.", mend="Hãy viết số và ký hiệu thành chữ, như khi đọc lên.", code="text.lexicon"
        )


def save_entry(path: Path | str, entry: Entry) -> None:
    """Add an entry, or change the one of the same writing; comments and order of the file stay."""
    import tomlkit

    check_entry(entry)
    path = Path(path)
    document = _document(path)
    rows = document.setdefault("entry", tomlkit.aot())
    row = next((item for item in rows if _same(item, entry.written)), None)
    if row is None:
        row = tomlkit.table()
        rows.append(row)
    row["written"] = unicodedata.normalize("NFC", entry.written.strip())
    row["spoken"] = unicodedata.normalize("NFC", entry.spoken.strip())
    for key, value in (("case", entry.case), ("note", entry.note)):
        if value:
            row[key] = value
        elif key in row:
            del row[key]
    _write(path, tomlkit.dumps(document))


def remove_entry(path: Path | str, written: str) -> bool:
    """Take an entry out; False when there was none."""
    import tomlkit

    path = Path(path)
    document = _document(path)
    rows = document.get("entry")
    for index, item in enumerate(rows or ()):
        if _same(item, written):
            del rows[index]
            _write(path, tomlkit.dumps(document))
            return True
    return False


def _same(item: Mapping[str, object], written: str) -> bool:
    mine = str(item.get("written", ""))
    return mine == written.strip() if item.get("case") else _fold(mine) == _fold(written.strip())


def _document(path: Path):  # noqa: ANN202 - tomlkit is imported late
    import tomlkit
    from tomlkit.exceptions import ParseError

    if not path.is_file():
        return tomlkit.document()
    try:
        return tomlkit.parse(path.read_text(encoding="utf-8-sig"))
    except ParseError as error:
        raise TextError(f"Từ điển đọc {path.name} viết sai.", detail=str(error), code="text.lexicon") from error


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)

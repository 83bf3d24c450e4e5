"""The blocks of a reading as a person wants them: which are read aloud, their roles, the wording of tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from difflib import SequenceMatcher
from typing import Any

from station.bulletins import Document, document_from_json
from station.bulletins.document import SPOKEN_ROLES, Block, Role
from station.bulletins.flow import spoken_paragraphs
from station.bulletins.lines import fold
from station.bulletins.table_words import table_sentences
from station.db.models import Bulletin

#: a block of a new reading is the one of an old reading when their letters are so much alike
_ALIKE = 0.6


def block_key(page: int, index: int) -> str:
    """The name of a block in ``Bulletin.spoken_blocks``: page number and place on the page, from 1 and 0."""
    return f"{page}.{index}"


def edited_document(bulletin: Bulletin) -> Document | None:
    """The reading with the person's roles, choice of what is read aloud, and wording of tables; None without one."""
    if bulletin.document is None:
        return None
    document = document_from_json(bulletin.document)
    return replace(document, pages=tuple(
        replace(page, blocks=tuple(
            _edited(block, block_key(page.number, index), bulletin.spoken_blocks or {}, bulletin.block_edits or {})
            for index, block in enumerate(page.blocks)
        ))
        for page in document.pages
    ))


def _edited(block: Block, key: str, spoken: Mapping[str, Any], edits: Mapping[str, Any]) -> Block:
    edit: Mapping[str, Any] = edits.get(key, {})
    role = Role(edit["role"]) if edit.get("role") in set(Role) else block.role
    aloud = role in SPOKEN_ROLES if role is not block.role else block.spoken
    said = block.said
    if edit.get("wording") and block.rows:
        said = "\n".join(table_sentences(block.rows, str(edit["wording"])))
    return replace(block, role=role, spoken=bool(spoken.get(key, aloud)), said=said)


def spoken_text(bulletin: Bulletin) -> str:
    """What is read aloud of the reading, as the person chose; tables as sentences; at the end who signed, if wanted."""
    document = edited_document(bulletin)
    if document is None:
        return ""
    lines = spoken_paragraphs(document, lambda page, index, block: (block.said or block.text) if block.spoken else "")
    closing = (bulletin.facts or {}).get("closing", "")
    return "\n".join([*lines, closing] if closing and lines else lines).strip()


def keep_edits(bulletin: Bulletin, new: Document) -> None:
    """Carries choices over to a new reading, whose blocks may have other places; call before it is stored.

    An edit follows its block by what it says; one whose block is gone is dropped.
    """
    if bulletin.document is None or not (bulletin.spoken_blocks or bulletin.block_edits):
        return
    old = {
        block_key(page.number, index): (page.number, block)
        for page in document_from_json(bulletin.document).pages for index, block in enumerate(page.blocks)
    }
    places: dict[str, str] = {}
    taken: set[str] = set()
    for key in sorted({*(bulletin.spoken_blocks or {}), *(bulletin.block_edits or {})}):
        if key not in old:
            continue
        found = _same_block(*old[key], new, taken)
        if found:
            places[key] = found
            taken.add(found)
    bulletin.spoken_blocks = {places[k]: v for k, v in (bulletin.spoken_blocks or {}).items() if k in places}
    bulletin.block_edits = {places[k]: v for k, v in (bulletin.block_edits or {}).items() if k in places}


def _same_block(number: int, block: Block, new: Document, taken: set[str]) -> str:
    best, found = _ALIKE, ""
    wanted = fold(block.text)[:300]
    for page in new.pages:
        if page.number != number:
            continue
        for index, other in enumerate(page.blocks):
            key = block_key(page.number, index)
            if key in taken:
                continue
            alike = SequenceMatcher(None, wanted, fold(other.text)[:300], autojunk=False).ratio()
            if alike > best:
                best, found = alike, key
    return found


def merge_lines(before: list[str], after: list[str], corrected: list[str]) -> str:
    """The change ``before`` -> ``after`` applied to ``corrected``, line by line; the other corrections stay."""
    places = [0] * (len(before) + 1)  # for each line read, where it is among the corrected ones
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, corrected, autojunk=False).get_opcodes():
        for i in range(i1, i2):
            places[i] = min(j1 + (i - i1), j2) if tag != "delete" else j1
    places[len(before)] = len(corrected)
    result: list[str] = []
    done = 0
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        result += corrected[done:places[i1]] + after[j1:j2]
        done = max(places[i2], places[i1])
    return "\n".join(result + corrected[done:])

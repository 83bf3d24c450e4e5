"""The pages of one bulletin together: running heads, heads of later pages, and sentences that go on overleaf."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from station.bulletins.document import Block, Document, Page, Role
from station.bulletins.forms import ends_open, is_list_item, title_kind
from station.bulletins.lines import fold

_HEADER = frozenset({Role.AGENCY, Role.MOTTO, Role.NUMBER, Role.PLACE_DATE})


def mend_pages(pages: Sequence[Page]) -> list[Page]:
    """Pages with the roles that only the pages before them tell.

    A line that stands first or last on several pages is read once; what looks like a title at the top of a later
    page, because it is short and in the middle, is a heading of the same document.
    """
    done: list[Page] = []
    edges: set[str] = set()
    for page in pages:
        blocks = list(page.blocks)
        if done and blocks:
            for index in {0, len(blocks) - 1}:
                if _key(blocks[index]) in edges and blocks[index].spoken:
                    blocks[index] = replace(blocks[index], role=Role.OTHER, spoken=False)
            if not any(block.role in _HEADER for block in blocks):
                blocks = [_of_later_page(block) for block in blocks]
        for block in (page.blocks[:1] + page.blocks[-1:]) if page.blocks else ():
            key = _key(block)
            if len(key) >= 6:
                edges.add(key)
        done.append(replace(page, blocks=tuple(blocks)))
    return done


def _key(block: Block) -> str:
    """The letters of a short block: a running head differs from page to page by its number only."""
    return re.sub(r"\d", "", fold(block.text)) if len(block.text) < 90 else ""


def _of_later_page(block: Block) -> Block:
    if block.role is Role.TITLE and not title_kind(block.text):
        return replace(block, role=Role.HEADING)
    return replace(block, role=Role.BODY) if block.role is Role.SUBJECT else block


def _goes_overleaf(before: Block, after: Block) -> bool:
    """True when ``after``, first of its page, goes on with the sentence that ends the page before."""
    kinds = (Role.BODY, Role.LIST_ITEM)
    return (
        before.role in kinds and after.role in (Role.BODY, Role.LIST_ITEM, Role.HEADING) and ends_open(before.text)
        and (after.text[:1].islower() or after.text[:1].isdigit()) and not is_list_item(after.text)
    )


def spoken_paragraphs(
    document: Document, say: Callable[[int, int, Block], str] = lambda page, index, block: block.text if block.spoken else "",
) -> list[str]:
    """What is read aloud, a paragraph each; a sentence that goes on overleaf is one again.

    ``say`` gives the words of a block by its page number and its place on the page, empty when it is not read.
    """
    found: list[str] = []
    last: tuple[int, Block] | None = None
    for page in document.pages:
        for index, block in enumerate(page.blocks):
            text = say(page.number, index, block) if block.text else ""
            if not text:
                continue
            if last is not None and last[0] != page.number and _goes_overleaf(last[1], block):
                found[-1] = f"{found[-1]} {text}"
            else:
                found.append(text)
            last = (page.number, block)
    return found

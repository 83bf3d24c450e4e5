"""What reading a bulletin gives: pages, blocks, lines and words, in reading order."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What a block is for, by the form of Vietnamese official documents (Nghị định 30/2020/NĐ-CP)."""

    AGENCY = "agency"
    MOTTO = "motto"
    NUMBER = "number"
    PLACE_DATE = "place_date"
    TITLE = "title"
    SUBJECT = "subject"
    ADDRESSEES = "addressees"
    BODY = "body"
    HEADING = "heading"
    LIST_ITEM = "list_item"
    TABLE = "table"
    RECIPIENTS = "recipients"
    SIGNATURE = "signature"
    STAMP = "stamp"
    PAGE_NUMBER = "page_number"
    OTHER = "other"


#: Roles that go on air unless staff say otherwise.
SPOKEN_ROLES = frozenset(
    {Role.TITLE, Role.SUBJECT, Role.ADDRESSEES, Role.BODY, Role.HEADING, Role.LIST_ITEM, Role.TABLE}
)


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels of the prepared page image, origin at the top left."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True)
class Word:
    """One word; ``confidence`` is the calibrated probability (0-1) that it was read right."""

    text: str
    box: Box | None
    confidence: float
    #: kinds that staff should always check: "number", "date", "phone", "name", "code"; "" for none
    check: str = ""
    #: True when the word is no Vietnamese syllable (only a mark; never changed by itself)
    unknown: bool = False


@dataclass(frozen=True)
class Line:
    words: tuple[Word, ...]
    box: Box | None = None

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)


@dataclass(frozen=True)
class Block:
    """A paragraph, title, list item, table or one of the header and footer parts.

    ``text`` is the paragraph rebuilt from its lines; ``rows`` holds the cells of a table.
    """

    role: Role
    text: str
    lines: tuple[Line, ...] = ()
    box: Box | None = None
    spoken: bool = True
    rows: tuple[tuple[str, ...], ...] = ()
    #: how the block is said where that differs from ``text`` (a table as sentences); empty for the text itself
    said: str = ""


@dataclass(frozen=True)
class Page:
    """One page; ``image`` is the file name of the prepared image, empty for text files."""

    number: int
    blocks: tuple[Block, ...]
    width: int = 0
    height: int = 0
    image: str = ""
    #: how the page was read: "text" for a text layer, else the engine's id
    source: str = "text"
    #: reasons to photograph the page again, as codes: "blur", "dark", "glare", "cut", "low_resolution", "blank",
    #: "not_text", "handwriting", "other_language"
    problems: tuple[str, ...] = ()
    #: corners of the sheet in the original image (pixels, clockwise from top left), when a sheet was found
    corners: tuple[tuple[float, float], ...] = ()
    #: clockwise rotation that was applied, degrees
    rotation: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Document:
    """A bulletin as it was read."""

    pages: tuple[Page, ...]
    warnings: tuple[str, ...] = field(default=())

    def blocks(self) -> tuple[Block, ...]:
        return tuple(block for page in self.pages for block in page.blocks)

    def text(self) -> str:
        """The whole text in reading order, blocks separated by a line break."""
        return "\n".join(block.text for block in self.blocks() if block.text)

    def spoken_text(self, *, tables: str = "rows") -> str:
        """Only what is read aloud, blocks separated by a line break.

        ``tables``: ``"rows"`` as printed, ``"sentences"`` as a listener can follow them.
        """
        from station.bulletins.flow import spoken_paragraphs

        def say(page: int, index: int, block: Block) -> str:
            if not block.spoken:
                return ""
            return block.said or block.text if tables == "sentences" else block.text

        return "\n".join(spoken_paragraphs(self, say))

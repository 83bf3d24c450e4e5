"""What a drawn paper is: its picture and the truth about it."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image

from station.bulletins.document import SPOKEN_ROLES, Role

#: left, top, right, bottom in pixels of the clean page
Bounds = tuple[int, int, int, int]


@dataclass(frozen=True)
class Part:
    """One block of a paper: ``text`` as one paragraph, or the rows of a table."""

    role: Role
    text: str
    bounds: Bounds
    rows: tuple[tuple[str, ...], ...] = ()

    @property
    def spoken(self) -> bool:
        return self.role in SPOKEN_ROLES


@dataclass(frozen=True)
class Paper:
    """A clean page (grey, dark on white, ``dpi`` dots an inch) and its parts in reading order."""

    kind: str
    seed: int
    font: str
    dpi: int
    image: Image.Image
    parts: tuple[Part, ...]
    #: indices of ``parts`` in other orders that a reader may as well take (the two halves of a letterhead)
    other_orders: tuple[tuple[int, ...], ...] = ()

    @property
    def text(self) -> str:
        """Everything on the page in reading order, one block a line."""
        return "\n".join(part.text for part in self.parts)

    @property
    def other_texts(self) -> list[str]:
        return ["\n".join(self.parts[index].text for index in order) for order in self.other_orders]

    @property
    def spoken_text(self) -> str:
        """What is read aloud, one block a line."""
        return "\n".join(part.text for part in self.parts if part.spoken)

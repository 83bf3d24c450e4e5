"""Documents to and from JSON: for the database, for ``station ocr --format json`` and between processes."""

from __future__ import annotations

from typing import Any

from station.bulletins.document import Block, Box, Document, Line, Page, Role, Word


def _box_to(box: Box | None) -> list[int] | None:
    return [box.left, box.top, box.width, box.height] if box else None


def _box_from(data: list[int] | None) -> Box | None:
    return Box(*data) if data else None


def page_to_json(page: Page) -> dict[str, Any]:
    """A page as plain lists and numbers; boxes are ``[left, top, width, height]`` in pixels."""
    return {
        "number": page.number, "width": page.width, "height": page.height, "image": page.image,
        "source": page.source, "problems": list(page.problems), "corners": [list(c) for c in page.corners],
        "rotation": page.rotation, "seconds": page.seconds,
        "blocks": [
            {
                "role": block.role.value, "spoken": block.spoken, "text": block.text, "box": _box_to(block.box),
                "rows": [list(row) for row in block.rows], "said": block.said,
                "lines": [
                    {
                        "text": line.text, "box": _box_to(line.box),
                        "words": [
                            {
                                "text": word.text, "box": _box_to(word.box), "confidence": word.confidence,
                                "check": word.check, "unknown": word.unknown,
                            }
                            for word in line.words
                        ],
                    }
                    for line in block.lines
                ],
            }
            for block in page.blocks
        ],
    }


def page_from_json(data: dict[str, Any]) -> Page:
    """The page that :func:`page_to_json` wrote."""
    blocks = tuple(
        Block(
            role=Role(block["role"]), text=block["text"], box=_box_from(block["box"]), spoken=block["spoken"],
            rows=tuple(tuple(row) for row in block["rows"]), said=block.get("said", ""),
            lines=tuple(
                Line(
                    tuple(
                        Word(w["text"], _box_from(w["box"]), w["confidence"], w["check"], w["unknown"])
                        for w in line["words"]
                    ),
                    _box_from(line["box"]),
                )
                for line in block["lines"]
            ),
        )
        for block in data["blocks"]
    )
    return Page(
        number=data["number"], blocks=blocks, width=data["width"], height=data["height"], image=data["image"],
        source=data["source"], problems=tuple(data["problems"]),
        corners=tuple((float(x), float(y)) for x, y in data["corners"]), rotation=data["rotation"],
        seconds=data["seconds"],
    )


def document_to_json(document: Document) -> dict[str, Any]:
    return {"pages": [page_to_json(page) for page in document.pages], "warnings": list(document.warnings)}


def document_from_json(data: dict[str, Any]) -> Document:
    return Document(tuple(page_from_json(page) for page in data["pages"]), tuple(data["warnings"]))

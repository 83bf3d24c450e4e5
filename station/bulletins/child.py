"""The process that opens uploaded files: started for one task, limited in memory and time, then gone.

Reads one JSON task from standard input and writes one JSON answer to standard output.  Tasks:

* ``count``: how many pages a file has and how each is to be read;
* ``page``: one page of a file as :class:`Page`;
* ``check``: quick problems of one page;
* ``picture``: a small picture of one page as it was sent.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

from station.errors import BulletinError

IMAGES = (".jpg", ".jpeg", ".jfif", ".png", ".webp", ".heic", ".heif", ".tif", ".tiff", ".bmp")
OFFICE = (".doc", ".odt", ".rtf")


def limit(memory_mb: int, seconds: float) -> None:
    """Caps this process: address space, processor time, no core dumps."""
    if memory_mb > 0:
        resource.setrlimit(resource.RLIMIT_AS, (memory_mb << 20, memory_mb << 20))
    cpu = int(seconds) + 5
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _count(task: dict[str, Any]) -> dict[str, Any]:
    path = Path(task["path"])
    suffix = path.suffix.lower()
    if suffix == ".pdf":
        from station.bulletins.pdf import count_pages

        return {"pages": count_pages(path)}
    if suffix in IMAGES:
        from station.bulletins.images import count_frames

        return {"pages": count_frames(path)}
    return {"pages": 1}


def _text_document(path: Path) -> dict[str, Any]:
    from station.bulletins.document_json import page_to_json
    from station.bulletins.office import read_docx, read_plain, text_page

    paragraphs = read_docx(path) if path.suffix.lower() == ".docx" else read_plain(path)
    return {"page": page_to_json(text_page(paragraphs, path))}


def _page(task: dict[str, Any]) -> dict[str, Any]:
    path = Path(task["path"])
    suffix = path.suffix.lower()
    if suffix in (".docx", ".txt", ".md"):
        return _text_document(path)
    import cv2

    from station.bulletins.document_json import page_to_json
    from station.bulletins.engine import open_engine
    from station.bulletins.page import read_image

    cv2.setNumThreads(1)
    index, out = int(task["index"]), Path(task["out"]) if task.get("out") else None
    scale = 1.0
    if suffix == ".pdf":
        from station.bulletins import pdf

        document = pdf.open_pdf(path)
        page = document[index]
        layer = None if task.get("force_ocr") else pdf.read_text_layer(page)
        image = pdf.render_page(page, 150 if layer else pdf.RENDER_DPI)
        if layer is not None:
            return {"page": page_to_json(_page_of_layer(layer, image, index + 1, out))}
    else:
        from station.bulletins.images import load_image

        image, scale = load_image(path, index)
    corners = tuple((float(x), float(y)) for x, y in task["corners"]) if task.get("corners") else None
    result = read_image(
        image, [open_engine(task["language"], slot=slot) for slot in range(2)], number=index + 1, corners=corners, scale=scale, out=out,
        skip=frozenset(task.get("skip", ())),
    )
    return {"page": page_to_json(result)}


def _page_of_layer(layer: Any, image: Any, number: int, out: Path | None) -> Any:
    """A page from a PDF's text layer; ruled tables are found on the rendered page."""
    import cv2

    from station.bulletins.document import Page
    from station.bulletins.layout import lay_out
    from station.bulletins.page import make_blocks
    from station.bulletins.tables import find_grids

    shown = cv2.resize(image, (layer.width, layer.height), interpolation=cv2.INTER_AREA)
    grids, _ = find_grids(cv2.cvtColor(shown, cv2.COLOR_BGR2GRAY))
    pieces = lay_out(layer.words, layer.width, layer.height, grids, clean=True)
    name = ""
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(out), shown, [cv2.IMWRITE_JPEG_QUALITY, 82])
        name = out.name
    return Page(number, make_blocks(pieces, 1.0, sure=True), layer.width, layer.height, name, "text")


def _picture(task: dict[str, Any]) -> dict[str, Any]:
    """A small picture of a page as it was sent, and the size of what was sent, pixels."""
    import cv2

    path = Path(task["path"])
    scale = 1.0
    if path.suffix.lower() == ".pdf":
        from station.bulletins import pdf

        image = pdf.render_page(pdf.open_pdf(path)[int(task["index"])])
    else:
        from station.bulletins.images import load_image

        image, scale = load_image(path, int(task["index"]))
    height, width = image.shape[:2]
    factor = min(1.0, float(task["longest"]) / max(width, height))
    small = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA) if factor < 1 else image
    cv2.imwrite(str(task["out"]), small, [cv2.IMWRITE_JPEG_QUALITY, 75])
    return {"width": round(width / scale), "height": round(height / scale)}


def _check(task: dict[str, Any]) -> dict[str, Any]:
    from station.bulletins.check import quick_problems

    return {"problems": quick_problems(Path(task["path"]))}


def main() -> None:
    """Runs the task on standard input."""
    task = json.load(sys.stdin)
    limit(int(task["memory_mb"]), float(task["seconds"]))
    # whatever a library prints must not spoil the answer
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    try:
        result = {"count": _count, "page": _page, "check": _check, "picture": _picture}[task["task"]](task)
    except BulletinError as error:
        result = {"error": [error.message, error.mend, error.code, error.detail]}
    except MemoryError:
        result = {"memory": True}
    json.dump(result, answer, ensure_ascii=False)
    answer.close()


if __name__ == "__main__":
    main()

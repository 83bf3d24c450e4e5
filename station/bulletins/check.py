"""A quick look at an upload: what is wrong with it, in seconds, before it is read."""

from __future__ import annotations

from pathlib import Path

from station.bulletins.child import IMAGES
from station.bulletins.problems import PROBLEM_TEXT
from station.bulletins.sandbox import run_task
from station.errors import BulletinError

#: a check that takes longer is given up
SECONDS = 10.0


def check_upload(path: Path | str, *, memory_mb: int = 1024) -> tuple[str, ...]:
    """Problem codes of an uploaded file, empty when it looks good.

    Raises :class:`BulletinError` when the file cannot be a bulletin at all (wrong kind, empty, encrypted, broken).
    Codes are those of ``Page.problems``; :func:`problem_text` says them in Vietnamese.
    """
    from station.bulletins.read import check_path

    path = Path(path)
    check_path(path)
    answer = run_task({"task": "check", "path": str(path.resolve())}, seconds=SECONDS, memory_mb=memory_mb)
    return tuple(answer["problems"])


def problem_text(code: str) -> str:
    """What a problem code says to staff."""
    return PROBLEM_TEXT.get(code, "Trang này cần được xem lại.")


def quick_problems(path: Path) -> list[str]:
    """Problems of the first page, in this process.  Raises :class:`BulletinError`."""
    suffix = path.suffix.lower()
    if suffix == ".pdf":
        from station.bulletins.pdf import count_pages

        if count_pages(path) == 0:
            raise BulletinError(f"Tệp PDF “{path.name}” không có trang nào.", code="bulletins.empty")
        return []
    if suffix == ".docx":
        from station.bulletins.office import read_docx, text_page

        text_page(read_docx(path), path)
        return []
    if suffix == ".txt":
        from station.bulletins.office import read_plain, text_page

        text_page(read_plain(path), path)
        return []
    if suffix not in IMAGES:
        return []
    import cv2

    from station.bulletins.images import load_image
    from station.bulletins.prepare import flatten_light, is_bilevel, warp_sheet
    from station.bulletins.quality import is_blank, is_blurred, picture_problems
    from station.bulletins.sheet import find_sheet

    image, scale = load_image(path)
    sheet = find_sheet(image)
    corners = sheet.corners if sheet else ()
    problems = picture_problems(image, corners)
    import numpy as np

    page = warp_sheet(image, np.array(corners)) if corners else image
    grey = cv2.cvtColor(page, cv2.COLOR_BGR2GRAY)
    flat = grey if is_bilevel(grey) else flatten_light(grey)
    if is_blank(flat):
        return ["blank"]
    if min(image.shape[:2]) / scale < 700:
        problems.append("low_resolution")
    if is_blurred(flat):
        problems.append("blur")
    return list(dict.fromkeys(problems))

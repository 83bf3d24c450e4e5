"""The four corners of a page, dragged by a person where the machine did not find the sheet; the page is read again."""

from __future__ import annotations

import math
from pathlib import Path

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from station.bulletins.original import original_page
from station.db.models import Bulletin, Page
from station.db.states import BulletinState
from station.web import data, login, media
from station.work import enqueue_read

corners = Blueprint("corners", __name__, url_prefix="/bulletins/<int:bulletin_id>/pages/<int:number>/corners")
View = str | Response
Four = list[tuple[float, float]]
_EDITABLE = (BulletinState.PROOFREADING, BulletinState.READY, BulletinState.FAILED)


def _page(bulletin_id: int, number: int) -> tuple[Bulletin, Page]:
    bulletin = data.one_or_404(data.reading(), Bulletin, bulletin_id)
    page = next((page for page in bulletin.pages if page.number == number), None)
    if page is None or not page.image or not bulletin.files or bulletin.state not in _EDITABLE:
        abort(404)
    return bulletin, page


def _picture(bulletin: Bulletin, number: int) -> tuple[Path, int, int]:
    """A small picture of the page as it was sent, made once, and the size of what was sent."""
    config = data.settings()
    folder = config.home.cache / "originals" / f"{bulletin.id:06d}"
    kept = next(folder.glob(f"{number:03d}-*.jpg"), None)
    if kept is None:
        folder.mkdir(parents=True, exist_ok=True)
        made = original_page(
            [config.home.root / file.path for file in bulletin.files], number, config, folder / f"{number:03d}.part.jpg"
        )
        kept = made.path.rename(folder / f"{number:03d}-{made.width}x{made.height}.jpg")
    width, height = kept.stem.split("-")[1].split("x")
    return kept, int(width), int(height)


@corners.get("/")
def edit(bulletin_id: int, number: int) -> View:
    bulletin, page = _page(bulletin_id, number)
    _kept, width, height = _picture(bulletin, number)
    four = page.corners if len(page.corners) == 4 else [[0, 0], [width, 0], [width, height], [0, height]]
    return render_template(
        "proofread/corners.html", bulletin=bulletin, number=number, width=width, height=height,
        four=[[round(x), round(y)] for x, y in four],
    )


@corners.get("/picture")
def picture(bulletin_id: int, number: int) -> Response:
    bulletin, _shown = _page(bulletin_id, number)
    kept, _width, _height = _picture(bulletin, number)
    return media.send_home_file(kept.relative_to(data.settings().home.root).as_posix())


def _sent(width: int, height: int) -> Four:
    """The corners of the form, clockwise from the top left, within the picture; a bad shape is a bad request."""
    try:
        four = [(float(request.form[f"x{n}"]), float(request.form[f"y{n}"])) for n in range(4)]
    except (KeyError, ValueError):
        abort(400)
    if not all(math.isfinite(value) for point in four for value in point):
        abort(400)
    four = [(min(max(x, 0.0), float(width)), min(max(y, 0.0), float(height))) for x, y in four]
    turns = []
    for n in range(4):
        (ax, ay), (bx, by), (cx, cy) = four[n], four[(n + 1) % 4], four[(n + 2) % 4]
        turns.append((bx - ax) * (cy - by) - (by - ay) * (cx - bx))
    return four if all(turn > 0 for turn in turns) else []


@corners.post("/")
def save(bulletin_id: int, number: int) -> View:
    """Read the bulletin again with these corners, or with those that the machine finds; corrections stay."""
    bulletin, _shown = _page(bulletin_id, number)
    _kept, width, height = _picture(bulletin, number)
    four: Four = []
    if not request.form.get("auto"):
        four = _sent(width, height)
        if not four:
            flash(_("Bốn góc phải theo thứ tự quanh tờ giấy và không cắt nhau."), "danger")
            return redirect(url_for("corners.edit", bulletin_id=bulletin_id, number=number), 303)
    with data.writing() as s:
        row = data.one_or_404(s, Bulletin, bulletin_id)
        chosen = {key: value for key, value in (row.facts or {}).get("corners", {}).items() if key != str(number)}
        if four:
            chosen[str(number)] = [list(point) for point in four]
        row.facts = {**(row.facts or {}), "corners": chosen}
        enqueue_read(
            s, bulletin_id, login.person().key, corners={int(key): value for key, value in chosen.items()} or None
        )
    flash(_("Đang đọc lại. Nội dung đã sửa được giữ nguyên."), "success")
    return redirect(url_for("bulletins.show", bulletin_id=bulletin_id), 303)

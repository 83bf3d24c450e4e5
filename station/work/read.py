"""The job that reads a bulletin's pages."""

from __future__ import annotations

import shutil

from station.bulletins import read_bulletin
from station.config import Settings
from station.db.database import Database
from station.db.models import Bulletin
from station.editorial.bulletins import store_reading
from station.work.jobs import Claim
from station.work.worker import Progress


def read_pages(settings: Settings, database: Database, claim: Claim, progress: Progress) -> str:
    """Read the originals and store the reading.  Running it again reads anew and keeps corrections."""
    assert claim.bulletin_id is not None
    with database.session(write=False) as session:
        bulletin = session.get_one(Bulletin, claim.bulletin_id)
        paths = [settings.home.root / file.path for file in bulletin.files]
    progress.step("reading", 0, len(paths))
    # Written beside and put in place when whole, so that the page never shows half a reading.
    final = settings.home.pages / f"{claim.bulletin_id:06d}" / f"{claim.id}"
    partial = final.with_name(final.name + ".part")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    document = read_bulletin(
        paths, settings, out_dir=partial, progress=lambda done, total: progress.step("reading", done, total),
        cancelled=progress.cancelled,
        corners={
            int(page): tuple((float(x), float(y)) for x, y in four)
            for page, four in claim.data.get("corners", {}).items()
        },
    )
    progress.check()
    shutil.rmtree(final, ignore_errors=True)
    partial.rename(final)
    with database.session() as session:
        store_reading(session, settings, session.get_one(Bulletin, claim.bulletin_id), document, final)
    return f"Đã đọc {len(document.pages)} trang."

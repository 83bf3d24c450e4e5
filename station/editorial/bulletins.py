"""Bulletins: taking them in, proofreading, and the three texts.

The text that is read aloud is a plain text, one paragraph a line.  ``READ`` is what the machine read, ``CORRECTED``
what a person made of it; a new reading of the pages adds a ``READ`` row and never touches a correction.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from types import EllipsisType

import sqlalchemy as sa
from sqlalchemy.orm import Session

from station.bulletins import SUPPORTED_SUFFIXES, Document, document_to_json, problem_text
from station.config import Settings
from station.db.models import Bulletin, BulletinFile, Page, Text, User
from station.db.states import BulletinState, TextKind
from station.db.types import utc_now
from station.editorial import audit
from station.editorial.blocks import block_key, keep_edits, merge_lines, spoken_text
from station.editorial.facts import propose
from station.editorial.learning import learn
from station.errors import BulletinError, StationError
from station.programs.items import title_of

__all__ = [
    "EditConflict", "Upload", "archive", "block_key", "content_hash", "current_text", "current_texts", "find_duplicate",
    "lock", "mark_ready", "receive", "receive_text", "save_text", "set_blocks", "set_details", "set_spoken_blocks",
    "spoken_text", "store_reading", "unlock",
]
LOCK_FOR = timedelta(minutes=3)
LONGEST_TITLE = 300


class EditConflict(StationError):
    """Somebody else saved in the meantime; ``version`` is the present one."""

    code = "bulletins.conflict"

    def __init__(self, version: int) -> None:
        super().__init__(
            "Bản tin vừa được người khác sửa.", mend="Hãy tải lại trang để xem bản mới, rồi sửa tiếp."
        )
        self.version = version


@dataclass(frozen=True)
class Upload:
    """A file that came in: the name it had, and where it lies now."""

    name: str
    path: Path


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def _copy(source: Path, target: Path) -> None:
    """Copy so that a cut never leaves half a file under the final name."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".part")
    try:
        with source.open("rb") as read, partial.open("wb") as write:
            shutil.copyfileobj(read, write, 1 << 20)
            write.flush()
            os.fsync(write.fileno())
        partial.rename(target)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise BulletinError(
            "Không lưu được bản tin vào ổ đĩa.", mend="Hãy kiểm tra đĩa còn chỗ trống. Tệp gốc vẫn ở chỗ cũ.",
            detail=str(error), code="bulletins.disk",
        ) from error


def find_duplicate(session: Session, sha256: str, station_id: int = 1) -> Bulletin | None:
    """The newest bulletin that is not archived and holds exactly the same files."""
    return session.scalar(
        sa.select(Bulletin).where(
            Bulletin.station_id == station_id, Bulletin.content_sha256 == sha256,
            Bulletin.state != BulletinState.ARCHIVED,
        ).order_by(Bulletin.id.desc()).limit(1)
    )


def content_hash(paths: Sequence[Path]) -> str:
    """One hash for the files of a bulletin, in their order."""
    return hashlib.sha256("".join(_sha256(path) for path in paths).encode()).hexdigest()


def receive(
    session: Session, settings: Settings, uploads: Sequence[Upload], *, user_id: int | None, source: str = "upload",
    station_id: int = 1,
) -> Bulletin:
    """A new bulletin from files; each is copied into the station's uploads, the given ones stay as they are.

    Raises :class:`BulletinError` for no file, an empty one, one too large, or a kind that cannot be read.
    """
    if not uploads:
        raise BulletinError("Chưa chọn tệp nào.", mend="Hãy chọn ảnh chụp hoặc tệp văn bản của bản tin.")
    limit = settings.web.max_upload_mb * 1_000_000
    for upload in uploads:
        suffix = Path(upload.name).suffix.lower()
        size = upload.path.stat().st_size
        if suffix not in SUPPORTED_SUFFIXES:
            raise BulletinError(
                f"Không đọc được loại tệp '{upload.name}'.", code="bulletins.kind",
                mend="Hãy gửi ảnh (JPEG, PNG, HEIC), PDF, DOCX hoặc TXT.",
            )
        if size == 0:
            raise BulletinError(f"Tệp '{upload.name}' không có nội dung.", mend="Hãy gửi lại tệp.", code="bulletins.empty")
        if size > limit:
            raise BulletinError(
                f"Tệp '{upload.name}' lớn quá {settings.web.max_upload_mb} MB.", mend="Hãy gửi ảnh nhỏ hơn.",
                code="bulletins.huge",
            )
    bulletin = Bulletin(
        station_id=station_id, title=_title_of_name(uploads[0].name), source=source, created_by_id=user_id,
        content_sha256=content_hash([upload.path for upload in uploads]),
    )
    session.add(bulletin)
    session.flush()
    for position, upload in enumerate(uploads):
        suffix = Path(upload.name).suffix.lower()
        relative = Path("var/uploads") / f"{bulletin.id:06d}" / f"{position + 1:02d}{suffix}"
        _copy(upload.path, settings.home.root / relative)
        bulletin.files.append(BulletinFile(
            position=position, path=relative.as_posix(), original_name=upload.name[-300:],
            size_bytes=upload.path.stat().st_size, sha256=_sha256(settings.home.root / relative),
        ))
    session.flush()
    return bulletin


def receive_text(
    session: Session, settings: Settings, title: str, text: str, *, user_id: int | None, station_id: int = 1,
) -> Bulletin:
    """A bulletin typed or pasted on the page: it waits for proofreading at once."""
    text = _clean(text)
    if not text:
        raise BulletinError("Chưa có nội dung.", mend="Hãy gõ hoặc dán nội dung bản tin.", code="bulletins.empty")
    bulletin = Bulletin(
        station_id=station_id, title=_shorten(title) or _shorten(text.splitlines()[0]), source="typed",
        created_by_id=user_id, state=BulletinState.PROOFREADING,
        content_sha256=hashlib.sha256(text.encode()).hexdigest(),
    )
    session.add(bulletin)
    session.flush()
    _add_text(session, bulletin, TextKind.READ, text, user_id)
    propose(settings, bulletin, text)
    return bulletin


def store_reading(session: Session, settings: Settings, bulletin: Bulletin, document: Document, pages_dir: Path) -> None:
    """Keep what was read.  A correction that is already there stays what it is."""
    keep_edits(bulletin, document)
    bulletin.document = document_to_json(document)
    bulletin.pages.clear()
    session.flush()
    for page in document.pages:
        image = pages_dir / page.image if page.image else None
        bulletin.pages.append(Page(
            number=page.number, image=image.relative_to(settings.home.root).as_posix() if image else "",
            width=page.width, height=page.height, source=page.source, problems=list(page.problems),
            corners=[list(corner) for corner in page.corners],
        ))
    propose(settings, bulletin, "")
    _add_text(session, bulletin, TextKind.READ, _clean(spoken_text(bulletin)), None)
    named_by_file = bulletin.title in {_title_of_name(file.original_name) for file in bulletin.files}
    if not bulletin.title or named_by_file:
        bulletin.title = _shorten(title_of(document)) or bulletin.title
    bulletin.problem = " ".join(problem_text(code) for code in document.warnings)
    if bulletin.state in (BulletinState.RECEIVED, BulletinState.READING, BulletinState.FAILED):
        bulletin.state = BulletinState.PROOFREADING


def _latest(session: Session, bulletin_id: int, kind: TextKind) -> Text | None:
    return session.scalar(
        sa.select(Text).where(Text.bulletin_id == bulletin_id, Text.kind == kind).order_by(Text.version.desc()).limit(1)
    )


def _add_text(session: Session, bulletin: Bulletin, kind: TextKind, content: str, user_id: int | None) -> Text:
    latest = _latest(session, bulletin.id, kind)
    row = Text(
        bulletin_id=bulletin.id, kind=kind, version=(latest.version if latest else 0) + 1, content=content,
        created_by_id=user_id,
    )
    session.add(row)
    session.flush()
    return row


def current_text(session: Session, bulletin: Bulletin) -> str:
    """The corrected text where there is one, else what was read."""
    row = _latest(session, bulletin.id, TextKind.CORRECTED) or _latest(session, bulletin.id, TextKind.READ)
    return row.content if row else ""


def current_texts(session: Session, bulletin_ids: Sequence[int]) -> dict[int, str]:
    """:func:`current_text` of many bulletins in one query."""
    if not bulletin_ids:
        return {}
    newest = (
        sa.select(Text.bulletin_id, Text.kind, sa.func.max(Text.version).label("version"))
        .where(Text.bulletin_id.in_(bulletin_ids), Text.kind.in_((TextKind.READ, TextKind.CORRECTED)))
        .group_by(Text.bulletin_id, Text.kind).subquery()
    )
    rows = session.execute(
        sa.select(Text.bulletin_id, Text.kind, Text.content).join(
            newest, sa.and_(
                newest.c.bulletin_id == Text.bulletin_id, newest.c.kind == Text.kind, newest.c.version == Text.version
            )
        )
    ).all()
    found: dict[int, str] = {}
    for bulletin_id, _kind, content in sorted(rows, key=lambda row: row.kind is TextKind.CORRECTED):
        found[bulletin_id] = content
    return found


def save_text(session: Session, bulletin: Bulletin, content: str, *, user_id: int | None, version: int) -> Text:
    """A new corrected text.  ``version`` is the bulletin's version that the person saw.

    Raises :class:`EditConflict` when another one was saved since.  The same text again adds nothing.  Approvals of
    programs that hold the bulletin are voided.
    """
    session.refresh(bulletin, ["version"])
    if bulletin.version != version:
        raise EditConflict(bulletin.version)
    content = _clean(content)
    latest = _latest(session, bulletin.id, TextKind.CORRECTED)
    if latest is not None and latest.content == content:
        return latest
    row = _add_text(session, bulletin, TextKind.CORRECTED, content, user_id)
    bulletin.version += 1
    _changed(session, bulletin, user_id)
    return row


def set_spoken_blocks(session: Session, bulletin: Bulletin, blocks: Mapping[str, bool], *, user_id: int | None) -> str:
    """Choose which blocks are read aloud; returns the text that results."""
    return set_blocks(session, bulletin, spoken=blocks, user_id=user_id)


def set_blocks(
    session: Session, bulletin: Bulletin, *, spoken: Mapping[str, bool] | None = None,
    roles: Mapping[str, str] | None = None, wordings: Mapping[str, str] | None = None, user_id: int | None,
) -> str:
    """Choose by block what is read aloud, its role, and how a table is worded; returns the text that results.

    Where a person has corrected the text already, the lines of a block that is turned off are taken out of it, those
    of a block that is turned on are put where the reading has them, and a table that is worded otherwise is said anew;
    the other corrections stay.
    """
    before = spoken_text(bulletin).splitlines()
    bulletin.spoken_blocks = {**(bulletin.spoken_blocks or {}), **{key: bool(value) for key, value in (spoken or {}).items()}}
    edits = {key: dict(value) for key, value in (bulletin.block_edits or {}).items()}
    for name, given in (("role", roles), ("wording", wordings)):
        for key, value in (given or {}).items():
            edits.setdefault(key, {})[name] = value
    bulletin.block_edits = edits
    after = spoken_text(bulletin)
    corrected = _latest(session, bulletin.id, TextKind.CORRECTED)
    bulletin.version += 1
    if corrected is None:
        _add_text(session, bulletin, TextKind.READ, after, user_id)
        text = after
    else:
        text = merge_lines(before, after.splitlines(), corrected.content.splitlines())
        _add_text(session, bulletin, TextKind.CORRECTED, text, user_id)
    _changed(session, bulletin, user_id)
    return text


def set_details(
    session: Session, bulletin: Bulletin, *, title: str | None = None, priority: str | None = None,
    last_day: date | None | EllipsisType = ..., user_id: int | None,
) -> None:
    """Change the title, the class or the last day of a bulletin; ``...`` leaves the day as it is."""
    from station.programs.model import Priority

    if title is not None:
        bulletin.title = _shorten(title)
    if priority is not None:
        bulletin.priority = Priority(priority)
    if last_day is not ...:
        bulletin.last_day = last_day
    bulletin.version += 1
    _changed(session, bulletin, user_id)


def mark_ready(session: Session, bulletin: Bulletin, *, user_id: int | None) -> None:
    """A person says that the text is right: it may go into programs."""
    text = current_text(session, bulletin)
    if not text.strip():
        raise BulletinError("Bản tin chưa có nội dung để đọc.", mend="Hãy gõ nội dung trước.", code="bulletins.empty")
    bulletin.state = BulletinState.READY
    learn(session, bulletin, text)
    audit.record(session, _user(session, user_id), "bulletin.ready", f"bulletin:{bulletin.id}")


def archive(session: Session, bulletin: Bulletin, *, user_id: int | None) -> None:
    """Done with.  Nothing is deleted."""
    bulletin.state = BulletinState.ARCHIVED
    audit.record(session, _user(session, user_id), "bulletin.archive", f"bulletin:{bulletin.id}")


def lock(session: Session, bulletin: Bulletin, user: User, *, now: datetime | None = None) -> bool:
    """Take or keep the right to edit; False while a colleague has it.  It ends by itself after three minutes."""
    now = now or utc_now()
    taken = bulletin.locked_by_id not in (None, user.id) and bulletin.locked_until is not None
    if taken and bulletin.locked_until is not None and bulletin.locked_until > now:
        return False
    bulletin.locked_by_id = user.id
    bulletin.locked_until = now + LOCK_FOR
    return True


def unlock(session: Session, bulletin: Bulletin, user: User) -> None:
    if bulletin.locked_by_id == user.id:
        bulletin.locked_by_id = None
        bulletin.locked_until = None


def _changed(session: Session, bulletin: Bulletin, user_id: int | None) -> None:
    from station.editorial.programs import void_programs_of

    if bulletin.state is BulletinState.READY:
        bulletin.state = BulletinState.PROOFREADING
    void_programs_of(session, bulletin.id, user_id)


def _user(session: Session, user_id: int | None) -> User | None:
    return session.get(User, user_id) if user_id is not None else None


def _clean(text: str) -> str:
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "\n".join(line.rstrip() for line in text.split("\n")).strip()


def _shorten(title: str) -> str:
    title = " ".join(unicodedata.normalize("NFC", title).split())
    if len(title) <= LONGEST_TITLE:
        return title
    return title[:LONGEST_TITLE - 1].rsplit(" ", 1)[0] + "…"


def _title_of_name(name: str) -> str:
    return _shorten(Path(name).stem.replace("_", " "))

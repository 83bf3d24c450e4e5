"""What a station needs to work, looked at cheaply: for the health page."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from station.config import Settings
from station.db.models import Heartbeat, User
from station.db.types import utc_now
from station.web import airstate, remembered
from station.web.context import file_size, moment

LEAST_FREE = 2 * 1024**3
BACKUP_AGE = timedelta(days=3)


@dataclass(frozen=True)
class Check:
    """One thing that was looked at: ``state`` is "good", "todo" or "bad"; ``mend`` tells what to do."""

    name: str
    state: str
    words: str
    mend: str = ""


def all_checks(session: Session, settings: Settings) -> list[Check]:
    """Every check, the same order each time."""
    return [
        _air(session), _worker(session), _sound(session), _disk(settings), _voices(settings), _reading(), _backup(settings),
        _clock(session, settings), _people(session),
    ]


def _air(session: Session) -> Check:
    name = _("Phát sóng")
    if airstate.air_now(session).alive:
        return Check(name, "good", _("Đang chạy."))
    return Check(name, "bad", _("Không chạy: lịch phát sẽ không được phát."),
                 _("Hãy khởi động lại đài (lệnh 'station run' hoặc khởi động lại máy)."))


def _worker(session: Session) -> Check:
    name = _("Xử lý bản tin")
    row = session.get(Heartbeat, "worker")
    if row is not None and utc_now() - row.at < airstate.WORKER_SILENT:
        return Check(name, "good", _("Đang chạy."))
    return Check(name, "bad", _("Không chạy: bản tin gửi lên phải chờ."), _("Hãy khởi động lại đài."))


def _sound(session: Session) -> Check:
    name = _("Đường tiếng ra máy phát")
    air = airstate.air_now(session)
    if not air.alive:
        return Check(name, "todo", _("Chưa biết, vì phần phát sóng không chạy."))
    return Check(name, "good", air.output or _("Đang mở."))


def _disk(settings: Settings) -> Check:
    usage = shutil.disk_usage(settings.home.root)
    words = _("Còn trống %(free)s trên %(total)s.", free=file_size(usage.free), total=file_size(usage.total))
    if usage.free >= LEAST_FREE:
        return Check(_("Ổ đĩa"), "good", words)
    return Check(_("Ổ đĩa"), "bad" if usage.free < LEAST_FREE // 4 else "todo", words,
                 _("Hãy xóa bớt tệp không dùng trên máy hoặc chuyển sang ổ đĩa lớn hơn."))


def _voices(settings: Settings) -> Check:
    ready = [voice for voice in remembered.voices(settings.home) if voice.installed]
    if any(voice.neural for voice in ready):
        return Check(_("Giọng đọc"), "good", _("Có %(n)s giọng dùng được.", n=len(ready)))
    if ready:
        return Check(_("Giọng đọc"), "todo", _("Chỉ có giọng dự phòng."), _("Hãy cài một giọng tự nhiên ở trang Giọng đọc."))
    return Check(_("Giọng đọc"), "bad", _("Không có giọng nào đọc được."), _("Hãy cài gói espeak-ng: sudo apt-get install espeak-ng."))


def _reading() -> Check:
    if shutil.which("tesseract"):
        return Check(_("Nhận chữ từ ảnh"), "good", _("Đã cài."))
    return Check(_("Nhận chữ từ ảnh"), "bad", _("Chưa cài phần mềm nhận chữ."),
                 _("Hãy chạy: sudo apt-get install tesseract-ocr tesseract-ocr-vie."))


def _backup(settings: Settings) -> Check:
    folder = settings.home.var / "backups"
    times = [path.stat().st_mtime for path in folder.glob("*") if path.is_file()] if folder.is_dir() else []
    if not times:
        return Check(_("Bản sao lưu"), "todo", _("Chưa có bản sao lưu nào."), _("Hãy chạy 'station backup' và chép ra ổ đĩa khác."))
    newest = datetime.fromtimestamp(max(times), UTC)
    words = _("Bản mới nhất lúc %(when)s.", when=moment(newest))
    if utc_now() - newest < BACKUP_AGE:
        return Check(_("Bản sao lưu"), "good", words)
    return Check(_("Bản sao lưu"), "todo", words, _("Hãy chạy 'station backup' và chép ra ổ đĩa khác."))


def _clock(session: Session, settings: Settings) -> Check:
    """A clock that went back behind what was already written is wrong (an empty battery, no network time)."""
    newest = session.scalar(sa.select(sa.func.max(Heartbeat.at)))
    words = f"{utc_now().astimezone(settings.zone):%H:%M:%S %d/%m/%Y} ({settings.station.timezone})"
    if newest is not None and newest - utc_now() > timedelta(minutes=2):
        return Check(_("Đồng hồ"), "bad", words, _("Đồng hồ máy chạy lùi. Hãy chỉnh giờ hoặc bật tự lấy giờ qua mạng."))
    return Check(_("Đồng hồ"), "good", words)


def _people(session: Session) -> Check:
    from station.db.states import UserRole

    admins = session.scalar(
        sa.select(sa.func.count()).where(User.station_id == 1, User.active, User.role == UserRole.ADMINISTRATOR)
    ) or 0
    if admins > 1:
        return Check(_("Người quản trị"), "good", _("Có %(n)s người.", n=admins))
    return Check(_("Người quản trị"), "todo", _("Chỉ có một người quản trị."),
                 _("Nên có hai người, để khi một người vắng vẫn đặt lại được mật khẩu."))

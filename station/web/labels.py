"""What states, steps and kinds are called on the page."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from station.db.states import (
    BulletinState,
    Decision,
    FillKind,
    JobState,
    LatePolicy,
    Outcome,
    ProgramState,
    SourceKind,
)
from station.programs.model import Priority
from station.programs.template import PartKind

#: state -> (words, tone); the tone is a colour class and never the only sign
BULLETIN: dict[BulletinState, tuple[LazyString, str]] = {
    BulletinState.RECEIVED: (_l("Đã nhận"), "calm"),
    BulletinState.READING: (_l("Đang nhận chữ"), "busy"),
    BulletinState.PROOFREADING: (_l("Cần soát lại"), "todo"),
    BulletinState.READY: (_l("Sẵn sàng"), "good"),
    BulletinState.ARCHIVED: (_l("Đã cất"), "calm"),
    BulletinState.FAILED: (_l("Không đọc được"), "bad"),
}
PROGRAM: dict[ProgramState, tuple[LazyString, str]] = {
    ProgramState.DRAFT: (_l("Đang soạn"), "calm"),
    ProgramState.BUILDING: (_l("Đang dựng"), "busy"),
    ProgramState.READY: (_l("Đã dựng xong"), "todo"),
    ProgramState.SUBMITTED: (_l("Chờ duyệt"), "todo"),
    ProgramState.APPROVED: (_l("Đã duyệt"), "good"),
    ProgramState.RETURNED: (_l("Bị trả lại"), "bad"),
    ProgramState.FAILED: (_l("Dựng không được"), "bad"),
    ProgramState.ARCHIVED: (_l("Đã cất"), "calm"),
}
PRIORITY: dict[Priority, tuple[LazyString, str]] = {
    Priority.NORMAL: (_l("Thông thường"), "calm"),
    Priority.PRIORITY: (_l("Ưu tiên"), "todo"),
    Priority.EMERGENCY: (_l("Khẩn cấp"), "bad"),
}
OUTCOME: dict[Outcome, tuple[LazyString, str]] = {
    Outcome.AIRED: (_l("Đã phát"), "good"),
    Outcome.AIRED_LATE: (_l("Đã phát, muộn giờ"), "todo"),
    Outcome.PARTIAL: (_l("Phát dở"), "bad"),
    Outcome.SILENT: (_l("Phát nhưng không có tiếng"), "bad"),
    Outcome.MISSED: (_l("Không phát được"), "bad"),
    Outcome.REFUSED_UNAPPROVED: (_l("Không phát: chưa duyệt"), "bad"),
    Outcome.REFUSED_QUIET_HOURS: (_l("Không phát: giờ yên tĩnh"), "todo"),
    Outcome.SUPERSEDED: (_l("Nhường cho nội dung khác"), "calm"),
}
DECISION: dict[Decision, tuple[LazyString, str]] = {
    Decision.APPROVED: (_l("Đã duyệt"), "good"),
    Decision.RETURNED: (_l("Trả lại"), "bad"),
    Decision.VOIDED: (_l("Duyệt hết hiệu lực vì nội dung đã đổi"), "todo"),
}
JOB: dict[JobState, tuple[LazyString, str]] = {
    JobState.QUEUED: (_l("Đang chờ tới lượt"), "calm"),
    JobState.RUNNING: (_l("Đang làm"), "busy"),
    JobState.DONE: (_l("Xong"), "good"),
    JobState.FAILED: (_l("Không làm được"), "bad"),
    JobState.CANCELLED: (_l("Đã hủy"), "calm"),
}
SOURCE: dict[SourceKind, LazyString] = {
    SourceKind.EMERGENCY: _l("Thông báo khẩn cấp"),
    SourceKind.LIVE: _l("Phát trực tiếp"),
    SourceKind.PRIORITY: _l("Tin ưu tiên"),
    SourceKind.SCHEDULE: _l("Theo lịch"),
    SourceKind.RELAY: _l("Tiếp sóng"),
    SourceKind.FALLBACK: _l("Nội dung dự phòng"),
    SourceKind.SILENCE: _l("Không phát"),
}
FILL: dict[FillKind, LazyString] = {
    FillKind.LATEST: _l("Chương trình mới duyệt"),
    FillKind.PROGRAM: _l("Một chương trình cố định"),
    FillKind.REPEAT: _l("Phát lại khung khác"),
    FillKind.RELAY: _l("Tiếp sóng đài khác"),
}
LATE: dict[LatePolicy, LazyString] = {
    LatePolicy.START_NOW: _l("Phát ngay khi có thể"),
    LatePolicy.WAIT_UP_TO: _l("Chỉ phát khi muộn không quá thời gian cho phép"),
    LatePolicy.SKIP: _l("Bỏ qua, không phát muộn"),
}
ROLE: dict[str, LazyString] = {
    "agency": _l("Cơ quan"), "motto": _l("Quốc hiệu"), "number": _l("Số, ký hiệu"),
    "place_date": _l("Nơi, ngày"), "title": _l("Tên văn bản"), "subject": _l("Trích yếu"),
    "addressees": _l("Kính gửi"), "body": _l("Nội dung"), "heading": _l("Đề mục"), "list_item": _l("Mục liệt kê"),
    "table": _l("Bảng"), "recipients": _l("Nơi nhận"), "signature": _l("Chữ ký"), "stamp": _l("Dấu"),
    "page_number": _l("Số trang"), "other": _l("Phần khác"),
}
#: kinds of bulletins, as :mod:`station.bulletins.classify` finds them
KIND: dict[str, LazyString] = {
    "notice": _l("Thông báo"), "invitation": _l("Giấy mời"), "letter": _l("Công văn"), "telegram": _l("Công điện"),
    "decision": _l("Quyết định"), "plan": _l("Kế hoạch"), "directive": _l("Chỉ thị"), "report": _l("Báo cáo"),
    "proposal": _l("Tờ trình"), "resolution": _l("Nghị quyết"), "guide": _l("Hướng dẫn"), "appeal": _l("Thư, lời kêu gọi"),
    "program": _l("Chương trình công tác"), "minutes": _l("Biên bản"), "rules": _l("Quy định, quy chế"),
    "newsletter": _l("Bản tin, bài viết"), "warning": _l("Cảnh báo"), "form": _l("Đơn, phiếu"), "obituary": _l("Tin buồn"),
    "list": _l("Danh sách"),
}
CHECK: dict[str, LazyString] = {
    "number": _l("con số"), "date": _l("ngày giờ"), "phone": _l("số điện thoại"), "name": _l("tên riêng"),
    "code": _l("số, ký hiệu văn bản"),
}
PART: dict[PartKind, LazyString] = {
    PartKind.CHIME: _l("Nhạc hiệu"),
    PartKind.GREETING: _l("Lời chào"),
    PartKind.HEADLINES: _l("Các tin chính"),
    PartKind.ITEMS: _l("Nội dung các tin"),
    PartKind.REPEAT: _l("Nhắc lại tin quan trọng"),
    PartKind.NOTICE: _l("Thông báo cố định"),
    PartKind.MACHINE_VOICE: _l("Câu báo giọng máy"),
    PartKind.CLOSING: _l("Lời kết"),
}
#: the steps of long jobs, as a person understands them
STEPS: dict[str, tuple[tuple[str, LazyString], ...]] = {
    "read": (("receive", _l("Nhận tệp")), ("reading", _l("Nhận chữ")), ("done", _l("Chờ soát lại"))),
    "build": (
        ("speaking", _l("Đọc thành tiếng")), ("assembling", _l("Ghép chương trình")), ("preview", _l("Làm bản nghe thử")),
        ("done", _l("Nghe thử được")),
    ),
}


def priorities() -> list[tuple[str, LazyString]]:
    """The classes that a bulletin can be given; an emergency has a page of its own, with a second look."""
    return [(p.value, PRIORITY[p][0]) for p in (Priority.NORMAL, Priority.PRIORITY)]

"""Who may do what: one table of roles, one table of pages.

Safe by default: a page that is not in :data:`PAGES` is refused to everyone, so that a new page is closed until
somebody decides who may open it.  ``python -m station.web.permissions`` prints ``docs/permissions.md``.
"""

from __future__ import annotations

from enum import StrEnum

from flask import Flask, abort, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from station.config import Settings
from station.db import Database
from station.db.states import UserRole


class Permission(StrEnum):
    """Something that a person may be allowed to do."""

    PUBLIC = "public"
    VIEW = "view"
    EDIT = "edit"
    APPROVE = "approve"
    SCHEDULE = "schedule"
    EMERGENCY = "emergency"
    AIR = "air"
    HEALTH = "health"
    ADMIN = "admin"
    API = "api"


P = Permission

#: what each permission is about (Vietnamese, for the document and the page of users)
MEANINGS: dict[Permission, str] = {
    P.PUBLIC: "Không cần đăng nhập",
    P.VIEW: "Xem trang, nghe bản tin và chương trình, xem lịch và nhật ký phát sóng",
    P.EDIT: "Thêm và sửa bản tin, làm chương trình, sửa từ điển đọc và âm thanh",
    P.APPROVE: "Duyệt chương trình hoặc trả lại kèm lý do",
    P.SCHEDULE: "Đặt và sửa lịch phát sóng",
    P.EMERGENCY: "Phát và dừng thông báo khẩn cấp",
    P.AIR: "Dừng, bỏ qua nội dung đang phát, nói trực tiếp, bật tắt máy phát bằng tay",
    P.HEALTH: "Xem tình trạng hệ thống, xác nhận cảnh báo, hủy việc đang chạy",
    P.ADMIN: "Quản lý người dùng, cài đặt, giọng đọc",
    P.API: "Gọi qua API bằng mã truy cập có phạm vi tương ứng",
}

_EVERYBODY = {P.PUBLIC, P.VIEW}
GRANTS: dict[UserRole, frozenset[Permission]] = {
    UserRole.EDITOR: frozenset(_EVERYBODY | {P.EDIT, P.HEALTH}),
    UserRole.APPROVER: frozenset(_EVERYBODY | {P.APPROVE, P.EMERGENCY, P.AIR}),
    UserRole.OPERATOR: frozenset(_EVERYBODY | {P.SCHEDULE, P.EMERGENCY, P.AIR, P.HEALTH}),
    UserRole.ADMINISTRATOR: frozenset(set(Permission) - {P.API}),
}

ROLE_NAMES: dict[UserRole, str] = {
    UserRole.EDITOR: "Biên tập viên",
    UserRole.APPROVER: "Người duyệt",
    UserRole.OPERATOR: "Người trực máy",
    UserRole.ADMINISTRATOR: "Quản trị viên",
}

_TABLE: dict[Permission, str] = {
    P.PUBLIC: """
        static bootstrap.static auth.sign_in auth.sign_in_post auth.first_user auth.first_user_post auth.language
        auth.sign_out listen.index listen.audio listen.transcript api.document api.guide home.alive
    """,
    P.VIEW: """
        auth.password auth.password_post account.index account.token_new account.token_revoke
        home.index home.live home.events emergency.banner
        bulletins.index bulletins.show bulletins.progress bulletins.image bulletins.original
        proofread.spoken proofread.say
        programs.index programs.show programs.progress programs.audio programs.waveform
        programs.export programs.profile templates.index templates.show sounds.profile
        approvals.index approvals.show approvals.reason_audio
        schedule.week schedule.month log.index log.audio log.export log.workbook
        reports.index reports.export reports.workbook reports.printed
        lexicon.index voices.index voices.sample sounds.index sounds.audio help.index
    """,
    P.EDIT: """
        bulletins.new bulletins.upload bulletins.paste bulletins.retry bulletins.archive bulletins.priority
        proofread.edit proofread.save proofread.autosave proofread.blocks proofread.ready proofread.beat
        proofread.release proofread.restore corners.edit corners.picture corners.save
        programs.new programs.create programs.items programs.order programs.sound programs.build programs.submit
        programs.archive programs.fit programs.notices templates.create templates.edit templates.remove
        lexicon.save lexicon.remove sounds.upload sounds.remove
        announcers.index announcers.begin announcers.show announcers.take announcers.audio announcers.trained
    """,
    P.APPROVE: "approvals.approve approvals.send_back",
    P.SCHEDULE: """
        schedule.slot_new schedule.slot_create schedule.slot schedule.slot_save schedule.slot_remove
        schedule.move schedule.carry schedule.skip schedule.holiday schedule.restore
    """,
    P.EMERGENCY: "emergency.index emergency.send emergency.confirm emergency.stop",
    P.AIR: "home.command talk.index talk.start talk.sound talk.stop",
    P.HEALTH: "health.index health.acknowledge health.cancel",
    P.ADMIN: """
        users.index users.new users.create users.edit users.save users.password users.end_sessions
        settings.index settings.save settings.test_sound
        setup.index setup.save setup.finish voices.choose voices.delivery voices.programs announcers.withdraw
    """,
    P.API: """
        api.status api.bulletins api.bulletin api.bulletin_create api.programs api.program api.occurrences api.log
        api.emergencies api.emergency_create api.emergency_stop
    """,
}

PAGES: dict[str, Permission] = {
    endpoint: permission for permission, endpoints in _TABLE.items() for endpoint in endpoints.split()
}


def allowed(role: UserRole | None, endpoint: str) -> bool:
    """Whether a person of ``role`` (None: not signed in) may open ``endpoint``.  Unknown pages are closed."""
    permission = PAGES.get(endpoint)
    if permission is None or permission is P.API:
        return False
    if permission is P.PUBLIC:
        return True
    return role is not None and permission in GRANTS[role]


def init_app(app: Flask, settings: Settings, database: Database) -> None:
    unknown = {rule.endpoint for rule in app.url_map.iter_rules()} ^ set(PAGES)
    if unknown:
        raise RuntimeError(f"pages without a permission, or permissions without a page: {sorted(unknown)}")
    app.before_request(_guard)
    app.jinja_env.globals.update(role_names=ROLE_NAMES, may=lambda permission: (
        current_user.is_authenticated and current_user.may(permission)
    ))


def _guard() -> Response | None:
    endpoint = request.endpoint
    if endpoint is None:
        return None
    permission = PAGES.get(endpoint)
    if permission in (P.PUBLIC, P.API):
        return None  # views of the API check their token's scope themselves
    if not current_user.is_authenticated:
        if request.method == "GET" and not request.headers.get("Accept", "").startswith("application/json"):
            return redirect(url_for("auth.sign_in", next=request.full_path.rstrip("?")))
        abort(401)
    if permission is None or permission not in GRANTS[current_user.role]:
        abort(403)
    if current_user.must_change_password and not endpoint.startswith("auth."):
        return redirect(url_for("auth.password"))
    return None


def document() -> str:
    """``docs/permissions.md``."""
    lines = [
        "# Quyền của từng vai trò", "",
        "Tệp này do `python -m station.web.permissions > docs/permissions.md` viết ra từ bảng trong",
        "`station/web/permissions.py`; bài kiểm tra so hai bên với nhau và mở từng trang bằng từng vai trò.", "",
        "| quyền | nghĩa là | " + " | ".join(ROLE_NAMES.values()) + " |",
        "|---|---|" + "---|" * len(ROLE_NAMES),
    ]
    for permission in Permission:
        marks = [
            "có" if permission in GRANTS[role] else "không" for role in ROLE_NAMES
        ] if permission is not P.API else ["theo mã"] * len(ROLE_NAMES)
        lines.append(f"| `{permission}` | {MEANINGS[permission]} | " + " | ".join(marks) + " |")
    lines += ["", "## Trang nào cần quyền nào", "", "| trang (endpoint) | quyền |", "|---|---|"]
    lines += [f"| `{endpoint}` | `{permission}` |" for endpoint, permission in sorted(PAGES.items())]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(document(), end="")

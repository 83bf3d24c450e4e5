"""Scopes of the API's tokens: each needs a permission of the token's owner."""

from __future__ import annotations

from station.db.states import UserRole
from station.web.permissions import GRANTS, Permission

SCOPES: dict[str, tuple[Permission, str]] = {
    "status:read": (Permission.VIEW, "Xem đài đang phát gì"),
    "bulletins:read": (Permission.VIEW, "Xem bản tin"),
    "bulletins:write": (Permission.EDIT, "Gửi bản tin vào đài"),
    "programs:read": (Permission.VIEW, "Xem chương trình"),
    "schedule:read": (Permission.VIEW, "Xem lịch phát"),
    "log:read": (Permission.VIEW, "Xem nhật ký phát sóng"),
    "emergency:write": (Permission.EMERGENCY, "Phát và dừng thông báo khẩn cấp"),
}


def scopes_of(role: UserRole) -> frozenset[str]:
    """The scopes that a person of ``role`` may give to a token."""
    return frozenset(scope for scope, (permission, _words) in SCOPES.items() if permission in GRANTS[role])

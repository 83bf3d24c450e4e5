"""Who did what: one row for every act that somebody may have to answer for."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from station.db.models import Audit, User


def record(
    session: Session, user: User | None, action: str, subject: str = "", data: dict[str, Any] | None = None,
    address: str = "",
) -> Audit:
    """Add one row to the audit.  ``action`` is a stable English code such as ``"program.approve"``.

    ``user`` is None for what the station does by itself; the name is copied, so that the row outlives the account.
    """
    row = Audit(
        station_id=user.station_id if user else 1, user_id=user.id if user else None,
        username=user.username if user else "", action=action, subject=subject, data=data or {}, address=address,
    )
    session.add(row)
    return row

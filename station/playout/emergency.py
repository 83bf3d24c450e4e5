"""Emergency notices: asked for, confirmed, spoken, stopped.  The page, the API and the command share these functions."""

from __future__ import annotations

import logging
import sys
import unicodedata
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from station.config import Settings, load_settings
from station.db import Database, open_database
from station.db.models import AirCommand, Emergency, User
from station.db.states import EmergencyState
from station.db.types import utc_now
from station.editorial import audit
from station.errors import PlayoutError, StationError
from station.playout.wake import poke

log = logging.getLogger(__name__)

#: what a person types to mean it
CONFIRMATION = "KHẨN CẤP"
CONFIRMATION_TEST = "THỬ"
TEST_BEFORE = "Đây là phát thử hệ thống thông báo khẩn, không phải báo động thật."
TEST_AFTER = "Phát thử đến đây là hết. Xin nhắc lại: không có tình huống khẩn cấp nào."
OPEN_STATES = (
    EmergencyState.WAITING, EmergencyState.PREPARING, EmergencyState.ACCEPTED, EmergencyState.ON_AIR,
)


class EmergencyError(PlayoutError):
    """An emergency notice cannot be made like that."""

    code = "playout.emergency"


def _plain(words: str) -> str:
    """Upper case, single spaces, no marks on the letters."""
    letters = unicodedata.normalize("NFD", " ".join(words.split()).upper().replace("Đ", "D"))
    return "".join(c for c in letters if not unicodedata.combining(c))


def request_emergency(
    session: Session, settings: Settings, *, content: str, idempotency_key: str, confirmation: str,
    user: User | None, test: bool = False, signal: str = "", repeats: int | None = None, gap_seconds: float | None = None, path: str = "",
) -> Emergency:
    """Ask for an emergency notice; the same key gives the same notice however often it is pressed.

    ``confirmation`` is what the person typed; without the marks of Vietnamese it counts too, since not every keyboard
    has them.  ``path`` (relative to the home) is a recording instead of ``content``.
    With the two-person setting it waits for :func:`confirm_emergency`.  After the commit call
    :func:`station.playout.wake.poke`.
    """
    known = session.scalar(sa.select(Emergency).where(Emergency.idempotency_key == idempotency_key[:100]))
    if known is not None:
        return known
    wanted = CONFIRMATION_TEST if test else CONFIRMATION
    if _plain(confirmation) != _plain(wanted):
        raise EmergencyError("Chưa xác nhận phát khẩn cấp.", mend=f"Hãy gõ đúng chữ: {wanted}")
    text = unicodedata.normalize("NFC", " ".join(content.split()))
    if not text and not path:
        raise EmergencyError("Thông báo khẩn chưa có nội dung.", mend="Hãy nhập nội dung hoặc chọn tệp ghi âm.")
    waits = settings.air.emergency_two_person
    row = Emergency(
        idempotency_key=idempotency_key[:100], test=test, content=text, path=path,
        state=EmergencyState.WAITING if waits else EmergencyState.ACCEPTED if path else EmergencyState.PREPARING,
        signal=signal or ("chime" if test else "siren"),
        repeats=repeats if repeats is not None else settings.air.emergency_repeats,
        gap_seconds=gap_seconds if gap_seconds is not None else settings.air.emergency_gap_seconds,
        requested_by_id=user.id if user else None, accepted_at=None if waits else utc_now(),
    )
    session.add(row)
    session.flush()
    audit.record(session, user, "emergency.test" if test else "emergency.request", f"emergency:{row.id}", {"text": text})
    return row


def confirm_emergency(session: Session, emergency: Emergency, *, user: User) -> None:
    """The second person agrees."""
    if emergency.state is not EmergencyState.WAITING:
        return
    if user.id == emergency.requested_by_id:
        raise EmergencyError("Người yêu cầu không được tự xác nhận.", mend="Hãy nhờ người thứ hai xác nhận.")
    emergency.confirmed_by_id = user.id
    emergency.state = EmergencyState.ACCEPTED if emergency.path else EmergencyState.PREPARING
    emergency.accepted_at = utc_now()
    audit.record(session, user, "emergency.confirm", f"emergency:{emergency.id}")


def stop_emergency(
    session: Session, user: User | None, emergency: Emergency | None = None, *, reason: str = ""
) -> list[int]:
    """End one notice, or all that are open; on air or not.  The numbers of those that end."""
    ended = []
    for row in [emergency] if emergency is not None else open_emergencies(session):
        if row.state not in OPEN_STATES:
            continue
        row.stopped_by_id = user.id if user else None
        row.reason = reason[:500]
        if row.state is EmergencyState.WAITING:
            row.state, row.ended_at = EmergencyState.STOPPED, utc_now()
        else:
            session.add(AirCommand(
                action="emergency_stop", data={"emergency_id": row.id}, user_id=user.id if user else None
            ))
        audit.record(session, user, "emergency.stop", f"emergency:{row.id}", {"reason": reason})
        ended.append(row.id)
    return ended


def open_emergencies(session: Session) -> list[Emergency]:
    """The notices that are not over; for the banner on every page."""
    return list(session.scalars(sa.select(Emergency).where(Emergency.state.in_(OPEN_STATES)).order_by(Emergency.id)))


# ------------------------------------------------------------------ speech


def speak_to_file(text: str, settings: Settings, out: Path) -> None:
    """A notice's words as one WAV file, made loud and even."""
    from station.voices.speak import say

    out.parent.mkdir(parents=True, exist_ok=True)
    say(text, "", settings, out)
    import numpy as np
    import soundfile

    samples, rate = soundfile.read(out, dtype="float32", always_2d=False)
    loudest = float(np.abs(samples).max()) if len(samples) else 0.0
    if loudest <= 0.001:
        raise EmergencyError("Giọng đọc không ra tiếng.", detail=text[:100])
    soundfile.write(out, samples * (0.89 / loudest), rate, subtype="PCM_16")


def prepare(database: Database, settings: Settings, number: int) -> None:
    """Speak a notice that is being prepared; then it is accepted with its file.  Idempotent."""
    with database.session(write=False) as session:
        row = session.get(Emergency, number)
        if row is None or row.state not in (EmergencyState.PREPARING, EmergencyState.ON_AIR) or row.path:
            return
        text, test = row.content, row.test
    if test:
        text = f"{TEST_BEFORE}\n{text}\n{TEST_AFTER}"
    path = settings.home.audio / "emergency" / f"{number}.wav"
    try:
        speak_to_file(text, settings, path)
        state, reason = EmergencyState.ACCEPTED, ""
    except (StationError, OSError, RuntimeError) as error:
        log.exception("the notice %s could not be spoken", number)
        state, reason = EmergencyState.FAILED, f"Không đọc được thành tiếng: {error}"
    with database.session() as session:
        values: dict[str, object] = {"state": state}
        if reason:
            values |= {"reason": reason[:500], "ended_at": utc_now()}
        else:
            values["path"] = str(path.relative_to(settings.home.root))
        session.execute(
            sa.update(Emergency).where(Emergency.id == number, Emergency.state.in_(
                (EmergencyState.PREPARING, EmergencyState.ON_AIR)
            )).values(**values)
        )
    poke(settings)


def main() -> None:
    """``python -m station.playout.emergency HOME NUMBER``: what ``air`` starts to have a notice spoken."""
    settings = load_settings(Path(sys.argv[1]))
    database = open_database(settings)
    prepare(database, settings, int(sys.argv[2]))


if __name__ == "__main__":
    main()

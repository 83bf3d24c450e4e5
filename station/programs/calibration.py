"""Getting to know a voice's pace before its first program: it reads a few sentences once, and the pace is kept."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace

from station.config import Settings
from station.errors import StationError
from station.programs.pace import asked_speed, learn_pace, voice_is_known, voice_of

_LOG = logging.getLogger(__name__)
#: short and long sentences, with and without commas and numbers, as bulletins have them; about half a minute
SENTENCES = """Thông báo của Ủy ban nhân dân xã.
Sáng thứ Hai, từ 7 giờ 30 phút, Trạm Y tế xã tổ chức tiêm phòng cho trẻ em dưới 5 tuổi tại hội trường.
Đề nghị bà con đến đúng giờ.
Khi đi, phụ huynh mang theo sổ tiêm, thẻ bảo hiểm y tế và giấy khai sinh của cháu.
Đến nay toàn xã đã thu hoạch được 125 ha lúa, đạt 80% diện tích, năng suất bình quân 62 tạ một héc ta.
Các hộ gia đình chủ động kiểm tra bờ ao, gia cố chuồng trại trước khi mưa lớn.
Mọi thắc mắc xin liên hệ với cán bộ văn hóa xã.
Xin trân trọng cảm ơn."""
_BUSY = threading.Lock()


def calibrate(voice_id: str, settings: Settings) -> bool:
    """Let a voice that has never been timed read :data:`SENTENCES`; True when its pace is known afterwards.

    A voice that cannot speak now leaves things as they are: the estimate then goes by its engine's usual pace.
    """
    from station.voices.speak import make_station_script, speak_script

    info = voice_of(voice_id, settings)
    if voice_is_known(info.id, settings) or info.engine == "recorded":
        return True
    script = make_station_script(SENTENCES, settings)
    try:
        spoken = speak_script(script, info.id, settings)
    except StationError as error:
        _LOG.warning("pace of %s not measured: %s", info.id, error.message)
        return False
    # taken in even from the speech cache: the pace is not known, so nothing of it was counted
    learn_pace([replace(one, from_cache=False) for one in spoken], settings, [asked_speed(one) for one in script.sentences])
    return voice_is_known(info.id, settings)


def calibrate_later(voice_id: str, settings: Settings) -> None:
    """:func:`calibrate` beside the page that wants to know, one voice at a time; a page never waits for it."""
    if voice_is_known(voice_of(voice_id, settings).id, settings) or not _BUSY.acquire(blocking=False):
        return

    def work() -> None:
        try:
            calibrate(voice_id, settings)
        finally:
            _BUSY.release()

    threading.Thread(target=work, name="pace", daemon=True).start()

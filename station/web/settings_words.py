"""Every setting with its name and what it means, for the settings page."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin, get_type_hints

from station.config import Settings

#: the sections that the page shows, in order.  [database] belongs to whoever installs the machine.
SECTIONS: dict[str, str] = {
    "station": "Đài", "hours": "Giờ phát", "programs": "Âm thanh của chương trình", "voices": "Giọng đọc",
    "text": "Lời đọc", "air": "Phát sóng", "transmitter": "Máy phát", "alarms": "Cảnh báo", "web": "Trang này",
    "ocr": "Nhận chữ",
}
#: section.key -> (name, what it means)
WORDS: dict[str, tuple[str, str]] = {
    "station.name": ("Tên đài", "Được đọc trong lời chào và hiện ở đầu trang."),
    "station.commune": ("Tên xã", "Ví dụ: Xuân Hòa."),
    "station.province": ("Tỉnh", ""),
    "station.hamlets": ("Các thôn", "Mỗi thôn một dòng."),
    "station.timezone": ("Múi giờ", "Ở Việt Nam: Asia/Ho_Chi_Minh."),
    "station.language": ("Ngôn ngữ của trang", "vi là tiếng Việt, en là tiếng Anh; mỗi người có thể đổi cho riêng mình."),
    "hours.quiet": ("Giờ yên tĩnh", "Không phát trong khoảng này, trừ tin khẩn cấp. Mỗi dòng một khoảng, ví dụ 21:00-05:00."),
    "hours.longest_session_minutes": ("Một buổi dài nhất (phút)", "Chương trình dài hơn thì không duyệt được."),
    "hours.daily_total_minutes": ("Tổng thời lượng một ngày (phút)", ""),
    "hours.sessions_a_day": ("Số buổi nhiều nhất một ngày", ""),
    "hours.weekend": ("Phát cả thứ Bảy, Chủ nhật", ""),
    "programs.template": ("Mẫu chương trình", "Mẫu dùng khi tạo chương trình mới."),
    "programs.loudness_lufs": ("Độ to (LUFS)", "Loa phát thanh ngoài trời thường đặt −16; phát sóng theo chuẩn đặt −23."),
    "programs.true_peak_dbtp": ("Đỉnh cao nhất (dBTP)", "Thường đặt −1."),
    "programs.sample_rate": ("Tần số lấy mẫu (Hz)", "Giữ 48000 nếu không có lý do khác."),
    "programs.profile": ("Loại loa", "flat: loa thường; horn: loa nén ngoài trời, tăng độ rõ tiếng ở nơi ồn."),
    "programs.announce_machine_voice": ("Báo là giọng máy", "Đọc một câu cho biết bản tin được đọc bằng giọng máy tính."),
    "voices.default": ("Giọng của đài", "Mã giọng ở trang Giọng đọc; để trống thì đài chọn giọng tốt nhất đã cài."),
    "voices.speed": ("Tốc độ đọc", "1 là bình thường; 0,9 chậm hơn một chút, dễ nghe hơn qua loa xa."),
    "voices.cache_mb": ("Chỗ giữ câu đã đọc (MB)", "Câu đã đọc được giữ lại để không phải đọc lại."),
    "voices.idle_release_seconds": ("Nhả bộ nhớ sau (giây)", "Giọng không dùng trong chừng này giây thì được nhả khỏi bộ nhớ."),
    "voices.fallback": ("Giọng thay thế", "Các mã giọng, mỗi dòng một mã, dùng lần lượt khi giọng chính gặp lỗi."),
    "voices.workers": ("Số câu đọc cùng lúc", "0 là tự chọn theo máy."),
    "text.region": ("Cách đọc theo vùng", "north: miền Bắc, central: miền Trung, south: miền Nam."),
    "air.output": ("Cách phát ra loa", "auto là tự chọn; sounddevice: card âm thanh; vlc; file: ghi ra tệp."),
    "air.device": ("Card âm thanh", "Một phần tên của card; để trống là card mặc định."),
    "air.sample_rate": ("Tần số phát (Hz)", ""),
    "air.channels": ("Số kênh", "1 hoặc 2."),
    "air.buffer_ms": ("Bộ đệm (mi-li giây)", "Lớn hơn thì khó ngắt quãng hơn nhưng tin khẩn cấp vào chậm hơn; thường là 100."),
    "air.late_policy": ("Khi bị trễ giờ", "start_now: phát ngay; wait_up_to: chỉ phát khi trễ ít; skip: bỏ qua."),
    "air.late_seconds": ("Trễ nhiều nhất (giây)", ""),
    "air.silence_dbfs": ("Ngưỡng coi là im lặng (dBFS)", "Dưới mức này đủ lâu thì đài báo động."),
    "air.silence_seconds": ("Im lặng bao lâu thì báo (giây)", ""),
    "air.resume_policy": ("Sau tin khẩn cấp", "resume: phát tiếp chỗ dở; restart: phát lại từ đầu mục."),
    "air.emergency_repeats": ("Tin khẩn cấp đọc mấy lần", ""),
    "air.emergency_gap_seconds": ("Nghỉ giữa các lần (giây)", ""),
    "air.emergency_two_person": ("Tin khẩn cấp cần hai người", "Người thứ hai phải xác nhận rồi mới phát."),
    "air.input_device": ("Micrô của đài", "Một phần tên của card có micrô; để trống là micrô mặc định."),
    "air.return_device": ("Máy thu kiểm tra", "Một phần tên của ngõ vào nối với máy thu; đài so tiếng thu được với tiếng đã phát. Để trống: không kiểm tra."),
    "transmitter.kind": ("Điều khiển máy phát", "none: không điều khiển; serial, gpio, http, command: cách bật tắt."),
    "transmitter.port": ("Cổng hoặc địa chỉ", ""),
    "transmitter.on": ("Lệnh bật", ""),
    "transmitter.off": ("Lệnh tắt", ""),
    "transmitter.lead_seconds": ("Bật trước (giây)", "Máy phát cần thời gian lên sóng."),
    "transmitter.tail_seconds": ("Tắt sau (giây)", ""),
    "transmitter.wake_tone": ("Âm đánh thức cụm loa", "Ví dụ dtmf:123# hoặc pilot:1000:2 (héc, giây); phát ngay trước chương trình."),
    "transmitter.bed_dbfs": ("Nền giữ sóng (dBFS)", "Tiếng nền rất nhỏ khi máy phát đang bật mà chưa có gì phát; 0 là không dùng."),
    "alarms.email_to": ("Gửi thư cho", "Mỗi địa chỉ một dòng."),
    "alarms.smtp_host": ("Máy chủ gửi thư", ""),
    "alarms.smtp_port": ("Cổng gửi thư", ""),
    "alarms.smtp_user": ("Tài khoản gửi thư", "Mật khẩu đặt trong biến môi trường của máy."),
    "alarms.webhook": ("Địa chỉ nhận cảnh báo", "Một địa chỉ http của nhóm làm việc, nếu có."),
    "alarms.daily_report": ("Gửi báo cáo mỗi ngày", ""),
    "web.host": ("Địa chỉ lắng nghe", "0.0.0.0: mọi máy trong mạng của xã mở được trang."),
    "web.port": ("Cổng", ""),
    "web.threads": ("Số luồng", "Mỗi người mở trang dùng một luồng trong chốc lát; thường là 8."),
    "web.max_upload_mb": ("Tệp gửi lên lớn nhất (MB)", ""),
    "web.two_person_rule": ("Người soạn không tự duyệt", "Chương trình phải do một người khác duyệt."),
    "web.public_page": ("Mở trang nghe cho người dân", "Ai cũng nghe lại được chương trình đã phát, không cần đăng nhập."),
    "web.session_hours": ("Đăng nhập giữ được (giờ)", ""),
    "ocr.language": ("Ngôn ngữ nhận chữ", "vie là tiếng Việt."),
    "ocr.workers": ("Số trang đọc cùng lúc", "0 là tự chọn theo máy."),
    "ocr.page_timeout_seconds": ("Thời gian cho một trang (giây)", ""),
    "ocr.memory_limit_mb": ("Bộ nhớ cho một trang (MB)", ""),
    "ocr.speak_agency_and_signer": ("Đọc cả tên cơ quan và người ký", ""),
}


@dataclass(frozen=True)
class Setting:
    """One setting as a form field; ``kind`` is "text", "int", "float", "bool", "list" or "choice"."""

    section: str
    key: str
    label: str
    help: str
    kind: str
    value: Any
    choices: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """The value as the field shows it."""
        return "\n".join(self.value) if self.kind == "list" else str(self.value)


def _kind(hint: Any) -> tuple[str, tuple[str, ...]]:
    if get_origin(hint) is Literal:
        return "choice", tuple(get_args(hint))
    if get_origin(hint) is tuple:
        return "list", ()
    return {bool: "bool", int: "int", float: "float"}.get(hint, "text"), ()


def settings_of(settings: Settings) -> dict[str, list[Setting]]:
    """All settings of the shown sections with their present values."""
    found: dict[str, list[Setting]] = {}
    for section in SECTIONS:
        part = getattr(settings, section)
        hints = get_type_hints(type(part))
        found[section] = []
        for field in dataclasses.fields(part):
            label, words = WORDS.get(f"{section}.{field.name}", (field.name, ""))
            kind, choices = _kind(hints[field.name])
            found[section].append(Setting(section, field.name, label, words, kind, getattr(part, field.name), choices))
    return found

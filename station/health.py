"""Is everything here that the station needs, and what to do about what is not.

Used by ``station doctor`` and by the page of system health.  Each check is a function of the settings; none changes
anything.
"""

from __future__ import annotations

import ctypes.util
import importlib.util
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from station.config import Settings
from station.db.types import utc_now
from station.errors import StationError

LEAST_FREE_BYTES = 500_000_000
LOW_FREE_BYTES = 2_000_000_000
COMMAND_SECONDS = 20


class State(StrEnum):
    GOOD = "good"
    WARNING = "warning"  # the station works, but not as well as it could
    BAD = "bad"  # a part of the station cannot work


@dataclass(frozen=True)
class Check:
    """One thing that was looked at; ``message`` and ``mend`` are for staff."""

    id: str
    title: str
    state: State
    message: str
    mend: str = ""


def _apt(*packages: str) -> str:
    return f"Hãy chạy: sudo apt-get install {' '.join(packages)}"


def _output(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, timeout=COMMAND_SECONDS, stdin=subprocess.DEVNULL, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return (done.stdout + done.stderr).decode("utf-8", "replace")


def check_python(settings: Settings) -> Check:
    version = ".".join(str(part) for part in sys.version_info[:3])
    good = sys.version_info >= (3, 11)
    return Check("python", "Python", State.GOOD if good else State.BAD, version, "" if good else "Cần Python 3.11 trở lên.")


def check_tesseract(settings: Settings) -> Check:
    title, language = "Đọc chữ từ ảnh (Tesseract)", settings.ocr.language
    if shutil.which("tesseract") is None:
        return Check("tesseract", title, State.BAD, "Máy chưa có Tesseract.", _apt("tesseract-ocr", "tesseract-ocr-vie"))
    languages = _output("tesseract", "--list-langs").split()
    wanted = language.split("+")
    if missing := [name for name in wanted if name not in languages]:
        return Check("tesseract", title, State.BAD, f"Thiếu dữ liệu ngôn ngữ: {', '.join(missing)}.",
                     _apt(*(f"tesseract-ocr-{name}" for name in missing)))
    if "osd" not in languages:
        return Check("tesseract", title, State.WARNING, "Thiếu phần nhận biết ảnh bị xoay.", _apt("tesseract-ocr-osd"))
    return Check("tesseract", title, State.GOOD, "Có đủ tiếng Việt.")


def check_espeak(settings: Settings) -> Check:
    title = "Giọng đọc dự phòng (eSpeak NG)"
    if shutil.which("espeak-ng") or importlib.util.find_spec("espeakng_loader"):
        return Check("espeak", title, State.GOOD, "Sẵn sàng.")
    return Check("espeak", title, State.BAD, "Máy chưa có eSpeak NG.", _apt("espeak-ng"))


def check_voice(settings: Settings) -> Check:
    from station.voices.choose import default_voice

    title = "Giọng đọc chính"
    try:
        voice = default_voice(settings)
    except StationError as error:
        return Check("voice", title, State.BAD, error.message, error.mend)
    if settings.voices.default and voice.id != settings.voices.default:
        return Check("voice", title, State.WARNING, f"Giọng đã chọn '{settings.voices.default}' chưa dùng được; "
                     f"đang dùng '{voice.name}'.", "Hãy xem: station voices list")
    if not voice.neural:
        return Check("voice", title, State.WARNING, f"Đang dùng giọng máy đơn giản '{voice.name}'.",
                     "Để có giọng tự nhiên hơn: ./run.sh --with piper, rồi: station voices install --recommended")
    return Check("voice", title, State.GOOD, voice.name)


def check_ffmpeg(settings: Settings) -> Check:
    title = "Chuyển đổi âm thanh (ffmpeg)"
    if shutil.which("ffmpeg"):
        return Check("ffmpeg", title, State.GOOD, "Sẵn sàng.")
    return Check("ffmpeg", title, State.BAD, "Máy chưa có ffmpeg.", _apt("ffmpeg"))


def check_sound(settings: Settings) -> Check:
    """Sound cards as another process sees them: asking PortAudio may hang or print on a broken machine."""
    title = "Card âm thanh"
    if settings.air.output == "file":
        return Check("sound", title, State.GOOD, "Cài đặt: phát ra tệp, không dùng card âm thanh.")
    code = (
        "import sounddevice as s\n"
        "for d in s.query_devices():\n"
        "    if d['max_output_channels'] > 0: print('OUT', d['name'])\n"
    )
    answer = _output(sys.executable, "-c", code)
    names = [line[4:] for line in answer.splitlines() if line.startswith("OUT ")]
    if "PortAudio library not found" in answer:
        return Check("sound", title, State.BAD, "Máy chưa có PortAudio.", _apt("libportaudio2"))
    if not names:
        return Check("sound", title, State.BAD, "Không thấy card âm thanh nào: đài chỉ phát được ra tệp.",
                     "Hãy cắm card âm thanh, kiểm tra bằng lệnh: aplay -l")
    if settings.air.device and not any(settings.air.device.lower() in name.lower() for name in names):
        return Check("sound", title, State.BAD, f"Không thấy card âm thanh '{settings.air.device}'.",
                     f"Các card đang có: {'; '.join(names)}. Hãy sửa air.device trong station.toml.")
    return Check("sound", title, State.GOOD, "; ".join(names[:3]))


def check_vlc(settings: Settings) -> Check:
    title = "Tiếp sóng (VLC)"
    if ctypes.util.find_library("vlc"):
        return Check("vlc", title, State.GOOD, "Sẵn sàng.")
    state = State.BAD if settings.air.output == "vlc" else State.WARNING
    return Check("vlc", title, state, "Máy chưa có VLC nên chưa tiếp sóng được đài khác.", _apt("libvlc5", "vlc-plugin-base"))


def check_disk(settings: Settings) -> Check:
    title = "Ổ đĩa"
    home = settings.home
    folder = home.var if home.var.exists() else home.root
    try:
        free = shutil.disk_usage(folder).free
        home.var.mkdir(parents=True, exist_ok=True)
        probe = home.var / ".write-probe"
        probe.write_bytes(b"x" * 4096)
        probe.unlink()
    except OSError as error:
        return Check("disk", title, State.BAD, f"Không ghi được vào {folder}: {error.strerror}.",
                     "Hãy kiểm tra quyền ghi và chỗ trống của ổ đĩa.")
    text = f"Còn trống {free / 1e9:.1f} GB."
    mend = "Hãy xóa bớt tệp không cần, hoặc chuyển bản sao lưu sang ổ khác."
    if free < LEAST_FREE_BYTES:
        return Check("disk", title, State.BAD, text, mend)
    return Check("disk", title, State.WARNING if free < LOW_FREE_BYTES else State.GOOD, text, mend if free < LOW_FREE_BYTES else "")


def check_database(settings: Settings) -> Check:
    import sqlalchemy as sa

    from station.db.database import open_database

    title = "Cơ sở dữ liệu"
    if not settings.database.url and not settings.home.database_file.exists():
        return Check("database", title, State.WARNING, "Chưa được tạo.", "Sẽ tự tạo khi chạy: station run")
    database = open_database(settings)
    try:
        if database.is_sqlite:
            with database.engine.connect() as connection:
                answer = connection.execute(sa.text("PRAGMA quick_check(1)")).scalar()
            if answer != "ok":
                return Check("database", title, State.BAD, "Cơ sở dữ liệu bị hỏng.",
                             "Hãy khôi phục bản sao lưu gần nhất bằng: station restore")
        revision = database.revision()
    except sa.exc.SQLAlchemyError as error:
        return Check("database", title, State.BAD, "Không mở được cơ sở dữ liệu.", str(error.__class__.__name__))
    finally:
        database.close()
    return Check("database", title, State.GOOD, f"Tốt (phiên bản {revision or 'trống'}).")


def check_clock(settings: Settings) -> Check:
    title = "Đồng hồ máy"
    now = utc_now().astimezone(settings.zone)
    text = f"{now:%H:%M:%S %d/%m/%Y} ({settings.station.timezone})"
    if now.year < 2025:
        return Check("clock", title, State.BAD, f"Đồng hồ sai: {text}.", "Hãy chỉnh giờ máy, thay pin CMOS nếu cần.")
    synced = _output("timedatectl", "show", "-p", "NTPSynchronized", "--value").strip() if shutil.which("timedatectl") else ""
    if synced == "no":
        return Check("clock", title, State.WARNING, f"{text}; chưa tự chỉnh theo mạng.", "Hãy chạy: sudo timedatectl set-ntp true")
    return Check("clock", title, State.GOOD, text)


def check_processes(settings: Settings) -> Check:
    """Whether the processes of ``station run`` beat.  A station that is not running is no fault."""
    import sqlalchemy as sa

    from station.db.database import open_database
    from station.db.models import Heartbeat

    title = "Các phần của đài"
    if not settings.database.url and not settings.home.database_file.exists():
        return Check("processes", title, State.WARNING, "Đài chưa chạy.", "Hãy chạy: station run")
    database = open_database(settings)
    try:
        with database.session(write=False) as session:
            beats = {row.name: row.at for row in session.scalars(sa.select(Heartbeat))}
    except sa.exc.SQLAlchemyError:
        return Check("processes", title, State.WARNING, "Chưa đọc được trạng thái.", "Hãy chạy: station run")
    finally:
        database.close()
    names = {"air": "phát sóng", "worker": "xử lý"}
    silent = [label for name, label in names.items() if name not in beats or utc_now() - beats[name] > timedelta(seconds=60)]
    if silent:
        return Check("processes", title, State.WARNING, f"Đang không chạy: {', '.join(silent)}.", "Hãy chạy: station run")
    return Check("processes", title, State.GOOD, "Đang chạy đủ.")


def check_backup(settings: Settings) -> Check:
    title = "Sao lưu"
    folder = settings.home.var / "backups"
    files = sorted(folder.glob("station-*.tar.gz"), key=lambda path: path.stat().st_mtime) if folder.is_dir() else []
    if not files:
        return Check("backup", title, State.WARNING, "Chưa có bản sao lưu nào.", "Hãy chạy: station backup")
    age = utc_now().timestamp() - files[-1].stat().st_mtime
    text = f"Bản gần nhất: {files[-1].name}."
    if age > 8 * 86400:
        return Check("backup", title, State.WARNING, f"{text} Đã quá một tuần.", "Hãy chạy: station backup")
    return Check("backup", title, State.GOOD, text)


def check_port(settings: Settings) -> Check:
    """Whether the page's port is ours or free."""
    title = "Cổng của trang web"
    host = settings.web.host if settings.web.host not in ("0.0.0.0", "::", "") else "127.0.0.1"
    with socket.socket() as probe:
        probe.settimeout(2)
        busy = probe.connect_ex((host, settings.web.port)) == 0
    if busy and "station" not in _server(host, settings.web.port):
        return Check("port", title, State.BAD, f"Cổng {settings.web.port} đang do phần mềm khác dùng.",
                     "Hãy sửa web.port trong station.toml, ví dụ 8081.")
    return Check("port", title, State.GOOD, f"{settings.web.port}" + (" (trang đang mở)" if busy else ""))


def _server(host: str, port: int) -> str:
    import http.client

    connection = http.client.HTTPConnection(host, port, timeout=3)
    try:
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        return answer.read(200).decode("utf-8", "replace") + str(answer.getheader("Server") or "")
    except (OSError, http.client.HTTPException):
        return ""
    finally:
        connection.close()


CHECKS: tuple[Callable[[Settings], Check], ...] = (
    check_python, check_disk, check_database, check_clock, check_tesseract, check_espeak, check_voice, check_ffmpeg,
    check_sound, check_vlc, check_port, check_processes, check_backup,
)


def checks(settings: Settings) -> Iterator[Check]:
    """Every check, one after the other; a check that breaks is itself a bad result."""
    for check in CHECKS:
        try:
            yield check(settings)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with the machine, the others are still to be told
            name = check.__name__.removeprefix("check_")
            yield Check(name, name, State.BAD, "Không kiểm tra được mục này.", repr(error))

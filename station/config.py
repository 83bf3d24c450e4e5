"""Settings of one station: ``station.toml``, overridden by the environment, checked at start.

A setting ``air.sample_rate`` is overridden by ``STATION_AIR__SAMPLE_RATE`` (section and key are separated by
two underscores; lists are separated by commas).  A wrong value raises :class:`ConfigError` with the name of the
key and what to write instead.
"""

from __future__ import annotations

import dataclasses
import os
import tomllib
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from station.errors import ConfigError
from station.home import SETTINGS_FILE, StationHome, find_home

Region = Literal["north", "central", "south"]


def _check(condition: bool, key: str, mend: str) -> None:
    if not condition:
        raise ConfigError(f"Giá trị của '{key}' trong {SETTINGS_FILE} không dùng được.", mend=mend)


@dataclass(frozen=True)
class StationSettings:
    """``[station]``: who and where the station is."""

    name: str = "Đài truyền thanh xã"
    commune: str = ""
    province: str = "Thanh Hóa"
    hamlets: tuple[str, ...] = ()
    timezone: str = "Asia/Ho_Chi_Minh"
    language: Literal["vi", "en"] = "vi"

    def validate(self) -> None:
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ConfigError(
                "Giá trị của 'station.timezone' không phải tên một múi giờ.",
                mend="Ở Việt Nam hãy ghi: timezone = \"Asia/Ho_Chi_Minh\".", detail=str(error),
            ) from error


@dataclass(frozen=True)
class WebSettings:
    """``[web]``: the page."""

    host: str = "0.0.0.0"
    port: int = 8080
    threads: int = 8
    max_upload_mb: int = 200
    two_person_rule: bool = False
    public_page: bool = False
    session_hours: int = 12

    def validate(self) -> None:
        _check(0 < self.port < 65536, "web.port", "Hãy ghi một số từ 1 đến 65535, ví dụ 8080.")
        _check(self.threads >= 2, "web.threads", "Hãy ghi một số từ 2 trở lên.")
        _check(self.max_upload_mb >= 1, "web.max_upload_mb", "Hãy ghi số megabyte, ví dụ 200.")


@dataclass(frozen=True)
class DatabaseSettings:
    """``[database]``: empty means SQLite in ``var/station.db``."""

    url: str = ""
    queue_url: str = ""

    def validate(self) -> None:
        _check(
            not self.url or self.url.startswith(("sqlite", "postgresql")), "database.url",
            "Để trống để dùng SQLite, hoặc ghi địa chỉ bắt đầu bằng postgresql://.",
        )
        _check(
            not self.queue_url or self.queue_url.startswith(("redis://", "rediss://")), "database.queue_url",
            "Để trống, hoặc ghi địa chỉ bắt đầu bằng redis://.",
        )


@dataclass(frozen=True)
class OcrSettings:
    """``[ocr]``: reading of pages."""

    language: str = "vie"
    workers: int = 0
    page_timeout_seconds: float = 60.0
    memory_limit_mb: int = 1024
    speak_agency_and_signer: bool = False

    def validate(self) -> None:
        _check(self.workers >= 0, "ocr.workers", "0 là tự chọn theo số nhân của máy.")
        _check(self.page_timeout_seconds > 0, "ocr.page_timeout_seconds", "Hãy ghi số giây lớn hơn 0.")


@dataclass(frozen=True)
class TextSettings:
    """``[text]``: house style of the spoken text."""

    region: Region = "north"


@dataclass(frozen=True)
class VoiceSettings:
    """``[voices]``: ``default = ""`` takes the best voice that is installed."""

    default: str = ""
    speed: float = 1.0
    cache_mb: int = 2000
    idle_release_seconds: int = 300
    #: voices tried in this order when the chosen one fails; eSpeak NG is always the last
    fallback: tuple[str, ...] = ()
    #: sentences spoken at the same time; 0 is one for each core
    workers: int = 0

    def validate(self) -> None:
        _check(0.5 <= self.speed <= 2.0, "voices.speed", "Hãy ghi một số từ 0.5 (chậm) đến 2.0 (nhanh).")
        _check(self.cache_mb >= 10, "voices.cache_mb", "Hãy ghi ít nhất 10 (megabyte).")
        _check(self.workers >= 0, "voices.workers", "0 là tự chọn theo số nhân của máy.")


@dataclass(frozen=True)
class ProgramSettings:
    """``[programs]``: the sound of a program."""

    template: str = "daily"
    loudness_lufs: float = -16.0
    true_peak_dbtp: float = -1.0
    sample_rate: int = 48000
    profile: Literal["flat", "horn"] = "flat"
    announce_machine_voice: bool = False

    def validate(self) -> None:
        _check(-40 <= self.loudness_lufs <= -10, "programs.loudness_lufs", "Loa phát thanh: -16; phát sóng: -23.")
        _check(self.true_peak_dbtp <= 0, "programs.true_peak_dbtp", "Hãy ghi một số không lớn hơn 0, ví dụ -1.0.")
        _check(self.sample_rate in (22050, 24000, 32000, 44100, 48000), "programs.sample_rate", "Hãy ghi 48000.")


@dataclass(frozen=True)
class HoursSettings:
    """``[hours]``: regulated hours.  Times are ``HH:MM`` in the station's zone; only an emergency passes."""

    quiet: tuple[str, ...] = ("21:00-05:00",)
    longest_session_minutes: int = 60
    daily_total_minutes: int = 240
    sessions_a_day: int = 6
    weekend: bool = True


@dataclass(frozen=True)
class AirSettings:
    """``[air]``: playout and its output.

    ``output`` is ``sounddevice``, ``vlc`` or ``file``; ``device`` a part of a sound card's name, empty for the
    default one.
    """

    output: Literal["auto", "sounddevice", "vlc", "file"] = "auto"
    device: str = ""
    sample_rate: int = 48000
    channels: int = 2
    buffer_ms: int = 100
    late_policy: Literal["start_now", "wait_up_to", "skip"] = "start_now"
    late_seconds: int = 600
    silence_dbfs: float = -50.0
    silence_seconds: float = 10.0
    resume_policy: Literal["resume", "restart"] = "resume"
    emergency_repeats: int = 3
    emergency_gap_seconds: float = 2.0
    emergency_two_person: bool = False
    #: parts of sound cards' names: the station's microphone; a receiver that hears the transmitter, on line-in
    input_device: str = ""
    return_device: str = ""

    def validate(self) -> None:
        _check(self.channels in (1, 2), "air.channels", "Hãy ghi 1 hoặc 2.")
        _check(5 <= self.buffer_ms <= 2000, "air.buffer_ms", "Hãy ghi từ 5 đến 2000 (mi-li giây), thường là 100.")


@dataclass(frozen=True)
class TransmitterSettings:
    """``[transmitter]``: how the carrier is switched."""

    kind: Literal["none", "serial", "gpio", "http", "command"] = "none"
    port: str = ""
    on: str = ""
    off: str = ""
    lead_seconds: float = 0.0
    tail_seconds: float = 2.0
    wake_tone: str = ""
    #: noise (dBFS) that holds an open carrier where nothing sounds; 0 is none
    bed_dbfs: float = -60.0


@dataclass(frozen=True)
class AlarmSettings:
    """``[alarms]``: who is told when something goes wrong.  The SMTP password is read from the environment."""

    email_to: tuple[str, ...] = ()
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_user: str = ""
    webhook: str = ""
    daily_report: bool = True


@dataclass(frozen=True)
class Settings:
    """All settings of one station, checked."""

    home: StationHome
    station: StationSettings = field(default_factory=StationSettings)
    web: WebSettings = field(default_factory=WebSettings)
    database: DatabaseSettings = field(default_factory=DatabaseSettings)
    ocr: OcrSettings = field(default_factory=OcrSettings)
    text: TextSettings = field(default_factory=TextSettings)
    voices: VoiceSettings = field(default_factory=VoiceSettings)
    programs: ProgramSettings = field(default_factory=ProgramSettings)
    hours: HoursSettings = field(default_factory=HoursSettings)
    air: AirSettings = field(default_factory=AirSettings)
    transmitter: TransmitterSettings = field(default_factory=TransmitterSettings)
    alarms: AlarmSettings = field(default_factory=AlarmSettings)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.station.timezone)

    @property
    def database_url(self) -> str:
        return self.database.url or f"sqlite:///{self.home.database_file}"


def _sections() -> dict[str, type]:
    hints: dict[str, type] = get_type_hints(Settings)
    return {name: kind for name, kind in hints.items() if name != "home" and dataclasses.is_dataclass(kind)}


def _wrong_type(key: str, wanted: str) -> ConfigError:
    return ConfigError(f"Giá trị của '{key}' trong {SETTINGS_FILE} sai kiểu.", mend=f"Hãy ghi {wanted}.")


def _convert(key: str, value: Any, kind: Any, *, from_text: bool) -> Any:
    """``value`` as ``kind``; environment values come as text."""
    origin = get_origin(kind)
    if origin is Literal:
        if value not in get_args(kind):
            choices = ", ".join(f'"{c}"' for c in get_args(kind))
            raise ConfigError(f"Giá trị của '{key}' không hợp lệ: {value!r}.", mend=f"Hãy ghi một trong: {choices}.")
        return value
    if origin in (tuple, types.UnionType, typing.Union):
        if from_text:
            value = [part.strip() for part in str(value).split(",") if part.strip()]
        if not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
            raise _wrong_type(key, 'một danh sách chữ, ví dụ ["a", "b"]')
        return tuple(value)
    if kind is bool:
        if from_text and str(value).lower() in ("1", "true", "yes", "on", "0", "false", "no", "off"):
            return str(value).lower() in ("1", "true", "yes", "on")
        if not isinstance(value, bool):
            raise _wrong_type(key, "true hoặc false")
        return value
    if kind in (int, float):
        wanted = "một số nguyên" if kind is int else "một số"
        if isinstance(value, bool) or not isinstance(value, int | float | str) or (
            isinstance(value, str) and not from_text
        ):
            raise _wrong_type(key, wanted)
        try:
            number = kind(value)
        except ValueError as error:
            raise _wrong_type(key, wanted) from error
        if kind is int and isinstance(value, float) and value != number:
            raise _wrong_type(key, wanted)
        return number
    if not isinstance(value, str):
        raise _wrong_type(key, 'chữ trong ngoặc kép, ví dụ "..."')
    return value


def build_settings(home: StationHome, data: Mapping[str, Any], environ: Mapping[str, str]) -> Settings:
    """Settings from parsed TOML and an environment.  Pure, but for the names of zones."""
    sections = _sections()
    for name in data:
        if name not in sections:
            raise ConfigError(
                f"{SETTINGS_FILE} có mục lạ: [{name}].", mend=f"Các mục dùng được: {', '.join(sections)}."
            )
    built: dict[str, Any] = {}
    for section, kind in sections.items():
        hints = get_type_hints(kind)
        given = data.get(section, {})
        if not isinstance(given, Mapping):
            raise _wrong_type(section, f"một mục [{section}]")
        values: dict[str, Any] = {}
        for key, value in given.items():
            if key not in hints:
                raise ConfigError(
                    f"{SETTINGS_FILE} có khóa lạ: '{section}.{key}'.",
                    mend=f"Các khóa dùng được: {', '.join(hints)}.",
                )
            values[key] = _convert(f"{section}.{key}", value, hints[key], from_text=False)
        for key, hint in hints.items():
            override = environ.get(f"STATION_{section}__{key}".upper())
            if override is not None:
                values[key] = _convert(f"{section}.{key}", override, hint, from_text=True)
        built[section] = kind(**values)
        validate = getattr(built[section], "validate", None)
        if validate is not None:
            validate()
    return Settings(home=home, **built)


def load_settings(home: StationHome | Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Settings of the station at ``home`` (default: found from the current folder upward).

    Raises :class:`ConfigError` naming the key and the mend.
    """
    if home is None:
        home = find_home()
    elif isinstance(home, Path):
        home = StationHome(home.resolve())
    environ = os.environ if environ is None else environ
    data: dict[str, Any] = {}
    if home.settings_file.is_file():
        try:
            data = tomllib.loads(home.settings_file.read_text(encoding="utf-8-sig"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigError(
                f"Tệp {home.settings_file} viết sai.", mend="Hãy sửa dòng được nêu trong chi tiết.", detail=str(error)
            ) from error
    return build_settings(home, data, environ)

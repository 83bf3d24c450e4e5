"""Which voices there are, which one to take, and opening one."""

from __future__ import annotations

import importlib.util
import logging
import os
import re
import unicodedata

from station.config import Settings
from station.errors import VoiceError
from station.home import StationHome
from station.voices import espeak
from station.voices.api import Voice, VoiceInfo
from station.voices.catalog import Definition, load_catalog
from station.voices.checks import MESSAGES, Problem
from station.voices.fingerprints import fingerprint
from station.voices.hosted import HostedVoice, HostPlan

_LOG = logging.getLogger(__name__)
_EXTRAS = {"piper": ("piper", "Piper"), "coqui": ("TTS", "Coqui TTS")}
NEURAL = ("piper", "coqui")


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def engine_missing(engine: str) -> str:
    """Why the engine cannot run on this machine, in Vietnamese; empty when it can.  Imports nothing heavy."""
    if engine == "espeak":
        return espeak.missing()
    if engine in _EXTRAS:
        package, name = _EXTRAS[engine]
        if importlib.util.find_spec(package) is None:
            return f"Máy chưa có bộ đọc {name}. Hãy chạy './run.sh --with {engine}'."
    return ""


def missing_files(definition: Definition, home: StationHome) -> list[str]:
    """Names of the model's files that are not there (or have another size than the catalog says)."""
    if definition.engine == "espeak" and not definition.files:
        return []
    folder = definition.model_folder(home)
    names = []
    for file in definition.files:
        path = folder / file.name
        if not path.is_file() or (file.size and path.stat().st_size != file.size):
            names.append(file.name)
    if not definition.files and not any(folder.glob("*")):
        names.append(str(folder))
    return names


def describe(definition: Definition, home: StationHome, missing: str | None = None) -> VoiceInfo:
    """The value that pages and commands show for one definition.

    ``missing`` is what :func:`engine_missing` says of its engine, where that is known already.
    """
    if missing is None:
        missing = engine_missing(definition.engine)
    if not missing and missing_files(definition, home):
        missing = f"Chưa tải giọng này. Hãy chạy 'station voices install {definition.id}'."
        if not any(file.url for file in definition.files):
            missing = f"Chưa có tệp của giọng này trong {definition.model_folder(home)}."
    print_ = ""
    if not missing:
        try:
            print_ = fingerprint(definition, home)
        except OSError as error:
            missing = "Không đọc được tệp của giọng này."
            _LOG.warning("cannot read the files of voice %s: %s", definition.id, error)
    return VoiceInfo(
        id=definition.id, name=definition.name, engine=definition.engine, language=definition.language,
        region=definition.region, sex=definition.sex, sample_rate=definition.sample_rate or 22050,
        license=definition.license, credit=definition.credit, neural=definition.engine in NEURAL,
        installed=not missing, recommended=definition.recommended, size_bytes=definition.size_bytes,
        fingerprint=print_, license_text=definition.license_text, commercial=definition.commercial,
        missing=missing, own=definition.own,
    )


def list_voices(home: StationHome) -> list[VoiceInfo]:
    """Every voice of the catalog: those that can speak first, neural before eSpeak, the recommended on top."""
    catalog = load_catalog(home)
    missing = {engine: engine_missing(engine) for engine in {definition.engine for definition in catalog.values()}}
    voices = [describe(definition, home, missing[definition.engine]) for definition in catalog.values()]
    return sorted(voices, key=lambda v: (not v.installed, not v.neural, not v.own, not v.recommended, v.id))


def find_definition(voice_id: str, home: StationHome) -> Definition:
    """The definition named ``voice_id``; raises :class:`VoiceError` with the names there are."""
    catalog = load_catalog(home)
    if voice_id not in catalog:
        raise VoiceError(
            f"Không có giọng nào tên '{voice_id}'.", code="voices.unknown",
            mend=f"Các giọng có trong danh mục: {', '.join(sorted(catalog))}.",
        )
    return catalog[voice_id]


def default_voice(settings: Settings) -> VoiceInfo:
    """The voice of the settings, else the best neural voice that is installed, else eSpeak for the region.

    A voice named in the settings that cannot speak now is passed over: the station speaks all the same.
    Raises :class:`VoiceError` only where nothing at all can speak.
    """
    voices = list_voices(settings.home)
    ready = [voice for voice in voices if voice.installed and voice.engine != "recorded"]
    for voice in ready:
        if voice.id == settings.voices.default:
            return voice
    if settings.voices.default:
        _LOG.warning("default voice %s cannot speak now", settings.voices.default)
    for voice in ready:
        if voice.neural and voice.language.startswith("vi"):
            return voice
    region = settings.text.region
    for voice in sorted(ready, key=lambda v: (v.engine != "espeak", v.region != region, v.sex != "female")):
        return voice
    raise VoiceError("Máy chưa có giọng đọc nào.", mend=espeak.missing(), code="voices.missing")


def host_plan(definition: Definition, home: StationHome, slots: int = 0) -> HostPlan:
    """How the engine of a voice is hosted; ``slots`` sentences side by side, 0 for one each core."""
    slots = slots or cores()
    folder, settings = definition.model_folder(home), dict(definition.settings)
    if definition.engine == "espeak":  # its library keeps one state a process
        settings["libraries"] = espeak.libraries()
        return HostPlan("espeak", folder, settings, processes=slots, light=True)
    if definition.engine == "piper":
        settings["prepared"] = str(home.cache / "voices")
    return HostPlan(definition.engine, folder, settings, slots=slots)


def open_voice(
    voice_id: str, home: StationHome, *, idle_release_seconds: float = 300, slots: int = 0, at_once: int = 1
) -> Voice:
    """A voice ready to speak.  Engines' processes are shared by all users of this Python process.

    ``at_once`` sentences wait to be spoken: so many processes start side by side, where the engine needs several.

    Raises :class:`VoiceError` when the voice is unknown, not installed, or does not load.
    """
    definition = find_definition(voice_id, home)
    return open_described(
        definition, describe(definition, home), home, idle_release_seconds=idle_release_seconds, slots=slots, at_once=at_once
    )


def open_described(
    definition: Definition, info: VoiceInfo, home: StationHome, *, idle_release_seconds: float = 300, slots: int = 0,
    at_once: int = 1,
) -> Voice:
    """:func:`open_voice` of a voice that was found and described already."""
    if not info.installed:
        raise VoiceError(f"Giọng '{info.name}' chưa dùng được.", mend=info.missing, code="voices.missing")
    if definition.engine == "recorded":
        from station.voices.recorded_voice import RecordedVoice

        return RecordedVoice(info, definition.model_folder(home))
    try:
        voice = HostedVoice(
            info, lambda: host_plan(definition, home, slots), key=f"{home.root}:{info.id}:{info.fingerprint}",
            idle_release_seconds=idle_release_seconds, at_once=at_once,
        )
        if definition.sample_rate not in (0, voice.info.sample_rate):
            voice.close()
            raise VoiceError(
                f"Giọng '{info.name}': {MESSAGES[Problem.WRONG_RATE]}.", code=f"voices.check.{Problem.WRONG_RATE.value}",
                mend=f"Mô hình phát {voice.info.sample_rate} Hz, danh mục ghi {definition.sample_rate} Hz: "
                     "hãy kiểm tra tệp của giọng hoặc sửa 'sample_rate' trong danh mục.",
            )
        return voice
    except VoiceError as error:
        if definition.engine != "espeak" or not espeak.command():
            raise
        _LOG.warning("eSpeak NG's library cannot be used, its command will: %s", error.detail)
        return espeak.CommandVoice(info, definition)


def voice_id_from_name(name: str) -> str:
    """A voice's id from a person's words: "Chị Hòa (thôn 3)" gives "chi-hoa-thon-3"."""
    plain = unicodedata.normalize("NFD", name.lower().replace("đ", "d"))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    plain = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:48]
    if not plain:
        raise VoiceError("Tên giọng cần có ít nhất một chữ cái hoặc chữ số.", code="voices.name")
    return plain

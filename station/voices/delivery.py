"""How a voice reads at this station: its speed, pitch and pauses, and which voice each kind of program takes.

``voices/delivery.toml`` of the station's home holds it; the page of voices writes it, staff may edit it::

    [voice.piper-vais1000]
    speed = 0.95      # 0.5 to 2, 1 is the voice's own
    pitch = -1.0      # half tones, -6 to 6
    pauses = 1.2      # times the usual silence between sentences, 0.3 to 3

    [program]
    daily = "piper-vais1000"
"""

from __future__ import annotations

import logging
import os
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from station.errors import VoiceError
from station.home import StationHome
from station.text.script import Script

_LOG = logging.getLogger(__name__)
FILE = "delivery.toml"
#: lowest and highest value of each
LIMITS = {"speed": (0.5, 2.0), "pitch": (-6.0, 6.0), "pauses": (0.3, 3.0)}
#: emphasized words are said this much slower
EMPHASIS_SPEED = 0.88


@dataclass(frozen=True)
class Delivery:
    """``speed`` and ``pauses`` are factors, ``pitch`` is in half tones."""

    speed: float = 1.0
    pitch: float = 0.0
    pauses: float = 1.0

    def __mul__(self, other: Delivery) -> Delivery:
        """Both together, kept within what can be heard."""
        return limited(Delivery(self.speed * other.speed, self.pitch + other.pitch, self.pauses * other.pauses))


PLAIN = Delivery()


@dataclass(frozen=True)
class Deliveries:
    """The station's own: by voice's id, and the voice's id by a program's template."""

    voices: Mapping[str, Delivery] = field(default_factory=dict)
    programs: Mapping[str, str] = field(default_factory=dict)

    def of(self, voice_id: str) -> Delivery:
        return self.voices.get(voice_id, PLAIN)


def limited(delivery: Delivery) -> Delivery:
    """``delivery`` with each value moved into its limits."""
    values = {key: min(max(getattr(delivery, key), low), high) for key, (low, high) in LIMITS.items()}
    return Delivery(**values)


def parse_delivery(values: Mapping[str, Any]) -> Delivery:
    """A delivery from numbers or their Vietnamese spelling ("0,9").  Raises :class:`VoiceError` naming the value."""
    found: dict[str, float] = {}
    names = {"speed": "Tốc độ", "pitch": "Cao độ", "pauses": "Quãng nghỉ"}
    for key, (low, high) in LIMITS.items():
        if key not in values or values[key] == "":
            continue
        try:
            number = float(str(values[key]).replace(",", "."))
        except ValueError:
            number = float("nan")
        if not low <= number <= high:
            raise VoiceError(
                f"{names[key]} ghi chưa đúng.", mend=f"Hãy ghi một số từ {low:g} đến {high:g}.", code="voices.delivery",
                detail=repr(values[key])[:80],
            )
        found[key] = number
    return Delivery(**found)


#: by path: (inode, bytes, time of change in ns) of the file when it was read, and what it said
_read: dict[str, tuple[tuple[int, int, int], Deliveries]] = {}


def load_deliveries(home: StationHome) -> Deliveries:
    """What ``voices/delivery.toml`` says.  A mistake in it leaves that entry out: the station speaks all the same.

    Each script asks for it: the file is read anew when it changed.
    """
    path = f"{home.root}/voices/{FILE}"
    try:
        stat = os.stat(path)
    except FileNotFoundError:
        return Deliveries()
    except OSError as error:
        _LOG.warning("cannot read %s: %s", path, error)
        return Deliveries()
    state = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
    known = _read.get(path)
    if known is None or known[0] != state:
        known = _read[path] = (state, _parse_file(home.voices / FILE))
    return known[1]


def _parse_file(path: Path) -> Deliveries:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        _LOG.warning("cannot read %s: %s", path, error)
        return Deliveries()
    voices: dict[str, Delivery] = {}
    for name, values in _table(data, "voice").items():
        try:
            voices[name] = parse_delivery(values if isinstance(values, Mapping) else {})
        except VoiceError as error:
            _LOG.warning("%s: %s %s", path, name, error.detail)
    programs = {name: value for name, value in _table(data, "program").items() if isinstance(value, str)}
    return Deliveries(voices, programs)


def _table(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = data.get(name, {})
    return found if isinstance(found, Mapping) else {}


def _save(home: StationHome, section: str, key: str, value: Mapping[str, float] | str | None) -> None:
    """Set or remove one entry; comments and the rest of the file stay."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    path = home.voices / FILE
    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8-sig") if path.is_file() else "")
    except (TOMLKitError, UnicodeDecodeError) as error:
        raise VoiceError(
            f"Tệp {FILE} viết sai nên chưa lưu được.", mend=f"Hãy sửa hoặc xóa tệp {path}.", detail=str(error),
            code="voices.delivery",
        ) from error
    table = document.setdefault(section, tomlkit.table())
    if value is None:
        table.pop(key, None)
    else:
        table[key] = value if isinstance(value, str) else dict(value)
    part = path.with_name(f".{FILE}.{os.getpid()}")
    path.parent.mkdir(parents=True, exist_ok=True)
    part.write_text(tomlkit.dumps(document), encoding="utf-8")
    os.replace(part, path)


def save_delivery(home: StationHome, voice_id: str, delivery: Delivery) -> None:
    """Keep how ``voice_id`` reads; the voice's own way removes the entry."""
    _save(home, "voice", voice_id, None if delivery == PLAIN else asdict(delivery))


def save_program_voice(home: StationHome, template: str, voice_id: str) -> None:
    """Keep the voice of a kind of program; an empty one removes it: the station's voice reads."""
    _save(home, "program", template, voice_id or None)


def deliver(script: Script, delivery: Delivery) -> Script:
    """``script`` read in that way: each sentence carries the speed and pitch, its pause is longer or shorter."""
    if delivery == PLAIN:
        return script
    return replace(script, sentences=tuple(
        replace(
            sentence, speed=sentence.speed * delivery.speed, pitch=sentence.pitch + delivery.pitch,
            pause_seconds=sentence.pause_seconds * delivery.pauses,
        ) for sentence in script.sentences
    ))

"""eSpeak NG: where it is, and its command.

Its library speaks in a process of its own (``engines/espeak.py``): the one installed with the command, else the one
of the ``espeakng-loader`` package.  Where no library loads, each sentence is one call of the command.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np

from station.errors import VoiceError
from station.voices.api import VoiceInfo
from station.voices.catalog import Definition
from station.voices.clean_text import speakable
from station.voices.wave import parse_piped_wav

#: seconds; a sentence takes some 15 milliseconds
TIMEOUT_SECONDS = 30.0


#: where the command was found, by the search path: each script asks for it a dozen times
_found: dict[str, str] = {}


def command() -> str | None:
    """The path of the eSpeak NG command, None where it is not installed."""
    where = os.environ.get("PATH", "")
    if (known := _found.get(where)) and os.access(known, os.X_OK):
        return known
    if path := shutil.which("espeak-ng"):
        _found[where] = path
    return path


def libraries() -> list[list[str]]:
    """(library, its data folder or empty) in the order to try.  The package is found, never imported."""
    found = [["libespeak-ng.so.1", ""]] if command() else []
    spec = importlib.util.find_spec("espeakng_loader")
    if spec is not None and spec.origin:
        folder = Path(spec.origin).parent
        for library in sorted(folder.glob("*espeak-ng*.*")):
            if library.suffix in (".so", ".dylib", ".dll") and (folder / "espeak-ng-data").is_dir():
                found.append([str(library), str(folder / "espeak-ng-data")])
    return found


@functools.lru_cache(maxsize=4)
def version(path: str) -> str:
    """What ``espeak-ng --version`` says: part of the cache's key, as another version speaks differently."""
    try:
        done = subprocess.run([path, "--version"], capture_output=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return done.stdout.decode("utf-8", "replace").split("Data at")[0].strip()


def missing() -> str:
    """Why eSpeak NG cannot speak here, in Vietnamese; empty when it can."""
    if command() or libraries():
        return ""
    return "Máy chưa có eSpeak NG. Hãy cài gói espeak-ng (apt install espeak-ng), hoặc gói Python espeakng-loader."


class CommandVoice:
    """A voice of the eSpeak NG command, for machines without its library.  Each sentence is one short process."""

    def __init__(self, info: VoiceInfo, definition: Definition) -> None:
        path = command()
        if path is None:
            raise VoiceError(missing() or "Máy không có lệnh espeak-ng.", code="voices.missing")
        self.info = info
        self._command = path
        self._settings = dict(definition.settings)

    def speak(self, text: str, *, speed: float = 1.0) -> np.ndarray:
        settings = self._settings
        words_per_minute = int(round(float(settings.get("words_per_minute", 120)) * speed))
        arguments = [
            self._command, "-v", str(settings.get("voice", "vi")), "-s", str(min(max(words_per_minute, 80), 450)),
            "-p", str(int(settings.get("pitch", 50))), "-a", str(int(settings.get("amplitude", 100))),
            "-g", str(int(settings.get("word_gap", 0))), "-b", "1", "--stdin", "--stdout",
        ]
        try:
            done = subprocess.run(
                arguments, input=speakable(text).encode(), capture_output=True, timeout=TIMEOUT_SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise VoiceError("eSpeak NG không chạy được.", detail=str(error), code="voices.engine") from error
        if done.returncode != 0:
            detail = done.stderr.decode("utf-8", "replace")[-500:]
            raise VoiceError("eSpeak NG không đọc được câu này.", detail=detail, code="voices.engine")
        samples, rate = parse_piped_wav(done.stdout)
        if samples.size == 0:
            raise VoiceError("eSpeak NG trả về âm thanh rỗng.", code="voices.silent")
        if rate != self.info.sample_rate:
            raise VoiceError("eSpeak NG trả về tần số lấy mẫu lạ.", detail=str(rate), code="voices.engine")
        return samples

    def close(self) -> None:
        """Nothing is held between sentences."""

    def __enter__(self) -> CommandVoice:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

"""A voice whose engine lives in a process of its own: loaded once, shared, restarted, released when idle."""

from __future__ import annotations

import atexit
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable

import numpy as np

from station.errors import VoiceError
from station.home import StationHome
from station.voices.api import VoiceInfo
from station.voices.catalog import Definition

LOAD_SECONDS = 180.0
_hosts: dict[str, _Host] = {}
_lock = threading.Lock()


class _Host:
    def __init__(self, definition: Definition, home: StationHome, slots: int) -> None:
        self.users = 0
        self.timer: threading.Timer | None = None
        self._waiting: dict[int, queue.Queue[np.ndarray | str]] = {}
        self._next = 0
        self._ended = threading.Event()
        self._write = threading.Lock()
        self._ready: queue.Queue[int | str] = queue.Queue()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "station.voices.host"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        threading.Thread(target=self._read, daemon=True).start()
        self._send({"engine": definition.engine, "folder": str(definition.model_folder(home)), "slots": slots,
                    "settings": dict(definition.settings)})
        try:
            first = self._ready.get(timeout=LOAD_SECONDS)
        except queue.Empty:
            first = "no answer while loading"
        if isinstance(first, str):
            self.stop()
            raise VoiceError("Không nạp được mô hình giọng đọc.", detail=first, code="voices.load")
        self.sample_rate = first

    def alive(self) -> bool:
        # The pipe ends before the process can be waited for: without the event a killed process looks alive.
        return not self._ended.is_set() and self.process.poll() is None

    def _send(self, message: dict[str, object]) -> None:
        assert self.process.stdin is not None
        with self._write:
            try:
                self.process.stdin.write(json.dumps(message).encode() + b"\n")
                self.process.stdin.flush()
            except OSError as error:
                raise VoiceError("Bộ đọc đã dừng đột ngột.", detail=str(error), code="voices.died") from error

    def _read(self) -> None:
        stdout = self.process.stdout
        assert stdout is not None
        while line := stdout.readline():
            header = json.loads(line)
            if "id" not in header:
                self._ready.put(header.get("rate") or str(header.get("error")))
                continue
            result: np.ndarray | str = str(header.get("error"))
            if "frames" in header:
                data = stdout.read(header["frames"] * 4)
                if len(data) < header["frames"] * 4:
                    break
                result = np.frombuffer(data, "<f4").copy()
            if waiting := self._waiting.pop(header["id"], None):
                waiting.put(result)
        self._ended.set()  # before the answers, so that a sentence asked for meanwhile sees it
        self._ready.put("the process ended")
        for waiting in list(self._waiting.values()):
            waiting.put("the process ended")

    def speak(self, text: str, speed: float) -> np.ndarray:
        answer: queue.Queue[np.ndarray | str] = queue.Queue()
        with self._write:
            self._next += 1
            number = self._next
        self._waiting[number] = answer
        self._send({"id": number, "text": text, "speed": speed})
        if not self.alive():
            answer.put("the process ended")
        try:
            result = answer.get(timeout=30 + len(text))
        except queue.Empty:
            self.stop()  # a hung engine is a dead engine
            result = "no answer in time"
        if isinstance(result, str):
            raise VoiceError("Bộ đọc không đọc được câu này.", detail=result, code="voices.engine")
        return result

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


def release_all() -> None:
    """End every engine process now."""
    with _lock:
        for host in _hosts.values():
            host.stop()
        _hosts.clear()


atexit.register(release_all)


class HostedVoice:
    """A voice of Piper or Coqui.  Safe to call from several threads: sentences run side by side."""

    def __init__(
        self, info: VoiceInfo, definition: Definition, home: StationHome, *, idle_release_seconds: float, slots: int
    ) -> None:
        self.info = info
        self._idle = idle_release_seconds
        self._key = f"{os.getpid()}:{home.root}:{info.id}:{info.fingerprint}"
        self._make: Callable[[], _Host] = lambda: _Host(definition, home, slots or os.cpu_count() or 1)
        host = self._host()
        with _lock:
            host.users += 1
        if host.sample_rate != info.sample_rate:
            self.close()
            raise VoiceError("Tần số lấy mẫu của mô hình khác với danh mục.", detail=str(host.sample_rate))

    def _host(self) -> _Host:
        with _lock:
            host = _hosts.get(self._key)
            if host is None or not host.alive():
                users = host.users if host else 0
                host = _hosts[self._key] = self._make()
                host.users = users
            if host.timer:
                host.timer.cancel()
                host.timer = None
            return host

    def speak(self, text: str, *, speed: float = 1.0) -> np.ndarray:
        try:
            samples = self._host().speak(text, speed)
        except VoiceError as error:
            if "the process ended" not in error.detail and error.code != "voices.died":
                raise
            samples = self._host().speak(text, speed)  # killed from outside: once more in a fresh process
        if samples.size == 0 or not np.isfinite(samples).all():
            raise VoiceError("Giọng đọc trả về âm thanh hỏng.", code="voices.silent")
        return samples

    def close(self) -> None:
        with _lock:
            host = _hosts.get(self._key)
            if host is None:
                return
            host.users = max(0, host.users - 1)
            if host.users == 0:
                host.timer = threading.Timer(self._idle, self._release, (host,))
                host.timer.daemon = True
                host.timer.start()

    def _release(self, host: _Host) -> None:
        with _lock:
            if host.users == 0 and _hosts.get(self._key) is host:
                del _hosts[self._key]
                host.stop()

    def __enter__(self) -> HostedVoice:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

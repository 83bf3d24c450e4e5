"""A voice whose engine lives in processes of its own: loaded once, shared, restarted, released when idle."""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import json
import math
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from station.errors import VoiceError
from station.voices.api import VoiceInfo
from station.voices.clean_text import speakable

LOAD_SECONDS = 180.0
#: an engine that gives no answer for so long (and a second more for each letter of a sentence) is hung
SILENT_SECONDS = 30.0
#: bytes of an answer that wait in the pipe: an engine goes on while the sentence before it is checked
PIPE_BYTES = 1 << 20
#: lines of the engine's last words that go to the log
LAST_WORDS = 12
#: Memory of a neural engine.  Torch's convolutions keep what they compiled for each length, up to 1024 of them: gigabytes
#: after some bulletins.  A decoder needs some 130 (its windows, see engines/hifigan.py) and the rest of a sentence 60: with
#: fewer than that everything is compiled each time.  Big arrays are kept for the next sentence, in one heap and on huge
#: pages: with glibc's usual settings each is fetched anew from the system, a twentieth to a sixth of the time.
MEMORY = {
    "ONEDNN_PRIMITIVE_CACHE_CAPACITY": "256",
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=33554432:glibc.malloc.trim_threshold=1000000000:"
                      "glibc.malloc.top_pad=67108864:glibc.malloc.arena_max=1",
}
_PACKAGE_ROOT = Path(__file__).resolve().parents[2]
_pools: dict[str, _Pool] = {}
_lock = threading.Lock()
#: the thread that ends pools whose time is over: when it looks next (of time.monotonic), None while there is none
_idle = threading.Condition(_lock)
_next_look: float | None = None


@dataclass(frozen=True)
class HostPlan:
    """How an engine is hosted: ``processes`` at most, each speaking ``slots`` sentences side by side.

    ``light`` engines need only the standard library: Python starts without the packages of the site.
    """

    engine: str
    folder: Path
    settings: dict[str, object]
    processes: int = 1
    slots: int = 1
    light: bool = False


class _Died(VoiceError):
    """The process ended in the middle; the sentence may be asked again of a fresh one."""

    code = "voices.died"


class _Host:
    """One engine process.  Raises :class:`VoiceError` when the model does not load."""

    def __init__(self, plan: HostPlan) -> None:
        self.busy = 0
        self._waiting: dict[int, queue.Queue[np.ndarray | str]] = {}
        self._next = 0
        self._ended = threading.Event()
        self._answered = time.monotonic()
        self._last_words: deque[str] = deque(maxlen=LAST_WORDS)
        self._write = threading.Lock()
        self._ready: queue.Queue[int | str] = queue.Queue()
        path = os.pathsep.join(filter(None, (str(_PACKAGE_ROOT), os.environ.get("PYTHONPATH", ""))))
        memory = {} if plan.light else {**MEMORY, **{key: os.environ[key] for key in MEMORY if key in os.environ}}
        # a limit set for another part (Tesseract) would leave torch waiting for threads that cannot start
        ours = {name: value for name, value in os.environ.items() if name != "OMP_THREAD_LIMIT"}
        self.process = subprocess.Popen(
            [sys.executable, *(["-S"] if plan.light else []), "-P", "-c", "from station.voices.host import main; main()"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            # one thread a sentence: sentences side by side use the cores better than threads inside one
            env={**ours, **memory, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE",
                 "PYTHONUNBUFFERED": "1"},
        )
        assert self.process.stdout is not None
        if hasattr(fcntl, "F_SETPIPE_SZ"):
            with contextlib.suppress(OSError):  # more than this user may have
                fcntl.fcntl(self.process.stdout.fileno(), fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        self._listener = threading.Thread(target=self._listen, daemon=True, name="voice-host-log")
        self._listener.start()
        threading.Thread(target=self._read, daemon=True, name="voice-host").start()
        first: int | str
        try:
            self._send({"engine": plan.engine, "folder": str(plan.folder), "slots": plan.slots, "light": plan.light,
                        "settings": plan.settings})
            first = self._ready.get(timeout=LOAD_SECONDS)
        except queue.Empty:
            first = "no answer while loading"
        except VoiceError as error:
            first = error.detail
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
            except (OSError, ValueError) as error:
                raise _Died("Bộ đọc đã dừng đột ngột.", detail=str(error)) from error

    def _read(self) -> None:
        stdout = self.process.stdout
        assert stdout is not None
        while line := stdout.readline():
            header = json.loads(line)
            self._answered = time.monotonic()
            if "id" not in header:
                self._ready.put(header.get("rate") or str(header.get("error")))
                continue
            result: np.ndarray | str = str(header.get("error"))
            if "bytes" in header:
                data = stdout.read(header["bytes"])
                if len(data) < header["bytes"]:
                    break
                result = np.frombuffer(data, "<f4") if header["format"] == "f4" else (
                    np.multiply(np.frombuffer(data, "<i2"), np.float32(1.0 / 32768.0), dtype=np.float32))
            if waiting := self._waiting.pop(header["id"], None):
                waiting.put(result)
        self._ended.set()  # before the answers, so that a sentence asked for meanwhile sees it
        self._ready.put(self._how_it_ended())
        for waiting in list(self._waiting.values()):
            waiting.put("")

    def _listen(self) -> None:
        """Keep the last lines of what the engine's libraries print: they tell why it died."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if text := line.decode("utf-8", "replace").strip():
                self._last_words.append(text[:300])

    def _how_it_ended(self) -> str:
        try:
            code = self.process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            return "the process ended"
        self._listener.join(timeout=1)
        name = signal.Signals(-code).name if code < 0 else f"exit status {code}"
        return " | ".join([f"the process ended ({name})", *self._last_words])

    def speak(self, text: str, speed: float) -> np.ndarray:
        answer: queue.Queue[np.ndarray | str] = queue.Queue()
        with self._write:
            self._next += 1
            number = self._next
        self._waiting[number] = answer
        self._send({"id": number, "text": text, "speed": speed})
        if not self.alive():
            answer.put("")
        result = self._wait(answer, asked=time.monotonic(), patience=SILENT_SECONDS + len(text))
        if isinstance(result, str) and not result:
            raise _Died("Bộ đọc đã dừng đột ngột.", detail=self._how_it_ended())
        if isinstance(result, str):
            raise VoiceError("Bộ đọc không đọc được câu này.", detail=result, code="voices.engine")
        return result

    def _wait(self, answer: queue.Queue[np.ndarray | str], *, asked: float, patience: float) -> np.ndarray | str:
        """The answer to one sentence.  It may wait behind slow ones: only an engine that answers nobody is hung."""
        while True:
            try:
                return answer.get(timeout=min(1.0, patience))
            except queue.Empty:
                if time.monotonic() - max(asked, self._answered) < patience:
                    continue
                self.stop()  # a hung engine is a dead engine: the next sentence gets a fresh one
                raise VoiceError(
                    "Bộ đọc không trả lời.", detail=f"no answer for {patience:.0f} s", code="voices.engine"
                ) from None

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


class _Pool:
    """The processes of one voice.  The first starts at once, the others when all are busy."""

    def __init__(self, plan: HostPlan) -> None:
        self.users = 0
        #: when it ends, by time.monotonic; None while somebody uses it
        self.ends_at: float | None = None
        self.plan = plan
        self.hosts: list[_Host] = []
        self._starting = 0
        self._stopped = False
        self._changed = threading.Condition()

    def take(self) -> _Host:
        """A live process with the least to do, made busy by one; gives it back by :meth:`done`."""
        with self._changed:
            while True:
                self.hosts = [host for host in self.hosts if host.alive()]
                host = min(self.hosts, key=lambda h: h.busy, default=None)
                full = len(self.hosts) + self._starting >= self.plan.processes
                if host is not None and (full or host.busy < self.plan.slots):
                    host.busy += 1
                    return host
                if not full:
                    self._starting += 1
                    break
                self._changed.wait()
        try:
            host = _Host(self.plan)
            host.busy = 1
        except BaseException:
            host = None
            raise
        finally:
            with self._changed:
                self._starting -= 1
                stopped = self._stopped
                if host is not None and not stopped:
                    self.hosts.append(host)
                self._changed.notify_all()
        if stopped:  # meanwhile: nobody would ever end it
            host.stop()
            raise _Died("Bộ đọc đã dừng đột ngột.", detail="released while starting")
        return host

    def start(self, count: int) -> None:
        """Begin to start ``count`` processes beside the first one, as far as the plan has them, without waiting."""
        with self._changed:
            here = sum(host.alive() for host in self.hosts) + self._starting
        for _ in range(min(count, self.plan.processes - 1) - here):
            threading.Thread(target=self._start_one, daemon=True, name="voice-start").start()

    def _start_one(self) -> None:
        with contextlib.suppress(VoiceError, OSError):  # whoever needs it starts it again and hears why it cannot
            self.done(self.take())

    def done(self, host: _Host) -> None:
        with self._changed:
            host.busy -= 1

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            for host in self.hosts:
                host.stop()
            self.hosts = []


def _end_at(pool: _Pool, moment: float) -> None:
    """End ``pool`` at ``moment`` unless it is used before.  Called with the lock held, after every script: one thread
    waits for all pools, and is not disturbed while the moment moves back.
    """
    global _next_look
    pool.ends_at = moment
    if _next_look is None:
        threading.Thread(target=_end_idle, daemon=True, name="voice-idle").start()
        _next_look = moment
    elif moment < _next_look:
        _idle.notify()


def _end_idle() -> None:
    """End the pools that nobody has used for their time; return when none waits for its end."""
    global _next_look
    with _lock:
        while True:
            now = time.monotonic()
            for key, pool in list(_pools.items()):
                if pool.ends_at is not None and pool.ends_at <= now:
                    del _pools[key]
                    pool.stop()
            _next_look = min((pool.ends_at for pool in _pools.values() if pool.ends_at is not None), default=None)
            if _next_look is None:
                return
            _idle.wait(_next_look - now)


def _forget_thread() -> None:
    global _next_look
    _next_look = None


os.register_at_fork(after_in_child=_forget_thread)


def release_all() -> None:
    """End every engine process now."""
    with _lock:
        for pool in _pools.values():
            pool.stop()
        _pools.clear()


atexit.register(release_all)


def engine_pids() -> list[int]:
    """Process ids of the engine processes of this Python process, for pages that show memory and for tests."""
    with _lock:
        return [host.process.pid for pool in _pools.values() for host in pool.hosts if host.alive()]


class HostedVoice:
    """A voice of an engine in other processes.  Safe to call from several threads: sentences run side by side.

    ``plan`` is asked for only where the engine is not running.  ``at_once`` processes start side by side (as far as the
    plan has them), the others when all are busy.
    """

    def __init__(
        self, info: VoiceInfo, plan: Callable[[], HostPlan], *, key: str, idle_release_seconds: float, at_once: int = 1
    ) -> None:
        self.info = info
        self._idle = idle_release_seconds
        self._key = f"{os.getpid()}:{key}"
        self._make: Callable[[], _Pool] = lambda: _Pool(plan())
        self._closed = False
        pool = self._pool()
        with _lock:
            pool.users += 1
        try:
            pool.start(at_once - 1)
            host = pool.take()
            pool.done(host)
            if host.sample_rate != info.sample_rate:  # the model knows better than the catalog
                self.info = replace(info, sample_rate=host.sample_rate)
        except VoiceError:
            self.close()
            raise

    def _pool(self) -> _Pool:
        with _lock:
            pool = _pools.get(self._key)
            if pool is None:
                pool = _pools[self._key] = self._make()
            pool.ends_at = None
            return pool

    def _once(self, text: str, speed: float) -> np.ndarray:
        pool = self._pool()
        host = pool.take()
        try:
            return host.speak(text, speed)
        finally:
            pool.done(host)

    def speak(self, text: str, *, speed: float = 1.0) -> np.ndarray:
        text = speakable(text)
        try:
            samples = self._once(text, speed)
        except _Died:
            samples = self._once(text, speed)  # killed from outside: once more in a fresh process
        if samples.size == 0 or not math.isfinite(samples.sum()):
            raise VoiceError("Giọng đọc trả về âm thanh hỏng.", code="voices.silent")
        return samples

    def close(self) -> None:
        """Let go of the engine; its processes end when nobody has used them for the idle time."""
        with _lock:
            pool = _pools.get(self._key)
            if pool is None or self._closed:
                return
            self._closed = True
            pool.users = max(0, pool.users - 1)
            if pool.users == 0:
                _end_at(pool, time.monotonic() + self._idle)

    def __enter__(self) -> HostedVoice:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

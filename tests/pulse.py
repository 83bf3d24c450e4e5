"""A real PulseAudio server with a null sink, started for a test, and recordings of its monitor."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
import time
from pathlib import Path

import numpy as np

ASOUND = """
pcm.!default { type pulse }
ctl.!default { type pulse }
"""


class PulseServer:
    """One PulseAudio server in a folder of its own; ``environment`` points programs to it."""

    def __init__(self, folder: Path, sink: str = "station_test", rate: int = 48000) -> None:
        self.folder, self.sink, self.rate = folder, sink, rate
        folder.mkdir(parents=True, exist_ok=True)
        self.socket = folder / "native"
        (folder / "asound.conf").write_text(ASOUND, encoding="utf-8")
        self.environment = {
            **os.environ, "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), "PULSE_RUNTIME_PATH": str(folder),
            "PULSE_SERVER": f"unix:{self.socket}", "ALSA_CONFIG_PATH": str(folder / "asound.conf"),
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> PulseServer:
        self.socket.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [
                "pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=0", "--high-priority=yes",
                f"--load=module-native-protocol-unix auth-anonymous=1 socket={self.socket}",
                f"--load=module-null-sink sink_name={self.sink} rate={self.rate} channels=2 format=s16le",
            ],
            env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + 10
        while time.monotonic() < until:
            if self.socket.exists() and self.control("info").returncode == 0:
                self._make_realtime()
                return self
            time.sleep(0.05)
        raise RuntimeError("PulseAudio did not start")

    def _make_realtime(self) -> None:
        """As a desktop's sound server gets it from its system, where that is allowed: a busy machine is no fault here."""
        assert self.process is not None
        with contextlib.suppress(OSError):
            for thread in os.listdir(f"/proc/{self.process.pid}/task"):
                os.sched_setscheduler(int(thread), os.SCHED_RR, os.sched_param(8))

    def control(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(["pactl", *arguments], env=self.environment, capture_output=True, timeout=10, check=False)

    def stop(self) -> None:
        """Kill the server at once, as a crash would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def record(self) -> Recording:
        return Recording(self)


class Recording:
    """What the sink's monitor gives, from now on, as 16-bit stereo."""

    def __init__(self, server: PulseServer) -> None:
        self.rate = server.rate
        self._process = subprocess.Popen(
            ["parec", "-d", f"{server.sink}.monitor", "--format=s16le", f"--rate={server.rate}", "--channels=2",
             "--raw", "--latency-msec=10"],
            env=server.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )
        self._chunks: list[bytes] = []
        self._size = 0
        #: the least (arrival - place in the recording): when frame 0 was sent, by the wall clock
        self.zero = float("inf")
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        until = time.monotonic() + 5
        while not self._size and time.monotonic() < until:
            time.sleep(0.01)

    def _run(self) -> None:
        assert self._process.stdout is not None
        while data := self._process.stdout.read1(65536):
            self._size += len(data)
            self.zero = min(self.zero, time.time() - self._size / 4 / self.rate)
            self._chunks.append(data)

    @property
    def frames(self) -> int:
        return self._size // 4

    def samples(self) -> np.ndarray:
        """Everything so far, int16 ``(frames, 2)``."""
        data = b"".join(self._chunks)
        return np.frombuffer(data[:len(data) // 4 * 4], np.int16).reshape(-1, 2)

    def stop(self) -> np.ndarray:
        time.sleep(0.2)  # what was sent a moment ago is still on its way here
        self._process.terminate()
        self._process.wait()
        self._thread.join(2)
        return self.samples()


def find(recording: np.ndarray, piece: np.ndarray, start: int = 0) -> int:
    """Where ``piece`` (int16, mono or stereo) lies in ``recording`` sample for sample; -1 when nowhere."""
    if piece.ndim == 1:
        piece = np.stack([piece, piece], axis=1)
    probe = piece[:64]
    candidates = start + np.flatnonzero((recording[start:len(recording) - len(piece) + 1] == probe[0]).all(axis=1))
    for at in candidates:
        if (recording[at:at + 64] == probe).all() and (recording[at:at + len(piece)] == piece).all():
            return int(at)
    return -1


def noise(seconds: float, *, rate: int = 48000, seed: int = 1, level: float = 0.2, channels: int = 1) -> np.ndarray:
    """Seeded (invented) noise, 16 bit: no two places of it are alike."""
    generator = np.random.default_rng(seed)
    samples = generator.uniform(-level, level, (int(seconds * rate), channels))
    return np.round(samples * 32767).astype(np.int16)


def breaks(recording: np.ndarray, piece: np.ndarray, step: int = 480) -> list[tuple[int, int]]:
    """Where a program that was heard is broken: (frame of the program, frames too many or, negative, missing)."""
    mono = piece if piece.ndim == 1 else piece[:, 0]
    found, last = [], None
    for at in range(0, len(mono) - step + 1, step):
        place = find(recording, mono[at:at + step])
        if place < 0:
            continue
        if last is not None and place - at != last:
            found.append((at, place - at - last))
        last = place - at
    return found

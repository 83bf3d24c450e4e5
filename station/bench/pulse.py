"""A PulseAudio server with a null sink for measuring: what a listener at the sink would hear."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np

from station.errors import PlayoutError


class BenchSink:
    """Starts the server, sets this process's environment to it, records the monitor."""

    def __init__(self, folder: Path, rate: int = 48000) -> None:
        self.rate = rate
        folder.mkdir(parents=True, exist_ok=True)
        socket = folder / "native"
        config = folder / "asound.conf"
        config.write_text("pcm.!default { type pulse }\nctl.!default { type pulse }\n", encoding="utf-8")
        os.environ.update(
            HOME=str(folder), XDG_RUNTIME_DIR=str(folder), PULSE_RUNTIME_PATH=str(folder),
            PULSE_SERVER=f"unix:{socket}", ALSA_CONFIG_PATH=str(config),
        )
        try:
            self._server = subprocess.Popen(
                ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=0",
                 f"--load=module-native-protocol-unix auth-anonymous=1 socket={socket}",
                 f"--load=module-null-sink sink_name=bench rate={rate} channels=2 format=s16le"],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            raise PlayoutError("Máy chưa có PulseAudio để đo.", mend="Hãy cài gói pulseaudio.", detail=str(error)) from error
        until = time.monotonic() + 10
        while not socket.exists() and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(0.5)
        _make_realtime(self._server.pid)
        self._recorder = subprocess.Popen(
            ["parec", "-d", "bench.monitor", "--format=s16le", f"--rate={rate}", "--channels=2", "--raw", "--latency-msec=10"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )
        self._chunks: list[bytes] = []
        self._odd = b""
        #: (frames so far, arrival) of every chunk
        self.arrivals: list[tuple[int, float]] = []
        self._size = 0
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        assert isinstance(self._recorder.stdout, io.BufferedReader)
        while data := self._recorder.stdout.read1(65536):
            self._size += len(data)
            self.arrivals.append((self._size // 4, time.time()))
            self._chunks.append(data)

    @property
    def frames(self) -> int:
        return self._size // 4

    def samples(self, start: int = 0) -> np.ndarray:
        """The recording's left channel from a frame on, int16."""
        data = b"".join(self._chunks)
        return np.frombuffer(data[:len(data) // 4 * 4], np.int16).reshape(-1, 2)[start:, 0]

    def take(self) -> np.ndarray:
        """What came since the last call, left channel, int16; it is not kept (for recordings of hours)."""
        chunks, self._chunks = self._chunks, []
        data = self._odd + b"".join(chunks)
        whole = len(data) // 4 * 4
        self._odd = data[whole:]
        del self.arrivals[:-1000]
        return np.frombuffer(data[:whole], np.int16).reshape(-1, 2)[:, 0].copy()

    def wall_of(self, frame: int) -> float:
        """When a frame was at the sink: the least arrival of the seconds around it (others came late to us)."""
        near = [at - n / self.rate for n, at in self.arrivals if abs(n - frame) < 10 * self.rate]
        return min(near or [self.arrivals[-1][1] - self.arrivals[-1][0] / self.rate]) + frame / self.rate

    def close(self) -> None:
        for process in (self._recorder, self._server):
            process.kill()
            process.wait()


def _make_realtime(pid: int) -> None:
    """Every thread of the sound server, as a desktop's sound server gets it from its system; where that is allowed."""
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            os.sched_setscheduler(int(thread), os.SCHED_RR, os.sched_param(8))
    except (AttributeError, OSError) as error:
        print(f"the sound server runs at the usual priority: {error}", file=sys.stderr, flush=True)


def find(recording: np.ndarray, piece: np.ndarray, start: int = 0) -> int:
    """Where ``piece`` lies in the recording sample for sample; -1 when nowhere."""
    candidates = start + np.flatnonzero(recording[start:len(recording) - len(piece) + 1] == piece[0])
    for at in candidates:
        if (recording[at:at + 32] == piece[:32]).all() and (recording[at:at + len(piece)] == piece).all():
            return int(at)
    return -1


def noise(seconds: float, seed: int, rate: int = 48000) -> np.ndarray:
    """Seeded noise, int16: no two places are alike."""
    return np.round(np.random.default_rng(seed).uniform(-6000, 6000, int(seconds * rate))).astype(np.int16)

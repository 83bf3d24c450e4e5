"""``station bench air``: gaps, exactness, starting in the second, emergencies, breaks under load, cost, drift.

Everything is measured on a recorded PulseAudio null sink, with the real mixer process; the naive baseline is one
``sounddevice.play`` call for every file, as a script would do it.  ``--set starts=50 --set emergencies=30 --set
load_seconds=30 --set minutes=10`` change the sizes (an hour: ``minutes=60``); ``--set only=long,gaps`` takes some parts
of: gaps, starts, emergencies, load, path, long.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import soundfile

from station.bench import Figure
from station.bench.air_station import long_run, tell, whole_path
from station.bench.pulse import BenchSink, find, noise
from station.config import load_settings
from station.playout.engine_client import EngineClient

RATE = 48000


class _Bench:
    def __init__(self, folder: Path) -> None:
        (folder / "home").mkdir()
        (folder / "home" / "station.toml").touch()
        self.folder = folder
        self.sink = BenchSink(folder / "pulse")
        settings = load_settings(folder / "home")
        settings.home.ensure()
        self.settings = settings
        self._alive = True
        self.engine = EngineClient(settings)
        self.engine.start()
        threading.Thread(target=self._ping, daemon=True).start()
        time.sleep(4)

    def restart(self, program: tuple[str, ...]) -> None:
        """The mixer again, started by that command."""
        old, engine = self.engine, EngineClient(self.settings)
        engine.program = program
        old.close()
        engine.start()
        self.engine = engine
        time.sleep(4)

    def _ping(self) -> None:
        while self._alive:
            self.engine.ping()
            self.engine.events()
            time.sleep(0.2)

    def file(self, name: str, samples: np.ndarray) -> str:
        path = self.folder / f"{name}.wav"
        soundfile.write(path, samples, RATE, subtype="PCM_16")
        return str(path)

    def play(self, feed: str, name: str, path: str, mode: str, start: float | None = None) -> None:
        self.engine.send("play", feed=feed, item=name, path=path, mode=mode, start=start, offset=0)

    def close(self) -> None:
        self._alive = False
        self.engine.close()
        self.sink.close()


def _gap(bench: _Bench) -> Iterator[Figure]:
    pieces = [noise(2, seed) for seed in range(5)]
    mark = bench.sink.frames
    for index, piece in enumerate(pieces):
        bench.play("schedule", f"g{index}", bench.file(f"g{index}", piece), "after")
    time.sleep(11.5)
    heard = bench.sink.samples(mark)
    places = [find(heard, piece) for piece in pieces]
    gaps = [b - a - len(p) for a, b, p in zip(places, places[1:], pieces, strict=False) if a >= 0 and b >= 0]
    naive = _naive_gap(bench, pieces[:3])
    yield Figure("gap_between_items", max(gaps, default=1e9), "samples", baseline=naive, goal=0)
    yield Figure("items_equal_sample_for_sample", sum(p >= 0 for p in places) / len(places), "share", goal=1.0, sense="at_least")


def _naive_gap(bench: _Bench, pieces: list[np.ndarray]) -> float | None:
    """One call of sounddevice for each file, in a process of its own."""
    mark = bench.sink.frames
    files = [bench.file(f"naive{index}", piece) for index, piece in enumerate(pieces)]
    script = (
        "import sys, soundfile, sounddevice\n"
        "for path in sys.argv[1:]:\n"
        "    sounddevice.play(*soundfile.read(path, dtype='int16'))\n"
        "    sounddevice.wait()\n"
    )
    subprocess.run([sys.executable, "-c", script, *files], check=False, timeout=60, stderr=subprocess.DEVNULL)
    time.sleep(0.5)
    heard = bench.sink.samples(mark)
    firsts = [_place(heard, piece) for piece in pieces]
    gaps = [b - a - len(p) for a, b, p in zip(firsts, firsts[1:], pieces, strict=False) if a >= 0 and b >= 0]
    return float(np.mean(gaps)) if gaps else None


def _starts(bench: _Bench, count: int) -> Iterator[Figure]:
    piece = noise(0.3, 77)
    path = bench.file("start", piece)
    errors = []
    for index in range(count):
        # placed as the conductor does it: ahead of time, for a wall-clock moment
        moment = time.time() + 1.2 + 0.01 * (index % 37)
        begin = bench.sink.frames
        bench.play("schedule", f"s{index}", path, "at", moment)
        time.sleep(moment - time.time() + 0.55)
        at = find(bench.sink.samples(begin), piece)
        if at >= 0:
            errors.append(abs(bench.sink.wall_of(begin + at) - moment) * 1000)
        if index % 10 == 9:
            tell(f"  {index + 1}/{count} starts")
    naive = _naive_starts(bench, path, piece)
    p99 = float(np.percentile(errors, 99)) if errors else 1e9
    median = float(np.median(errors)) if errors else 1e9
    yield Figure("start_error_p99", round(p99, 2), "ms", baseline=_rounded(naive, 99), goal=30)
    yield Figure("start_error_median", round(median, 2), "ms", baseline=_rounded(naive, 50))
    yield Figure("starts_heard", len(errors) / count, "share", goal=1.0, sense="at_least")


def _rounded(values: list[float], percentile: float) -> float | None:
    return round(float(np.percentile(values, percentile)), 2) if values else None


def _naive_starts(bench: _Bench, path: str, piece: np.ndarray, count: int = 10) -> list[float]:
    """Milliseconds late of one call of sounddevice in the second, as a script by a timer would do it."""
    script = (
        "import sys, time, soundfile, sounddevice\n"
        "sound, rate = soundfile.read(sys.argv[1], dtype='int16')\n"
        "for moment in sys.argv[2:]:\n"
        "    time.sleep(max(0, float(moment) - time.time()))\n"
        "    sounddevice.play(sound, rate)\n"
        "    sounddevice.wait()\n"
    )
    begin, moments = bench.sink.frames, [time.time() + 3 + 1.5 * index for index in range(count)]
    subprocess.run(
        [sys.executable, "-c", script, path, *(f"{m:.3f}" for m in moments)], check=False, timeout=60, stderr=subprocess.DEVNULL
    )
    time.sleep(0.5)
    heard, errors, at = bench.sink.samples(begin), [], 0
    for moment in moments:
        at = _place(heard, piece, at)
        if at < 0:
            break
        errors.append(abs(bench.sink.wall_of(begin + at) - moment) * 1000)
        at += len(piece) // 2
    return errors


def _place(heard: np.ndarray, piece: np.ndarray, start: int = 0, step: int = 480) -> int:
    """Where a sound begins that may have lost some of its parts; -1 when nothing of it was heard."""
    for at in range(0, len(piece) - step, step):
        place = find(heard, piece[at:at + step], start)
        if place >= 0:
            return place - at
    return -1


def _emergencies(bench: _Bench, count: int) -> Iterator[Figure]:
    program = bench.file("long", noise(count * 3.0 + 20, 5))
    alarm = noise(0.4, 99)
    path = bench.file("alarm", alarm)
    bench.play("schedule", "under", program, "now")
    time.sleep(1)
    delays = []
    for index in range(count):
        begin = bench.sink.frames
        asked = time.time()
        bench.play("emergency", f"e{index}", path, "now")
        time.sleep(1.0 + 0.017 * (index % 11))
        at = find(bench.sink.samples(begin), alarm)
        if at >= 0:
            delays.append((bench.sink.wall_of(begin + at) - asked) * 1000)
    bench.engine.send("stop", feed="schedule")
    time.sleep(0.5)
    yield Figure("emergency_over_program_p95", round(float(np.percentile(delays, 95)), 1) if delays else 1e9, "ms", goal=200)
    yield Figure("emergencies_heard", len(delays) / count, "share", goal=1.0, sense="at_least")


#: the mixer with a busy Python thread of the usual priority in its own process, which fights with the callback for the
#: interpreter (at the mixer's own priority it would use up what the system lets real-time work have)
_BUSY_MIXER = (
    "import sys, threading\n"
    "from station.playout.reader import calm\n"
    "def busy():\n"
    "    calm()\n"
    "    while True: sum(range(1000))\n"
    "threading.Thread(target=busy, daemon=True).start()\n"
    "from station.playout.engine import main\n"
    "main()\n"
)


def _load(bench: _Bench, seconds: float) -> Iterator[Figure]:
    """Breaks under two busy loops: with a busy thread in the mixer's own process, and as it runs in earnest."""
    for name, program in (
        ("breaks_under_load_and_a_busy_thread", (sys.executable, "-c", _BUSY_MIXER)), ("breaks_under_load", EngineClient.program),
    ):
        bench.restart(program)
        piece = noise(seconds, 8)
        path = bench.file("load", piece)
        loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2)]
        begin = bench.sink.frames
        bench.play("schedule", "load", path, "now")
        time.sleep(seconds + 2)
        for loop in loops:
            loop.kill()
            loop.wait()
        time.sleep(1)
        yield Figure(name, _count_breaks(bench.sink.samples(begin), piece), "breaks", goal=0)


def _count_breaks(heard: np.ndarray, piece: np.ndarray, step: int = 4800) -> int:
    """How often the program was not heard in one piece."""
    if find(heard, piece) >= 0:
        return 0
    last, count = None, 0
    for at in range(0, len(piece) - step, step):
        place = find(heard, piece[at:at + step])
        if place < 0 or (last is not None and place - at != last):
            count += 1
        if place >= 0:
            last = place - at
    return count


def run(options: Mapping[str, str]) -> Iterator[Figure]:
    """The figures of issue "On air"; see the module's text for the options."""
    starts, emergencies = int(options.get("starts", 50)), int(options.get("emergencies", 30))
    load, minutes = float(options.get("load_seconds", 30)), float(options.get("minutes", 3))
    only = {word.strip() for word in options.get("only", "").split(",") if word.strip()}
    saved = dict(os.environ)
    with tempfile.TemporaryDirectory() as folder:
        bench = _Bench(Path(folder))
        try:
            for name, part in (
                ("gaps", _gap(bench)), ("starts", _starts(bench, starts)), ("emergencies", _emergencies(bench, emergencies)),
                ("load", _load(bench, load)), ("path", whole_path(bench.sink, bench.folder, max(5, emergencies // 3))),
                ("long", long_run(bench.sink, bench.folder, minutes)),
            ):
                if not only or name in only:
                    tell(name)
                    yield from part
        finally:
            bench.close()
            os.environ.clear()
            os.environ.update(saved)

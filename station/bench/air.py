"""``station bench air``: gaps, exactness, starting in the second, emergencies, breaks under load, cost, drift.

Everything is measured on a recorded PulseAudio null sink, with the real mixer process; the naive baseline is one
``sounddevice.play`` call for every file, as a script would do it.  ``--set starts=50 --set emergencies=30 --set
load_seconds=30 --set minutes=10`` change the sizes (an hour: ``minutes=60``); ``--set only=long,gaps`` takes some parts
of: gaps, starts, emergencies, load, long, path.
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
from station.bench.pulse import BenchSink, find, noise
from station.config import load_settings
from station.playout.engine_client import EngineClient

RATE = 48000


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


class _Bench:
    def __init__(self, folder: Path) -> None:
        (folder / "home").mkdir()
        (folder / "home" / "station.toml").touch()
        self.folder = folder
        self.sink = BenchSink(folder / "pulse")
        settings = load_settings(folder / "home")
        settings.home.ensure()
        self.engine = EngineClient(settings)
        self.engine.start()
        self.seen: list[dict[str, object]] = []
        self._alive = True
        threading.Thread(target=self._ping, daemon=True).start()
        time.sleep(4)

    def _ping(self) -> None:
        while self._alive:
            self.engine.ping()
            self.seen += self.engine.events()
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
    firsts = [find(heard, piece[:2400]) for piece in pieces]
    gaps = [b - a - len(p) for a, b, p in zip(firsts, firsts[1:], pieces, strict=False) if a >= 0 and b >= 0]
    return float(np.mean(gaps)) if gaps else None


def _starts(bench: _Bench, count: int) -> Iterator[Figure]:
    piece = noise(0.3, 77)
    path = bench.file("start", piece)
    errors = []
    mark = bench.sink.frames
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
            _tell(f"  {index + 1}/{count} starts")
    del mark
    found = len(errors)
    p99 = float(np.percentile(errors, 99)) if errors else 1e9
    yield Figure("start_error_p99", round(p99, 2), "ms", baseline=100.0, goal=30)
    yield Figure("start_error_median", round(float(np.median(errors)), 2) if errors else 1e9, "ms", baseline=100.0)
    yield Figure("starts_heard", found / count, "share", goal=1.0, sense="at_least")


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


def _whole_path(bench: _Bench, count: int) -> Iterator[Figure]:
    """From the committed request to the first sample, through database and conductor."""
    from station.db import open_database
    from station.db.models import Emergency, Heartbeat
    from station.playout.emergency import request_emergency
    from station.playout.signals import signal_file
    from station.playout.wake import poke

    folder = bench.folder / "station"
    folder.mkdir()
    (folder / "station.toml").write_text("[hours]\nquiet = []\n", encoding="utf-8")
    settings = load_settings(folder)
    settings.home.ensure()
    database = open_database(settings)
    database.migrate()
    notice = settings.home.audio / "n.wav"
    soundfile.write(notice, noise(0.3, 3), RATE, subtype="PCM_16")
    signal = soundfile.read(signal_file("chime", settings.home.cache / "signals", RATE), dtype="int16")[0]
    air = subprocess.Popen([sys.executable, "-m", "station", "--home", str(folder), "air"])
    delays = []
    try:
        until = time.monotonic() + 20
        while time.monotonic() < until:
            with database.session(write=False) as session:
                row = session.get(Heartbeat, "air")
                if row is not None and row.data.get("output"):
                    break
            time.sleep(0.1)
        time.sleep(4)
        for index in range(count):
            begin = bench.sink.frames
            with database.session() as session:
                number = request_emergency(
                    session, settings, content="", path=str(notice.relative_to(folder)), idempotency_key=f"b{index}",
                    confirmation="THỬ", user=None, test=True, signal="chime", repeats=1,
                ).id
            asked = time.time()
            poke(settings)
            time.sleep(1.2)
            at = find(bench.sink.samples(begin), signal[:4800][np.flatnonzero(signal[:4800])[0]:])
            if at >= 0:
                delays.append((bench.sink.wall_of(begin + at) - asked) * 1000)
            until = time.monotonic() + 15
            while time.monotonic() < until:
                with database.session(write=False) as session:
                    if session.get_one(Emergency, number).ended_at is not None:
                        break
                time.sleep(0.1)
        usage = _usage(air.pid, 20)
    finally:
        air.terminate()
        air.wait(10)
        database.close()
    yield Figure("emergency_accepted_to_first_sample_p95", round(float(np.percentile(delays, 95)), 1) if delays else 1e9, "ms", goal=200)
    yield Figure("air_and_mixer_cpu", round(usage[0], 2), "percent of a core", goal=2)
    yield Figure("air_and_mixer_memory", round(usage[1], 1), "MB", goal=120)


def _usage(pid: int, seconds: float) -> tuple[float, float]:
    """(percent of a core, MB) of a process and its children; of memory the part that is their own (PSS)."""
    import psutil

    root = psutil.Process(pid)
    family = [root, *root.children(recursive=True)]

    def spent() -> float:
        return sum(p.cpu_times().user + p.cpu_times().system for p in family)

    before, began = spent(), time.monotonic()
    time.sleep(seconds)
    share = 100 * (spent() - before) / (time.monotonic() - began)
    return share, sum(p.memory_full_info().pss for p in family) / 1e6


def _load(bench: _Bench, seconds: float) -> Iterator[Figure]:
    piece = noise(seconds, 8)
    path = bench.file("load", piece)
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2)]
    threading.Thread(target=_busy_thread, args=(time.monotonic() + seconds + 3,), daemon=True).start()
    begin = bench.sink.frames
    bench.play("schedule", "load", path, "now")
    time.sleep(seconds + 2)
    for loop in loops:
        loop.kill()
        loop.wait()
    time.sleep(1)
    heard = bench.sink.samples(begin)
    broken = _count_breaks(heard, piece)
    yield Figure("breaks_under_load", broken, "breaks", goal=0)


def _busy_thread(until: float) -> None:
    while time.monotonic() < until:
        sum(range(1000))


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


def _long(bench: _Bench, minutes: float) -> Iterator[Figure]:
    """An hour (or less) on air: cost, memory growth, drift of frames against the clock."""
    import psutil

    process = psutil.Process(bench.engine.pid)
    seconds = minutes * 60
    path = bench.folder / "hour.wav"
    with soundfile.SoundFile(str(path), "w", RATE, 1, subtype="PCM_16") as file:
        for minute in range(int(np.ceil(minutes))):
            file.write(noise(60, 1000 + minute))
    bench.play("schedule", "hour", str(path), "now")
    time.sleep(5)
    levels = [e for e in bench.seen if e.get("event") == "level" and e.get("item") == "hour"]
    first = levels[-1]
    cpu, memory, began = process.cpu_times(), process.memory_info().rss, time.monotonic()
    until = time.monotonic() + max(5.0, seconds - 8)
    while (left := until - time.monotonic()) > 0:
        time.sleep(min(left, 300))
        last = [e for e in bench.seen if e.get("event") == "level" and e.get("item") == "hour"][-1]
        ran = float(last["wall"]) - float(first["wall"])  # type: ignore[arg-type]
        went = (float(last["position"]) - float(first["position"])) / RATE  # type: ignore[arg-type]
        _tell(f"  {ran:.0f} s: {process.memory_info().rss / 1e6:.1f} MB, drift {100 * abs(went / ran - 1):.5f} %")
    spent = process.cpu_times().user + process.cpu_times().system - cpu.user - cpu.system
    share = 100 * spent / (time.monotonic() - began)
    levels = [e for e in bench.seen if e.get("event") == "level" and e.get("item") == "hour"]
    last = levels[-1]
    frames = float(last["position"]) - float(first["position"])  # type: ignore[arg-type]
    clock = float(last["wall"]) - float(first["wall"])  # type: ignore[arg-type]
    yield Figure("mixer_cpu", round(share, 2), "percent of a core", goal=2)
    yield Figure("mixer_memory", round(process.memory_info().rss / 1e6, 1), "MB", goal=120)
    yield Figure("mixer_memory_growth", round((process.memory_info().rss - memory) / 1e6, 2), "MB", goal=2)
    yield Figure(f"drift_in_{minutes:g}_minutes", round(100 * abs(frames / RATE / clock - 1), 5), "percent", goal=0.1)
    bench.engine.send("stop", feed="schedule")


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
                ("load", _load(bench, load)), ("long", _long(bench, minutes)),
                ("path", _whole_path(bench, max(5, emergencies // 3))),
            ):
                if not only or name in only:
                    _tell(name)
                    yield from part
        finally:
            bench.close()
            os.environ.clear()
            os.environ.update(saved)

"""``station bench programs``: assembling beside a naive concatenation with pydub, in one run.

Both make the same program from the same synthetic sentences (22.05 kHz): resampling to 48 kHz, each item to -16 LUFS
by BS.1770, a true peak of at most -1 dBTP, a bed ducked under the greeting, chimes, a check of the whole, WAV out.
The naive one holds everything in memory, and turns an item down where ours limits it, which is less work.  Times are
of the CPU, without imports; memory is the highest resident set of a process of its own.

Options: ``minutes=30``, ``long_minutes=180`` (0 leaves that figure out), ``repeats=2`` (the quicker run counts, on
both sides).
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from station.bench import Figure

_RATE = 22050
_ITEM_SENTENCES = 16


def _sentence(seed: int) -> np.ndarray:
    """About four seconds of sound with the syllables, pitch and peaks of speech (synthetic)."""
    from scipy.signal import lfilter

    random = np.random.default_rng(seed)
    count = round(_RATE * (3.2 + 0.1 * (seed % 16)))
    time_axis = np.arange(count) / _RATE
    pitch = 180 + 40 * np.sin(2 * np.pi * 0.7 * time_axis + seed)
    pulses = np.diff(np.floor(np.cumsum(pitch) / _RATE), prepend=0.0)
    sound = pulses + 0.02 * random.standard_normal(count)
    for hertz, width in ((600 + 20 * (seed % 9), 90), (1700 - 30 * (seed % 7), 140), (2700, 200)):
        radius = np.exp(-np.pi * width / _RATE)
        sound = lfilter([1 - radius], [1, -2 * radius * np.cos(2 * np.pi * hertz / _RATE), radius * radius], sound)
    sound *= (0.5 - 0.5 * np.cos(2 * np.pi * 4.2 * time_axis)) ** 1.5
    return (sound * (0.3 + 0.05 * (seed % 5)) / np.abs(sound).max()).astype(np.float32)


def _material(folder: Path) -> list[str]:
    import soundfile

    paths = []
    for seed in range(40):
        path = folder / f"s{seed}.wav"
        soundfile.write(path, _sentence(seed), _RATE, subtype="PCM_16")
        paths.append(str(path))
    return paths


def _plan(folder: Path, minutes: float) -> dict[str, Any]:
    """What both sides build: a chime, a greeting with bed, items with separators, a chime."""
    from station.config import Settings
    from station.home import StationHome
    from station.programs.library import sound_path

    settings = Settings(home=StationHome(folder))
    sounds = {name: str(sound_path(name, settings)) for name in ("chime", "separator", "bed", "closing")}
    paths = _material(folder)
    left, items, place = minutes * 60 - 35, [], 0
    while left > 0:
        item = [paths[(place + k) % len(paths)] for k in range(_ITEM_SENTENCES)]
        place += _ITEM_SENTENCES - 3
        items.append(item)
        left -= _ITEM_SENTENCES * 4.45 + 1.5
    return {"home": str(folder), "sounds": sounds, "greeting": paths[:4], "items": items, "pause": 0.45}


def _ours(plan: Mapping[str, Any], out: str) -> dict[str, Any]:
    from station.config import Settings
    from station.home import StationHome
    from station.programs.assembly import assemble
    from station.programs.model import Clip, Segment, SegmentKind

    settings = Settings(home=StationHome(Path(plan["home"])))
    sounds, pause = plan["sounds"], plan["pause"]
    segments = [
        Segment(SegmentKind.CHIME, "chime", (Clip(sounds["chime"], pause),)),
        Segment(SegmentKind.GREETING, "greeting", tuple(Clip(p, pause) for p in plan["greeting"]), bed=sounds["bed"]),
    ]
    for index, item in enumerate(plan["items"]):
        if index:
            segments.append(Segment(SegmentKind.SEPARATOR, "separator", (Clip(sounds["separator"], pause),)))
        segments.append(Segment(SegmentKind.ITEM, f"item {index}", tuple(Clip(p, pause) for p in item)))
    segments.append(Segment(SegmentKind.CHIME, "closing", (Clip(sounds["closing"], pause),)))
    start, wall = time.process_time(), time.perf_counter()
    render = assemble(segments, out, settings)
    return {
        "cpu": time.process_time() - start, "wall": time.perf_counter() - wall, "seconds": render.seconds,
        "chapters": [[c.kind.value, c.start_frame, c.end_frame] for c in render.chapters],
    }


def _naive(plan: Mapping[str, Any], out: str) -> dict[str, Any]:
    from pydub import AudioSegment
    from scipy.signal import resample_poly

    from station.programs.loudness import Meter

    def load(path: str) -> Any:
        return AudioSegment.from_wav(path).set_channels(1).set_frame_rate(48000)

    def samples(sound: Any) -> np.ndarray:
        return np.array(sound.get_array_of_samples(), dtype=np.float32) / np.float32(32768)

    def loudness(wave: np.ndarray) -> float:
        meter = Meter(48000)
        meter.add(wave)
        return meter.loudness()

    def levelled(sound: Any) -> Any:
        wave = samples(sound)
        peak = 20 * np.log10(np.abs(resample_poly(wave, 4, 1)).max())
        return sound.apply_gain(min(-16.0 - loudness(wave), -1.0 - peak))

    start, wall = time.process_time(), time.perf_counter()
    gap = AudioSegment.silent(round(plan["pause"] * 1000), 48000)

    def joined(paths: list[str]) -> Any:
        sound = AudioSegment.silent(0, 48000)
        for path in paths:
            sound = sound + load(path) + gap
        return sound

    sounds = plan["sounds"]
    program = levelled(load(sounds["chime"])) + gap
    greeting = levelled(joined(plan["greeting"]))
    program = program + greeting.overlay(levelled(load(sounds["bed"])).apply_gain(-20).fade_in(500).fade_out(1400), loop=True)
    for index, item in enumerate(plan["items"]):
        if index:
            program = program + levelled(load(sounds["separator"])) + gap
        program = program + levelled(joined(item))
    program = program + levelled(load(sounds["closing"])) + gap
    loudness(samples(program))
    program.export(out, format="wav")
    return {"cpu": time.process_time() - start, "wall": time.perf_counter() - wall, "seconds": len(program) / 1000}


def _highest_megabytes() -> float:
    """The highest resident set of this process.  (``ru_maxrss`` would begin with that of the parent.)"""
    status = Path("/proc/self/status")
    if status.is_file():
        return int(re.search(r"VmHWM:\s+(\d+)", status.read_text())[1]) / 1024  # type: ignore[index]
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _child(kind: str, plan: Mapping[str, Any], out: Path) -> dict[str, Any]:
    """One side in a process of its own."""
    code = (
        "import json, sys; from station.bench import programs; plan = json.load(sys.stdin);"
        f"answer = programs._{kind}(plan, sys.argv[1]);"
        "answer['megabytes'] = programs._highest_megabytes(); print(json.dumps(answer))"
    )
    print(f"{kind}: {len(plan['items'])} items...", file=sys.stderr)
    done = subprocess.run([sys.executable, "-c", code, str(out)], input=json.dumps(plan), capture_output=True, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(f"  {answer['seconds']:.0f} s of audio, CPU {answer['cpu']:.2f} s, wall {answer['wall']:.2f} s, {answer['megabytes']:.0f} MB", file=sys.stderr)
    return answer


def ebur128(path: Path, span: tuple[int, int] | None = None) -> tuple[float, float]:
    """Integrated loudness (LUFS) and true peak (dBTP) by ffmpeg, of the whole file or of some frames."""
    graph = "ebur128=peak=true"
    seek = [] if span is None else ["-ss", f"{span[0] / 48000:.6f}", "-t", f"{(span[1] - span[0]) / 48000:.6f}"]
    log = subprocess.run(
        ["ffmpeg", "-nostats", *seek, "-i", str(path), "-af", graph, "-f", "null", "-"],
        capture_output=True, text=True, check=True,
    ).stderr
    summary = log[log.rindex("Summary:"):]
    loud, peak = re.search(r"I:\s+(-?[\d.]+) LUFS", summary), re.search(r"Peak:\s+(-?[\d.]+) dBFS", summary)
    return float(loud[1]) if loud else -70.0, float(peak[1]) if peak else -120.0


def run(options: Mapping[str, str]) -> Iterator[Figure]:
    """Yields time, memory, real-time factor, growth with length, and loudness by ffmpeg's meter."""
    minutes, long_minutes = float(options.get("minutes", 30)), float(options.get("long_minutes", 180))
    with tempfile.TemporaryDirectory(prefix="station-bench-") as name:
        folder = Path(name)
        plan = _plan(folder, minutes)
        repeats = max(1, int(options.get("repeats", 2)))
        ours = min((_child("ours", plan, folder / "ours.wav") for _ in range(repeats)), key=lambda one: one["cpu"])
        naive = min((_child("naive", plan, folder / "naive.wav") for _ in range(repeats)), key=lambda one: one["cpu"])
        (folder / "naive.wav").unlink()
        yield Figure("programs.time", ours["cpu"], "s of CPU", naive["cpu"], 0.5, of="ratio")
        yield Figure("programs.memory", ours["megabytes"], "MB", naive["megabytes"], 1 / 6, of="ratio")
        yield Figure("programs.real_time_factor", ours["cpu"] / ours["seconds"], "s/s", naive["cpu"] / naive["seconds"], 0.004)
        loudness, peak = ebur128(folder / "ours.wav")
        yield Figure("programs.loudness_off_target", abs(loudness + 16), "LU", goal=0.5)
        yield Figure("programs.true_peak", peak, "dBTP", goal=-1.0)
        spans = [(start, end) for kind, start, end in ours["chapters"] if kind == "item"]
        worst = max(abs(ebur128(folder / "ours.wav", span)[0] + 16) for span in spans[:: max(1, len(spans) // 8)])
        yield Figure("programs.worst_item_off_target", worst, "LU", goal=0.5)
        (folder / "ours.wav").unlink()
        if long_minutes:
            longer = _child("ours", _plan(folder, long_minutes), folder / "long.wav")
            yield Figure("programs.memory_long", longer["megabytes"], "MB", ours["megabytes"], 1.2, of="ratio")

"""``station bench text``: accuracy and speed beside sea-g2p alone, in one run.

Accuracy is measured on ``normalize/dev.tsv`` with its scorer when ``--set data=FOLDER`` (or ``../shared/normalize``)
has them, and on the project's own cases when its tests are beside the package; speed needs no data.
"""

from __future__ import annotations

import importlib.util
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType

import station
from station.bench import Figure

_SAMPLE = (
    "Thực hiện Thông báo số 15/TB-UBND ngày 20/11/2026 của UBND xã, từ 7h30 đến 11h00, Trạm Y tế xã tiêm phòng tại 9/9 thôn.",
    "Tổng kinh phí 2,5 tỷ đồng, đạt 70% - 80% kế hoạch, 125 ha rừng.", "Toàn dân chung tay giữ gìn vệ sinh đường làng ngõ xóm.",
)
_LOAD = """
import time
start = time.perf_counter()
from station.text import normalize
normalize("UBND xã họp TT lúc 7h30, có 5 hộ dùng Zalo.")
print(time.perf_counter() - start)
"""
_OWN_KINDS = ("hand", "numbers", "calendar", "amounts", "codes", "words", "text")


def _module(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(str(path))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _median_ms(say: Callable[[str], str], lines: list[str]) -> float:
    for line in lines[:5]:
        say(line)
    times = []
    for line in lines * 3:
        start = time.perf_counter()
        say(line)
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def _load_seconds() -> float:
    """The best of three: other work of the machine only ever adds."""
    return min(
        float(subprocess.run([sys.executable, "-c", _LOAD], check=True, capture_output=True, text=True).stdout) for _ in range(3)
    )


def _linear(normalize: Callable[[str], str], make_script: Callable[[str], object], lines: list[str]) -> Iterator[Figure]:
    """CPU seconds for a text, beside a quarter of it: four times as much when the cost is linear."""
    for name, small, say in (
        ("text.megabyte", "\n".join(lines) + "\n", make_script), ("text.no_space", "a1", normalize), ("text.one_line", " ".join(lines) + " ", normalize),
    ):
        print(f"{name}...", file=sys.stderr)
        size = 1_000_000 if say is make_script else 100_000
        times = []
        for length in (size // 4, size):
            text = (small * (length // len(small) + 1))[:length]
            start = time.process_time()
            say(text)
            times.append(time.process_time() - start)
        yield Figure(name, times[1], "s", times[0], 6.0, of="ratio")


def run(options: Mapping[str, str]) -> Iterator[Figure]:
    """Yields loading, accuracy, median time a sentence, and three measures of linear cost."""
    yield Figure("text.load", _load_seconds(), "s", goal=0.3)
    from sea_g2p import Normalizer

    from station.text import make_script, normalize

    sea = Normalizer().normalize
    lines = list(_SAMPLE)
    folders = (Path(options.get("data", "")), Path("../shared/normalize"), Path("shared/normalize"))
    folder = next((path for path in folders if (path / "dev.tsv").is_file()), None)
    if folder is not None:
        scorer = _module("station_bench_score", folder / "score.py")
        rows = scorer.load(str(folder / "dev.tsv"))
        lines = [row[0] for row in rows]
        mine = sum(scorer.ok(row, normalize(row[0])) for row in rows)
        theirs = sum(scorer.ok(row, sea(row[0])) for row in rows)
        yield Figure("text.accuracy", mine / len(rows), "share", theirs / len(rows), 109 / 110, "at_least")
    readings_file = Path(station.__file__).parent.parent / "tests" / "text" / "readings.py"
    if readings_file.is_file():
        readings = _module("station_bench_readings", readings_file)
        cases = readings.rows(*_OWN_KINDS)
        mine = sum(readings.fits(expected, normalize(written)) for written, expected, _ in cases)
        theirs = sum(readings.fits(expected, sea(written)) for written, expected, _ in cases)
        yield Figure("text.own_cases", mine / len(cases), "share", theirs / len(cases), 0.99, "at_least")
    yield Figure("text.median", _median_ms(normalize, lines), "ms/sentence", _median_ms(sea, lines), 1.5)
    yield from _linear(normalize, make_script, lines)

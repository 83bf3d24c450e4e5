"""``station bench text``: accuracy and speed beside sea-g2p alone, in one run.

The data is ``normalize/dev.tsv`` with its scorer when ``--set data=FOLDER`` (or ``../shared/normalize``) has them;
speed needs no data.
"""

from __future__ import annotations

import importlib.util
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from station.bench import Figure

_SAMPLE = (
    "Thực hiện Thông báo số 15/TB-UBND ngày 20/11/2026 của UBND xã, từ 7h30 đến 11h00, Trạm Y tế xã tiêm phòng tại 9/9 thôn.",
    "Tổng kinh phí 2,5 tỷ đồng, đạt 70% - 80% kế hoạch, 125 ha rừng.", "Toàn dân chung tay giữ gìn vệ sinh đường làng ngõ xóm.",
)


def _median_ms(say: Callable[[str], str], lines: list[str]) -> float:
    for line in lines[:5]:
        say(line)
    times = []
    for line in lines * 3:
        start = time.perf_counter()
        say(line)
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def run(options: Mapping[str, str]) -> Iterator[Figure]:
    """Yields accuracy, median time a sentence, loading, and two measures of linear cost."""
    seconds = float(
        subprocess.run(
            [sys.executable, "-c", "import time;t=time.perf_counter()\nfrom station.text import normalize\nnormalize('Có 5 hộ.')\nprint(time.perf_counter()-t)"],
            check=True, capture_output=True, text=True,
        ).stdout
    )
    yield Figure("text.load", seconds, "s", goal=0.3)
    from sea_g2p import Normalizer

    from station.text import make_script, normalize

    sea = Normalizer().normalize
    folder = next((path for path in (Path(options.get("data", "")), Path("../shared/normalize"), Path("shared/normalize")) if (path / "dev.tsv").is_file()), None)
    lines = list(_SAMPLE)
    if folder is not None:
        spec = importlib.util.spec_from_file_location("station_bench_score", folder / "score.py")
        if spec is not None and spec.loader is not None:
            scorer = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(scorer)
            rows = scorer.load(str(folder / "dev.tsv"))
            lines = [row[0] for row in rows]
            mine = sum(scorer.ok(row, normalize(row[0])) for row in rows)
            theirs = sum(scorer.ok(row, sea(row[0])) for row in rows)
            yield Figure("text.accuracy", mine / len(rows), "share", theirs / len(rows), 109 / 110, "at_least")
    yield Figure("text.median", _median_ms(normalize, lines), "ms/sentence", _median_ms(sea, lines), 1.5)
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

"""The parts of ``station bench air`` that measure a whole ``station air``: process, database, mixer and sound server."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soundfile

from station.bench import Figure
from station.bench.pulse import BenchSink, find, noise
from station.config import Settings, load_settings
from station.db import Database, open_database

RATE = 48000
#: a break is looked for in pieces of so many frames
_PIECE = 4800
_EVERY_SECONDS = 20.0


def tell(text: str) -> None:
    """Progress, to standard error."""
    print(text, file=sys.stderr, flush=True)


class AirUnderMeasure:
    """A station of its own with a real ``station air``."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        (folder / "station.toml").write_text(
            "[hours]\nquiet = []\nlongest_session_minutes = 100\ndaily_total_minutes = 1440\n", encoding="utf-8"
        )
        self.folder = folder
        self.settings: Settings = load_settings(folder)
        self.settings.home.ensure()
        self.database: Database = open_database(self.settings)
        self.database.migrate()
        self.process = subprocess.Popen([sys.executable, "-m", "station", "--home", str(folder), "air"])
        until = time.monotonic() + 30
        while not self._has_output() and time.monotonic() < until:
            time.sleep(0.1)
        time.sleep(4)

    def _has_output(self) -> bool:
        from station.db.models import Heartbeat

        with self.database.session(write=False) as session:
            row = session.get(Heartbeat, "air")
            return row is not None and bool(row.data.get("output"))

    def approved_program(self, path: Path) -> int:
        """A program made of that file, approved; its number."""
        from station.db.models import Approval, Program, Render
        from station.db.states import Decision, ProgramState
        from station.editorial.programs import content_sha256
        from station.playout.choose import hash_file

        info = soundfile.info(str(path))
        with self.database.session() as session:
            program = Program(title="Đo một giờ", template="daily", state=ProgramState.APPROVED)
            session.add(program)
            session.flush()
            render = Render(
                program_id=program.id, path=str(path.relative_to(self.folder)), sha256=hash_file(path), script_sha256="0" * 64,
                content_sha256=content_sha256(session, program), frames=info.frames, sample_rate=info.samplerate,
                channels=info.channels, loudness_lufs=-16.0, true_peak_dbtp=-1.0, chapters=[],
            )
            session.add(render)
            session.flush()
            program.render_id = render.id
            session.add(Approval(
                program_id=program.id, render_id=render.id, decision=Decision.APPROVED, render_sha256=render.sha256,
                script_sha256=render.script_sha256,
            ))
            return program.id

    def command(self, action: str, **values: object) -> None:
        from station.db.models import AirCommand
        from station.playout.wake import poke

        with self.database.session() as session:
            session.add(AirCommand(action=action, data=values))
        poke(self.settings)

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(10)
        self.database.close()


@contextmanager
def air_station(folder: Path) -> Iterator[AirUnderMeasure]:
    """A running one, ended afterwards."""
    station = AirUnderMeasure(folder)
    try:
        yield station
    finally:
        station.close()


class Family:
    """Cost of a process and its children: processor time and memory."""

    def __init__(self, pid: int) -> None:
        import psutil

        root = psutil.Process(pid)
        self._family = [root, *root.children(recursive=True)]
        self.mark()

    def mark(self) -> None:
        """Begin to count here."""
        self._spent, self._began = self._cpu(), time.monotonic()

    def _cpu(self) -> float:
        return float(sum(p.cpu_times().user + p.cpu_times().system for p in self._family))

    def share(self) -> float:
        """Percent of one core since the mark."""
        return 100 * (self._cpu() - self._spent) / (time.monotonic() - self._began)

    def megabytes(self) -> float:
        """All that is resident, as ``ps`` counts it: what two of them share is counted twice.

        The proportional share (PSS) is less, but it moves whenever any other process with the same libraries comes or goes.
        """
        return float(sum(p.memory_info().rss for p in self._family)) / 1e6


def whole_path(sink: BenchSink, folder: Path, count: int) -> Iterator[Figure]:
    """From the committed request for an emergency to its first sample, through database and conductor."""
    from station.db.models import Emergency
    from station.playout.emergency import request_emergency
    from station.playout.signals import signal_file
    from station.playout.wake import poke

    delays = []
    with air_station(folder / "station") as station:
        settings, database = station.settings, station.database
        notice = settings.home.audio / "n.wav"
        soundfile.write(notice, noise(0.3, 3), RATE, subtype="PCM_16")
        signal = soundfile.read(signal_file("chime", settings.home.cache / "signals", RATE), dtype="int16")[0]
        first = int(np.flatnonzero(signal)[0])
        for index in range(count):
            begin = sink.frames
            with database.session() as session:
                number = request_emergency(
                    session, settings, content="", path=str(notice.relative_to(station.folder)), idempotency_key=f"b{index}",
                    confirmation="THỬ", user=None, test=True, signal="chime", repeats=1,
                ).id
            asked = time.time()
            poke(settings)
            time.sleep(1.2)
            at = find(sink.samples(begin), signal[first:4800])
            if at >= 0:
                delays.append((sink.wall_of(begin + at - first) - asked) * 1000)
            _until(lambda number=number: _ended(database, Emergency, number), 15)  # type: ignore[misc]
    p95 = float(np.percentile(delays, 95)) if delays else 1e9
    yield Figure("emergency_accepted_to_first_sample_p95", round(p95, 1), "ms", goal=200)
    yield Figure("emergencies_of_the_path_heard", len(delays) / count, "share", goal=1.0, sense="at_least")


def _ended(database: Database, model: type, number: int) -> bool:
    with database.session(write=False) as session:
        return session.get_one(model, number).ended_at is not None


def _until(condition: Callable[[], bool], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.1)


class Listener:
    """Compares a long recording with what was sent, piece by piece, without keeping it."""

    def __init__(self, sink: BenchSink, path: Path) -> None:
        self._sink, self._path = sink, path
        self._rest = np.zeros(0, np.int16)
        self._at = -1  # frame of the program where the rest begins
        self.breaks = 0
        self.equal = 0

    def listen(self) -> None:
        """Take what was recorded since the last call."""
        self._rest = np.concatenate([self._rest, self._sink.take()])
        if self._at < 0 and not self._find_start():
            return
        with soundfile.SoundFile(str(self._path)) as file:
            while len(self._rest) >= 2 * _PIECE and self._at + _PIECE <= file.frames:
                file.seek(self._at)
                piece = file.read(_PIECE, dtype="int16")
                if not np.array_equal(self._rest[:_PIECE], piece):
                    self.breaks += 1
                    self._find_again(file)
                    return
                self.equal += _PIECE
                self._rest, self._at = self._rest[_PIECE:], self._at + _PIECE

    def _find_start(self) -> bool:
        with soundfile.SoundFile(str(self._path)) as file:
            place = find(self._rest, file.read(RATE // 10, dtype="int16"))
        if place < 0:
            return False
        self._rest, self._at = self._rest[place:], 0
        return True

    def _find_again(self, file: soundfile.SoundFile) -> None:
        """After a break: the next place of the program that is heard."""
        for ahead in range(0, 10 * RATE, _PIECE):
            file.seek(min(self._at + ahead, file.frames))
            piece = file.read(_PIECE, dtype="int16")
            place = find(self._rest, piece) if len(piece) == _PIECE else -1
            if place >= 0:
                self._rest, self._at = self._rest[place:], self._at + ahead
                return
        self._rest = self._rest[-10 * RATE:]


def _anchor(station: AirUnderMeasure) -> float:
    """Seconds of the program already handed over, less the wall clock: what it gains or loses is drift.

    The mean of two seconds of looks: what the mixer tells of itself is a tenth of a second old at most.
    """
    from station.playout.engine_client import position_of

    found = []
    for _ in range(80):
        found.append((position_of(station.settings, "priority") or 0) / RATE - time.time())
        time.sleep(0.025)
    return float(np.mean(found))


def _growth(looks: list[tuple[float, float]]) -> float:
    """MB gained over the run: the straight line through all looks (seconds, MB) but those of the first tenth.

    Beside the growth from the first look to the last, it tells a leak from what is taken once at the start.
    """
    seconds, memory = np.array([look for look in looks if look[0] >= looks[-1][0] / 10]).T
    return float(np.polyfit(seconds, memory, 1)[0] * looks[-1][0]) if len(seconds) > 2 else 0.0


def long_run(sink: BenchSink, folder: Path, minutes: float) -> Iterator[Figure]:
    """An hour (or less) on air: every sample compared, cost, growth of memory, drift of frames against the clock."""
    from station.playout.engine_client import position_of

    with air_station(folder / "hour") as station:
        path = station.settings.home.audio / "hour.wav"
        with soundfile.SoundFile(str(path), "w", RATE, 1, subtype="PCM_16") as file:
            for minute in range(int(np.ceil(minutes))):
                file.write(noise(min(60.0, (minutes - minute) * 60), 1000 + minute))
        number = station.approved_program(path)
        listener = Listener(sink, path)
        listener.listen()
        station.command("play_now", program_id=number)
        _until(lambda: (position_of(station.settings, "priority") or 0) > 5 * RATE, 60)
        family = Family(station.process.pid)
        looks: list[tuple[float, float]] = []
        memory, began, first = family.megabytes(), time.time(), _anchor(station)
        family.mark()
        until = time.monotonic() + minutes * 60 - 12
        drift, told = 0.0, time.monotonic()
        while time.monotonic() < until:
            time.sleep(min(_EVERY_SECONDS, max(0.0, until - time.monotonic())))
            listener.listen()
            now = time.time()
            drift = 100 * abs(_anchor(station) - first) / (now - began)
            looks.append((now - began, family.megabytes()))
            if time.monotonic() - told >= 300:
                told = time.monotonic()
                tell(f"  {now - began:.0f} s: {family.megabytes():.1f} MB, {family.share():.2f} %, drift {drift:.5f} %, "
                     f"{listener.breaks} breaks")
        share, after = family.share(), family.megabytes()
        heard = listener.equal / RATE
    yield Figure("air_and_mixer_cpu", round(share, 2), "percent of a core", goal=2)
    yield Figure("air_and_mixer_memory", round(max(look for _, look in looks), 1), "MB", goal=120)
    yield Figure(f"memory_growth_in_{minutes:g}_minutes", round(after - memory, 2), "MB", goal=2)
    yield Figure(f"memory_trend_in_{minutes:g}_minutes", round(_growth(looks), 2), "MB")
    yield Figure(f"drift_in_{minutes:g}_minutes", round(drift, 5), "percent", goal=0.1)
    yield Figure(f"breaks_in_{minutes:g}_minutes", listener.breaks, "breaks", goal=0)
    yield Figure("seconds_equal_sample_for_sample", round(heard, 1), "seconds", goal=minutes * 60 - 35, sense="at_least")

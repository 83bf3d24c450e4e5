"""Stations for the tests of playout: a home, a database, approved programs of (invented) noise."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import soundfile
import sqlalchemy as sa

from station.config import Settings, load_settings
from station.db import Database, open_database
from station.db.models import Approval, AsRun, Occurrence, Program, Render, Slot, User
from station.db.states import Decision, FillKind, LatePolicy, ProgramState, UserRole
from station.editorial.programs import content_sha256
from station.playout.choose import hash_file
from tests.pulse import PulseServer, noise

TOML = """
[hours]
quiet = []
sessions_a_day = 1000
daily_total_minutes = 100000
"""


class StationUnderTest:
    """One station home with its database."""

    def __init__(self, root: Path, toml: str = TOML) -> None:
        root.mkdir(parents=True, exist_ok=True)
        (root / "station.toml").write_text(toml, encoding="utf-8")
        self.settings: Settings = load_settings(root)
        self.settings.home.ensure()
        self.database: Database = open_database(self.settings)
        self.database.migrate()
        self.processes: list[subprocess.Popen[bytes]] = []
        with self.database.session() as session:
            leader = User(username="hung", display_name="Lê Văn Hùng", password_hash="x", role=UserRole.APPROVER)
            session.add(leader)
            session.flush()
            self.leader_id = leader.id

    def program(
        self, samples: np.ndarray, *, template: str = "daily", approved: bool = True, title: str = "Bản tin thử",
        chapters: list[dict[str, object]] | None = None,
    ) -> int:
        """A program of those samples (int16); its id."""
        with self.database.session() as session:
            program = Program(title=title, template=template, state=ProgramState.READY)
            session.add(program)
            session.flush()
            path = self.settings.home.audio / f"program-{program.id}.wav"
            soundfile.write(path, samples, 48000, subtype="PCM_16")
            render = Render(
                program_id=program.id, path=str(path.relative_to(self.settings.home.root)), sha256=hash_file(path),
                script_sha256="0" * 64, content_sha256=content_sha256(session, program), frames=len(samples), sample_rate=48000,
                channels=1 if samples.ndim == 1 else samples.shape[1], loudness_lufs=-16.0, true_peak_dbtp=-1.0,
                chapters=chapters or [],
            )
            session.add(render)
            session.flush()
            program.render_id = render.id
            session.flush()
            if approved:
                self.approve(session, program, render)
            return program.id

    def approve(self, session: sa.orm.Session, program: Program, render: Render) -> None:
        program.state = ProgramState.APPROVED
        session.add(Approval(
            program_id=program.id, render_id=render.id, decision=Decision.APPROVED, render_sha256=render.sha256,
            script_sha256=render.script_sha256, user_id=self.leader_id,
        ))

    def render_path(self, program_id: int) -> Path:
        with self.database.session(write=False) as session:
            return self.settings.home.root / session.get(Program, program_id).render.path

    def slot(self, after_seconds: float, **columns: object) -> datetime:
        """A slot that begins so many (whole) seconds from now, today only; its moment."""
        start = (datetime.now(UTC) + timedelta(seconds=after_seconds)).astimezone(self.settings.zone)
        start = start.replace(microsecond=0)
        values: dict[str, object] = {
            "name": "Buổi thử", "start_time": f"{start:%H:%M:%S}", "duration_seconds": 30,
            "rule": {"dates": [start.date().isoformat()]}, "fill_kind": FillKind.LATEST, "fill": "daily",
            "late_policy": LatePolicy.START_NOW, "created_at": datetime.now(UTC) - timedelta(days=2),
            "updated_at": datetime.now(UTC) - timedelta(days=2), **columns,
        }
        with self.database.session() as session:
            session.add(Slot(**values))
        return start.astimezone(UTC)

    def air(self, server: PulseServer | None = None, **environment: str) -> subprocess.Popen[bytes]:
        """A real ``station air``."""
        base = dict(server.environment) if server is not None else dict(os.environ)
        base.update(environment)
        process = subprocess.Popen(
            [sys.executable, "-m", "station", "--home", str(self.settings.home.root), "air"], env=base,
        )
        self.processes.append(process)
        return process

    def wait(self, condition: Callable[[sa.orm.Session], object], seconds: float = 20) -> object:
        """Wait until ``condition(session)`` gives something true; that."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with self.database.session(write=False) as session:
                found = condition(session)
            if found:
                return found
            time.sleep(0.05)
        raise AssertionError("it did not come in time")

    def occurrences(self) -> list[Occurrence]:
        with self.database.session(write=False) as session:
            return list(session.scalars(sa.select(Occurrence).order_by(Occurrence.planned_start)))

    def as_run(self) -> list[AsRun]:
        """The programs' own rows."""
        with self.database.session(write=False) as session:
            return list(session.scalars(sa.select(AsRun).where(AsRun.item_ref == "").order_by(AsRun.id)))

    def ended(self, count: int = 1, seconds: float = 25) -> list[Occurrence]:
        self.wait(
            lambda session: session.scalar(
                sa.select(sa.func.count(Occurrence.id)).where(Occurrence.outcome.is_not(None))
            ) >= count, seconds,
        )
        return [row for row in self.occurrences() if row.outcome is not None]

    def close(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(6)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.database.close()


__all__ = ["StationUnderTest", "noise"]

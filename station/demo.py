"""One photographed bulletin through every stage of the station, from paper to the audio output.

The same code runs as for staff: the jobs of the worker, the rules of approval, the timetable, the ``air`` process.
Nothing of it can slip into the daily broadcast: the program has a template of its own that no slot asks for.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from station.config import Settings
from station.db.database import Database
from station.db.models import AsRun, Bulletin, Heartbeat, Job, Occurrence, Program, Slot, User
from station.db.states import BulletinState, FillKind, JobState, LatePolicy, Outcome, ProgramState, UserRole
from station.db.types import utc_now
from station.editorial import approvals, bulletins, people, programs
from station.editorial.bulletins import Upload
from station.errors import StationError
from station.playout.report import OUTCOME_WORDS
from station.work import enqueue_build, enqueue_read
from station.work.worker import Runner

SAMPLE = "sample-photo.jpg"
SOURCE = "demo"
TEMPLATE = "demo"
FIRST_USER = "quantri"
#: how long before its time the demonstration is put into the timetable
LEAD_SECONDS = 4
#: what the occurrence may need beyond the length of the program
PATIENCE_SECONDS = 60


class DemoError(StationError):
    """The demonstration could not go on."""

    code = "demo"


@dataclass(frozen=True)
class Stage:
    """One stage that ended: its name, how long it took, what came of it."""

    name: str
    seconds: float
    result: str


@dataclass
class Outcomes:
    """What can be shown at the end."""

    password: str = ""
    text: str = ""
    script: str = ""
    as_run: list[str] | None = None
    program: Path | None = None
    seconds: float = 0.0
    loudness_lufs: float = 0.0
    aired: bool = False
    #: what was sent, where there is no sound card
    aired_file: Path | None = None


def _outcome(outcome: Outcome | None) -> str:
    """An outcome in words, with its name in the log."""
    return f"{OUTCOME_WORDS[outcome]} ({outcome.value})" if outcome else "Chưa có kết quả"


def sample_bulletin(settings: Settings) -> Path:
    """The photographed sample: the home's own, else the one that comes with the software."""
    from station.starter import HERE

    for folder in (settings.home.bulletins, HERE / "bulletins"):
        if (folder / SAMPLE).is_file():
            return folder / SAMPLE
    raise DemoError(f"Không thấy ảnh mẫu {SAMPLE}.", mend="Hãy ghi tên một ảnh: station demo ẢNH.")


class Demo:
    """Runs the stages one after the other; :meth:`run` yields each as it ends."""

    def __init__(
        self, settings: Settings, database: Database, paper: Path, *,
        progress: Callable[[str, int, int], None] | None = None,
    ) -> None:
        self.settings = settings
        self.database = database
        self.paper = paper
        self.progress = progress
        self.outcomes = Outcomes()
        self._runner = Runner(settings, database)
        self._user_id = 0
        self._bulletin_id = 0
        self._program_id = 0

    def run(self) -> Iterator[Stage]:
        stages: tuple[tuple[str, Callable[[], str]], ...] = (
            ("Chuẩn bị đài", self._prepare), ("Nhận bản tin", self._receive), ("Đọc chữ từ ảnh", self._read),
            ("Chuyển thành lời đọc", self._normalize), ("Đọc thành tiếng và dựng chương trình", self._build),
            ("Duyệt", self._approve), ("Xếp lịch và phát", self._air),
        )
        for name, work in stages:
            began = time.monotonic()
            result = work()
            yield Stage(name, time.monotonic() - began, result)

    def _prepare(self) -> str:
        from station.schedules.store import import_toml

        with self.database.session() as session:
            if people.needs_first_user(session):
                self.outcomes.password = people.make_password()
                people.create_user(
                    session, username=FIRST_USER, password=self.outcomes.password, role=UserRole.ADMINISTRATOR,
                    display_name="Quản trị", must_change_password=True,
                )
            user = session.scalars(
                sa.select(User).where(User.role.in_((UserRole.ADMINISTRATOR, UserRole.APPROVER)), User.active)
                .order_by(User.id)
            ).first()
            if user is None:
                raise DemoError("Chưa có người quản trị nào.", mend="Hãy chạy: station user add quantri --role administrator")
            self._user_id = user.id
            for old in session.scalars(sa.select(Bulletin).where(Bulletin.source == SOURCE)):
                old.state = BulletinState.ARCHIVED
            for earlier in session.scalars(sa.select(Program).where(Program.template == TEMPLATE)):
                earlier.state = ProgramState.ARCHIVED
            slots = session.scalar(sa.select(sa.func.count()).select_from(Slot))
            if not slots and any(self.settings.home.schedules.glob("*.toml")):
                slots, _ = import_toml(session, self.settings.home.schedules)
        return f"cơ sở dữ liệu sẵn sàng, lịch phát có {slots} khung giờ"

    def _receive(self) -> str:
        with self.database.session() as session:
            bulletin = bulletins.receive(
                session, self.settings, [Upload(self.paper.name, self.paper)], user_id=self._user_id, source=SOURCE
            )
            self._bulletin_id = bulletin.id
            enqueue_read(session, bulletin.id, self._user_id)
        return f"{self.paper.name}, {self.paper.stat().st_size / 1e6:.1f} MB; ảnh gốc được giữ nguyên"

    def _work(self) -> None:
        """Run what waits; the job's own progress is shown while it runs."""
        import threading

        done = threading.Event()

        def watch() -> None:
            while not done.wait(0.3):
                with self.database.session(write=False) as session:
                    job = session.scalars(sa.select(Job).where(Job.state == JobState.RUNNING).order_by(Job.id.desc())).first()
                    if job is not None and self.progress is not None:
                        self.progress(job.step, job.done, job.total)

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            with self.database.session(write=False) as session:
                wanted = session.scalars(
                    sa.select(Job).where(
                        Job.state.in_((JobState.QUEUED, JobState.RUNNING)),
                        sa.or_(Job.bulletin_id == self._bulletin_id, Job.program_id == self._program_id),
                    )
                ).all()
            for job in wanted:
                # Where a worker runs already it may have taken the job: then wait for it.
                if not self._runner.run(job.id):
                    self._wait_for_job(job.id)
        finally:
            done.set()
            watcher.join()

    def _wait_for_job(self, job_id: int) -> None:
        while True:
            with self.database.session(write=False) as session:
                if session.get_one(Job, job_id).state not in (JobState.QUEUED, JobState.RUNNING):
                    return
            time.sleep(0.3)

    def _read(self) -> str:
        self._work()
        with self.database.session() as session:
            bulletin = session.get_one(Bulletin, self._bulletin_id)
            if bulletin.state is BulletinState.FAILED:
                raise DemoError(bulletin.problem)
            self.outcomes.text = bulletins.current_text(session, bulletin)
            pages, title = len(bulletin.pages), bulletin.title
            bulletins.mark_ready(session, bulletin, user_id=self._user_id)
        words = len(self.outcomes.text.split())
        return f"{pages} trang, {words} chữ được đọc lên: “{title}”"

    def _normalize(self) -> str:
        from station.voices.speak import make_station_script

        script = make_station_script(self.outcomes.text, self.settings)
        self.outcomes.script = script.text()
        return f"{len(script.sentences)} câu, {len(script.doubts)} chỗ cần người xem lại"

    def _build(self) -> str:
        with self.database.session() as session:
            program = programs.create_program(
                session, title="Chương trình chạy thử", air_date=datetime.now(self.settings.zone).date(),
                template=TEMPLATE, bulletin_ids=[self._bulletin_id], user_id=self._user_id,
            )
            self._program_id = program.id
            enqueue_build(session, program.id, self._user_id)
        self._work()
        with self.database.session(write=False) as session:
            program = session.get_one(Program, self._program_id)
            if program.render is None or program.state is not ProgramState.READY:
                raise DemoError(program.problem or "Chưa dựng được chương trình.")
            render = program.render
            self.outcomes.program = self.settings.home.root / render.path
            self.outcomes.seconds = render.seconds
            self.outcomes.loudness_lufs = render.loudness_lufs
            return f"{render.seconds:.1f} giây, {render.loudness_lufs:.1f} LUFS, giọng {render.voice}"

    def _approve(self) -> str:
        with self.database.session() as session:
            program = session.get_one(Program, self._program_id)
            user = session.get_one(User, self._user_id)
            if self.settings.web.two_person_rule:
                raise DemoError("Đài bật quy định hai người nên chạy thử không tự duyệt.", mend="Hãy duyệt trên trang web.")
            assert program.render is not None
            row = approvals.approve(session, self.settings, program, user=user, render_sha256=program.render.sha256)
            return f"{user.display_name} duyệt đúng bản âm thanh {row.render_sha256[:12]}…"

    def _air(self) -> str:
        slot_id = self._one_off_slot()
        air = None
        if not self._air_is_running():
            # A trial at night is no broadcast: the hours of the commune do not hold for it.
            environment = {**os.environ, "STATION_HOURS__QUIET": ""}
            with (self.settings.home.logs / "demo.log").open("ab") as log:  # details for the log, not for the screen
                air = subprocess.Popen(
                    [sys.executable, "-m", "station", "--home", str(self.settings.home.root), "air"], env=environment,
                    stderr=log,
                )
        try:
            occurrence_id = self._wait_for_outcome(slot_id, air)
        finally:
            if air is not None:
                air.terminate()
                try:
                    air.wait(20)
                except subprocess.TimeoutExpired:
                    air.kill()
                    air.wait()
            with self.database.session() as session:
                session.get_one(Slot, slot_id).active = False
        return self._as_run(occurrence_id)

    def _one_off_slot(self) -> int:
        start = datetime.now(self.settings.zone) + timedelta(seconds=LEAD_SECONDS)
        start = start.replace(microsecond=0) + timedelta(seconds=1)
        with self.database.session() as session:
            slot = Slot(
                name="Chạy thử", start_time=f"{start:%H:%M:%S}", rule={"dates": [start.date().isoformat()]},
                duration_seconds=max(60, int(self.outcomes.seconds) + 30), fill_kind=FillKind.PROGRAM,
                fill=str(self._program_id), late_policy=LatePolicy.START_NOW,
            )
            session.add(slot)
            session.flush()
            return slot.id

    def _air_is_running(self) -> bool:
        with self.database.session(write=False) as session:
            row = session.get(Heartbeat, "air")
            return row is not None and utc_now() - row.at < timedelta(seconds=10)

    def _wait_for_outcome(self, slot_id: int, air: subprocess.Popen[bytes] | None) -> int:
        end = time.monotonic() + LEAD_SECONDS + self.outcomes.seconds + PATIENCE_SECONDS
        began = 0.0
        while time.monotonic() < end:
            if air is not None and air.poll() is not None:
                raise DemoError("Phần phát sóng đã dừng giữa chừng.", mend="Hãy xem var/logs/demo.log, rồi chạy: station doctor")
            with self.database.session(write=False) as session:
                row = session.scalars(sa.select(Occurrence).where(Occurrence.slot_id == slot_id)).first()
                if row is not None and row.outcome is not None:
                    self.outcomes.aired = row.outcome in (Outcome.AIRED, Outcome.AIRED_LATE)
                    return row.id
                if row is not None and row.started_at is not None:
                    began = began or time.monotonic()
            if began and self.progress is not None:
                total = int(self.outcomes.seconds)
                self.progress("airing", min(int(time.monotonic() - began), total), total)
            time.sleep(0.3)
        raise DemoError("Chương trình chưa phát xong trong thời gian chờ.", mend="Hãy chạy: station doctor")

    def _as_run(self, occurrence_id: int) -> str:
        with self.database.session(write=False) as session:
            rows = session.scalars(sa.select(AsRun).where(AsRun.occurrence_id == occurrence_id).order_by(AsRun.id)).all()
            occurrence = session.get_one(Occurrence, occurrence_id)
            zone = self.settings.zone
            self.outcomes.as_run = [
                f"{row.real_start.astimezone(zone):%H:%M:%S}–{row.real_end.astimezone(zone):%H:%M:%S}  "
                f"{row.title}  {_outcome(row.outcome)}  {row.output}  "
                + (f"{row.level_dbfs:.1f} dBFS" if row.level_dbfs is not None else "")
                for row in rows
            ]
            if not rows:
                return f"{_outcome(occurrence.outcome)}: {occurrence.reason}"
            first = rows[0]
            self._tell_file(first.output)
            level = f", mức {first.level_dbfs:.1f} dBFS" if first.level_dbfs is not None else ""
            return f"{_outcome(occurrence.outcome)}, trên {first.output}{level}"

    def _tell_file(self, output: str) -> None:
        """Where there is no sound card the program was written to a file: find it."""
        if output.startswith("file:"):
            files = sorted(Path(output.removeprefix("file:")).glob("*.wav"), key=lambda path: path.stat().st_mtime)
            self.outcomes.aired_file = files[-1] if files else None

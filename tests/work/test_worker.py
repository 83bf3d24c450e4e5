"""Long jobs: never lost, never done twice, cancelled when asked.  All texts are invented."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest
import sqlalchemy as sa

from station.db.models import Alarm, Bulletin, Heartbeat, Job, Program, Text
from station.db.states import BulletinState, JobState, ProgramState, TextKind
from station.db.types import utc_now
from station.editorial import bulletins, programs
from station.editorial.bulletins import Upload
from station.errors import StationError
from station.work import cancel, enqueue_build, enqueue_read, retry
from station.work.identity import is_gone, process_name
from station.work.inbox import REFUSED, TAKEN, Inbox
from station.work.jobs import JobStore
from station.work.worker import Keeper, Runner


def wait_for(condition, seconds=60.0, every=0.1):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(every)
    raise AssertionError("it did not happen in time")


def start_worker(settings):
    return subprocess.Popen(
        [sys.executable, "-m", "station", "--home", str(settings.home.root), "worker"],
        env={**os.environ, "STATION_LOG_LEVEL": "INFO"}, stderr=subprocess.DEVNULL,
    )


def stop(process, how=signal.SIGTERM, seconds=20):
    process.send_signal(how)
    return process.wait(seconds)


@pytest.fixture
def runner(settings, database):
    return Runner(settings, database, "here:1:1")


def new_bulletin(session, settings, text="Mời bà con họp thôn lúc 19 giờ."):
    bulletin = bulletins.receive_text(session, settings, "Họp thôn", text, user_id=None)
    bulletins.mark_ready(session, bulletin, user_id=None)
    return bulletin


def new_program(session, settings, *texts):
    ids = [new_bulletin(session, settings, text).id for text in texts]
    return programs.create_program(session, title="Buổi sáng", air_date=None, bulletin_ids=ids, user_id=None)


def test_a_text_file_is_read_and_waits_for_proofreading(settings, database, runner, tmp_path):
    paper = tmp_path / "hop.txt"
    paper.write_text("THÔNG BÁO\nVề việc họp thôn\nMời bà con họp lúc 19 giờ.", encoding="utf-8")
    with database.session() as session:
        bulletin = bulletins.receive(session, settings, [Upload(paper.name, paper)], user_id=None)
        enqueue_read(session, bulletin.id)
    assert runner.run_waiting() == 1
    with database.session(write=False) as session:
        bulletin = session.scalars(sa.select(Bulletin)).one()
        assert bulletin.state is BulletinState.PROOFREADING
        assert "Mời bà con họp lúc 19 giờ." in bulletins.current_text(session, bulletin)


def test_a_broken_file_ends_with_a_sentence_and_the_original_kept(settings, database, runner, tmp_path):
    photo = tmp_path / "hong.jpg"
    photo.write_bytes(b"\xff\xd8\xff\xe0 not a picture")
    with database.session() as session:
        bulletin = bulletins.receive(session, settings, [Upload(photo.name, photo)], user_id=None)
        enqueue_read(session, bulletin.id)
    runner.run_waiting()
    with database.session(write=False) as session:
        bulletin = session.scalars(sa.select(Bulletin)).one()
        assert bulletin.state is BulletinState.FAILED
        assert bulletin.problem
        assert (settings.home.root / bulletin.files[0].path).read_bytes() == photo.read_bytes()


def test_a_program_is_spoken_assembled_and_ready_with_its_three_texts(settings, database, runner):
    with database.session() as session:
        program = new_program(session, settings, "Cắt điện từ 7h đến 9h30.")
        enqueue_build(session, program.id)
    assert runner.run_waiting() == 1
    with database.session(write=False) as session:
        program = session.scalars(sa.select(Program)).one()
        assert program.state is ProgramState.READY
        assert not programs.is_stale(session, program)
        assert (settings.home.root / program.render.path).is_file()
        assert program.render.seconds > 5
        spoken = session.scalars(sa.select(Text.content).where(Text.kind == TextKind.SPOKEN)).one()
        assert spoken == "Cắt điện từ bảy giờ đến chín giờ ba mươi phút."
        assert spoken in program.render.script
        job = session.scalars(sa.select(Job)).one()
        assert (job.state, job.done) == (JobState.DONE, job.total)


def test_asking_twice_makes_one_job(settings, database):
    with database.session() as session:
        program = new_program(session, settings, "Một.")
        assert enqueue_build(session, program.id).id == enqueue_build(session, program.id).id


def test_a_program_without_items_is_refused(settings, database):
    with database.session() as session:
        program = programs.create_program(session, title="Trống", air_date=None, user_id=None)
        with pytest.raises(StationError):
            enqueue_build(session, program.id)


def test_an_edit_while_it_is_built_leaves_the_program_unapproved_and_says_so(settings, database, runner, monkeypatch):
    from station.work import build

    with database.session() as session:
        program = new_program(session, settings, "Một câu.")
        bulletin_id = program.items[0].bulletin_id
        enqueue_build(session, program.id)
    original = build.assemble

    def assemble(*args, **kwargs):
        with database.session() as session:
            bulletin = session.get_one(Bulletin, bulletin_id)
            bulletins.save_text(session, bulletin, "Câu khác.", user_id=None, version=bulletin.version)
        return original(*args, **kwargs)

    monkeypatch.setattr(build, "assemble", assemble)
    runner.run_waiting()
    with database.session(write=False) as session:
        program = session.scalars(sa.select(Program)).one()
        assert program.state is ProgramState.DRAFT
        assert program.render is None
        assert "thay đổi" in program.problem


def test_two_workers_never_take_the_same_job(settings, database):
    with database.session() as session:
        job = enqueue_build(session, new_program(session, settings, "Một.").id)
    claims = [JobStore(database, f"w:{n}:1").claim(job.id) for n in range(3)]
    assert [claim is not None for claim in claims] == [True, False, False]


def test_a_cancelled_job_stops_and_can_be_asked_for_again(settings, database, runner):
    with database.session() as session:
        program = new_program(session, settings, "Một.")
        job = enqueue_build(session, program.id)
        cancel(session, job)
    assert runner.run_waiting() == 0
    with database.session() as session:
        job = session.scalars(sa.select(Job)).one()
        assert job.state is JobState.CANCELLED
        assert session.get_one(Program, job.program_id).state is ProgramState.DRAFT
        retry(session, job)
    assert runner.run_waiting() == 1


def test_a_job_that_breaks_is_tried_again_and_given_up_after_three_times(settings, database, runner, monkeypatch):
    from station.work import worker

    with database.session() as session:
        enqueue_build(session, new_program(session, settings, "Một.").id)

    def broken(*args):
        raise ZeroDivisionError("broken on purpose")

    monkeypatch.setattr(worker, "functions", lambda: dict.fromkeys(worker.JobKind, broken))
    assert [runner.run_waiting() for _ in range(4)] == [1, 1, 1, 0]
    with database.session(write=False) as session:
        job = session.scalars(sa.select(Job)).one()
        assert (job.state, job.attempts) == (JobState.FAILED, 3)
        assert "ZeroDivisionError" in job.detail and "ngoài dự kiến" in job.message


def test_the_job_of_a_silent_worker_of_another_machine_is_taken_back(settings, database):
    with database.session() as session:
        job = enqueue_build(session, new_program(session, settings, "Một.").id)
    store = JobStore(database, "other-machine:7:7")
    store.claim(job.id)
    here = JobStore(database, process_name())
    assert here.take_back_lost(is_gone, utc_now()) == 0
    assert here.take_back_lost(is_gone, utc_now() + timedelta(minutes=1)) == 1
    assert here.claim(job.id).attempt == 2
    assert store.cancelled(job.id), "the first worker must notice that the job is not its own any more"


def test_names_tell_living_processes_from_ended_ones():
    process = subprocess.Popen([sys.executable, "-c", "pass"])
    host, pid, started = process_name().split(":")
    process.wait()
    assert is_gone(process_name()) is False
    assert is_gone(f"{host}:{pid}:1") is True, "the number was given out again"
    assert is_gone(f"{host}:{process.pid}:{started}") is True
    assert is_gone("elsewhere:1:1") is None


@pytest.mark.slow
def test_killed_in_the_middle_of_speech_it_goes_on_without_speaking_a_sentence_twice(settings, database):
    """SIGKILL while sentences are spoken; a new worker ends the program; every sentence was spoken once."""
    sentences = [f"Đây là câu thử số {n} của bản tin dài, nói về lịch gieo cấy của thôn." for n in range(60)]
    with database.session() as session:
        program_id = new_program(session, settings, "\n".join(sentences)).id
        enqueue_build(session, program_id)
    speech = settings.home.cache / "speech"

    def spoken():
        # A sentence that is stored again comes by renaming a new file, with another inode.
        return {path: path.stat().st_ino for path in speech.rglob("*.wav")}

    first = start_worker(settings)
    try:
        wait_for(lambda: len(spoken()) >= 8)
        first.kill()
        first.wait(10)
        before = spoken()
        assert len(before) < len(sentences), "the worker was killed too late for this test to say anything"
        with database.session(write=False) as session:
            assert session.scalars(sa.select(Job)).one().state is JobState.RUNNING
        second = start_worker(settings)
        try:
            def finished():
                with database.session(write=False) as session:
                    return session.scalars(sa.select(Job.state)).one() in (JobState.DONE, JobState.FAILED)

            wait_for(finished, 120)
        finally:
            assert stop(second) == 0
    finally:
        first.kill()
        first.wait(10)
    after = spoken()
    assert {path: after.get(path) for path in before} == before, "a finished sentence was spoken again"
    with database.session(write=False) as session:
        program = session.get_one(Program, program_id)
        assert program.state is ProgramState.READY
        assert session.scalars(sa.select(Job.attempts)).one() == 2
        assert len(json.dumps(program.render.cues)) > 100
        assert session.get_one(Heartbeat, "worker").holder


def test_scans_in_the_inbox_become_bulletins_once_they_lie_still(settings, database):
    inbox = Inbox(settings, database)
    scan = settings.home.inbox / "quét 1.txt"
    scan.write_text("Thông báo", encoding="utf-8")
    assert inbox.look() == []
    scan.write_text("Thông báo họp thôn", encoding="utf-8")
    assert inbox.look() == [], "the file is still being written"
    (number,) = inbox.look()
    assert inbox.look() == []
    assert (settings.home.inbox / TAKEN / "quét 1.txt").is_file()
    with database.session(write=False) as session:
        bulletin = session.get_one(Bulletin, number)
        assert (bulletin.source, bulletin.title) == ("inbox", "quét 1")
        assert session.scalars(sa.select(Job.bulletin_id)).one() == number


def test_a_folder_of_photos_is_one_bulletin_in_the_order_of_names(settings, database):
    folder = settings.home.inbox / "bản tin dài"
    folder.mkdir()
    for name in ("2.txt", "1.txt"):
        (folder / name).write_text(name, encoding="utf-8")
    inbox = Inbox(settings, database)
    inbox.look()
    (number,) = inbox.look()
    with database.session(write=False) as session:
        assert [file.original_name for file in session.get_one(Bulletin, number).files] == ["1.txt", "2.txt"]


def test_what_the_inbox_cannot_take_is_put_aside_with_an_alarm(settings, database):
    (settings.home.inbox / "phim.mp4").write_bytes(b"x")
    inbox = Inbox(settings, database)
    inbox.look()
    inbox.look()
    assert (settings.home.inbox / REFUSED / "phim.mp4").is_file()
    with database.session(write=False) as session:
        assert "phim.mp4" in session.scalars(sa.select(Alarm.message)).one()


def test_the_keeper_hands_waiting_jobs_to_the_queue_once(settings, database, runner):
    from station.work.queue import open_queue

    with database.session() as session:
        enqueue_build(session, new_program(session, settings, "Một.").id)
    keeper = Keeper(runner, settings)
    for _ in range(5):
        keeper.look()
    assert open_queue(settings).pending_count() == 1

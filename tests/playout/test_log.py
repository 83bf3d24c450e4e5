"""The as-run log is append-only, whoever asks; the book gives one outcome only."""

import sqlite3
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from station.db.models import AsRun, Occurrence
from station.db.states import Outcome, SourceKind
from tests.playout.test_clock import PROGRAM_SECONDS, WHOLE, World


@pytest.mark.parametrize("words", [
    "UPDATE as_run SET level_dbfs = -16", "UPDATE as_run SET reason = 'tốt cả'", "DELETE FROM as_run",
])
def test_no_row_of_the_log_can_be_changed_or_deleted(station, words):
    now = datetime.now(UTC)
    with station.database.session() as session:
        session.add(AsRun(source=SourceKind.SCHEDULE, title="Bản tin", real_start=now, real_end=now, outcome=Outcome.SILENT, level_dbfs=-90.0))
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), station.database.session() as session:
        session.execute(sa.text(words))
    with station.database.session() as session:
        row = session.scalars(sa.select(AsRun)).one()
        assert (row.level_dbfs, row.outcome, row.reason) == (-90.0, Outcome.SILENT, "")
        session.add(AsRun(source=SourceKind.SCHEDULE, title="Tiếp", real_start=now, real_end=now, outcome=Outcome.AIRED))
    assert len(station.as_run()) == 2


def test_what_ended_while_the_database_was_locked_is_not_aired_again_by_the_next_process(tmp_path, monkeypatch):
    one = World(tmp_path, monkeypatch)
    one.until(-PROGRAM_SECONDS + 5)
    blocker = sqlite3.connect(one.station.settings.home.database_file, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    one.run(8)  # it ends; nobody can write that down but the journal
    one.sim.kill()
    one.sim.start()
    one.run(3)
    blocker.execute("ROLLBACK")
    one.run(PROGRAM_SECONDS + 60)
    assert one.heard() == WHOLE
    assert one.result.outcome is Outcome.AIRED
    one.close()


def test_after_a_power_cut_that_lost_the_mixers_file_the_program_goes_on_where_the_database_says(tmp_path, monkeypatch):
    one = World(tmp_path, monkeypatch)
    one.until(-100)
    for number, frame in one.sim.deputy.resume_points():  # as air writes them each second
        with one.station.database.session() as session:
            session.get(Occurrence, number).resume_frame = frame
    one.sim.kill()
    one.sim.mixer.last_positions.clear()
    one.clock.advance(30)
    one.sim.start()
    one.run(PROGRAM_SECONDS)
    (first, second) = one.heard()
    assert second[1] == WHOLE[0][1] and 0 <= first[1] - second[0] < 48000, "nothing left out, at most a buffer said again"
    assert one.result.outcome is Outcome.AIRED
    one.close()

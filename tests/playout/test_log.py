"""The as-run log is append-only, whoever asks; the book gives one outcome only."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from station.db.models import AsRun
from station.db.states import Outcome, SourceKind


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

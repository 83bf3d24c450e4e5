"""The database: made from nothing, kept with its models, copied before it changes."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from station.db.database import NEWEST_REVISION, Database
from station.db.models import Bulletin, Station, User
from station.db.states import BulletinState, UserRole
from station.db.types import Base


@pytest.fixture
def database(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/station.db", backups=tmp_path / "backups")
    database.migrate()
    yield database
    database.close()


def test_migrations_make_the_schema_of_the_models(database):
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_migrating_twice_does_nothing_the_second_time(database):
    assert database.migrate() is False


def test_the_first_migration_makes_the_first_station(database):
    with database.session() as session:
        assert session.get(Station, 1).slug == "station"


def test_a_copy_is_put_aside_before_a_migration(database, tmp_path):
    with database.session() as session:
        session.add(User(username="lan", password_hash="x", role=UserRole.EDITOR))
    with database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = version_num"))
    database._put_aside("0001")
    (copy,) = (tmp_path / "backups").glob("before-migration-*.db")
    other = Database(f"sqlite:///{copy}")
    with other.session(write=False) as session:
        assert session.scalar(sa.select(User.username)) == "lan"


def test_enums_and_times_come_back_as_they_went_in(database):
    moment = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
    with database.session() as session:
        session.add(Bulletin(title="Thông báo", created_at=moment))
    with database.session(write=False) as session:
        bulletin = session.scalars(sa.select(Bulletin)).one()
        assert bulletin.state is BulletinState.RECEIVED
        assert bulletin.created_at == moment
        assert bulletin.created_at.tzinfo is not None
    with database.engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT state FROM bulletins")) == "received"


def test_naive_times_are_refused(database):
    with pytest.raises(sa.exc.StatementError), database.session() as session:
        session.add(Bulletin(title="x", created_at=datetime(2026, 1, 1)))


def test_a_writer_that_fails_leaves_nothing_behind(database):
    with pytest.raises(RuntimeError), database.session() as session:
        session.add(Bulletin(title="x"))
        session.flush()
        raise RuntimeError
    with database.session(write=False) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Bulletin)) == 0


def test_the_schema_can_be_taken_down_again(database):
    with database.engine.execution_options(immediate=True).connect() as connection:
        config = database.alembic_config()
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        connection.commit()
    assert set(sa.inspect(database.engine).get_table_names()) <= {"alembic_version"}


def test_the_newest_revision_is_the_head_of_the_migrations(database: Database) -> None:
    from alembic.script import ScriptDirectory

    assert ScriptDirectory.from_config(database.alembic_config()).get_current_head() == NEWEST_REVISION

"""Alembic's environment: runs on the connection that :meth:`station.db.Database.migrate` hands over."""

from alembic import context
from sqlalchemy import create_engine

from station.db import models  # noqa: F401  (fills the metadata)
from station.db.types import Base


def run(connection) -> None:
    context.configure(
        connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with create_engine(str(context.config.get_main_option("sqlalchemy.url"))).connect() as own:
        run(own)
        own.commit()

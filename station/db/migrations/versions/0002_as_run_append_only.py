"""The as-run log is append-only: the database itself refuses to change or delete a row."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for what in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER as_run_no_{what.lower()} BEFORE {what} ON as_run "
                "BEGIN SELECT RAISE(ABORT, 'as_run is append-only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION as_run_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'as_run is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER as_run_append_only BEFORE UPDATE OR DELETE ON as_run "
        "FOR EACH ROW EXECUTE FUNCTION as_run_append_only()"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER as_run_no_update")
        op.execute("DROP TRIGGER as_run_no_delete")
        return
    op.execute("DROP TRIGGER as_run_append_only ON as_run")
    op.execute("DROP FUNCTION as_run_append_only()")

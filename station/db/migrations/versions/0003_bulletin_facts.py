"""bulletins: edited blocks, proposals, the last day; words that corrections taught

Revision: 0003
Follows: 0002
"""

import sqlalchemy as sa
from alembic import op

import station.db.types


revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('station_words',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('station_id', sa.Integer(), nullable=False),
    sa.Column('read', sa.String(length=100), nullable=False),
    sa.Column('written', sa.String(length=100), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('updated_at', station.db.types.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['station_id'], ['stations.id'], name=op.f('fk_station_words_station_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_station_words')),
    sa.UniqueConstraint('station_id', 'read', 'written', name=op.f('uq_station_words_station_id_read_written'))
    )
    with op.batch_alter_table('bulletins', schema=None) as batch_op:
        batch_op.add_column(sa.Column('block_edits', sa.JSON(), server_default='{}', nullable=False))
        batch_op.add_column(sa.Column('facts', sa.JSON(), server_default='{}', nullable=False))
        batch_op.add_column(sa.Column('last_day', sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('bulletins', schema=None) as batch_op:
        batch_op.drop_column('last_day')
        batch_op.drop_column('facts')
        batch_op.drop_column('block_edits')
    op.drop_table('station_words')

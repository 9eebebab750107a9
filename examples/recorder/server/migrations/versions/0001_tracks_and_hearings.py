"""Tracks with their fingerprints, what was heard, and what is to be listened to."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | Sequence[str] | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Applies the revision."""
    op.create_table(
        "track",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("artist", sa.String(length=255), nullable=False),
        sa.Column("origin", sa.Enum("LIBRARY", "HEARD", name="origin"), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_track"),
    )
    op.create_table(
        "fingerprint",
        sa.Column("hash", sa.Integer(), nullable=False),
        sa.Column("track_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["track_id"], ["track.id"], name="fk_fingerprint_track", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("hash", "track_id", "position", name="pk_fingerprint"),
        # The table is its own index.
        sqlite_with_rowid=False,
    )
    op.create_index("ix_fingerprint_track_id", "fingerprint", ["track_id"])
    op.create_table(
        "hearing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("ongoing", sa.Boolean(), nullable=False),
        sa.Column("peak", sa.Float(), nullable=False),
        sa.Column("source", sa.String(length=255), nullable=False),
        sa.Column("track_id", sa.Integer(), nullable=True),
        sa.Column("first_time", sa.Boolean(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["track_id"], ["track.id"], name="fk_hearing_track", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_hearing"),
    )
    op.create_index("ix_hearing_started_at", "hearing", ["started_at"])
    op.create_index("ix_hearing_track_id", "hearing", ["track_id"])
    op.create_table(
        "queued_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("file", sa.String(length=255), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_queued_file"),
    )
    op.create_table(
        "preference",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_preference"),
    )


def downgrade() -> None:
    """Takes the revision back."""
    for table in ("preference", "queued_file", "hearing", "fingerprint", "track"):
        op.drop_table(table)

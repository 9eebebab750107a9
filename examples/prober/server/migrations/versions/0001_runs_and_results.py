"""Runs, the models and cases they ask, and what came of it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | Sequence[str] | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

STATES = ("RUNNING", "STOPPED", "FINISHED")
PROVIDERS = ("ANTHROPIC", "OPENAI")
OUTCOMES = ("PASSED", "FAILED", "ERROR")


def upgrade() -> None:
    """Applies the revision."""
    op.create_table(
        "run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("suite_id", sa.String(length=255), nullable=False),
        sa.Column("suite_name", sa.String(length=255), nullable=False),
        sa.Column("state", sa.Enum(*STATES, name="runstate"), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_run"),
    )
    op.create_index("ix_run_state", "run", ["state"])
    op.create_index("ix_run_created_at", "run", ["created_at"])
    op.create_table(
        "target",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("provider", sa.Enum(*PROVIDERS, name="providername"), nullable=False),
        sa.Column("model", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_target_run", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_target"),
    )
    op.create_index("ix_target_run_id", "target", ["run_id"])
    op.create_table(
        "run_case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_case_run", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_run_case"),
    )
    op.create_index("ix_run_case_run_id", "run_case", ["run_id"])
    op.create_table(
        "result",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Enum(*OUTCOMES, name="outcome"), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("verdicts", sa.JSON(), nullable=False),
        sa.Column("input_tokens", sa.Integer(), nullable=True),
        sa.Column("output_tokens", sa.Integer(), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("retries", sa.Integer(), nullable=False),
        sa.Column("cut_off", sa.Boolean(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["target_id"], ["target.id"], name="fk_result_target", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["run_case.id"], name="fk_result_case", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_result"),
        # A case is answered once, whatever happens in between.
        sa.UniqueConstraint("target_id", "case_id", name="uq_result_target_case"),
    )
    op.create_index("ix_result_case_id", "result", ["case_id"])


def downgrade() -> None:
    """Takes the revision back."""
    for table in ("result", "run_case", "target", "run"):
        op.drop_table(table)

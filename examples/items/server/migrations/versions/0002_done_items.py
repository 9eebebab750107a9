"""Items can be done, and know when they were changed."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | Sequence[str] | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Adds the columns: no item is done yet, and none was changed since it was made."""
    with op.batch_alter_table("item") as item:
        item.add_column(sa.Column("done", sa.Boolean(), nullable=False, server_default=sa.false()))
        item.add_column(sa.Column("updated_at", sa.DateTime(), nullable=True))
    op.execute("UPDATE item SET updated_at = created_at")
    with op.batch_alter_table("item") as item:
        item.alter_column("updated_at", existing_type=sa.DateTime(), nullable=False)
        item.alter_column("done", existing_type=sa.Boolean(), server_default=None)
        item.create_index("ix_item_created_at", ["created_at"])


def downgrade() -> None:
    """Takes the columns away again."""
    with op.batch_alter_table("item") as item:
        item.drop_index("ix_item_created_at")
        item.drop_column("updated_at")
        item.drop_column("done")

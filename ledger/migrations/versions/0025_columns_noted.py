"""The ledger notes which columns were chosen for each site.

No table changes: that is noted when the ledger is prepared, with its key.
"""

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass

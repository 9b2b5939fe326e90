"""The ledger notes which device records and reviews each site has.

No table changes: that is noted when the ledger is prepared, with its key.
"""

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass

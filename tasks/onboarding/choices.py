"""What people chose the columns of a site's rosters to be, on earlier runs."""

from ledger.session import open_ledger


def remembered_columns(site: str) -> dict[str, str]:
    """By header, the field; it is used where the roster has such a column, and shown so."""
    with open_ledger() as ledger:
        return ledger.site_columns.remembered(site)

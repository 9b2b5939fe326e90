"""`python -m ledger`: prepare the ledger that the environment names."""

import sys

from ledger.engine import LedgerUnusable, prepare
from ledger.settings import LedgerSettings


def main() -> int:
    """Create or upgrade the tables; say in one line what is true now."""
    settings = LedgerSettings()
    try:
        prepare(settings.url)
    except LedgerUnusable as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write("The ledger is ready.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

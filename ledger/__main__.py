"""`python -m ledger`: prepare the ledger that the environment names."""

import sys

from pydantic import ValidationError

from ledger.engine import LedgerUnusable, prepare
from ledger.settings import LedgerSettings


def main() -> int:
    """Create or upgrade the tables; say in one line what is true now."""
    try:
        prepare(LedgerSettings().url)
    except LedgerUnusable as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except ValidationError as error:
        for fault in error.errors(include_input=False, include_url=False):
            sys.stderr.write(f"MUSTER_LEDGER_{fault['loc'][0]}: ".upper() + f"{fault['msg']}\n")
        return 1
    sys.stdout.write("The ledger is ready.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""`python -m ledger`: prepare the ledger that the environment names, or verify its decisions."""

import re
import sys
from argparse import ArgumentParser
from collections.abc import Sequence

from sqlalchemy.exc import SQLAlchemyError

from fleet.text.expected import ExpectedError
from ledger.database.engine import LedgerUnusable, prepare
from ledger.database.settings import LedgerSettings
from ledger.session import open_ledger

_HASH = re.compile(r"[0-9a-f]{64}")


def main(arguments: Sequence[str] = ()) -> int:
    """Prepare or verify; say in one line what came of it."""
    asked = _parser().parse_args(arguments)
    try:
        url = LedgerSettings().url
        message = _verified(url, asked.head) if asked.command == "verify" else _prepared(url)
    except ExpectedError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{message}\n")
    return 0


class _Refused(ExpectedError):
    """The decisions do not verify; the message says why."""


def _parser() -> ArgumentParser:
    parser = ArgumentParser(
        "python -m ledger", description="Without a command: create or upgrade the ledger's tables."
    )
    verify = parser.add_subparsers(dest="command").add_parser(
        "verify", help="check that every decision is as it was recorded"
    )
    verify.add_argument(
        "--head", default="", help="the head that a report printed, which must be in the chain"
    )
    return parser


def _prepared(url: str) -> str:
    prepare(url)
    return "The ledger is ready."


def _verified(url: str, head: str) -> str:
    printed = head.strip().lower()
    if printed and not _HASH.fullmatch(printed):
        raise _Refused(f"A head has 64 hex digits, as a report prints it. {head!r} has not.")
    try:
        with open_ledger(url, only_existing=True) as ledger:
            end = ledger.decisions.head()  # first: what is added meanwhile does not count
            broken = ledger.decisions.verify(printed)
    except SQLAlchemyError as error:
        raise LedgerUnusable(f"The ledger cannot be read: {str(error).splitlines()[0]}") from error
    if broken:
        raise _Refused(f"The chain of decisions is broken at {broken}.")
    return f"The chain of decisions holds: {end}."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

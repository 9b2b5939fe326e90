"""`muster`: what an operator does without a Prefect server, such as `muster ledger backup FILE`."""

import sys
from collections.abc import Sequence
from typing import NoReturn

import typer

from command import approvers, ledger, policies
from fleet.text.expected import ExpectedError

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(ledger.app, name="ledger")
app.add_typer(approvers.app, name="approvers")
app.add_typer(policies.app)


@app.callback()
def muster() -> None:
    """Brings sites of edge devices into service, and proves every night that they still are."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Do what `arguments` ask (by default: the command line's), then exit.

    An expected error is one message and the exit code 1.
    """
    try:
        app(arguments, prog_name="muster")
        sys.exit(0)
    except ExpectedError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)

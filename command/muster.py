"""`muster`: what an operator does without a Prefect server, such as `muster check plant-7.xlsx`."""

import os
import sys
from collections.abc import Sequence
from typing import Annotated, NoReturn

import typer

from command.lazy import LazyGroup
from command.version import release
from fleet.text.expected import ExpectedError

app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    epilog="Each command has a --help of its own, with an example. Exit codes: 0 done; 1 refused, "
    "with one message that says what to do; 2 found something to mend, or called wrongly.",
)


def _say_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"muster {release()}")
        raise typer.Exit


@app.callback()
def muster(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", help="Say which release this is.", callback=_say_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Brings sites of edge devices into service, and proves every night that they still are."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Do what `arguments` ask (by default: the command line's), then exit.

    An expected error is one message and the exit code 1.
    """
    # Before Prefect is imported, which reads it once: no server that starts here sends usage data.
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    try:
        app(arguments, prog_name="muster")
        sys.exit(0)
    except ExpectedError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)

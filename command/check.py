"""`muster check`: what is wrong with a roster. It needs no settings, no ledger and no network."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from command.checked_json import show_json
from fleet.roster.checked import LineStatus, checked, status_of
from fleet.roster.choices import Choices, chosen_columns
from fleet.roster.reading import Reading, reading_of
from fleet.roster.repair import Acceptance
from fleet.text.expected import ExpectedError
from sheets.read import read

app = typer.Typer(add_completion=False)
_CONNECTIONS = ("lem", "acusight", "provision-api")  # by which a column `system` is known
_MOST = 64 << 20  # bytes


@app.command(
    epilog="For example: muster check plant-7.xlsx. Exit codes: 0 nothing is wrong; 2 lines are "
    "faulty, or repairs are proposed; 1 the file cannot be read."
)
def check(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE", show_default=False, help="A workbook or text; - reads the input."
        ),
    ],
    site: Annotated[
        str, typer.Option(help="Lines of other sites are left out.", metavar="SITE")
    ] = "",
    accept_repairs: Annotated[
        str,
        typer.Option(
            help="Which repairs may be used: none, safe or all; or by column, such as "
            "'mac: all, host_id: none'.",
            metavar="WHICH",
        ),
    ] = "none",
    column: Annotated[
        list[str] | None,
        typer.Option(
            help="What a column is, such as 'Asset tag=device'; 'Location=' for one that is not to "
            "be read. May be given several times.",
            metavar="HEADER=FIELD",
        ),
    ] = None,
    marked_copy: Annotated[
        Path | None,
        typer.Option(
            "--marked",
            help="Write a copy of FILE in which all of this is said beside each line.",
            metavar="OUT",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace OUT if it is there.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object, for programs.")
    ] = False,
) -> None:
    """Say how a roster is understood, and what is wrong with which line. Nothing is changed.

    It works alone: without a ledger, without a Prefect server, without the network.
    """
    try:
        choices = Choices(Acceptance.of(accept_repairs), chosen_columns("\n".join(column or ())))
        content = _content(file)
        reading = reading_of(read(content), site, _CONNECTIONS, choices)
        if marked_copy:
            from command.marked_file import write_marked  # openpyxl, which takes a while

            write_marked(marked_copy, content, reading, choices, force=force)
    except ExpectedError as error:
        if as_json:
            show_json([], {}, [], error=str(error))
        raise
    if as_json:
        show_json(checked(reading), reading.mapping, reading.unused)
    else:
        _show(file, reading)
    if any(status_of(line) is not LineStatus.OK for line in reading.lines):
        raise typer.Exit(2)


class CannotRead(ExpectedError):
    """There is no such file, or it is not ours to read."""


def _content(file: str) -> bytes:
    try:
        with sys.stdin.buffer if file == "-" else Path(file).open("rb") as source:
            content = source.read(_MOST + 1)
    except OSError as error:
        raise CannotRead(f"{file} cannot be read: {error.strerror}.") from None
    if len(content) > _MOST:
        raise CannotRead(f"{file} is not read: a roster has at most {_MOST >> 20} MiB.")
    return content


def _show(file: str, reading: Reading) -> None:
    from command.checked_table import show  # rich, which is not needed for JSON

    show(file, reading)

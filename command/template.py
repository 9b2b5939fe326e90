"""`muster template`: an empty roster for whoever is to fill it in."""

from pathlib import Path
from typing import Annotated

import typer

from fleet.text.expected import ExpectedError
from sheets.template_kinds import TemplateKind

app = typer.Typer(add_completion=False)
_CONNECTIONS = ("lem", "acusight", "provision-api")


class CannotMake(ExpectedError):
    """No template is written; the message says why."""


@app.command(
    epilog="For example: muster template lem plant-7.xlsx. It reads back with: muster check "
    "plant-7.xlsx. Exits with 1 where the file is there already, or cannot be written."
)
def template(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="[lem|acusight|provision-api|mixed] OUT.xlsx",
            show_default=False,
            help="The system whose columns it has (by default mixed: those of all), and its file.",
        ),
    ],
    connection: Annotated[
        list[str] | None,
        typer.Option(help="One that cells offer. May be given several times.", metavar="NAME"),
    ] = None,
    zero_touch: Annotated[
        list[str] | None,
        typer.Option(
            help="A profile that cells offer. May be given several times.", metavar="NAME"
        ),
    ] = None,
) -> None:
    """Write a workbook with instructions, columns of texts, lists and hints, and an example."""
    from sheets.template import template as made  # openpyxl, which takes a while

    kind, path = _understood(words)
    content = made(kind, connection or _CONNECTIONS, zero_touch or ())
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError:
        raise CannotMake(f"{path} is there already. Name a new file.") from None
    except OSError as error:
        raise CannotMake(f"{path} cannot be written: {error.strerror}.") from None
    typer.echo(f"Wrote {path}. Fill in its sheet Devices, then: muster check {path}")


def _understood(words: list[str]) -> tuple[TemplateKind, Path]:
    *before, name = words
    kinds = [*TemplateKind]
    if len(before) > 1 or not set(before) <= set(kinds):
        raise CannotMake(f"Name one of {', '.join(kinds)}, and a file such as plant-7.xlsx.")
    if Path(name).suffix.lower() != ".xlsx":
        raise CannotMake(f"Name a file that ends in .xlsx, such as {name}.xlsx.")
    return TemplateKind(before[0]) if before else TemplateKind.MIXED, Path(name)

"""The marked copy that `muster check` writes where its user says."""

from pathlib import Path

import typer

from fleet.roster.choices import Choices
from fleet.roster.reading import Reading
from fleet.text.expected import ExpectedError
from sheets.marked import marked
from sheets.results import of_check


class CannotWrite(ExpectedError):
    """The copy cannot be written there; the message says why."""


def write_marked(
    path: Path, content: bytes, reading: Reading, choices: Choices, *, force: bool = False
) -> None:
    """Write the marked copy of what was read from `content`, and say what it lacks.

    What is there already, be it the roster itself, is only replaced by `force`.
    """
    copy = marked(content, [*map(of_check, reading.lines)], choices)
    if path.suffix.lower() != copy.ending:
        raise CannotWrite(
            f"The marked copy of this roster is {copy.ending[1:].upper()}: name it "
            f"{path.with_suffix(copy.ending)}"
        )
    try:
        with path.open("wb" if force else "xb") as file:
            file.write(copy.content)
    except FileExistsError:
        raise CannotWrite(
            f"{path} is there already. Name a new file, or replace it with --force."
        ) from None
    except OSError as error:
        raise CannotWrite(f"{path} cannot be written: {error.strerror}.") from None
    typer.echo(f"Marked copy: {path}. {copy.note}".strip(), err=True)

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


def write_marked(path: Path, content: bytes, reading: Reading, choices: Choices) -> None:
    """Write the marked copy of what was read from `content`, and say what it lacks."""
    if path.exists() and path.read_bytes() == content:
        raise CannotWrite(f"{path} is the roster itself. Name another file for its marked copy.")
    copy = marked(content, [*map(of_check, reading.lines)], choices)
    if path.suffix.lower() != copy.ending:
        raise CannotWrite(
            f"The marked copy of this roster is {copy.ending[1:].upper()}: name it "
            f"{path.with_suffix(copy.ending)}"
        )
    try:
        path.write_bytes(copy.content)
    except OSError as error:
        raise CannotWrite(f"{path} cannot be written: {error.strerror}.") from None
    typer.echo(f"Marked copy: {path}. {copy.note}".strip(), err=True)

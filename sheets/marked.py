"""The marked copy: what was sent, with what came of each line beside it and at its cells.

Columns are added at the right of each table, and faulty cells are colored and have a comment.
Sent again, the copy reads as what was sent: what we added is not read.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from fleet.roster.choices import NO_CHOICES, Choices
from fleet.roster.header import find_header
from sheets.marked_table import with_results
from sheets.marked_text import marked_text
from sheets.marked_workbook import marked_workbook
from sheets.read import is_delimited, read
from sheets.results import LineResult


@dataclass(frozen=True)
class Original:
    """A file as it was sent, and the choices by which it was read."""

    file: bytes = field(repr=False)
    choices: Choices = NO_CHOICES


@dataclass(frozen=True)
class MarkedCopy:
    """The file, the ending of its name, and in a sentence what it lacks; "" for nothing."""

    content: bytes
    ending: str
    note: str = ""


def marked(
    content: bytes, results: Sequence[LineResult], choices: Choices = NO_CHOICES
) -> MarkedCopy:
    """The copy of what was read from `content` by these choices.

    A CSV comes back as CSV, and a workbook as XLSX, as does what is neither. A line without a
    result is as it was.
    """
    sent = read(content)
    headers = (find_header(table.rows, choices, sent.exports) for table in sent)
    tables = [
        with_results(table, header.index if header else None, results)
        for table, header in zip(sent, headers, strict=True)
    ]
    if is_delimited(content):
        return MarkedCopy(marked_text(content, tables[0]), ".csv")
    copy, note = marked_workbook(content, tables)
    return MarkedCopy(copy, ".xlsx", note)

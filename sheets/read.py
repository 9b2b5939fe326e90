"""Reading what was sent: what it is shows in its content, and not in a name."""

from collections.abc import Collection

from fleet.roster.choices import NO_CHOICES, Choices
from fleet.roster.reading import roster_of
from fleet.roster.roster import Roster
from fleet.roster.table import Sent, Table
from fleet.text.fault import UnusableRoster
from sheets.delimited import delimited
from sheets.encoding import NotText, decoded
from sheets.records import records
from sheets.workbook import SIGNS, workbook


def read(content: str | bytes) -> Sent:
    """The tables of a text or a file; UnusableRoster when it is none that can be read."""
    if isinstance(content, bytes) and content.startswith(SIGNS):
        return workbook(content)
    guessed = ""
    if isinstance(content, bytes):
        try:
            content, guessed = decoded(content)
        except NotText:
            raise UnusableRoster(
                "This is neither a workbook nor text. Save it as XLSX, or as CSV (UTF-8)."
            ) from None
    text = content.removeprefix("\ufeff")
    rows = records(text)
    notes = (f"The text is not UTF-8, and was read as {guessed}.",) if guessed else ()
    return Sent((Table(tuple(delimited(text) if rows is None else rows)),), notes)


def read_roster(
    content: str | bytes,
    site: str,
    connection: str,
    connections: Collection[str] = (),
    choices: Choices = NO_CHOICES,
) -> Roster:
    """The roster of `site` in a text or file, as `roster_of` says; UnusableRoster for none."""
    return roster_of(read(content), site, connection, connections, choices)

"""Reading what was sent: what it is shows in its content, and not in a name."""

from collections.abc import Collection
from dataclasses import replace

from fleet.roster.choices import NO_CHOICES, Choices
from fleet.roster.export import Export
from fleet.roster.reading import roster_of
from fleet.roster.roster import Roster
from fleet.roster.table import Sent, Table
from fleet.text.fault import UnusableRoster
from sheets.delimited import delimited
from sheets.encoding import NotText, decoded
from sheets.example import without_example
from sheets.known_exports import known_exports
from sheets.ours import without_added
from sheets.records import records
from sheets.workbook import SIGNS, workbook


def read(content: str | bytes, exports: tuple[Export, ...] | None = None) -> Sent:
    """The tables of a text or a file; UnusableRoster when it is none that can be read.

    `exports` are those by which they may be recognized: all that are known, unless given.
    """
    known = known_exports() if exports is None else exports
    return replace(_read(content, known), exports=known)


def _read(content: str | bytes, exports: tuple[Export, ...]) -> Sent:
    if isinstance(content, bytes) and content.startswith(SIGNS):
        return without_example(without_added(workbook(content), is_text=False))
    text, guessed = _text(content) if isinstance(content, bytes) else (content, "")
    text = text.removeprefix("\ufeff")
    rows = records(text, exports)
    notes = (f"The text is not UTF-8, and was read as {guessed}.",) if guessed else ()
    table = Table(tuple(delimited(text) if rows is None else rows))
    return without_example(without_added(Sent((table,), notes), is_text=rows is None))


def is_delimited(content: bytes) -> bool:
    """Whether it is text with separators: neither a workbook nor JSON."""
    return not content.startswith(SIGNS) and records(_text(content)[0], known_exports()) is None


def _text(content: bytes) -> tuple[str, str]:
    try:
        return decoded(content)
    except NotText:
        raise UnusableRoster(
            "This is neither a workbook nor text. Save it as XLSX, or as CSV (UTF-8)."
        ) from None


def read_roster(
    content: str | bytes,
    site: str,
    connection: str,
    connections: Collection[str] = (),
    choices: Choices = NO_CHOICES,
) -> Roster:
    """The roster of `site` in a text or file, as `roster_of` says; UnusableRoster for none."""
    return roster_of(read(content), site, connection, connections, choices)

"""Footers: the rows below a table that count its lines, or say who exported it and the page."""

import re
from collections.abc import Sequence

from fleet.roster.table import Row

_FEW = 2  # cells
_COUNT = (
    r"(?:(?:grand|sub|over)[ -]?)?total|sum|count|number of [a-z]+|summe|zwischensumme|"
    r"gesamt(?:summe|zahl)?|insgesamt|anzahl|somme|totaux|nombre|suma|totale|totaal|aantal"
)
_UNIT = r"(?:devices?|lines?|rows?|items?|entries|records?|ger\u00e4te?|zeilen|eintr\u00e4ge)"
_COUNTED = re.compile(
    rf"(?:{_COUNT})(?: {_UNIT})?\s*[:=]?\s*(?:[0-9][0-9.,' ]*)?(?: ?{_UNIT})?|"
    rf"[0-9][0-9.,]* {_UNIT}(?: (?:in )?(?:total|all|gesamt|insgesamt))?",
    re.IGNORECASE,
)
_MADE = re.compile(
    r"(?:exported|printed|generated|created|prepared|exportiert|gedruckt|erstellt)"
    r"(?: (?:by|on|from|at|with|von|am|mit)\b.*|\s*:.*)|"
    r"(?:page|seite|p\.) ?[0-9]+(?: ?(?:of|von|/) ?[0-9]+)?|"
    r"(?:end of|ende de[rs]) (?:list|table|report|file|liste|tabelle|datei)",
    re.IGNORECASE,
)
_IDENTITY = re.compile(r"(?:[0-9a-f][:._-]?){9,}", re.IGNORECASE)


def without_footer(body: Sequence[Row], has_columns: bool) -> tuple[list[Row], list[Row]]:
    """The rows of devices, and those below them that are none; a table may have a column only."""
    end = len(body)
    while end and _is_footer(body[end - 1], body[end - 2 : end - 1], has_columns):
        end -= 1
    return list(body[:end]), list(body[end:])


def _is_footer(row: Row, before: Sequence[Row], has_columns: bool) -> bool:
    if has_columns and row.is_note:
        return True
    texts = [cell.strip() for cell in row.cells if cell.strip()]
    if row.problem or not texts or any(map(_IDENTITY.fullmatch, texts)):
        return False
    is_apart = len(texts) <= _FEW or any(_row(row) - _row(each) > 1 for each in before)
    return is_apart and any(_COUNTED.fullmatch(t) or _MADE.fullmatch(t) for t in texts)


def _row(row: Row) -> int:
    """The row at which a spreadsheet shows it: a cell of a text may have several lines."""
    return row.place.row or row.place.number

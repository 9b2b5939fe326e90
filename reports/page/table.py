"""Tables for other programs: a frame as CSV, and as the rows of a table artifact."""

import math
import re

import pandas as pd

from reports.page.wording import clock

# After any blanks: = + - @, their full-width twins, tab and carriage return.
FORMULA_START = re.compile("[\\s\ufeff\0]*[=+@\uff1d\uff0b\uff0d\uff20\t\r-]")
Cell = str | int | float | None


def to_csv(frame: pd.DataFrame) -> str:
    """`frame` as RFC 4180 text (write it with newline=""), safe to open in a spreadsheet.

    A text that a spreadsheet could take for a formula gets an apostrophe before it. Times are
    ISO 8601 with their zone; seconds have three decimals, what is unknown is empty.
    """
    safe = frame.copy()
    for column in safe.columns:
        if isinstance(safe[column].dtype, pd.DatetimeTZDtype):
            safe[column] = safe[column].map(_iso).astype("str")
        elif not pd.api.types.is_numeric_dtype(safe[column]):
            safe[column] = safe[column].map(_defused).astype("str")
    # With a bare \n as line end, Python before 3.13 leaves a \r unquoted, and cells break there.
    return safe.to_csv(index=False, float_format="%.3f", lineterminator="\r\n")


def to_rows(frame: pd.DataFrame) -> list[dict[str, Cell]]:
    """`frame` as JSON-safe records: times short, seconds to one decimal, unknown numbers None."""
    columns = [str(column) for column in frame.columns]
    return [
        dict(zip(columns, map(_cell, values), strict=True))
        for values in frame.itertuples(index=False, name=None)
    ]


def _iso(instant: pd.Timestamp) -> str:
    return "" if pd.isna(instant) else instant.isoformat(timespec="milliseconds")


def _defused(text: str) -> str:
    """`text`, with an apostrophe before anything that spreadsheets might calculate."""
    return f"'{text}" if FORMULA_START.match(text) else text


def _cell(value: object) -> Cell:
    if isinstance(value, pd.Timestamp):
        return f"{clock(value)}Z"
    if value is pd.NaT or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if isinstance(value, float):
        return round(float(value), 1)
    return int(value) if isinstance(value, int) else str(value)

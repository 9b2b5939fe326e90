"""Records: an array of JSON objects, or one object after the other, as a table."""

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from fleet.roster.header import find_header
from fleet.roster.reading import MOST_LINES
from fleet.roster.table import Row
from fleet.text.fault import UnusableRoster
from fleet.text.place import Place

_JSON = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)
_BETWEEN = re.compile(r"[\s,]*")
_NEXT = re.compile(r"\n[ \t]*(?=\{)")
_MOST_BROKEN = 100  # each costs a look at all of the text before it
_SHOWN = 60  # characters of a record that could not be read


def records(text: str) -> list[Row] | None:
    """The keys of all records as the header, and a row for each; None for what is no records.

    A record that cannot be read is a row with a problem, up to the next line that begins with one.
    """
    begins = _BETWEEN.match(text)
    start = begins.end() if begins else 0
    if text[start : start + 1] not in {"[", "{"}:
        return None
    found = list(islice(_records(text, start + (text[start] == "[")), MOST_LINES + 1))
    keys = list(dict.fromkeys(key for _, record in found if record for key in record))
    header = Row(Place(found[0][0] if found else 1), tuple(keys))
    if find_header([header]) is None:
        return None
    return [header, *(_row(text, line, record, keys) for line, record in found)]


def _records(text: str, start: int) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """The line of each record, and the record; None for what is none."""
    line, counted, is_array = 1, 0, text[start - 1 : start] == "["
    broken = 0
    while True:
        start = _after(_BETWEEN, text, start)
        line, counted = line + text.count("\n", counted, start), start
        if start >= len(text) or (is_array and text[start] == "]"):
            return
        try:
            value, start = _JSON.raw_decode(text, start)
        except (ValueError, RecursionError):
            value, broken = None, broken + 1
            if broken > _MOST_BROKEN:
                raise UnusableRoster(
                    f"More than {_MOST_BROKEN} records cannot be read as JSON. Correct them, or "
                    "save the roster as XLSX or CSV (UTF-8)."
                ) from None
            begins = _NEXT.search(text, start + 1)
            start = begins.end() if begins else len(text)
        yield line, value if isinstance(value, dict) else None


def _after(pattern: re.Pattern[str], text: str, start: int) -> int:
    found = pattern.match(text, start)
    return found.end() if found else start


def _row(text: str, line: int, record: dict[str, Any] | None, keys: list[str]) -> Row:
    if record is None:
        return Row(
            Place(line), ("",), "it is no JSON object", 'Write one, such as {"device": "edge-042"}'
        )
    return Row(Place(line), tuple(_cell(record.get(key)) for key in keys))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, list):
        return " ".join(map(_cell, value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

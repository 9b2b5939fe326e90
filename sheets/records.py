"""Records: an array of JSON objects, or one object after the other, as a table."""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from fleet.roster.choices import NO_CHOICES
from fleet.roster.export import Export
from fleet.roster.header import find_header
from fleet.roster.reading import MOST_LINES
from fleet.roster.table import Row
from fleet.text.fault import UnusableRoster
from fleet.text.place import Place
from sheets.wrapped import array_in, only_ends

_BETWEEN = re.compile(r"[\s,]*")
_NEXT = re.compile(r"\n[ \t]*(?=\{)")
_MOST_BROKEN = 100  # each costs a look at all of the text before it


@dataclass(frozen=True, slots=True)
class _Record:
    """A record's line and values; `problem` and `remedy` where it is none that can be used."""

    line: int
    values: dict[str, Any]
    problem: str = ""
    remedy: str = ""

    def place(self, lines: Counter[int], number: int) -> Place:
        """Its line; which record it is as well, where a line of all `lines` has several."""
        return Place(self.line, record=number if lines[self.line] > 1 else None)


class _Doubled(dict[str, Any]):
    """An object in which one key is written twice: JSON would let the last one win."""


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    return values if len(values) == len(pairs) else _Doubled(values)


_JSON = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=str, parse_float=str, parse_constant=str
)


def records(text: str, exports: Collection[Export] = ()) -> list[Row] | None:
    """The keys of all records as the header, and a row for each; None for what is no records.

    A record that cannot be read is a row with a problem, up to the next line that begins with one.
    The records may be the only list in an object, such as {"count": 2, "results": [{…}, {…}]}.
    """
    start = _after(_BETWEEN, text, 0)
    if text[start : start + 1] not in {"[", "{"}:
        return None
    array = array_in(text, start, _JSON) if text[start] == "{" else None
    start = start if array is None else array
    is_wrapped = array is not None
    begins = start + (text[start] == "[")
    found = list(islice(_records(text, begins, is_wrapped), MOST_LINES + 1))
    keys = list(dict.fromkeys(key for record in found for key in record.values))
    header = Row(Place(found[0].line if found else 1), tuple(keys))
    lines = Counter(record.line for record in found)
    rows = [header]
    rows += (_row(record, record.place(lines, n), keys) for n, record in enumerate(found, 1))
    # Of several keys, a person may say what they are; of one, it may be no table at all.
    return rows if len(keys) > 1 or find_header(rows, NO_CHOICES, exports) else None


def _records(text: str, start: int, is_wrapped: bool) -> Iterator[_Record]:
    """Each record, and what stands for one; the last may be all that follows the array."""
    line, counted, is_array = 1, 0, text[start - 1 : start] == "["
    broken = 0
    while True:
        start = _after(_BETWEEN, text, start)
        line, counted = line + text.count("\n", counted, start), start
        if start >= len(text) or (is_array and text[start] == "]"):
            if is_array:
                yield from _end(text, start, line, is_wrapped)
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
            start = _next(text, start)
        yield _record(line, value)
        if start < 0:
            return


def _next(text: str, start: int) -> int:
    """Where the next line begins with a record, after one that cannot be read; -1 for none."""
    begins = _NEXT.search(text, start + 1)
    return begins.end() if begins else -1


def _end(text: str, start: int, line: int, is_wrapped: bool) -> Iterator[_Record]:
    """What is wrong with the end of an array, if anything, as a record."""
    after = _after(_BETWEEN, text, start + 1)
    line += text.count("\n", start, after)
    if start >= len(text) or (is_wrapped and after >= len(text)):
        yield _cut_off(line)
    elif after < len(text) and not (is_wrapped and only_ends(text, after, _JSON)):
        yield _beyond(line)


def _record(line: int, value: object) -> _Record:
    if not isinstance(value, dict):
        remedy = 'Write one, such as {"device": "edge-042"}'
        return _Record(line, {}, "it is no JSON object", remedy)
    if isinstance(value, _Doubled):
        return _Record(line, value, "it has one key twice", "Keep the one that is right")
    return _Record(line, value)


def _cut_off(line: int) -> _Record:
    problem = "the array is cut off here, and what followed is missing"
    return _Record(line, {}, problem, "Send the whole of it")


def _beyond(line: int) -> _Record:
    problem = "this and all below it stands after the end of the array"
    return _Record(line, {}, problem, "Put all records into one array")


def _after(pattern: re.Pattern[str], text: str, start: int) -> int:
    found = pattern.match(text, start)
    return found.end() if found else start


def _row(record: _Record, place: Place, keys: list[str]) -> Row:
    try:
        cells = tuple(_cell(record.values.get(key)) for key in keys)
    except RecursionError:
        remedy = "Write texts, numbers, or lists of them"
        return Row(place, (), "a value in it is nested too deeply", remedy)
    return Row(place, cells, record.problem, record.remedy)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, list):
        return " ".join(map(_cell, value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

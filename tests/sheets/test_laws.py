"""Laws of reading: a table reads back the same in whatever dialect and encoding it was written."""

import codecs
import csv
import io
import json
from dataclasses import dataclass

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fleet.text.fault import UnusableRoster
from sheets.delimited import delimited
from sheets.read import read, read_roster
from tests.laws import ALL_EXAMPLES

HEADER = ("device", "host_id", "mac", "note")
# A cell without what ends lines elsewhere; a spreadsheet writes any of these in quotes.
plain = st.text(st.characters(exclude_categories=["Cs", "Cc"], max_codepoint=0x2FFFF), max_size=8)
cells = plain | st.sampled_from(["a, b", "a;b", "a|b", 'she said "no"', "two\nlines", "\t", "=1+1"])
names = st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True)
tables = st.lists(st.tuples(names, cells, cells, cells), min_size=1, max_size=6)


@dataclass(frozen=True)
class Dialect:
    """How one program writes a table down."""

    separator: str
    line_end: str
    quoting: int
    stated: bool
    encoding: str

    def write(self, rows: list[tuple[str, ...]]) -> bytes:
        text = io.StringIO()
        if self.stated:
            text.write(f"sep={self.separator}{self.line_end}")
        csv.writer(
            text, delimiter=self.separator, lineterminator=self.line_end, quoting=self.quoting
        ).writerows(rows)
        return text.getvalue().encode(self.encoding)


dialects = st.builds(
    Dialect,
    separator=st.sampled_from(",;\t|"),
    line_end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    stated=st.booleans(),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
)


@ALL_EXAMPLES
@given(tables, dialects)
def test_a_table_in_any_dialect_and_encoding_reads_back_the_same(
    rows: list[tuple[str, ...]], dialect: Dialect
) -> None:
    (table,) = read(dialect.write([HEADER, *rows]))

    assert [row.cells for row in table.rows] == [HEADER, *rows]
    assert not [row for row in table.rows if row.problem]


@given(tables, st.sampled_from(["utf-16-le", "utf-16-be"]))
def test_utf_16_without_its_bom_is_recognized_where_most_is_ascii(
    rows: list[tuple[str, ...]], encoding: str
) -> None:
    wide = [(*HEADER, "padding of plain letters " * 8), *((*row, "") for row in rows)]
    text = "\n".join("\t".join(f'"{cell.replace(chr(34), "")}"' for cell in row) for row in wide)

    assert read(text.encode(encoding)) == read(text)


@given(
    st.lists(st.sampled_from(["Süd", "Straße", "Łódź", "Линия", "Île", "niño", "10"]), max_size=4),
    st.sampled_from(["cp1252", "cp1250", "cp1251", "cp1254", "iso8859-1"]),
)
def test_what_identifies_a_device_reads_back_the_same_in_whatever_encoding(
    words: list[str], encoding: str
) -> None:
    text = f"note;device;host_id\n{' '.join(words)};edge-1;43e210471948\n"

    (line,) = read_roster(text.encode(encoding, "replace"), "plant-7", "lem").lines

    assert (line.device.name, line.device.host_id) == ("edge-1", "43e210471948")


@pytest.mark.parametrize(
    "note", ["Käserei Süd, Straße 3", "Atelier numéro 3, près de l’entrée", "niño – “3”", "é"]
)
def test_a_text_of_western_europe_is_read_in_the_encoding_of_windows(note: str) -> None:
    text = f"device\tnote\nedge-1\t{note}\n"

    found = read(text.encode("cp1252"))

    assert found.tables == read(text).tables
    assert found.notes == ("The text is not UTF-8, and was read as cp1252.",)


@given(tables, st.booleans())
def test_records_read_back_the_same_as_an_array_and_line_by_line(
    rows: list[tuple[str, ...]], is_array: bool
) -> None:
    records = [dict(zip(HEADER, row, strict=True)) for row in rows]
    lines = "\n".join(json.dumps(record) for record in records)

    (table,) = read(json.dumps(records, indent=1) if is_array else lines)

    assert [row.cells for row in table.rows] == [HEADER, *rows]


@given(tables, st.integers(0, 5))
def test_one_bad_row_spoils_no_other(rows: list[tuple[str, ...]], at: int) -> None:
    text = Dialect(",", "\n", csv.QUOTE_ALL, False, "utf-8").write([HEADER, *rows]).decode()
    lines = list(io.StringIO(text, newline=""))
    is_whole = text.count("\n") == len(rows) + 1  # no cell has a line break
    position = 1 + min(at, len(rows)) if is_whole else 1
    bad = [*lines[:position], 'edge-bad,"x" y\n', *lines[position:]]

    found = delimited("".join(bad))

    assert [row.cells for row in found if not row.problem] == [HEADER, *rows]
    assert [row.cells for row in found if row.problem] == [('edge-bad,"x" y',)]


def reading(content: bytes) -> object:
    """The roster in the bytes, or why they are none."""
    try:
        return read_roster(content, "plant-7", "lem")
    except UnusableRoster as error:
        return str(error)


@ALL_EXAMPLES
@given(st.binary())
@example(codecs.BOM_UTF16_LE + b"x")
@example(b'{"device": "a"')
@example(b"[" * 5000)
def test_any_bytes_are_a_roster_or_are_refused_in_words(content: bytes) -> None:
    assert reading(content)


@given(st.text('device,mac;\t|\r\n"\0[{}]: '))
def test_any_text_below_a_header_is_a_roster_or_is_refused_in_words(text: str) -> None:
    assert reading(f"device,mac\n{text}".encode())

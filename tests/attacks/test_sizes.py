"""Who may fill in a form wants the worker's memory, or its time."""

import asyncio
import gzip
import io
import subprocess
import sys
import time
import tracemalloc
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from fleet.roster.reading import MOST_LINES, ROWS_NEEDED
from fleet.text.fault import UnusableRoster
from sheets.read import read, read_roster
from tasks.text.given_text import given_content
from tasks.text.text_kind import POLICY, ROSTER
from tests.attacks.given import GOOD, backtested, integrated, onboarded, refused
from tests.laws import one_in
from tests.sheets.books import xlsx

TITLES = "Plant 7\n" * 49


def test_a_bomb_is_unpacked_no_further_than_a_roster_is_long(allowed):
    bomb = gzip.compress(b"device,mac\n" + b"\0" * (5 * ROSTER.limit), 1)
    url = allowed.answer("/bomb.csv", bomb, Content_Encoding="gzip")
    tracemalloc.start()

    message = refused(onboarded, url)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert "at most 8,192 KiB" in message
    assert peak < 3 * ROSTER.limit


def test_half_a_packed_roster_is_none(allowed):
    packed = gzip.compress(b"device\n" + b"\n".join(b"%d" % n for n in range(2_000)))
    url = allowed.answer("/half.csv", packed[: len(packed) // 2], Content_Encoding="gzip")

    assert "cannot be read" in refused(onboarded, url)


def test_an_answer_that_drips_ends_with_its_time(allowed):
    url = allowed.answer("/drip.csv", "device\n", Drips="yes")

    assert "not read whole within 0.2 s" in refused(onboarded, url, 0.2)


def test_redirects_do_not_begin_the_time_anew(allowed):
    allowed.answer("/roster.csv", GOOD, Waits="0.3")
    url = allowed.answer("/moved.csv", "", 302, Location="/roster.csv", Waits="0.3")

    assert "not read whole within 0.5 s" in refused(onboarded, url, 0.5)


@pytest.mark.parametrize(("kind", "name"), [(ROSTER, "r.csv"), (POLICY, "p.yaml")])
def test_a_file_is_read_no_further_either(folder, kind, name):
    with (folder / name).open("wb") as file:
        file.truncate(2**40)  # a hole, which takes no space

    def read():
        asyncio.run(given_content(str(folder / name), kind))

    assert "KiB" in refused(read)


@pytest.mark.heavy
def test_a_roster_of_one_name_is_refused_as_soon_as_it_is_read():
    began = time.process_time()  # of this test alone, however busy the machine

    message = refused(onboarded, "device,host_id\n" + "".join(f"a,h{n}\n" for n in range(20_000)))

    assert (
        "lines 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 19,990 more, column device: 'a' is on" in message
    )
    assert len(message) < 20_000
    assert time.process_time() - began < 20  # it took as long as the square of its lines


@pytest.mark.heavy
def test_one_line_that_is_repeated_is_refused_as_soon_as_it_is_read():
    began = time.process_time()  # of this test alone, however busy the machine

    message = refused(onboarded, "device\n" + "a\n" * 20_000)

    assert "lines 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 and 19,989 more: " in message
    assert len(message) < 20_000
    assert time.process_time() - began < 20


def test_a_roster_has_no_more_columns_than_any_site():
    with pytest.raises(UnusableRoster, match="more than 100 columns"):
        read_roster(f"device{',' * 100}\na", "plant-7", "lem")


@pytest.mark.parametrize("part", ["[", "{a: ", "- ", "? "])
@pytest.mark.parametrize("read", [backtested, integrated])
def test_brackets_in_brackets_are_not_followed(read, part):
    began = time.process_time()  # of this test alone, however busy the machine

    assert "nested too deeply" in refused(read, f"policy:\n {part * 4_000}\n")
    assert time.process_time() - began < 10  # it took half a minute


@pytest.mark.heavy
def test_no_more_rows_are_read_than_are_needed_to_refuse_them():
    (table,) = read("device\n" * (ROWS_NEEDED + 500)).tables

    assert len(table.rows) == ROWS_NEEDED


@pytest.mark.parametrize(
    ("titles", "below", "says"),
    [
        (TITLES, MOST_LINES, "has a header but no devices"),
        (TITLES, MOST_LINES + 1, "more than 100,000 lines"),
        pytest.param("", MOST_LINES, "has a header but no devices", marks=pytest.mark.heavy),
        pytest.param("", MOST_LINES + 1, "more than 100,000 lines", marks=pytest.mark.heavy),
    ],
)
def test_a_roster_has_so_many_lines_below_its_titles_and_header(titles, below, says):
    """Each of them is the header again, which is no device: so it costs little to read."""
    with pytest.raises(UnusableRoster, match=says):
        read_roster(titles + "device\n" * (1 + below), "plant-7", "lem")


def test_broken_records_end_the_reading_soon():
    text = '[{"device": "edge-1"},\n' + "{\n" * 2_000

    assert "records" in refused(read, text)


def workbook_of(row, rows):
    """A workbook whose only sheet has a header and that row again and again."""
    sheet = "xl/worksheets/sheet1.xml"
    content, made = io.BytesIO(xlsx({"Devices": [["device", "host_id"]]})), io.BytesIO()
    with ZipFile(content) as parts, ZipFile(made, "w", ZIP_DEFLATED) as file:
        for name in parts.namelist():
            data = parts.read(name)
            if name == sheet:
                lines = b"".join(row % {b"n": b"%06d" % n} for n in range(rows))
                data = data.replace(b"</sheetData>", lines + b"</sheetData>")
            file.writestr(name, data)
    return made.getvalue()


MEASURED = """
import re, sys
from pathlib import Path
from sheets.read import read
(table,) = read(sys.stdin.buffer.read())
peak = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())
print(len(table.rows), int(peak[1]) // 1024)
"""


@pytest.mark.heavy
def test_the_largest_workbook_that_is_read_takes_little_memory_of_the_worker():
    cells = b"".join(b"<c><v>%d%%(n)s</v></c>" % column for column in range(10, 29))
    content = workbook_of(b"<row>%s</row>" % cells, 100_000)

    done = subprocess.run(
        [sys.executable, "-c", MEASURED], input=content, capture_output=True, check=True
    )

    rows, megabytes = map(int, done.stdout.split())
    assert rows == 100_001
    assert megabytes < 300


@pytest.mark.heavy
def test_a_workbook_with_more_cells_than_any_roster_is_refused():
    content = workbook_of(b"<row>" + b"<c><v>42</v></c>" * 60 + b"</row>", 50_000)

    assert refused(read, content).startswith("The workbook is too large: ")


@pytest.mark.heavy
@pytest.mark.parametrize("begin", one_in(2, ["[", "a"]))
def test_millions_of_separators_are_no_millions_of_columns(begin):
    began = time.process_time()  # of this test alone, however busy the machine

    refused(onboarded, begin + ", " * (1 << 20))

    assert time.process_time() - began < 10

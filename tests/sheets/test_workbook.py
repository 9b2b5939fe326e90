"""Workbooks: which cells are read, how they are named, and what harms nobody."""

import datetime as dt
import signal
import struct

import pytest
from openpyxl import Workbook

from fleet.roster.header import FIRST_ROWS, MOST_COLUMNS
from fleet.roster.reading import ROWS_NEEDED
from fleet.text.fault import UnusableRoster
from sheets import workbook_reader
from sheets.read import read, read_roster
from sheets.workbook import refused
from tests.sheets.books import DEVICES, ods, saved, xlsx
from tests.sheets.test_corpus import outline

READ = ["edge-1 43e210471948 02:00:00:00:00:01"]
BOTH = [*READ, "edge-2 43e210471949 02:00:00:00:00:02 02:00:00:00:00:03"]


def came(content: bytes) -> dict[str, list[str]]:
    return outline(read_roster(content, "plant-7", "lem"))


def refusal(content: bytes) -> str:
    with pytest.raises(UnusableRoster) as error:
        came(content)
    return str(error.value)


@pytest.mark.parametrize("content", [xlsx({"Devices": DEVICES}), ods({"Devices": DEVICES})])
def test_a_workbook_is_read_as_the_same_table_in_a_text_is(content: bytes) -> None:
    assert came(content) == {
        "devices": BOTH,
        "faults": [],
        "proposed": [],
        "notes": [],
        "unknown": [],
    }


def test_a_fault_names_the_cell_and_a_title_above_the_table_does_no_harm() -> None:
    rows = [["Plant 7, hall 3"], [], *DEVICES, [], ["edge-3", "é", ""]]

    assert came(xlsx({"Hall 3": rows}))["faults"] == [
        "'Hall 3'!B7, column host_id: 'é' is not a host id"
    ]


def test_a_table_may_begin_anywhere_in_its_sheet() -> None:
    book = Workbook()
    book.worksheets[0].title = "Devices"
    for column, values in zip("DE", (["device", "机 1"], ["mac", "zz"]), strict=True):
        for row, value in enumerate(values, 5):
            book.worksheets[0][f"{column}{row}"] = value

    assert refusal(saved(book)).splitlines()[1:] == [
        "- Devices!D6, column device: '机 1' cannot be a device's name. Use letters, digits, "
        "'.', '_' and '-', at most 63, beginning with a letter or digit",
        "- Devices!E6, column mac: 'zz' is not a MAC address. Write six pairs of hex digits, such "
        "as 00:1a:2b:3c:4d:5e; separate several by spaces",
    ]


def test_every_visible_sheet_with_devices_is_read_and_of_the_others_it_is_said() -> None:
    found = came(
        xlsx(
            {
                "Read me": [["Fill in the sheet Devices."]],
                "Devices": DEVICES[:2],
                "More": [DEVICES[0], *DEVICES[2:]],
                "Old": [["device"], ["edge-9"]],
                "Empty": [],
            },
            hidden=["Old"],
        )
    )

    assert found == {
        "devices": BOTH,
        "faults": [],
        "proposed": [],
        "notes": [
            "The sheet 'Old' is hidden, and was not read.",
            "The sheet 'Read me' was not read: no row of it names a column 'device'.",
        ],
        "unknown": [],
    }


def test_one_device_on_two_sheets_is_a_fault_on_both() -> None:
    two = [DEVICES[0], ["edge-1", "43e210471950", ""]]

    found = refusal(xlsx({"One": DEVICES[:2], "Two": two}))

    assert "- One!A2, Two!A2, column device: 'edge-1' is on 2 lines. " in found


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (11223344556677, "'11223344556677' has 14 digits, and a host id has 12: "),
        (11223344556677889, "'1.122334455667789e+16' is a number: "),
        (dt.date(2026, 5, 1), "'2026-05-01' is a date: "),
        (dt.datetime(2026, 5, 1, 12), "'2026-05-01 12:00:00' is a date: "),
        (True, "'TRUE' is no host id"),
        (1.5, "'1.5' is a number: "),
    ],
)
def test_what_a_workbook_holds_instead_of_a_host_id_is_a_fault(value: object, says: str) -> None:
    (fault,) = came(xlsx({"Devices": [*DEVICES, ["edge-3", value, ""]]}))["faults"]

    assert fault.startswith(f"Devices!B4, column host_id: {says}")


def test_a_number_of_twelve_digits_is_the_host_id_that_it_shows() -> None:
    found = came(xlsx({"Devices": [["device", "host_id"], ["edge-1", 112233445566]]}))

    assert found["devices"] == ["edge-1 112233445566"]


def test_a_sheet_of_two_cells_far_apart_takes_no_memory_of_ours() -> None:
    book = Workbook()
    book.worksheets[0]["A1"] = "device"
    book.worksheets[0]["XFD1048576"] = "edge-1"

    assert refusal(saved(book)).startswith("The workbook is too large: its sheets may have ")


def test_rows_are_sent_on_without_empty_cells_at_their_end_and_no_wider_than_a_roster() -> None:
    wide = [f"note {column}" for column in range(500)]
    rows = [DEVICES[0], *([["edge", "", "", ""]] * 60), ["edge", *wide], ["", *[""] * 300, "x"]]

    (table,) = read(xlsx({"Devices": rows}))

    assert {len(row.cells) for row in table.rows[50:61]} == {1}
    assert [len(row.cells) for row in table.rows[:2]] == [MOST_COLUMNS + 1] * 2
    assert [len(row.cells) for row in table.rows[61:]] == [MOST_COLUMNS + 1, 0]


def test_cells_below_a_column_without_a_name_are_no_fault() -> None:
    rows = [[*each, "", "a remark"] for each in DEVICES[1:]]

    assert came(xlsx({"Devices": [DEVICES[0], *rows]}))["faults"] == []


def test_a_workbook_may_be_as_long_as_a_roster_and_what_stands_around_it() -> None:
    assert workbook_reader.MOST_ROWS >= ROWS_NEEDED
    assert workbook_reader.MOST_CELLS == MOST_COLUMNS + 1
    assert workbook_reader.WHOLE_ROWS == FIRST_ROWS


@pytest.mark.heavy
def test_a_workbook_of_which_little_makes_very_much_is_too_large() -> None:
    text = "x" * 32_000  # written once, and named by each cell
    rows = [["device"], *([text] for _ in range(1_100))]

    assert refusal(xlsx({"Devices": rows})).startswith("The workbook is too large: ")


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (workbook_reader.TOO_LARGE, "is too large"),
        (-signal.SIGKILL, "is too large"),
        (-signal.SIGXCPU, "is too large"),
        (workbook_reader.UNREADABLE, "cannot be read"),
        (1, "cannot be read"),
    ],
)
def test_only_too_little_memory_or_time_makes_a_workbook_too_large(code: int, says: str) -> None:
    assert says in str(refused(code, b""))


def test_what_the_reader_says_when_it_fails_is_for_the_log_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    message = str(refused(1, b"KeyError: 'somewhere'"))

    assert "KeyError: 'somewhere'" in caplog.text
    assert "KeyError" not in message


def test_a_bomb_is_refused_before_it_unfolds() -> None:
    content = xlsx({"Devices": DEVICES})
    entry = content.rindex(b"PK\x01\x02")  # what it says of its last part, and of its size
    large = struct.pack("<I", 300 << 20)

    assert refusal(content[: entry + 24] + large + content[entry + 28 :]).startswith(
        "The workbook is too large: "
    )


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04" + b"\0" * 100,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + struct.pack("<120I", *range(120)),
        xlsx({"Devices": DEVICES})[:-500],
    ],
    ids=["no zip", "no compound file", "nonsense", "cut short"],
)
def test_what_only_begins_like_a_workbook_is_refused_in_words(content: bytes) -> None:
    assert refusal(content).startswith("The workbook cannot be read: it is damaged, or needs a ")


def test_a_workbook_without_any_device_column_says_so() -> None:
    assert refusal(xlsx({"Devices": [["Owner", "MAC"], ["a", "b"]]})).startswith(
        "The roster has no column 'device'; its columns are: Owner, MAC. "
    )


def test_the_sheets_keep_their_order_and_their_names() -> None:
    sent = read(xlsx({"B": DEVICES, "A": DEVICES}))

    assert [table.name for table in sent] == ["B", "A"]
    assert [table.rows[0].place.order for table in sent] == [(0, 1, 0), (1, 1, 0)]

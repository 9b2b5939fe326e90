"""Reading rosters, by example: every way a roster can be wrong, and what its reader sees."""

import pytest

from fleet.device.device import Device
from fleet.roster.reading import refuse_faults
from fleet.roster.roster import Roster
from fleet.text.fault import UnusableRoster
from sheets.read import read_roster

HEADER = "device,host_id,mac,zero_touch\n"
GOOD = "good-1,h9,02:00:00:00:00:99,\n"
EMPTY = (
    "The roster is empty. Its first line must name the columns, such as: "
    "device,host_id,mac,zero_touch,connection"
)


def read(text: str) -> Roster:
    return read_roster(text, "plant-7", "lem")


def message(text: str) -> list[tuple[int, str, str, str]]:
    """Line, column, value and the whole sentence of every fault in `text`."""
    return [(f.line.number, f.column, f.value, str(f)) for f in read(text).faults]


def refusal(text: str) -> str:
    with pytest.raises(UnusableRoster) as error:
        read(text)
    return str(error.value)


def test_a_good_roster_is_read_in_its_order() -> None:
    text = HEADER + (
        "edge-1,ABC123,,\n"
        "edge-2,,02-00-00-00-00-01 0200.0000.0002;02:00:00:00:00:01,\n"
        "edge-3,,,\n"
        "edge-4,h4,,lab\n"
    )

    roster = read(text)

    assert roster.site == "plant-7"
    assert roster.faults == ()
    assert [line.place.number for line in roster.lines] == [2, 3, 4, 5]
    assert roster.devices == (
        Device(name="edge-1", host_id="ABC123"),
        Device(name="edge-2", macs=("02:00:00:00:00:01", "02:00:00:00:00:02")),
        Device(name="edge-3"),
        Device(name="edge-4", host_id="h4", zero_touch="lab"),
    )


def test_columns_that_mean_nothing_here_are_named_and_ignored() -> None:
    roster = read("device,Room No,,owner\nedge-1,12,,me\n")

    assert roster.devices == (Device(name="edge-1"),)
    assert roster.unknown_columns == ("room_no", "owner")


def test_blank_lines_are_skipped_and_counted() -> None:
    roster = read("\n,,,\n" + HEADER + "\n , ,,\n" + GOOD + "\n")

    assert [line.place.number for line in roster.lines] == [6]


def test_a_cell_of_several_lines_leaves_the_line_numbers_right() -> None:
    text = 'device,note\nedge-1,"two\r\nlines"\nedge-2,\n坏,"three\n\nlines"\nedge-3,\n'

    roster = read(text)

    assert [line.place.number for line in roster.lines] == [2, 4, 8]
    assert [(place.number, place.row) for place in roster.faulty_lines] == [(5, 4)]
    assert str(roster.faults[0]).startswith("line 5 (row 4 of the sheet), column device: ")


@pytest.mark.parametrize(
    "text", ["", "\ufeff", " \n\t\r\n", ",", ",,,\n,,\n", '""', '"",""\n'], ids=repr
)
def test_an_empty_file_is_refused_with_the_columns_to_begin_with(text: str) -> None:
    assert refusal(text) == EMPTY


def test_a_header_without_devices_is_refused_with_what_is_missing() -> None:
    assert refusal(HEADER) == (
        "The roster has a header but no devices. Add one line per device below it."
    )


def test_a_missing_device_column_is_reported_with_the_columns_that_are_there() -> None:
    assert refusal("Owner,MAC\nedge-1,020000000001\n") == (
        "The roster has no column 'device'; its columns are: Owner, MAC. "
        "Name the columns in its first line, such as: device,host_id,mac,zero_touch,connection. "
        "Or say which column names the devices: Owner = device"
    )


@pytest.mark.parametrize(
    "first_line",
    [
        "LEM_TOKEN=s3cret",
        "DB=a,s3cret",
        "LEM_TOKEN=s3cret,LEM_TOKEN=s3cret",
        "password: s3cret",
        '{"token": "s3cret"}',
        "s3cret" * 7,
        "-----BEGIN s3cret KEY-----\0",
    ],
)
def test_the_first_line_of_a_file_that_is_no_roster_is_not_shown(first_line: str) -> None:
    sentence = refusal(f"{first_line}\nsecond,line\n")

    assert "s3cret" not in sentence
    assert sentence.startswith(
        "The roster has no column 'device'; its first line names no columns. Name the columns in "
    )


def test_columns_of_one_name_must_say_the_same_and_one_of_them_is_enough() -> None:
    roster = read("device,Host ID,host-id\nedge-1,h1,h2\nedge-2,h3,\nedge-3,,h4\nedge-4,h5,h5\n")

    assert [(d.name, d.host_id) for d in roster.devices] == [
        ("edge-2", "h3"),
        ("edge-3", "h4"),
        ("edge-4", "h5"),
    ]
    assert [str(fault) for fault in roster.faults] == [
        "line 2, column host_id: two columns of it say 'h1' and 'h2'. Keep the one that is right"
    ]


@pytest.mark.parametrize(
    "bad",
    ['edge-1,"020000000001', 'edge-1,"02"0000000001', 'edge-1,"02" "00"'],
    ids=["never closed", "closed too early", "closed twice"],
)
def test_quotes_that_do_not_close_spoil_one_line_alone(bad: str) -> None:
    roster = read(f'device,mac,note\n{bad}\nedge-2,,"a, b"\nedge-3,,"two\nlines"\nedge-4\n')

    assert [device.name for device in roster.devices] == ["edge-2", "edge-3", "edge-4"]
    assert [str(fault) for fault in roster.faults] == [
        "line 2: its quotation marks do not close, or something follows one that does. "
        "Put quotation marks around whole cells only, and double those within"
    ]
    assert roster.faults[0].value == bad


def test_a_file_that_is_no_text_is_refused_as_a_whole() -> None:
    assert refusal("PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00").startswith(
        "The roster has no column 'device'; its first line names no columns. "
    )


@pytest.mark.parametrize(
    ("line", "column", "value", "sentence"),
    [
        (
            "edge-1,,00:1a:2b:3c:4d,",
            "mac",
            "00:1a:2b:3c:4d",
            "'00:1a:2b:3c:4d' is not a MAC address. Write six pairs of hex digits, such as "
            "00:1a:2b:3c:4d:5e; separate several by spaces",
        ),
        (
            "edge-1,1.23E+11,,",
            "host_id",
            "1.23E+11",
            "'1.23E+11' is a number: a spreadsheet made it of something else. Format the column as "
            "text, and type in again the host id printed on the box",
        ),
        (
            "端末1,h1,,",
            "device",
            "端末1",
            "'端末1' cannot be a device's name. Use letters, digits, '.', '_' and '-', at most "
            "63, beginning with a letter or digit",
        ),
        (
            "edge\0,h1,,",
            "device",
            "edge\0",
            "'edge\\x00' cannot be a device's name. Use letters, digits, '.', '_' and '-', at most "
            "63, beginning with a letter or digit",
        ),
        (
            ",h1,,",
            "device",
            "",
            "the device has no name. Give each line a name of its own",
        ),
        (
            "edge-1,,,lab",
            "zero_touch",
            "lab",
            "a zero-touch device without identity looks like every other of its profile. "
            "Give its host_id or a mac",
        ),
        (
            "edge-1,h1,,la\0b",
            "zero_touch",
            "la\0b",
            "'la\\x00b' cannot be a profile's name. Give the profile's name as its system shows "
            "it, or leave the cell empty",
        ),
    ],
)
def test_a_bad_cell_is_reported_with_its_place_and_its_remedy(
    line: str, column: str, value: str, sentence: str
) -> None:
    text = HEADER + GOOD + line + "\n"

    assert message(text) == [(3, column, value, f"line 3, column {column}: {sentence}")]


def test_a_line_with_more_cells_than_columns_is_reported_without_a_column() -> None:
    assert message(HEADER + GOOD + "edge-1,h1,,,surplus\n") == [
        (
            3,
            "",
            "surplus",
            "line 3: the line has 5 cells for 4 columns. "
            "Quote cells that hold the separator, or remove the surplus",
        )
    ]


def test_empty_surplus_cells_and_missing_last_cells_do_no_harm() -> None:
    assert message(HEADER + GOOD + "edge-1,h1,,,, ,\nedge-2\n") == []


@pytest.mark.parametrize(
    ("first", "second", "column", "value"),
    [
        ("edge-1,h1,,", "edge-1,h2,,", "device", "edge-1"),
        ("edge-1,H1,,", "edge-2,h1,,", "host_id", "h1"),
        (
            "edge-1,,02:00:00:00:00:01 02:00:00:00:00:02,",
            "edge-2,,02-00-00-00-00-02,",
            "mac",
            "02:00:00:00:00:02",
        ),
    ],
    ids=["name", "host id", "MAC"],
)
def test_a_device_on_two_lines_faults_both_and_each_names_the_other(
    first: str, second: str, column: str, value: str
) -> None:
    remedy = "Keep one line for each device; until then none of these is used"

    faults = message(f"{HEADER}{first}\n{GOOD}{second}\n")

    assert faults == [
        (2, column, value, f"line 2, column {column}: {value!r} is also on line 4. {remedy}"),
        (4, column, value, f"line 4, column {column}: {value!r} is also on line 2. {remedy}"),
    ]


def test_a_device_on_three_lines_names_both_others() -> None:
    faults = message(HEADER + "edge-1,h1,,\nedge-1,h2,,\nedge-1,h3,,\n" + GOOD)

    assert [sentence.partition(". ")[0] for *_, sentence in faults] == [
        "line 2, column device: 'edge-1' is also on lines 3, 4",
        "line 3, column device: 'edge-1' is also on lines 2, 4",
        "line 4, column device: 'edge-1' is also on lines 2, 3",
    ]


def test_every_fault_of_a_line_is_reported_and_the_line_counts_once() -> None:
    roster = read(HEADER + GOOD + "机 1,é,12,\n")

    assert [fault.column for fault in roster.faults] == ["device", "host_id", "mac"]
    assert [place.number for place in roster.faulty_lines] == [3]


def test_a_roster_without_one_usable_line_says_its_faults_up_to_fifty() -> None:
    sentence = refusal(HEADER + "".join(f"机 {n},,,\n" for n in range(53)))

    heading, *faults = sentence.splitlines()
    assert heading == "No line of the roster can be used:"
    assert len(faults) == 51
    assert faults[-1] == "- and 3 more"
    assert faults[0].startswith("- line 2, column device: '机 0' cannot be a device's name. ")


def test_what_has_one_cause_is_said_once_with_the_first_ten_lines() -> None:
    sentence = refusal(HEADER + "机 1,,,\n" * 3000)

    (fault,) = sentence.splitlines()[1:]
    assert fault.startswith(
        "- lines 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 2,990 more, column device: '机 1' cannot be "
    )


def test_a_run_that_wants_no_faults_is_refused_with_every_fault() -> None:
    refuse_faults(read(HEADER + GOOD))

    with pytest.raises(UnusableRoster) as error:
        refuse_faults(read(HEADER + GOOD + ",h1,,\n"))
    assert str(error.value) == (
        "Nothing was started because the roster has faults:\n"
        "- line 3, column device: the device has no name. Give each line a name of its own"
    )


@pytest.mark.parametrize("column", ["hostid", "Host ID", "host-id", "HOST_ID"])
def test_a_host_id_is_found_under_every_usual_spelling(column: str) -> None:
    roster = read_roster(
        f"Device,{column},MAC Address\nedge-1,0a1b,02:00:00:00:00:01", "plant-7", "lem"
    )

    (device,) = roster.devices
    assert (device.host_id, device.macs) == ("0a1b", ("02:00:00:00:00:01",))
    assert roster.unknown_columns == ()


def test_a_line_may_name_its_connection_and_the_others_use_that_of_the_run() -> None:
    roster = read("device,Connection\nedge-1,Acusight\nedge-2,\n")

    assert {name: [d.name for d in ds] for name, ds in roster.by_connection.items()} == {
        "acusight": ["edge-1"],
        "lem": ["edge-2"],
    }


def test_a_host_id_keeps_its_case_and_is_compared_without_it() -> None:
    roster = read("device,host_id\nedge-1,AB:CD\n")

    assert roster.devices[0].host_id == "AB:CD"
    assert roster.devices[0].identity.host_id == "ab:cd"
    with pytest.raises(UnusableRoster, match="lines 2, 3, column host_id: 'ab:cd' is on 2 lines"):
        read("device,host_id\nedge-1,AB:CD\nedge-2,ab:cd\n")


def test_a_column_system_that_names_connections_is_one_of_them() -> None:
    text = "device,System\nedge-1,Acusight\nedge-2,\nedge-3,Linux\n"

    roster = read_roster(text, "plant-7", "lem", {"acusight", "lem-2"})

    assert [line.connection for line in roster.lines] == ["acusight", "lem"]
    assert [str(fault) for fault in roster.faults] == [
        "line 4, column connection: there is no connection 'linux'. "
        "Name one of acusight, lem, lem-2, or leave the cell empty"
    ]


def test_a_column_system_of_another_product_names_no_connections_and_is_not_used() -> None:
    roster = read_roster("device,System\nedge-1,Linux\nedge-2\n", "plant-7", "lem", {"acusight"})

    assert [line.connection for line in roster.lines] == ["lem", "lem"]
    assert roster.unknown_columns == ("system",)


def test_beside_a_column_connection_a_column_system_is_not_used() -> None:
    roster = read_roster(
        "device,system,connection\nedge-1,acusight,\n", "plant-7", "lem", {"acusight"}
    )

    assert [line.connection for line in roster.lines] == ["lem"]
    assert roster.unknown_columns == ("system",)


def test_a_first_column_without_a_name_keeps_its_place() -> None:
    roster = read("\tdevice\thost_id\n1\tedge-1\th1\n2\tedge-2\th2\n")

    assert [(d.name, d.host_id) for d in roster.devices] == [("edge-1", "h1"), ("edge-2", "h2")]


def test_several_columns_of_macs_are_read_as_one() -> None:
    roster = read(
        "device,MAC Address (eth0),MAC Address (eth1)\n"
        "edge-1,02:00:00:00:00:01,02:00:00:00:00:02\n"
        "edge-2,,02:00:00:00:00:03\n"
    )

    assert [d.macs for d in roster.devices] == [
        ("02:00:00:00:00:01", "02:00:00:00:00:02"),
        ("02:00:00:00:00:03",),
    ]


@pytest.mark.parametrize("lines", [300, 600])
def test_what_is_said_of_one_value_on_every_line_grows_with_the_lines_alone(lines: int) -> None:
    many = "".join(f"edge-{n},,02:00:00:00:00:01,\n" for n in range(lines))

    faults = message(HEADER + GOOD + many)

    assert len(faults) == lines
    assert faults[7][3].partition(". ")[0] == (
        "line 10, column mac: '02:00:00:00:00:01' is also on lines 3, 4, 5, 6, 7, 8, 9, "
        f"11, 12, 13 and {lines - 11} more"
    )
    assert max(len(sentence) for *_, sentence in faults) < 200

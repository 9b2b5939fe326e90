"""The header of a roster: a column is found in whatever spelling, and no other is taken for it."""

import pytest

from fleet.roster.header import Header, find_header, normal_name
from fleet.roster.table import Row
from fleet.text.fault import UnusableRoster
from fleet.text.place import Place
from reports.nightly.frames import DEVICES, FINDINGS
from reports.onboarding.onboarding import COLUMNS as REPORT


def header_of(*rows: tuple[str, ...]) -> Header | None:
    return find_header([Row(Place(number), cells) for number, cells in enumerate(rows, 1)])


@pytest.mark.parametrize(
    "cell",
    [
        "MAC Addr",
        "MAC Address (eth0)",
        "MAC Address [eth0]",
        "mac_addr_1",
        "MAC 2",
        "MACs",
        "MAC-Addresses",
        "MacAddress",
        "eth0 MAC",
        "LAN MAC address",
        "Wi-Fi MAC".replace("-", ""),
        "Ethernet MAC Address",
        "mac*",
        "ＭＡＣ",
        "MAC\u00a0Address",
    ],
)
def test_a_column_of_macs_is_found_under_every_usual_name(cell: str) -> None:
    assert normal_name(cell) == "mac"


@pytest.mark.parametrize("cell", ["MAC vendor", "switch MAC", "machine", "macro", "gateway_mac"])
def test_a_column_of_something_else_is_no_column_of_macs(cell: str) -> None:
    assert normal_name(cell) != "mac"


@pytest.mark.parametrize("cell", ["Host ID (printed on the box)", "hostid*", "HOST-ID:"])
def test_notes_beside_a_name_do_not_count(cell: str) -> None:
    assert normal_name(cell) == "host_id"


@pytest.mark.parametrize("columns", [REPORT, tuple(DEVICES), tuple(FINDINGS)])
def test_the_table_of_a_report_is_no_roster(columns: tuple[str, ...]) -> None:
    with pytest.raises(UnusableRoster) as error:
        header_of(columns)

    assert str(error.value) == (
        "This is the table of a report, and not a roster: it lacks what a roster says, such as "
        "zero-touch profiles. Correct the roster itself, and give that."
    )


def test_a_roster_may_have_columns_that_a_report_has_too() -> None:
    header = header_of(("device", "state", "kind", "reason"))

    assert header is not None
    assert header.columns["device"] == (0,)


def test_the_header_is_the_row_that_names_most_columns_and_may_have_titles_above_it() -> None:
    header = header_of(
        ("Plant 7, hall 3", "", ""),
        ("device", "", ""),
        ("Device", "Host ID", "MAC"),
        ("device", "43e210471948", ""),
    )

    assert header is not None
    assert (header.index, header.names) == (2, ("device", "host_id", "mac"))


@pytest.mark.parametrize("name", ["Name", "Name (Optional)", "Device Name", "Asset", "ID"])
def test_a_name_is_the_devices_where_another_column_says_which_machine_it_is(name: str) -> None:
    assert header_of((name, "MAC")) is not None
    assert header_of((name, "Password")) is None


def test_columns_of_macs_by_another_name_say_which_machine_it_is_as_well() -> None:
    assert header_of(("Name", "Foo"), ("edge-1", "02:00:00:00:00:01")) is not None
    assert header_of(("Name", "Gateway"), ("edge-1", "02:00:00:00:00:01")) is None


def test_what_names_no_device_has_no_header() -> None:
    assert header_of(("Owner", "MAC")) is None
    assert header_of() is None

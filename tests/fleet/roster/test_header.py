"""The header of a roster: a column is found in whatever spelling, and no other is taken for it."""

import pytest

from fleet.roster.header import normal_name, read_header
from fleet.text.fault import UnusableRoster
from reports.nightly.frames import DEVICES, FINDINGS
from reports.onboarding.onboarding import COLUMNS as REPORT


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
        read_header(columns)

    assert str(error.value) == (
        "This is the table of a report, and not a roster: it lacks what a roster says, such as "
        "zero-touch profiles. Correct the roster itself, and give that."
    )


def test_a_roster_may_have_columns_that_a_report_has_too() -> None:
    assert read_header(["device", "state", "kind", "reason"]).columns["device"] == (0,)

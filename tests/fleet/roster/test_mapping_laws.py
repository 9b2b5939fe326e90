"""A law of mapping: it never invents an identity, whatever a table's columns are called."""

import csv
import io
import re

from hypothesis import given
from hypothesis import strategies as st

from fleet.device.device import Device
from fleet.text.fault import UnusableRoster
from sheets.read import read_roster
from tests.laws import ALL_EXAMPLES, met

SAY_HOST_ID = ["Host ID", "hostid*", "Host-Kennung", "主机ID"]
SAY_MAC = ["MAC", "MAC-Adresse", "eth0 MAC", "Physical Address"]
OF_OTHERS = ["Gateway", "Switch MAC", "BSSID", "uplink", "AP"]
SAY_NOTHING = ["", "ID", "Serial", "UUID", "Foo", "Asset tag", "Name", "Hostname", "Rack", "Wert"]
HEADERS = [*SAY_HOST_ID, *SAY_MAC, *OF_OTHERS, *SAY_NOTHING]

mac = st.integers(1, 60).map("02:00:00:00:00:{:02x}".format)
bare = st.integers(1, 60).map("43e2104719{:02x}".format)
cell = st.one_of(mac, bare, mac.map(lambda each: each.replace(":", "")), st.sampled_from(["", "x"]))
columns = st.tuples(
    st.sampled_from(HEADERS),
    st.sampled_from([mac, bare, cell]).flatmap(lambda kind: st.lists(kind, min_size=4, max_size=4)),
)
tables = st.lists(columns, min_size=1, max_size=5)


def devices(table: list[tuple[str, list[str]]]) -> tuple[Device, ...]:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["device", *(header for header, _ in table)])
    for row in range(4):
        cells = [each[row] for _, each in table]
        writer.writerow([f"edge-{row}", *cells])
    try:
        return read_roster(text.getvalue(), "plant-7", "lem").devices
    except UnusableRoster:
        return ()


@ALL_EXAMPLES
@given(tables)
def test_an_identity_is_in_a_column_that_says_so_or_whose_cells_are_unmistakable(
    table: list[tuple[str, list[str]]],
) -> None:
    for device in met(each for each in devices(table) if each.identity):
        row = int(device.name.removeprefix("edge-"))
        cells = [(header, column[row], column[:4]) for header, column in table]
        if device.host_id:
            assert device.host_id in [text for header, text, _ in cells if header in SAY_HOST_ID]
        said = {_digits(text) for header, text, _ in cells if header in SAY_MAC}
        shown = {
            _digits(text)
            for header, text, column in cells
            if header in SAY_NOTHING and all(":" in each for each in column if each)
        }
        assert {_digits(each) for each in device.macs} <= said | shown


def _digits(text: str) -> str:
    return re.sub("[^0-9a-f]", "", text)

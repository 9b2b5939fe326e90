"""The host id of a cell: those of real machines are taken, and what a spreadsheet made is not."""

import pytest

from fleet.device.identity import ProvesNothing
from fleet.roster.host_id import AS_TEXT, IN_ITS_COLUMN, PRINTED, UnusableHostId, written_host_id

DOCKER = "DA3E:7KQM:WXYZ:2345:ABCD:EFGH:IJKL:MNOP:QRST:UVWX:YZ23:4567"


@pytest.mark.parametrize(
    "text",
    [
        "43e210471948",
        "43E210471948",
        "112233445566",
        "112233e44556",  # no number: twelve hex digits
        "000000000001",
        DOCKER,
        "DA3E:0001:ABCD",
        "AB12:CD34",
        "e1248783-18e9-e9af-2a39-b33a5be75a4e",
        "e124878318e9e9af2a39b33a5be75a4e",
        "007f0101",  # what `hostid` prints
        "00000000a1b2c3d4",  # a serial number of 16 hex digits
        "decaf-01",
        "edge-may",
        "market-1",
        "na-01",
    ],
)
def test_a_host_id_that_a_machine_can_show_is_taken_as_it_is_written(text: str) -> None:
    assert written_host_id(text) == text


@pytest.mark.parametrize(
    ("text", "says", "remedy"),
    [
        ("1122334455", "has 10 digits, and a host id has 12: zeros before it were lost", AS_TEXT),
        ("7", "has 1 digit, and a host id has 12: zeros before it were lost", AS_TEXT),
        (
            "1122334455667700",
            "has 16 digits, and a host id has 12: spreadsheets round such numbers",
            AS_TEXT,
        ),
        ("1.12233E+11", "is a number: a spreadsheet made it of something else", AS_TEXT),
        ("1,12233E+11", "is a number: a spreadsheet made it of something else", AS_TEXT),
        ("1.12233e11", "is a number: a spreadsheet made it of something else", AS_TEXT),
        ("112233445566.0", "is a number: a spreadsheet made it of something else", AS_TEXT),
        ("May-01", "is a date: a spreadsheet made it of something else", AS_TEXT),
        ("1-May", "is a date: a spreadsheet made it of something else", AS_TEXT),
        ("01. Mai", "is a date: a spreadsheet made it of something else", AS_TEXT),
        ("Dez 44", "is a date: a spreadsheet made it of something else", AS_TEXT),
        ("2026-05-01", "is a date: a spreadsheet made it of something else", AS_TEXT),
        ("2026-05-01 00:00:00", "is a date: a spreadsheet made it of something else", AS_TEXT),
        ("01.05.2026", "is a date: a spreadsheet made it of something else", AS_TEXT),
        ("5/1/26", "is a date: a spreadsheet made it of something else", AS_TEXT),
        ("NA", "says that there is no host id", PRINTED),
        ("n/a", "says that there is no host id", PRINTED),
        ("#N/A", "says that there is no host id", PRINTED),
        ("none", "says that there is no host id", PRINTED),
        ("TBD", "says that there is no host id", PRINTED),
        ("-", "says that there is no host id", PRINTED),
        ("FALSE", "is no host id", PRINTED),
        ("02:df:39:32:24:99", "is a MAC address and no host id", IN_ITS_COLUMN),
        ("02-DF-39-32-24-99", "is a MAC address and no host id", IN_ITS_COLUMN),
        ("02df.3932.2499", "is a MAC address and no host id", IN_ITS_COLUMN),
        ("43e21047194", "has 11 hex digits, and a host id has 12", PRINTED),
        ("43e2104719480", "has 13 hex digits, and a host id has 12", PRINTED),
    ],
)
def test_what_a_spreadsheet_made_of_a_host_id_is_refused_with_its_remedy(
    text: str, says: str, remedy: str
) -> None:
    with pytest.raises(UnusableHostId) as error:
        written_host_id(text)

    assert str(error.value) == f"{text!r} {says}"
    assert error.value.remedy == remedy


@pytest.mark.parametrize("text", ["two words", "é"])
def test_what_cannot_be_one_is_refused_as_everywhere(text: str) -> None:
    with pytest.raises(UnusableHostId) as error:
        written_host_id(text)

    assert error.value.remedy == PRINTED


@pytest.mark.parametrize("text", ["000000000000", "localhost"])
def test_what_many_machines_show_is_refused_as_what_proves_nothing(text: str) -> None:
    with pytest.raises(ProvesNothing):
        written_host_id(text)

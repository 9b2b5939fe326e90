"""Records: none is dropped without a word, whatever a program wrote around them."""

import pytest

from fleet.roster.roster import Roster
from sheets.read import read_roster

A, B = '{"device": "edge-a"}', '{"device": "edge-b"}'


def came(text: str) -> Roster:
    return read_roster(text, "plant-7", "lem")


@pytest.mark.parametrize("after", [f"[{B}]", B, f", {B}", "the end", "]"])
def test_what_follows_the_array_is_a_fault_of_its_line(after: str) -> None:
    roster = came(f"[{A}]\n{after}\n")

    assert [device.name for device in roster.devices] == ["edge-a"]
    assert [str(fault) for fault in roster.faults] == [
        "line 2: this and all below it stands after the end of the array. "
        "Put all records into one array"
    ]


@pytest.mark.parametrize("end", ["]", "]\n\n", "\n]\r\n\t "])
def test_blank_lines_after_the_array_are_nothing(end: str) -> None:
    assert came(f"[{A}, {B}{end}").faults == ()


def test_one_key_twice_is_a_fault_of_its_record_and_of_no_other() -> None:
    roster = came(f'[{{"device": "edge-c", "mac": "", "device": "edge-d"}}, {A},\n{B}]')

    assert [device.name for device in roster.devices] == ["edge-a", "edge-b"]
    assert [(str(fault.line), fault.problem) for fault in roster.faults] == [
        ("line 1", "it has one key twice")
    ]


@pytest.mark.parametrize("deep", ["[" * 900 + "]" * 900, '{"a":' * 900 + "1" + "}" * 900])
def test_a_value_that_is_nested_too_deeply_is_a_fault_of_its_record(deep: str) -> None:
    roster = came(f'[{A},\n{{"device": "edge-c", "mac": {deep}}},\n{B}]')

    assert [device.name for device in roster.devices] == ["edge-a", "edge-b"]
    assert {str(fault.line) for fault in roster.faults} == {"line 2"}

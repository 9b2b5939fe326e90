"""Records: none is dropped without a word, whatever a program wrote around them."""

import pytest

from fleet.roster.reading import judged
from fleet.roster.roster import Roster
from fleet.text.fault import UnusableRoster
from sheets.read import read, read_roster

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
        ("line 1 (record 1)", "it has one key twice")
    ]


@pytest.mark.parametrize("deep", ["[" * 900 + "]" * 900, '{"a":' * 900 + "1" + "}" * 900])
def test_a_value_that_is_nested_too_deeply_is_a_fault_of_its_record(deep: str) -> None:
    roster = came(f'[{A},\n{{"device": "edge-c", "mac": {deep}}},\n{B}]')

    assert [device.name for device in roster.devices] == ["edge-a", "edge-b"]
    assert {str(fault.line) for fault in roster.faults} == {"line 2"}


@pytest.mark.parametrize("end", ["", ",", ",\n", "\n", " \n\n"])
def test_an_array_that_is_cut_off_is_a_fault_after_its_last_record(end: str) -> None:
    roster = came(f"[{A},\n{B}{end}")

    assert [device.name for device in roster.devices] == ["edge-a", "edge-b"]
    assert [fault.problem for fault in roster.faults] == [
        "the array is cut off here, and what followed is missing"
    ]


@pytest.mark.parametrize("at", range(3, 20))
def test_an_array_that_is_cut_off_within_a_record_has_a_fault_there(at: int) -> None:
    roster = came(f"[{A},\n{B}]"[: len(A) + at])

    assert [device.name for device in roster.devices] == ["edge-a"]
    assert len(roster.faults) >= 1


@pytest.mark.parametrize("name", ["data", "devices", "results", "Items"])
@pytest.mark.parametrize(
    ("before", "after"),
    [("", ""), ('"count": 2, "next": null, ', ""), ("", ', "meta": {"page": 1}\n'), ("\n", "\n")],
)
def test_the_only_list_in_an_object_has_the_records(name: str, before: str, after: str) -> None:
    roster = came(f'{{{before}"{name}": [{A},\n{B}]{after}}}\n')

    assert [device.name for device in roster.devices] == ["edge-a", "edge-b"]
    assert roster.faults == ()


def test_a_line_in_an_object_is_counted_from_the_beginning_of_the_text() -> None:
    roster = came(f'{{\n"count": 2,\n"data": [\n{A},\n{{"device": "edge-b", "mac": "1"}}]}}')

    assert [str(fault.line) for fault in roster.faults] == ["line 5"]


@pytest.mark.parametrize("end", ["", "]", "]\n", f"], {A}", "]]}"])
def test_what_is_cut_off_of_an_object_or_follows_its_list_is_a_fault(end: str) -> None:
    roster = came(f'{{"data": [{A}{end}')

    assert [device.name for device in roster.devices] == ["edge-a"]
    assert len(roster.faults) == 1


@pytest.mark.parametrize("end", [f']}}\n{{"data": [{B}]}}', "]}}"])
def test_what_follows_the_object_is_not_dropped(end: str) -> None:
    with pytest.raises(UnusableRoster):
        came(f'{{"data": [{A}{end}')


def test_an_object_with_several_lists_is_refused_with_their_names() -> None:
    with pytest.raises(UnusableRoster, match="several lists: devices, gateways"):
        came(f'{{"devices": [{A}], "gateways": [{B}]}}')


def test_records_with_lists_of_their_own_are_records() -> None:
    roster = came('{"device": "a", "items": [{"x": 1}]}\n{"device": "b", "items": [{"x": 2}]}\n')

    assert [device.name for device in roster.devices] == ["a", "b"]


def test_each_of_several_records_on_one_line_has_a_place_of_its_own() -> None:
    one = '{"device": "edge-1", "mac": "02:zz"}, {"device": "edge-2", "mac": "02:yy"}'
    faults = judged(read(f"[{one},\n" + '{"device": "edge-3", "mac": "02:xx"}]'), "p", "lem").faults

    assert [str(fault).partition(", column")[0] for fault in faults] == [
        "line 1 (record 1)",
        "line 1 (record 2)",
        "line 2",
    ]
    assert len({fault.line for fault in faults}) == 3

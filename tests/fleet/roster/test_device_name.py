"""Names with spaces or other letters become names of devices by a rule, and wait for a yes."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.device.device import NAME_PATTERN
from fleet.roster.choices import Choices
from fleet.roster.device_name import device_name
from fleet.roster.repair import Acceptance
from fleet.roster.roster import Roster
from fleet.text.fault import UnusableRoster
from sheets.read import read_roster


def read(text: str, accept: str = "safe") -> Roster:
    choices = Choices(accept_repairs=Acceptance.of(accept))
    return read_roster(text, "plant-7", "lem", (), choices)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("edge 1", "edge-1"),
        ("Prüfstand 4 (Süd)", "Prufstand-4-Sud"),
        ("Straße/Łódź", "Strasse-Lodz"),
        ("ＥＤＧＥ\u00a0０１", "EDGE-01"),
        ("edge_1.local", "edge_1.local"),
        ("-edge--1-", "edge-1"),
        ("x" * 70, "x" * 63),
        ("设备1", ""),
        ("Линия 4", ""),
        ("edge\0", ""),
        ("!!", ""),
        ("", ""),
    ],
)
def test_a_name_is_made_by_the_rule_or_not_at_all(text: str, name: str) -> None:
    assert device_name(text) == name


@given(st.text(max_size=100))
def test_what_the_rule_makes_is_a_devices_name_and_stays_as_it_is(text: str) -> None:
    name = device_name(text)

    assert not name or re.fullmatch(NAME_PATTERN, name)
    assert device_name(name) == name


def test_a_name_that_the_rule_made_is_used_once_accepted_and_the_line_keeps_what_it_said() -> None:
    text = "device,host_id\nTest bench 4,43e210471948\nedge-1,\n"

    waiting, accepted = read(text, "none"), read(text)

    assert [d.name for d in waiting.devices] == ["edge-1"]
    assert [(r.read, r.use, r.is_safe) for r in waiting.proposed] == [
        ("Test bench 4", "Test-bench-4", True)
    ]
    assert [(line.device.name, line.label) for line in accepted.lines] == [
        ("Test-bench-4", "Test bench 4"),
        ("edge-1", ""),
    ]


def test_names_that_become_one_are_faults_of_all_that_share_it() -> None:
    roster = read("device\nedge 1\nédge/1\nedge-1\nedge-2\n")

    assert [d.name for d in roster.devices] == ["edge-2"]
    assert [fault.line.number for fault in roster.faults] == [2, 3, 4]


def test_without_one_usable_line_what_waits_is_said() -> None:
    with pytest.raises(UnusableRoster, match="would use 'edge-1'"):
        read("device\nedge 1\n", "none")

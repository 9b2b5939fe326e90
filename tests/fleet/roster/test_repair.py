"""A repair: its sentence, and who says that it may be used."""

import pytest

from fleet.roster.repair import Accept, Acceptance, Repair, UnusableAcceptance
from fleet.text.place import Place


def a_repair(column: str = "host_id", *, is_safe: bool = True, use: str = "001122334455") -> Repair:
    return Repair(
        Place(14, sheet="Devices"),
        column,
        "C",
        "edge-042",
        "1122334455",
        use,
        "the cell's format shows 12 digits",
        is_safe,
    )


def test_a_repair_says_what_was_read_what_would_be_used_and_why() -> None:
    assert str(a_repair()) == (
        "Devices!C14, column host_id: read '1122334455', would use '001122334455', because the "
        "cell's format shows 12 digits."
    )
    assert ", would use nothing, because " in str(a_repair(use=""))
    assert ", used '001122334455', because " in a_repair().accepted


@pytest.mark.parametrize(
    ("text", "host_id", "guessed_mac"),
    [
        ("none", False, False),
        ("", False, False),
        ("safe", True, False),
        (" All ", True, True),
        ("mac: all", False, True),
        ("all, host_id: none", False, True),
        ("mac: all, safe", True, True),
    ],
)
def test_repairs_are_accepted_by_column_and_none_by_default(
    text: str, host_id: bool, guessed_mac: bool
) -> None:
    accepted = Acceptance.of(text)

    assert accepted.takes(a_repair()) is host_id
    assert accepted.takes(a_repair("mac", is_safe=False)) is guessed_mac


def test_a_repair_of_a_whole_line_is_accepted_as_line() -> None:
    assert Acceptance.of("line: safe") == Acceptance(Accept.NONE, (("line", Accept.SAFE),))
    assert Acceptance.of("line: safe").takes(a_repair(""))


@pytest.mark.parametrize("text", ["yes", "mac", "mac: maybe", "mac=all"])
def test_what_says_nothing_about_repairs_is_refused(text: str) -> None:
    with pytest.raises(UnusableAcceptance):
        Acceptance.of(text)

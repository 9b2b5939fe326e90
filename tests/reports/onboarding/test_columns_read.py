"""How the columns were read, as a sentence above a plan: what a person must check is in it."""

import pytest

from fleet.roster.mapping import Column, Mapping, Sureness
from fleet.roster.roster import Roster
from reports.onboarding.columns_read import columns_read, mapping_text

DEVICE = Column("device", 0, "device", Sureness.EXACT, "Muster calls it so")
HOST = Column("Host_[x](y)", 1, "host_id", Sureness.SYNONYM, "another name of host_id")
FOO = Column("Foo", 2, "", Sureness.UNUSED, "its cells are 12 hex digits", "host_id")


def text(*columns: Column, export: str = "", notes: tuple[str, ...] = ()) -> str:
    return mapping_text(Roster("plant-7", (), notes=notes, mapping=Mapping(columns, export)))


def test_a_plain_roster_needs_no_sentence() -> None:
    assert text(DEVICE) == ""


def test_what_was_guessed_and_what_is_not_used_is_said_and_cannot_be_a_link() -> None:
    said = text(DEVICE, HOST, FOO, export="NetBox", notes=("2 lines were left out.",))

    assert "NetBox" in said
    assert r"Host\_\[x\](y) → host_id (synonym)" in said
    assert "Foo (its cells are 12 hex digits)" in said
    assert said.endswith("2 lines were left out.")
    assert "device →" not in said


def test_of_very_many_columns_the_first_are_named() -> None:
    assert len(text(*[FOO] * 100)) < 2_000


@pytest.mark.parametrize(
    ("column", "field"), [(DEVICE, "device"), (FOO, "nothing; perhaps host_id")]
)
def test_a_page_has_what_each_column_is_read_as(column: Column, field: str) -> None:
    (shown,) = columns_read(Mapping((column,)))

    assert (shown.field, shown.is_used) == (field, column is DEVICE)

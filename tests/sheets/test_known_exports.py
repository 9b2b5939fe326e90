"""Exports of other products are known by their columns, and a folder adds those of one's own."""

import json
from pathlib import Path

import pytest

from fleet.roster.choices import FIELDS
from fleet.roster.export_file import UnusableExport
from fleet.roster.mapping import Sureness
from sheets.known_exports import FOLDER, known_exports
from sheets.read import read, read_roster
from tests.sheets.test_corpus import CASES

OURS = known_exports()
OWN = """
product: Our inventory
recognized by: [Bezeichnung alt, Maschinen-Nr]
columns: {Bezeichnung alt: device, Maschinen-Nr: host_id, Room: }
notes: {Room: a room and no site}
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MUSTER_EXPORTS", str(tmp_path))
    return tmp_path


def test_each_has_a_file_of_the_corpus_and_a_name_of_its_own() -> None:
    assert {each.product for each in OURS} == {
        case.get("export", "") for case in CASES.values()
    } - {""}
    assert len(OURS) == len(list(FOLDER.glob("*.yaml")))


@pytest.mark.parametrize("export", OURS, ids=lambda each: each.product)
def test_what_it_says_of_columns_and_notes_is_of_fields_and_columns(export) -> None:
    assert {field for field in export.columns.values() if field} <= {*FIELDS}
    assert set(export.notes) <= set(export.columns)


@pytest.mark.parametrize("export", OURS, ids=lambda each: each.product)
def test_no_two_are_recognized_by_the_same_columns(export) -> None:
    assert [each.product for each in OURS if each.signs == export.signs] == [export.product]


def test_one_of_ones_own_is_used_and_shown(own: Path) -> None:
    (own / "ours.yaml").write_text(OWN, "utf-8")
    text = "Bezeichnung alt,Maschinen-Nr,Room\nedge-1,43e210471948,4\n"

    roster = read_roster(text, "plant-7", "lem")
    records = read_roster(
        json.dumps([{"bezeichnung_alt": "edge-1", "Maschinen Nr": "43e210471948"}]),
        "plant-7",
        "lem",
    )

    assert roster.devices == records.devices
    assert roster.devices[0].host_id == "43e210471948"
    assert roster.mapping.export == "Our inventory"
    assert roster.mapping.columns[1].sureness is Sureness.EXPORT
    assert "a room and no site" in roster.mapping.columns[2].reason


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("product: [", "ours.yaml is not YAML"),
        ("", "ours.yaml: the file"),
        ("product: Ours", "recognized by"),
        (OWN + "more: 1", "more"),
        (OWN.replace("device", "divice"), "cannot be 'divice'"),
        ("x: " * 40_000, "64 KiB"),
        ("[" * 5_000, "ours.yaml"),
    ],
)
def test_one_that_says_nothing_of_use_is_refused_in_words(own: Path, text: str, says: str) -> None:
    (own / "ours.yaml").write_text(text, "utf-8")

    with pytest.raises(UnusableExport) as refusal:
        read("device\nedge-1\n")

    assert says in str(refusal.value)


def test_a_folder_that_is_not_there_is_refused(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSTER_EXPORTS", str(own / "none"))

    with pytest.raises(UnusableExport, match="no folder"):
        read("device\nedge-1\n")

"""Every file of tests/rosters, as people make them: what comes out of it, and what is said."""

from pathlib import Path

import pytest
import yaml

from fleet.device.device import Device
from fleet.roster.choices import Choices
from fleet.roster.repair import Acceptance
from fleet.roster.roster import Roster
from sheets.read import read_roster

FOLDER = Path(__file__).parents[1] / "rosters"
CASES = yaml.safe_load((FOLDER / "cases.yaml").read_text("utf-8"))


def outline(roster: Roster) -> dict[str, list[str]]:
    """What a case says: devices, problems of faults, repairs, notes, columns that are not used."""
    return {
        "devices": list(map(shown, roster.devices)),
        "faults": [str(f).removesuffix(f". {f.remedy}") for f in roster.faults],
        "proposed": list(map(str, roster.proposed)),
        "notes": list(roster.notes),
        "unknown": list(roster.unknown_columns),
    }


def shown(device: Device) -> str:
    return " ".join(filter(None, (device.name, device.host_id, *device.macs)))


def test_every_file_has_its_case() -> None:
    assert sorted(CASES) == sorted(p.name for p in FOLDER.iterdir() if p.suffix != ".yaml")


@pytest.mark.parametrize("name", CASES)
def test_a_file_is_read_as_its_case_says(name: str) -> None:
    nothing: dict[str, list[str]] = {"faults": [], "proposed": [], "notes": [], "unknown": []}

    case = dict(CASES[name])
    choices = Choices(Acceptance.of(case.pop("accept", "none")), case.pop("choose", {}))
    columns, export = case.pop("columns", {}), case.pop("export", "")

    roster = read_roster((FOLDER / name).read_bytes(), "plant-7", "lem", (), choices)

    assert outline(roster) == nothing | case
    assert roster.mapping.export == export
    assert columns.items() <= {c.header: c.field for c in roster.mapping.columns}.items()

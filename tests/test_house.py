"""The floors: who may import whom, and which names would hide somebody else's module."""

import ast
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FLOORS = {
    "fleet": set(),
    "systems": {"fleet"},
    "connections": {"systems", "fleet"},
    "ledger": {"fleet"},
    "reports": {"fleet"},
    "simulator": {"fleet"},  # never systems: it honours the contract, not our reading of it
    "tasks": {"systems", "connections", "ledger", "reports", "fleet"},
    "flows": {"tasks", "reports", "fleet"},
}
FLOORS["deployments"] = {*FLOORS}
FLOORS["bench"] = {*FLOORS}
STRANGE = {
    "fleet": {"prefect", "httpx", "sqlmodel", "sqlalchemy", "pandas"},
    "reports": {"prefect", "httpx"},
}
WITH_PREFECT = {"systems", "connections", "tasks", "flows", "deployments", "bench"}
CLOCKS = {"now", "utcnow", "today", "time", "time_ns", "monotonic", "perf_counter"}


def modules(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


def imports(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively, which no floor can be read from"
            yield (node.module or "").partition(".")[0]


def clock_reads(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Attribute) and node.attr in CLOCKS:
            owner = ast.unparse(node.value)
            if owner.rpartition(".")[2] in {"datetime", "date", "time"}:
                yield f"{module.name}:{node.lineno} {owner}.{node.attr}"


@pytest.mark.parametrize("room", FLOORS)
def test_no_module_imports_from_a_floor_above_it(room: str) -> None:
    upstairs = {*FLOORS} - FLOORS[room] - {room}

    found = {(m.name, name) for m in modules(room) for name in imports(m) if name in upstairs}

    assert not found


@pytest.mark.parametrize("room", FLOORS)
def test_prefect_and_the_outside_world_stay_in_their_rooms(room: str) -> None:
    strange = STRANGE.get(room, set()) | (set() if room in WITH_PREFECT else {"prefect"})

    found = {(m.name, name) for m in modules(room) for name in imports(m) if name in strange}

    assert not found


def test_the_rules_read_no_clock() -> None:
    found = [read for module in modules("fleet") for read in clock_reads(module)]

    assert not found
    assert "time" not in {name for module in modules("fleet") for name in imports(module)}


def test_no_name_of_ours_hides_an_installed_or_standard_module() -> None:
    rooms = {path.name for path in ROOT.iterdir() if path.is_dir() and path.name.isidentifier()}
    flow_files = {path.stem for path in modules("flows")} - {"__init__"}
    installed = {
        name for name, owners in packages_distributions().items() if "muster" not in owners
    }

    hidden = (rooms | flow_files) & (installed | sys.stdlib_module_names)

    assert {"fleet", "tests"} <= rooms
    assert not hidden

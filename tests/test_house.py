"""What import-linter cannot say of the house: no rule reads a clock, no name hides a module."""

import ast
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[1]
CLOCKS = {"now", "utcnow", "today", "time", "time_ns", "monotonic", "perf_counter"}


def modules(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


def clock_reads(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Attribute) and node.attr in CLOCKS:
            owner = ast.unparse(node.value)
            if owner.rpartition(".")[2] in {"datetime", "date", "time"}:
                yield f"{module.name}:{node.lineno} {owner}.{node.attr}"


def test_the_rules_read_no_clock() -> None:
    found = [read for module in modules("fleet") for read in clock_reads(module)]

    assert not found


def test_no_name_of_ours_hides_an_installed_or_standard_module() -> None:
    rooms = {path.name for path in ROOT.iterdir() if path.is_dir() and path.name.isidentifier()}
    flow_files = {path.stem for path in modules("flows")} - {"__init__"}
    installed = {
        name for name, owners in packages_distributions().items() if "muster" not in owners
    }

    hidden = (rooms | flow_files) & (installed | sys.stdlib_module_names)

    assert {"fleet", "tests"} <= rooms
    assert not hidden

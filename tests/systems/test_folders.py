"""The folders of the systems: what is in each, and which part may import which."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from systems.registry import SYSTEMS

ROOT = Path(__file__).parents[2] / "systems"
OWN = sorted(path.name for path in ROOT.iterdir() if (path / "client.py").exists())
PARTS = {"__init__", "client", "wire", "settings", "adapter", "block"}
MORE = {"listing"}  # where one list call does not say all
BELOW = {  # what a part may import of its own folder
    "wire": set(),
    "settings": set(),
    "client": {"wire", "settings"},
    "listing": {"client", "wire"},
    "adapter": {"client", "listing", "wire", "settings"},
    "block": {"adapter", "settings"},
}


@cache
def nodes(module: Path) -> tuple[ast.AST, ...]:
    """Everything in a module, however many tests look through it."""
    return tuple(ast.walk(ast.parse(module.read_text("utf-8"))))


def imported(module: Path) -> Iterator[str]:
    for node in nodes(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def said(module: Path) -> Iterator[str]:
    """Every name and text of a module, but for docstrings."""
    docstrings = {
        id(node.body[0].value)
        for node in nodes(module)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and isinstance(node.body[0] if node.body else None, ast.Expr)
    }
    yield from imported(module)
    for node in nodes(module):
        match node:
            case ast.Constant(value=str(text)) if id(node) not in docstrings:
                yield text
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                yield name
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                yield name


def test_the_registry_lists_every_folder() -> None:
    assert sorted(each.block.split(".")[1] for each in SYSTEMS) == OWN


@pytest.mark.parametrize("system", OWN)
def test_a_system_s_folder_has_the_same_five_parts(system: str) -> None:
    assert {path.stem for path in (ROOT / system).glob("*.py")} - MORE == PARTS


@pytest.mark.parametrize("system", [*OWN, "shared"])
def test_no_folder_knows_another_system(system: str) -> None:
    others = tuple(f"systems.{other}" for other in (*OWN, "registry") if other != system)

    found = {
        (module.name, name)
        for module in (ROOT / system).glob("*.py")
        for name in imported(module)
        if name.startswith(others)
    }

    assert not found


@pytest.mark.parametrize(
    ("system", "part"),
    [(s, part) for s in OWN for part in BELOW if (ROOT / s / f"{part}.py").exists()],
)
def test_no_part_of_a_folder_imports_one_above_it(system: str, part: str) -> None:
    own = f"systems.{system}."

    found = {name for name in imported(ROOT / system / f"{part}.py") if name.startswith(own)}

    assert {name.removeprefix(own) for name in found} <= BELOW[part]


def test_the_rules_name_no_system_but_as_an_example() -> None:
    """Docstrings may say what a rule is about; no identifier, no import and no text may."""
    names = re.compile(rf"\b({'|'.join([*OWN, *(each.name for each in SYSTEMS)])})\b", re.I)

    found = {
        (module.name, word)
        for module in (ROOT.parent / "fleet").rglob("*.py")
        for word in said(module)
        if names.search(word.replace("_", " ")) or names.search(word)
    }

    assert not found


def test_only_blocks_bring_prefect() -> None:
    found = {
        module.name
        for module in ROOT.rglob("*.py")
        for name in imported(module)
        if name.partition(".")[0] == "prefect"
    }

    assert found == {"block.py"}

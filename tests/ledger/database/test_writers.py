"""Who writes what: each table has one module of the ledger that writes it, and no other does."""

import ast
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest
from sqlmodel import SQLModel

import ledger
from ledger.database import tables

FOLDER = Path(ledger.__file__).parent
HOUSE = FOLDER.parent
WRITES = {"insert", "insert_new", "update", "delete"}
ROWS = {
    name: row
    for name, row in vars(tables).items()
    if isinstance(row, type) and issubclass(row, SQLModel) and row is not SQLModel
}


def row_names(node: ast.AST) -> set[str]:
    """The tables that are named anywhere in it."""
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)} & ROWS.keys()


def written(source: str) -> set[str]:
    """The tables that a module writes: by a statement or by a new row."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        if node.func.id in WRITES:
            found |= {name for argument in node.args for name in row_names(argument)}
        elif node.func.id in ROWS:
            found.add(node.func.id)
    return found


@cache
def writers() -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for file in FOLDER.rglob("*.py"):
        if "migrations" not in file.parts:
            for name in written(file.read_text()):
                found[name].add(file.name)
    return found


@pytest.mark.parametrize("name", sorted(ROWS))
def test_each_table_has_one_writer(name):
    assert len(writers()[name]) == 1


def test_no_row_leaves_the_ledger():
    outside = [
        file
        for folder in ("tasks", "flows", "reports", "deployments", "connections", "fleet", "bench")
        for file in (HOUSE / folder).rglob("*.py")
        if tables.__name__ in file.read_text()
    ]
    assert outside == []


@pytest.mark.parametrize(
    ("source", "tables"),
    [
        ("session.execute(insert(DeviceRow), rows)", {"DeviceRow"}),
        ("session.execute(update(FindingRow).where(col(FindingRow.id) == 1))", {"FindingRow"}),
        ("session.add(NightRow(facts=text))", {"NightRow"}),
        ("session.exec(select(DeviceRow))", set()),
    ],
)
def test_what_writes_is_recognized(source, tables):
    assert written(source) == tables

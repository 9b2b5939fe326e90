"""What is installed to run has all that runs, and none of the development's tools."""

import ast
import re
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGES = [
    name.rstrip("*") for name in PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]
]
PIN = re.compile(r"^([A-Za-z0-9_.-]+)(?:\[[^]]*\])?==(\S+)", re.MULTILINE)


def pins(file):
    """The packages of a lock, by name, each with its version."""
    return {canonical(name): version for name, version in PIN.findall((ROOT / file).read_text())}


def canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def imported_names(package):
    """Top names of all absolute imports in `package`."""
    for file in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                yield from (alias.name.split(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module.split(".")[0]


@cache
def distributions():
    """Which distributions a top name may come from; to ask takes a fifth of a second."""
    return packages_distributions()


def test_what_runs_is_installed_without_a_tool_of_the_development():
    asked = PROJECT["project"]["optional-dependencies"]["dev"]
    tools = {canonical(re.match(r"[A-Za-z0-9_.-]+", line)[0]) for line in asked}

    assert len(tools) > 10
    assert not tools & set(pins("requirements.lock"))
    assert tools <= set(pins("requirements-dev.lock"))


def test_tests_run_on_the_very_versions_that_are_installed_to_run():
    runs, tests = pins("requirements.lock"), pins("requirements-dev.lock")

    assert len(runs) > 100
    assert {name: tests.get(name) for name in runs} == runs


DRIVERS = {"paramiko"}  # of storage, which who needs them installs beside Muster


@pytest.mark.parametrize("package", PACKAGES)
def test_everything_that_the_product_imports_is_in_the_lock_that_runs_it(package):
    known = distributions()
    ours = {*PACKAGES, *sys.stdlib_module_names}
    wanted = {name for name in imported_names(package) if name not in ours}
    locked = set(pins("requirements.lock"))

    assert {
        name for name in wanted - DRIVERS if not {canonical(each) for each in known[name]} & locked
    } == set()

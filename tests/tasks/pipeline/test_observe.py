"""There is one way to observe, and one place that changes anything in a system."""

import ast
import asyncio
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest

from fleet.state.observation import Observation
from tasks.pipeline.observe import observe
from tests.fleet.builders import a_device, wanted

TASKS = Path(__file__).parents[3] / "tasks"
ONE, TWO = a_device("edge-1"), a_device("edge-2")


@cache
def callers() -> Mapping[str, set[str]]:
    """The modules of tasks that call a system's method, by its name."""
    found = defaultdict(set)
    for module in TASKS.rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = ast.unparse(node.func.value)
                if owner.rpartition(".")[2] == "system":
                    found[node.func.attr].add(module.relative_to(TASKS).as_posix())
    return found


@pytest.mark.parametrize(
    ("call", "module"),
    [
        ("observe", "pipeline/observe.py"),
        ("enroll", "pipeline/actions.py"),
        ("admit", "pipeline/actions.py"),
        ("reject", "pipeline/actions.py"),
        ("retry", "pipeline/actions.py"),
    ],
)
def test_a_system_is_called_by_one_module_of_the_pipeline(call, module):
    assert callers()[call] == {module}


class Shown:
    """A system that shows whom it was asked for."""

    async def observe(self, site, devices, keyring):
        return Observation(present=frozenset(device.name for device in devices))


@pytest.mark.parametrize(("asked", "shown"), [(None, {"edge-1"}), ([], set()), ([TWO], {"edge-2"})])
def test_the_run_s_devices_are_observed_or_those_that_are_named(asked, shown):
    run = SimpleNamespace(
        system=Shown(), desired=wanted(ONE), keyring=None, recall_secrets=lambda: None
    )

    observed = asyncio.run(observe(run, asked))

    assert observed.present == shown

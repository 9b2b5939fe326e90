"""One running simulator for the whole folder; every test has a project of its own."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import pytest

from simulator.running import RunningSimulator
from simulator.settings import LemSettings, SimulatorSettings
from systems.lem.client import LemClient
from tests.systems.lem.asking import lem_settings

T = TypeVar("T")

PROJECTS = [f"project{number:03}" for number in range(100)]


class Project:
    """One project of a running simulator, and the words in which a test asks about it."""

    def __init__(self, simulator: RunningSimulator, name: str) -> None:
        self.simulator, self.name = simulator, name

    def ask(self, call: Callable[[LemClient], Awaitable[T]], **settings: Any) -> T:
        async def asked() -> T:
            here = {"url": self.simulator.url, "project": self.name} | settings
            async with LemClient.connect(lem_settings(**here)) as lem:
                return await call(lem)

        return asyncio.run(asked())

    def boot(self, *names: str, **behavior: Any) -> None:
        devices = [{"name": name, **behavior} for name in names]
        self.simulator.control("lem/boot", project=self.name, devices=devices)

    def pass_time(self, seconds: float) -> None:
        self.simulator.control("clock", advance_seconds=seconds)


def running(**lem: Any) -> RunningSimulator:
    switches = LemSettings(**({"projects": PROJECTS, "seconds_per_step": 1} | lem))
    return RunningSimulator(SimulatorSettings(speed=0, lem=switches))


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test waits for another's calls, nor for a 429 to pass, unless it says so."""
    monkeypatch.setenv("MUSTER_PACE_FOLDER", str(tmp_path / "pace"))
    monkeypatch.setenv("MUSTER_PACE_WAIT_LIMIT", "PT0S")
    monkeypatch.setenv("PROVISION_API_QUOTA_CALLS", "0")


@pytest.fixture(scope="session")
def simulator() -> Iterator[RunningSimulator]:
    with running() as simulator:
        yield simulator


@pytest.fixture(scope="session")
def numbers() -> Iterator[int]:
    return count()


@pytest.fixture
def project(simulator: RunningSimulator, numbers: Iterator[int]) -> Iterator[Project]:
    yield Project(simulator, PROJECTS[next(numbers)])
    simulator.clear("faults")

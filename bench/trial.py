"""A trial: one contender brings one plant into service, in a project and a process of its own."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.digest import digested
from bench.measured import Measured, read_report
from bench.plant import boot_order

Calls = Counter[tuple[str, str]]
CONFIGS = ("GET", "/api/v1/activation/config/list")
REQUESTS = ("GET", "/api/v1/activation/request")


class TrialFailed(Exception):
    """A contender did not do what was to be measured; the message says what is wrong."""


@dataclass(frozen=True)
class Trial:
    """What came of one trial; `digest` where a Prefect server took part."""

    devices: int
    measured: Measured
    calls: Calls
    digest: float | None

    @property
    def list_calls(self) -> int:
        """How many calls read a list."""
        return sum(count for (method, _), count in self.calls.items() if method == "GET")

    @property
    def observations(self) -> int:
        """How often the configs were read, which is once in each observation."""
        return self.calls[CONFIGS]

    @property
    def rechecks(self) -> int:
        """How often the requests alone were read, right before they were approved."""
        return self.calls[REQUESTS] - self.observations

    @property
    def options(self) -> tuple[str, str]:
        """What has bare make the same calls."""
        return f"--observations={self.observations}", f"--rechecks={self.rechecks}"


class Trials:
    """Trials against one simulator and one Prefect server, each in the next of `projects`."""

    def __init__(
        self, simulator: str, token: str, prefect_api: str, projects: Iterator[str], folder: Path
    ) -> None:
        self._simulator = simulator
        self._token = token
        self._prefect_api = prefect_api
        self._projects = projects
        self._folder = folder

    def run(self, contender: str, devices: int, *options: str) -> Trial:
        """One trial of the module `bench.<contender>`; raises TrialFailed unless all went well."""
        project = next(self._projects)
        with httpx.Client(base_url=self._simulator, timeout=60, trust_env=False) as simulator:
            order = boot_order(project, devices)
            simulator.post("/_simulator/lem/boot", json=order).raise_for_status()
            simulator.delete("/_simulator/calls").raise_for_status()
            command = [f"bench.{contender}", f"--devices={devices}", *options]
            measured, digest = self._measured(command, self._environment(project))
            calls = self._checked(simulator, project, devices)
        return Trial(devices, measured, calls, digest)

    def _environment(self, project: str) -> dict[str, str]:
        return {
            "LEM_URL": self._simulator,
            "LEM_TOKEN": self._token,
            "LEM_PROJECT": project,
            "MUSTER_LEDGER_URL": f"sqlite:///{self._folder / project}.db",
            "MUSTER_DECISION_HEADS": f"{self._folder / project}-heads.jsonl",
            "MUSTER_REPORTS": str(self._folder / "reports"),
            "PREFECT_API_URL": self._prefect_api,
            "PREFECT_LOGGING_LEVEL": "CRITICAL",
        }

    def _measured(self, command: list[str], env: dict[str, str]) -> tuple[Measured, float | None]:
        with _process(command, env) as process:
            line = process.stdout.readline() if process.stdout else ""
            if not line:
                raise TrialFailed(f"{' '.join(command)} ended with {process.wait()}")
            measured = read_report(line)
            digest = self._digest(measured, process)
            process.wait()
        return measured, digest

    def _digest(self, measured: Measured, process: subprocess.Popen[str]) -> float | None:
        if measured.flow_run is None:
            return None
        return digested(
            self._prefect_api, measured.flow_run, has_sent_all=lambda: process.poll() is not None
        )

    def _checked(self, simulator: httpx.Client, project: str, devices: int) -> Calls:
        """The calls that were made, after a check that every device is in service."""
        counted = simulator.get("/_simulator/calls").raise_for_status().json()
        headers = {"X-AuthToken": self._token}
        listed = simulator.get(f"/api/v1/device/{project}", headers=headers).raise_for_status()
        approved = [*counted["approvals"].values()]
        if listed.json()["totalSize"] != devices or approved != [1] * devices:
            raise TrialFailed(f"{project}: not every device was approved exactly once")
        return Counter({(c["method"], c["path"]): c["count"] for c in counted["calls"]})


@contextmanager
def _process(command: list[str], env: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """`python -m` with `command`, which ends with the context if not before."""
    process = subprocess.Popen(
        [sys.executable, "-m", *command], stdout=subprocess.PIPE, text=True, env=os.environ | env
    )
    with process:
        try:
            yield process
        finally:
            process.kill()

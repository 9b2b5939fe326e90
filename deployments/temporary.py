"""A temporary installation: Prefect server, simulator and ledger, in a folder of its own."""

import os
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from deployments.access import access
from deployments.processes import running
from ledger.keys.prepare import prepare


@dataclass(frozen=True, slots=True)
class Places:
    """Where the simulator and the Prefect server of a temporary installation answer."""

    simulator: str
    prefect: str

    @classmethod
    def at(cls, simulator_port: int, prefect_port: int) -> "Places":
        """The places at those ports of the loopback."""
        return cls(f"http://127.0.0.1:{simulator_port}", f"http://127.0.0.1:{prefect_port}")


def start(
    stack: ExitStack, folder: Path, places: Places, environment: Mapping[str, str], console: Console
) -> None:
    """Simulator, Prefect server and a prepared ledger, for as long as `stack` lasts.

    `environment` becomes that of this process. Call this before Prefect is imported, which reads it
    only once.
    """
    os.environ.clear()
    os.environ.update(environment, **access(places.prefect, folder, environment))
    Path(environment["MUSTER_POLICIES"]).mkdir(parents=True, exist_ok=True)
    prepare(environment["MUSTER_LEDGER_URL"])
    with console.status(
        "starting a Prefect server and the simulator (about 15 s the first time) …"
    ):
        port = places.simulator.rpartition(":")[2]
        command = ["simulator", "--port", port, "--state", str(folder / "lem.db")]
        log = folder / "simulator.log"
        stack.enter_context(running(command, log, f"{places.simulator}/_simulator/clock"))
        port = places.prefect.rpartition(":")[2]
        command = ["prefect", "server", "start", "--host", "127.0.0.1", "--port", port]
        health = f"{places.prefect}/api/health"
        stack.enter_context(running(command, folder / "prefect.log", health))
    auth = os.environ["PREFECT_API_AUTH_STRING"]
    console.print(f"Prefect UI, while this runs: {places.prefect}")
    console.print(f"Sign in: {auth}", markup=False, highlight=False, soft_wrap=True)

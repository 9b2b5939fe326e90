"""The whole product, run by tests as `make up` runs it, ended, killed and started again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import httpx
import psutil
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import LogFilter, LogFilterFlowRunId
from prefect.client.schemas.objects import FlowRun, State, StateType
from sqlalchemy import Row, text
from sqlmodel import SQLModel

from deployments.access import access, stored_auth
from deployments.processes import free_port
from ledger.database.engine import connect
from ledger.keys.record_keys import RecordKeys
from simulator.running import RunningSimulator
from simulator.settings import AcusightSettings, ProvisionApiSettings
from tests.ledger.rewriting import rewrite

ROOT = Path(__file__).parents[2]
START_SECONDS = 240
T = TypeVar("T")


def eventually(found: Callable[[], T], what: str, seconds: float = 90) -> T:
    """What `found` returns as soon as it is anything; fails with `what` never came."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := found():
            return value
        time.sleep(0.2)
    raise AssertionError(f"{what}: not within {seconds:.0f} s")


class Product:
    """Prefect server, worker and deployments, beside a simulator that outlives all of them."""

    def __init__(self, folder: Path, simulator: RunningSimulator) -> None:
        self.folder, self.simulator = folder, simulator
        self.port, self.reports_port = free_port(), free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.reports_address = f"http://127.0.0.1:{self.reports_port}"
        self.ledger_url = f"sqlite:///{folder}/ledger.db"
        self.worker_log = folder / "up" / "worker.log"
        self._log = folder / "up.log"
        self._started: list[subprocess.Popen[bytes]] = []

    @property
    def environment(self) -> dict[str, str]:
        """This test's environment, without what it says of Muster, systems and Prefect."""
        ours = ("MUSTER_", "LEM_", "ACUSIGHT_", "PROVISION_API_", "PREFECT_")
        records = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        url = self.simulator.url
        return records | {
            "LEM_URL": url,
            "ACUSIGHT_URL": f"{url}{AcusightSettings().base}",
            "PROVISION_API_URL": f"{url}{ProvisionApiSettings().base}",
            "MUSTER_UP_PORT": str(self.port),
            "MUSTER_UP_REPORTS_PORT": str(self.reports_port),
            "MUSTER_UP_FOLDER": str(self.folder / "up"),
            "MUSTER_LEDGER_URL": self.ledger_url,
            "MUSTER_LEDGER_KEY_FILE": str(self.folder / "ledger.key"),
            "MUSTER_PACE_FOLDER": str(self.folder / "pace"),
            "MUSTER_REPORTS": str(self.folder / "reports"),
            "MUSTER_OBSERVE_GAP_MAX": "PT2S",
            "PREFECT_WORKER_QUERY_SECONDS": "1",
        }

    @property
    def auth(self) -> str:
        """What its server asks for."""
        return stored_auth(self.folder / "up")

    @property
    def is_running(self) -> bool:
        """Whether all of it was started and nothing has ended."""
        return bool(self._started) and all(each.poll() is None for each in self._started)

    def ensure(self) -> None:
        """Start it, and what is left of it anew, unless all of it is running."""
        if not self.is_running:
            self.end()
            self.start()

    def start(self) -> None:
        """Start it, and wait until its worker is there."""
        self.begin()
        self.await_worker()

    def begin(self) -> None:
        """Start it, and wait until its server answers; its worker comes some seconds later."""
        self.worker_log.unlink(missing_ok=True)
        self._start("deployments.up", log=self._log)
        self._await(self.answers, "its server")

    def await_worker(self) -> None:
        """Wait until its worker fetches runs."""
        log = self.worker_log
        self._await(lambda: log.exists() and "started!" in log.read_text("utf-8"), "its worker")

    def start_server_alone(self) -> None:
        """Start its server anew, beside a worker that is still there."""
        command = ["prefect", "server", "start", "--host", "127.0.0.1", "--port", str(self.port)]
        home = {"PREFECT_HOME": str(self.folder / "up" / "prefect")}
        guarded = access(self.address, self.folder / "up", {})
        self._start(*command, log=self.folder / "up" / "server.log", **home, **guarded)
        self._await(self.answers, "its server")

    def answers(self) -> bool:
        """Whether its server answers."""
        with suppress(httpx.TransportError):
            return httpx.get(f"{self.address}/api/health", trust_env=False).is_success
        return False

    def end(self) -> None:
        """End it as Ctrl-C or a service manager would, and then whatever is left of it."""
        below = [process for each in self._started for process in _below(each.pid)]
        for each in self._started:
            each.terminate()
        for each in self._started:
            with suppress(subprocess.TimeoutExpired):
                each.wait(30)
        for process in below:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        for each in self._started:
            each.kill()
            each.wait()
        self._started = []

    def kill(self, command: str) -> None:
        """Kill, as a power cut would, its process that runs `python -m` with that command."""
        whole, *beside = self._started  # beside it, a server that was started anew
        below = [process for each in self._started for process in _below(each.pid)]
        below += [psutil.Process(each.pid) for each in beside if each.poll() is None]
        found = [each for each in below if f" -m {command}" in _command(each)]
        victims = [each for each in found if "deployments.leash" not in _command(each)]
        assert victims, f"there is no process `{command}`"
        for victim in victims:
            victim.send_signal(signal.SIGKILL)
            victim.wait(10)
        self._started = [whole, *(each for each in beside if each.poll() is None)]

    def await_end(self) -> None:
        """Wait until it has ended by itself; then end what was started beside it."""
        self._started[0].wait(60)
        self.end()

    def _start(self, *command: str, log: Path, **more: str) -> None:
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=ROOT,
                env=self.environment | more,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._started.append(process)

    def _await(self, is_there: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while self.is_running and time.monotonic() < deadline:
            if is_there():
                return
            time.sleep(0.2)
        self.end()
        logs = [self._log, *sorted((self.folder / "up").glob("*.log"))]
        raise AssertionError("\n".join([f"`make up` did not start {what}.", *map(_tail, logs)]))

    def run(self, deployment: str, **parameters: Any) -> UUID:
        """Start a deployment, such as `review-requests/on-demand`; the run's id."""
        with self._client() as client:
            found = client.read_deployment_by_name(deployment)
            return client.create_flow_run_from_deployment(found.id, parameters=parameters).id

    def flow_names(self) -> set[str]:
        """The flows that its server knows."""
        with self._client() as client:
            return {each.name for each in client.read_flows()}

    def cancel(self, run_id: UUID) -> None:
        """Cancel a run, as the Prefect UI does."""
        with self._client() as client:
            client.set_flow_run_state(run_id, State(type=StateType.CANCELLING))

    def stop_schedule(self, deployment: str) -> None:
        """Let a deployment run only when it is asked to."""
        with self._client() as client:
            client.pause_deployment(client.read_deployment_by_name(deployment).id)

    def run_in(self, run_id: UUID, *names: str, seconds: float = 180) -> FlowRun:
        """That run, as soon as its state has one of these names; fails when it ends otherwise."""
        with self._client() as client:

            def read() -> FlowRun | None:
                run = client.read_flow_run(run_id)
                state = run.state
                return run if state and (state.name in names or state.is_final()) else None

            run = eventually(read, f"{run_id} {' or '.join(names)}", seconds)
        assert run.state
        assert run.state.name in names, f"{run.state.name}: {run.state.message}\n{self.log(run_id)}"
        return run

    def answer(self, run_id: UUID, **fields: str) -> None:
        """Answer a suspended run, as its form does."""
        with self._client() as client:
            result = client.resume_flow_run(run_id, run_input=fields)
        assert result.status.value == "ACCEPT", result.details

    def log(self, run_id: UUID) -> str:
        """All that a run has logged."""
        mine = LogFilter(flow_run_id=LogFilterFlowRunId(any_=[run_id]))
        with self._client() as client:
            logs = client.read_logs(log_filter=mine, limit=200)
        return "\n".join(each.message for each in logs)

    def _client(self) -> SyncPrefectClient:
        return SyncPrefectClient(f"{self.address}/api", auth_string=self.auth)

    def rows(self, statement: str, **values: object) -> list[Row[Any]]:
        """What the ledger answers to that SQL."""
        engine = connect(self.ledger_url)
        try:
            with engine.begin() as connection:
                result = connection.execute(text(statement), values)
                return list(result) if result.returns_rows else []
        finally:
            engine.dispose()

    def rewrite(self, table: type[SQLModel], values: dict[str, Any], **only: object) -> None:
        """Change rows of the ledger as who has its key."""
        keys = RecordKeys([(self.folder / "ledger.key").read_text().strip()])
        engine = connect(self.ledger_url)
        try:
            rewrite(engine, table, values, keys, **only)
        finally:
            engine.dispose()


@contextmanager
def product(folder: Path, simulator: RunningSimulator) -> Iterator[Product]:
    """A product that is not yet started, and that has ended when the context does."""
    made = Product(folder, simulator)
    try:
        yield made
    finally:
        made.end()


def _below(process_id: int) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(process_id).children(recursive=True)
    return []


def _command(process: psutil.Process) -> str:
    with suppress(psutil.NoSuchProcess):  # also when it has just ended
        return " ".join(process.cmdline())
    return ""


def _tail(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join([f"The end of {log}:", *lines[-15:]])

"""The whole of Muster on one machine: Prefect server, worker, deployments, systems to talk to."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from pydantic import AnyHttpUrl
from rich.console import Console

from deployments.access import access
from deployments.environment import plant_rosters
from deployments.plant import ROSTER, SITE, boot_plant
from deployments.processes import DidNotStart, alone_in, is_free, running
from deployments.report_server import HEALTH, HOST
from deployments.settings import UpSettings
from fleet.text.settings import UnusableSettings
from ledger.database.engine import LedgerUnusable
from ledger.database.settings import LedgerSettings
from ledger.keys.prepare import prepare
from systems.registry import UnusableSystem, systems
from systems.shared.pace import PaceSettings
from systems.shared.settings import SIMULATOR, SystemSettings
from tasks.runtime.report_links import LinkSettings
from tasks.runtime.settings import RunSettings
from tasks.text.sources import SourceSettings

_READ_BY_RUNS = (PaceSettings, LedgerSettings, RunSettings, LinkSettings, SourceSettings)


def main() -> int:
    """Start everything, say where it is, and stop all of it on Ctrl-C or SIGTERM."""
    console = Console()
    for number in (signal.SIGINT, signal.SIGTERM):  # a shell has its background jobs ignore Ctrl-C
        signal.signal(number, signal.default_int_handler)
    try:
        settings = _checked_settings()
        prepare(LedgerSettings().url)
        with ExitStack() as stack:
            stack.enter_context(alone_in(settings.folder))
            worker = _start(stack, settings, console)
            console.print("Ctrl-C stops all of it.")
            worker.wait()
            console.print(f"The worker ended. See {settings.folder}/worker.log", style="red")
    except (DidNotStart, LedgerUnusable) as error:
        console.print(str(error), style="red", markup=False, soft_wrap=True)
    except KeyboardInterrupt:
        console.print("\nStopped.")
        return 0
    return 1


def _checked_settings() -> UpSettings:
    """The settings; DidNotStart when any that a flow or the ledger reads cannot be used."""
    try:
        for needed in (_systems, *_READ_BY_RUNS):
            needed()
        return UpSettings()
    except (UnusableSettings, UnusableSystem) as error:
        raise DidNotStart(str(error)) from None


def _start(stack: ExitStack, settings: UpSettings, console: Console) -> subprocess.Popen[bytes]:
    """Start everything in the order of its needs, the worker last."""
    address = f"http://127.0.0.1:{settings.port}"
    _refuse_taken_ports(settings)
    os.environ |= {
        "PREFECT_HOME": str((settings.folder / "prefect").resolve()),
        "PREFECT_API_URL": f"{address}/api",
        "PREFECT_UI_API_URL": f"{address}/api",
        "MUSTER_ROOT": str(Path.cwd()),
        **access(address, settings.folder, os.environ),
    }
    _start_simulator(stack, settings, console)
    with console.status("starting the Prefect server …"):
        command = ["prefect", "server", "start", "--host", "127.0.0.1"]
        command += ["--port", str(settings.port)]
        log = settings.folder / "server.log"
        stack.enter_context(running(command, log, f"{address}/api/health"))
        _serve_reports(stack, settings)
    with console.status("deploying the flows …"):
        # Imported here: it imports Prefect, which reads its settings only once.
        from deployments.pool import POOL, end_left_runs, make_pool

        asyncio.run(make_pool(settings.concurrent_runs))
        _register_connections()
        _deploy(settings.folder / "deploy.log")
        notifications = _apply_automations()
    if left := asyncio.run(end_left_runs()):
        console.print(f"Runs that the last `make up` left unfinished, now set to Crashed: {left}")
    command = ["prefect", "worker", "start", "--pool", POOL, "--type", "process"]
    worker = stack.enter_context(running(command, settings.folder / "worker.log"))
    console.print(f"Prefect UI   {address}/deployments")
    auth = os.environ["PREFECT_API_AUTH_STRING"]
    console.print(f"Sign in      {auth}", markup=False, highlight=False, soft_wrap=True)
    console.print(notifications, markup=False, soft_wrap=True)
    return worker


def _refuse_taken_ports(settings: UpSettings) -> None:
    """Raise DidNotStart where another program, or the other of the two servers, has a port."""
    taken = {"MUSTER_UP_PORT": settings.port, "MUSTER_UP_REPORTS_PORT": settings.reports_port}
    for variable, port in taken.items():
        if not is_free(port):
            raise DidNotStart(
                f"Port {port} is in use. Stop the program that uses it, or choose another: "
                f"{variable}={port + 1} make up"
            )
    if settings.port == settings.reports_port:
        raise DidNotStart("MUSTER_UP_PORT and MUSTER_UP_REPORTS_PORT must differ.")


def _serve_reports(stack: ExitStack, settings: UpSettings) -> None:
    """Serve the folder of reports, and let links lead there unless they are to lead elsewhere."""
    address = f"http://{HOST}:{settings.reports_port}"
    command = ["deployments.report_server", "--port", str(settings.reports_port)]
    log = settings.folder / "reports.log"
    stack.enter_context(running(command, log, f"{address}{HEALTH}"))
    if LinkSettings().reports_url is None:
        os.environ["MUSTER_REPORTS_URL"] = address


def _start_simulator(stack: ExitStack, settings: UpSettings, console: Console) -> None:
    """Start the simulated systems with a plant, unless any real system is set."""
    if named := [each for each in _systems() if "url" in each.model_fields_set]:
        for system in named:
            known = "" if _is_there(system.url) else " (nothing answers there yet)"
            console.print(f"{system.variable('url'):<20} {system.url}{known}", soft_wrap=True)
        return
    variables = ", ".join(each.settings.variable("url") for each in systems())
    port = int(SIMULATOR.rpartition(":")[2])
    if not is_free(port):
        raise DidNotStart(
            f"Port {port} of the simulated systems is in use. Stop the program that uses it, or "
            f"set the addresses of real systems: {variables}."
        )
    command = ["simulator", "--port", str(port)]
    command += ["--state", str(settings.folder / "lem.db")]
    log = settings.folder / "simulator.log"
    stack.enter_context(running(command, log, f"{SIMULATOR}/_simulator/clock"))
    boot_plant(SIMULATOR)
    os.environ |= plant_rosters(SourceSettings())
    console.print(
        f"Systems      {SIMULATOR} (simulated; set {variables} for real ones)", soft_wrap=True
    )
    console.print(f"Try it       onboard-site, site {SITE}, roster {os.path.relpath(ROSTER)}")


def _systems() -> list[SystemSettings]:
    return [each.settings() for each in systems()]


def _is_there(url: AnyHttpUrl) -> bool:
    """Whether anything listens where `url` points to."""
    try:
        socket.create_connection(((url.host or "").strip("[]"), url.port or 443), 3).close()
    except OSError:
        return False
    return True


def _register_connections() -> None:
    """Register the forms for connections in the Prefect UI; safe to repeat."""
    from connections.blocks import block_types  # imports Prefect, as above

    for kind in block_types():
        kind.register_type_and_schema()


def _deploy(log: Path) -> None:
    command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"]
    command += ["--prefect-file", str(Path(__file__).with_name("prefect.yaml"))]
    result = subprocess.run(command, check=False, capture_output=True, text=True)
    log.write_text(result.stdout + result.stderr)
    if result.returncode:
        raise DidNotStart(f"The flows could not be deployed. See {log}:\n{result.stdout[-2000:]}")


def _apply_automations() -> str:
    """Write the automations to the server; returns by which blocks they notify. Safe to repeat."""
    from deployments.automations import UnusableAutomations, apply_automations  # as above

    try:
        return str(asyncio.run(apply_automations()))
    except UnusableAutomations as error:
        raise DidNotStart(str(error)) from None


if __name__ == "__main__":
    sys.exit(main())

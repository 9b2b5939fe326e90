"""The demo: a simulated plant of 60 devices comes into service, on nothing but this repository."""

import argparse
import asyncio
import os
import shutil
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console
from rich.table import Table

from deployments.environment import demo_environment
from deployments.plant import ROSTER, SITE, boot_plant
from deployments.processes import DidNotStart, free_port, is_free
from deployments.temporary import Places, start
from fleet.state.device_state import State
from ledger.database.engine import LedgerUnusable


def main(arguments: Sequence[str] | None = None) -> int:
    """Start what the demo needs, run the flow, show how it ended, and stop what was started."""
    args = _parser().parse_args(arguments)
    console = Console()
    folder: Path = args.folder
    if args.fresh:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    known = "the same plant as last time" if (folder / "ledger.db").exists() else "a new plant"
    console.print(
        f"Muster demo: {known}, {SITE}, with three simulated systems. All files are in {folder}/",
        soft_wrap=True,
    )
    try:
        with ExitStack() as stack:
            _start(stack, folder, console)
            before = _tables(folder)
            state = asyncio.run(_onboard())
            _say(console, state, _tables(folder) - before)
            if state.is_completed():
                _say_next(console, folder)
            return 0 if state.is_completed() else 1
    except (DidNotStart, LedgerUnusable) as error:
        console.print(f"The demo could not start: {error}", style="red", markup=False)
        return 1
    except KeyboardInterrupt:
        console.print("\nInterrupted. Run it again: it continues from there.")
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="muster demo", description=__doc__)
    parser.add_argument("--fresh", action="store_true", help="delete the last demo first")
    parser.add_argument(
        "--folder", type=Path, default=Path("var/demo"), help="where all its files are"
    )
    return parser


def _start(stack: ExitStack, folder: Path, console: Console) -> None:
    """Start simulator, Prefect server and ledger on free ports, and power the plant on."""
    places = Places.at(_stored_port(folder), free_port())
    environment = demo_environment(os.environ, folder, places.simulator, places.prefect)
    start(stack, folder, places, environment, console)
    boot_plant(places.simulator)


def _stored_port(folder: Path) -> int:
    """The simulator's port, the same each time: its devices store its address."""
    file = folder / "simulator.port"
    port = int(file.read_text()) if file.exists() else free_port()
    if not is_free(port):
        raise DidNotStart(
            f"port {port} of the simulated systems is in use. Stop the program that uses it, or "
            "start with a new demo: make demo FRESH=1"
        )
    file.write_text(str(port))
    return port


async def _onboard() -> Any:
    from flows.onboard_site import onboard_site

    # Prefect types this call as if it were not awaited.
    run: Any = onboard_site(SITE, str(ROSTER), wait_minutes=3, return_state=True)
    return await run


def _tables(folder: Path) -> set[tuple[int, Path]]:
    """The reports in `folder`, each with the moment it was written."""
    return {(table.stat().st_mtime_ns, table) for table in folder.glob("reports/onboarding-*.csv")}


def _say(console: Console, state: Any, written: set[tuple[int, Path]]) -> None:
    """How many lines of the roster are in which state, what needs attention, how the run ended.

    A run that ended before its report was `written` shows only the last.
    """
    if written:
        _say_lines(console, max(written)[1])
    style = "green" if state.is_completed() else "red"
    console.print(state.message, style=style, markup=False, soft_wrap=True)
    if state.is_completed():
        console.print("The faulty line and the unknown device are part of the demo.", style="dim")


def _say_next(console: Console, folder: Path) -> None:
    """What to look at now, and how to go on."""
    ledger = f"MUSTER_LEDGER_URL=sqlite:///{folder / 'ledger.db'}"
    for command, about in (
        (f"{ledger} muster explain {SITE} edge-042", "one device's story"),
        (f"{ledger} muster verify", "every decision is as it was recorded"),
        ("muster up", "the same for a team, with the Prefect UI and simulated systems"),
        ("muster check FILE", "what is wrong with a roster of your own"),
    ):
        line = f"Next: {command}  ({about})"
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    console.print("In a clone, muster is .venv/bin/muster.", style="dim")


def _say_lines(console: Console, report: Path) -> None:
    lines = pd.read_csv(report).fillna({"device": ""})
    summary = Table("state", "lines", "which")
    for name, group in lines.groupby("state"):
        which = ", ".join(group["device"].head(3)) + (" …" if len(group) > 3 else "")
        summary.add_row(str(name), str(len(group)), which)
    console.print(summary)
    for line in lines[~lines["state"].isin([State.IN_SERVICE.record.label])].itertuples():
        message = f"line {line.line}, {line.device}: {line.reason}"
        console.print(message, markup=False, soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main())

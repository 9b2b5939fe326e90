"""The month: 30 nights at three simulated sites in about a minute, the same for the same seed."""

import argparse
import asyncio
import os
import shutil
import sys
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.status import Status

from deployments.environment import demo_environment, month_environment
from deployments.month_drawing import make_plan
from deployments.month_plan import Plan
from deployments.month_playing import Night, play, reconcile
from deployments.month_scenario import Site, read_scenario
from deployments.month_table import Facts, print_month
from deployments.month_world import World
from deployments.processes import DidNotStart, alone_in, free_port
from deployments.temporary import Places, start
from ledger.database.engine import LedgerUnusable
from ledger.session import open_ledger


def main() -> int:
    """Start what a month needs, play it, show its nights, and stop what was started."""
    args, console = _parser().parse_args(), Console()
    plan = make_plan(read_scenario(), args.seed)
    count = min(args.nights, plan.scenario.nights)
    console.print(
        f"Muster: {count} nights at {len(plan.scenario.sites)} simulated sites with "
        f"{len(plan.devices)} devices (seed {args.seed}). All files are in {args.folder}/",
        soft_wrap=True,
    )
    try:
        with ExitStack() as stack:
            stack.enter_context(alone_in(args.folder))
            nights = _played(stack, plan, count, args, console)
    except (DidNotStart, LedgerUnusable) as error:
        console.print(f"The month could not start: {error}", style="red", markup=False)
        return 1
    except KeyboardInterrupt:
        console.print("\nInterrupted. Run it again: it starts from the beginning.")
        return 130
    print_month(console, nights, _stored(), args.folder / "reports")
    return 0 if all(night.is_good for night in nights) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make month", description=__doc__)
    parser.add_argument(
        "--seed", type=int, default=7, help="decides which devices the incidents happen to (7)"
    )
    parser.add_argument("--nights", type=int, default=30, help="how many nights to play (30)")
    parser.add_argument(
        "--folder",
        type=Path,
        default=Path("var/month"),
        help="where all its files are; cleared each time",
    )
    return parser


def _played(
    stack: ExitStack, plan: Plan, count: int, args: argparse.Namespace, console: Console
) -> list[Night]:
    """The nights, played against a simulator and a Prefect server of their own."""
    _clear(args.folder)
    places = Places.at(free_port(), free_port())
    demo = demo_environment(os.environ, args.folder, places.simulator, places.prefect)
    environment = month_environment(demo, plan.scenario, args.seed)
    start(stack, args.folder, places, environment, console)
    world = stack.enter_context(World(places.simulator, plan))
    status = stack.enter_context(console.status("playing …"))
    return asyncio.run(_connected_play(plan, world, count, status))


def _clear(folder: Path) -> None:
    """Delete the last month, except for the lock by which we are alone in this folder."""
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != "lock":
            path.unlink()


async def _connected_play(plan: Plan, world: World, count: int, status: Status) -> list[Night]:
    for site in plan.scenario.sites[1:]:
        await _connect(site)

    def show(night: Night) -> None:
        status.update(f"night {night.number}, {night.moment:%d %B} …")

    return await play(plan, world, count, reconcile, show)


async def _connect(site: Site) -> None:
    """Save a connection to a site's LEM project; the environment has that of the first site."""
    from systems.lem.block import LemConnection  # brings Prefect, which reads settings once
    from systems.lem.settings import LemSettings

    settings = LemSettings()
    block = LemConnection(url=settings.url, project=site.project, token=settings.token)
    saved: Any = block.save(site.connection)
    await saved


def _stored() -> dict[date, Facts]:
    """What the ledger keeps of each night, by its date."""
    with open_ledger() as ledger:
        return {night.started_at.date(): night.facts for night in ledger.nights.last(400)}


if __name__ == "__main__":
    sys.exit(main())

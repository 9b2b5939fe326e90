"""Our flow as a contender: one onboarding in a fresh process, timed around the flow alone."""

import argparse
import asyncio
import cProfile
import sys
from pathlib import Path
from typing import Any

from prefect.client.schemas.objects import State

from bench.measured import Spent, Stopwatch, report
from bench.plant import SITE, roster
from flows.onboard_site import onboard_site
from ledger.database.settings import LedgerSettings
from ledger.keys.prepare import prepare


def main() -> int:
    """Onboard the plant on a prepared ledger; 1 unless every device ended in service."""
    parser = argparse.ArgumentParser(prog="bench.ours", description=__doc__)
    parser.add_argument("--devices", type=int, required=True)
    parser.add_argument("--profile", type=Path, help="where to write a profile, for pstats")
    args = parser.parse_args()
    prepare(LedgerSettings().url)
    profile = cProfile.Profile(builtins=False) if args.profile else None
    state, spent = asyncio.run(_timed(roster(args.devices), profile))
    if profile:
        profile.dump_stats(args.profile)
    if state.name != "Completed" or f"{args.devices} in service" not in (state.message or ""):
        sys.stderr.write(f"not everything is in service: {state.name}: {state.message}\n")
        return 1
    report(spent, state.state_details.flow_run_id)
    return 0


async def _timed(text: str, profile: cProfile.Profile | None) -> tuple[State[Any], Spent]:
    stopwatch = Stopwatch()
    if profile:
        profile.enable()
    # Prefect types this call as if it were not awaited.
    run: Any = onboard_site(SITE, text, return_state=True)
    state = await run
    if profile:
        profile.disable()
    return state, stopwatch.spent()


if __name__ == "__main__":
    sys.exit(main())

"""Onboarding: one run over a roster from its first look to its report."""

from datetime import timedelta
from typing import Any

from prefect.client.schemas.objects import State
from prefect.runtime import flow_run

from fleet.desired import Desired
from fleet.preflight import ImpossibleRun
from fleet.roster import Roster
from tasks.concluding import conclude
from tasks.expected import EXPECTED, tell
from tasks.looking import Look
from tasks.publishing import publish_report
from tasks.run import Run, open_run
from tasks.settling import settle
from tasks.showing import Shown, shown


async def bring_into_service(
    desired: Desired, roster: Roster, patience: timedelta, dry_run: bool
) -> State[Any]:
    """Settle what is desired, report on every line of the roster, and say how it ended."""
    name = flow_run.get_name() or f"onboard {desired.site}"
    async with open_run(name, roster, desired, dry_run) as run:
        async with shown(run) as progress:
            look = await _settled(run, progress, patience)
        report = await publish_report(run, look)
        return conclude(run, look, report)


async def _settled(run: Run, progress: Shown, patience: timedelta) -> Look:
    """The last look; also of a run that had to break off, unless it never saw anything."""
    try:
        return await settle(run, progress, patience)
    except EXPECTED as error:
        if run.seen is None or isinstance(error, ImpossibleRun):
            raise
        return Look(run.seen, (), trouble=tell(error))

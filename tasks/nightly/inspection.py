"""Inspection: one observation of a site beside all that the ledger knows of it.

A night inspects every site so, and explain-device one device.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from fleet.admission.desired import Desired, desired_of
from fleet.nightly.finding import Key
from fleet.nightly.inspection import Inspected, OpenIntent
from fleet.state.device_state import State
from fleet.state.record import DeviceRecord
from fleet.status.enrollment import lost_code
from fleet.status.limits import Limits
from fleet.system.system import System
from ledger.session import Ledger
from tasks.pipeline.plan import Plan
from tasks.runtime.connection_run import ConnectionRun, utc_now
from tasks.runtime.forms import CODE_LIFE
from tasks.runtime.policies import policy_of


async def run_over(
    name: str,
    subject: str,
    connection: str,
    system: System,
    ledger: Ledger,
    site: str,
    wanted: Sequence[DeviceRecord],
) -> ConnectionRun:
    """A connection run over `wanted`, devices of a site, as they were last ordered."""
    policy = await policy_of(site, system.scope, ledger)
    desired = desired_of(site, wanted, system.profile, policy, utc_now() + CODE_LIFE)
    run = ConnectionRun(name, subject, connection, system, desired, ledger)
    # The night's rules say how often something is tried again.
    run.limits = Limits(
        retries=0,
        retries_lost_keys=False,
        outcome_timeout=run.settings.outcome_timeout,
    )
    return run


def desired_anew(run: ConnectionRun, wanted: Sequence[DeviceRecord]) -> Desired:
    """What is desired of those devices now, by the policy that the run began with."""
    site, policy = run.desired.site, run.desired.policy
    return desired_of(site, wanted, run.system.profile, policy, utc_now() + CODE_LIFE)


def inspected(
    run: ConnectionRun,
    plan: Plan,
    records: Sequence[DeviceRecord],
    first_seen: Mapping[Key, datetime],
) -> Inspected:
    """One observation of a site with all that the ledger knows of it; reads only."""
    return Inspected(
        site=run.desired.site,
        connection=run.connection,
        system_profile=run.system.profile,
        observed=plan.observed,
        statuses=plan.assessment.statuses,
        holds=plan.assessment.holds,
        records={each.device.name: each for each in records if each.is_managed},
        retired=[each for each in records if each.state is State.RETIRED],
        times=run.ledger.memory.times(run.claim),
        held_since=run.ledger.holds.held_since(run.claim),
        first_seen=first_seen,
        open_intents=[
            OpenIntent(row.device, row.action, row.intended_at)
            for row in run.ledger.journal.open_intents(run.claim)
        ],
        elsewhere=plan.memory.elsewhere,
        lost_codes={
            name: until
            for name, past in plan.memory.devices.items()
            if (until := lost_code(past, run.system.profile, run.now()))
        },
        keyring=run.keyring,
    )

"""Runs and nights over a system and a ledger, executed without a Prefect server."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from datetime import timedelta
from typing import Any

from prefect.logging import disable_run_logger

from fleet.action.action import Action, Adopt, Approve, Confirm, Hold
from fleet.device.device import Device
from fleet.nightly.catalog import FindingKind
from fleet.nightly.finding import Finding
from fleet.nightly.inspection import inspect
from fleet.nightly.rule import NightRule
from fleet.nightly.rules import NightRules
from fleet.planning.assess import Assessment
from fleet.status.limits import Limits
from fleet.status.status import DeviceStatus
from fleet.system.enroll import Enroll
from fleet.system.system import System
from ledger.session import open_ledger
from tasks.nightly.inspection import inspected, run_over
from tasks.nightly.night import Night, Place
from tasks.nightly.recheck import changed_meanwhile
from tasks.pipeline.actions import admit, adopt, confirm_device, enroll
from tasks.pipeline.group import Group
from tasks.pipeline.observe import observe
from tasks.pipeline.plan import plan
from tasks.runtime.connection_run import ConnectionRun, utc_now
from tests.fleet.builders import wanted
from tests.ledger.relaxed import none_relaxed

SITE, BY = "plant-20", "the connection"
LEASE = timedelta(hours=1)
NO_TIMEOUT = Limits(outcome_timeout=timedelta())
AT_ONCE = NightRules({kind: NightRule() for kind in FindingKind})
STEPS: dict[type[Any], Any] = {
    Enroll: enroll,
    Adopt: adopt,
    Approve: admit,
    Confirm: confirm_device,
}


class Unserved:
    """One system and the ledger that the environment names; `connect` opens the system."""

    def __init__(self, connect: Callable[[], AbstractAsyncContextManager[System]]) -> None:
        self.connect = connect

    async def ask(self, action: Callable[[Any], Awaitable[Any]]) -> Any:
        async with self.connect() as system:
            return await action(system)

    async def onboard(
        self,
        *devices: Device,
        rounds: int = 5,
        limits: Limits = NO_TIMEOUT,
        asks_people: bool | None = None,
        **wishes: Any,
    ) -> Assessment:
        """A person's run over `devices`: at most so many observations, and what follows from each.

        It ends with the first from which nothing follows.
        """
        async with self.connect() as system:
            with open_ledger() as ledger:
                order = {"site": SITE, "expires_at": utc_now() + timedelta(days=7)} | wishes
                site = order["site"]
                records = (each for each in ledger.devices.remembered() if each.site == site)
                before = {each.device.name for each in records if each.is_by_people}
                if asks_people is not False:
                    order["by_people"] = frozenset(
                        each.name for each in devices if asks_people or each.name in before
                    )
                desired = wanted(*devices, system_profile=system.profile, **order)
                run = ConnectionRun("run", site, BY, system, desired, ledger)
                run.limits = limits
                with _claimed(run):
                    for _ in range(rounds):
                        found = plan(run, await observe(run))
                        if not await _execute(run, found.actions):
                            break
                    names = {(system.scope, BY): [device.name for device in devices]}
                    ledger.devices.list_as_ordered(
                        site,
                        names,
                        is_whole_site=True,
                        is_by_people=asks_people,
                        activates_itself=bool(desired.self_activating),
                        relaxing=none_relaxed if asks_people is None else lambda *_: None,
                    )
                return found.assessment

    async def night(self) -> tuple[list[Finding], list[DeviceStatus]]:
        """What a night finds at the site; what is planned is executed, but nothing is enrolled."""
        async with self.connect() as system:
            with open_ledger() as ledger:
                records = ledger.devices.remembered(system.scope)
                listed = [each for each in records if each.is_managed]
                run = await run_over("night", SITE, BY, system, ledger, SITE, listed)
                with _claimed(run):
                    found = plan(run, await observe(run))
                    seen = inspected(run, found, records, {})
                    findings = inspect(seen, AT_ONCE, utc_now())
                    await _execute(run, [a for a in found.actions if not isinstance(a, Enroll)])
                    if any(isinstance(action, Approve) for action in found.actions):
                        night = Night("night", utc_now(), False, AT_ONCE, records, {})
                        with disable_run_logger():
                            findings += await changed_meanwhile(night, Place(run, found, records))
                return findings, list(found.assessment.statuses)


@contextmanager
def _claimed(run: ConnectionRun) -> Iterator[None]:
    site, scope, now = run.desired.site, run.system.scope, utc_now()
    devices = run.desired.devices
    run.claim = run.ledger.claims.open_claim(site, scope, run.name, devices, now, LEASE)
    run.held_until = now + LEASE
    try:
        yield
    finally:
        run.ledger.claims.close_claim(run.claim, utc_now())


async def _execute(run: ConnectionRun, actions: Sequence[Action]) -> int:
    """Every action alone, as its task would; what is refused is in the ledger then. How many."""
    changes = [action for action in actions if not isinstance(action, Hold)]
    with disable_run_logger():
        for action in changes:
            group = Group([action], ["it"], utc_now())
            await STEPS[type(action)].fn(run, group)
    return len(changes)

"""A site run: one flow run over a site, with a connection run for each of its connections."""

import re
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from connections.named import find
from fleet.admission.desired import Desired, Order
from fleet.device.device import Device
from fleet.planning.assess import Assessment
from fleet.state.device_state import State
from fleet.state.record import DeviceRecord
from fleet.text.fault import UnusableRoster
from ledger.database.settings import LedgerSettings
from ledger.session import Ledger, open_ledger
from sheets.marked import Original
from tasks.runtime.connection_run import ConnectionRun, claimed, utc_now
from tasks.runtime.policies import policy_of


@dataclass
class SiteRun:
    """One flow run's order and its connection runs. A dry run claims and writes nothing.

    `not_checked` says why a connection could not be observed. `original` is the roster's file, if
    it came as one.
    """

    name: str
    order: Order
    is_dry: bool
    runs: list[ConnectionRun] = field(default_factory=list)
    not_checked: dict[str, str] = field(default_factory=dict)
    started_at: datetime = field(default_factory=utc_now)
    original: Original | None = None

    @property
    def site(self) -> str:
        """The site that it is about."""
        return self.order.roster.site

    @property
    def subject(self) -> str:
        """What it is about: its site, *plant-7*, or its only device, *edge-042*."""
        whole = self.order.is_whole_site
        return self.site if whole else self.order.roster.devices[0].name

    @property
    def key(self) -> str:
        """What its artifacts and files are named after: *onboarding-plant-7*."""
        if self.order.is_whole_site:
            return f"{self.order.purpose}-{self.site}"
        name = re.sub("[^a-z0-9]+", "-", self.subject.lower())
        return f"provisioning-{self.site}-{name}"

    @property
    def place(self) -> str:
        """What it observes: *LEM project p1, provision_api tenant t*."""
        return ", ".join(run.system.scope for run in self.runs)

    @property
    def has_acted(self) -> bool:
        """Whether anything was changed anywhere."""
        return any(run.has_acted for run in self.runs)


def merged(assessments: Sequence[Assessment]) -> Assessment:
    """The assessments of several systems as one."""
    return Assessment(
        tuple(status for each in assessments for status in each.statuses),
        tuple(hold for each in assessments for hold in each.holds),
    )


def counted(assessment: Assessment) -> str:
    """How many devices are in each state, as one line: *38 in service, 2 waiting*."""
    counts = assessment.counts
    return ", ".join(
        f"{counts[state]} {state.record.label}" for state in reversed(State) if counts[state]
    )


@asynccontextmanager
async def open_site_run(
    name: str, order: Order, dry_run: bool, original: Original | None = None
) -> AsyncIterator[SiteRun]:
    """The site run of `order`, whose devices are claimed until the context ends.

    Every site run claims its connections in the same order, so that no two wait for each other.
    """
    site_run = SiteRun(name, order, dry_run, original=original)
    async with AsyncExitStack() as stack:
        ledger = stack.enter_context(open_ledger())
        parts = dict.fromkeys(order.connections, ()) | order.roster.by_connection
        for connection, devices in sorted(parts.items()):
            subject = f"{site_run.subject} ({connection})" if len(parts) > 1 else site_run.subject
            run = await _run(stack, ledger, site_run, subject, connection, devices)
            site_run.runs.append(run)
        _refuse_same_place(site_run)
        for run in site_run.runs if not dry_run else ():
            await stack.enter_async_context(claimed(run, LedgerSettings().lease))
        yield site_run


async def _run(
    stack: AsyncExitStack,
    ledger: Ledger,
    site_run: SiteRun,
    subject: str,
    connection: str,
    devices: tuple[Device, ...],
) -> ConnectionRun:
    found = await find(connection)
    system = await stack.enter_async_context(found.opened())
    asks_people = site_run.order.asks_people
    policy = await policy_of(site_run.site, system.scope, ledger, bool(asks_people))
    known = ledger.devices.remembered()
    records = [each for each in known if each.site == site_run.site]
    here = (each for each in records if each.scope == system.scope)
    itself = frozenset(each.device.name for each in here if each.activates_itself)
    # A line that names another connection takes its device from no person.
    by_people = frozenset(each.device.name for each in records if each.is_by_people)
    desired = site_run.order.desired(devices, system.profile, policy, itself, by_people)
    run = ConnectionRun(site_run.name, subject, connection, system, desired, ledger)
    run.activated_before = itself
    run.relaxed = by_people.intersection(d.name for d in devices) - desired.by_people
    if site_run.is_dry:
        run.busy = ledger.claims.others(run.claim, desired.devices)
    if site_run.order.asks_people is False:  # then it is no more by people under another name
        traits = {trait for each in devices for trait in each.identity.traits()}
        same = (each for each in records if each.is_by_people and each.traits & traits)
        run.relaxed |= {each.device.name for each in same}
    run.rivals = _rivals(desired, known, system.scope)
    return run


def _rivals(desired: Desired, known: Iterable[DeviceRecord], scope: str) -> dict[str, str]:
    """Devices that another site's roster names, too: who that is, by the device's name."""
    theirs = {
        trait: f"{each.device.name} of site {each.site}"
        for each in known
        if each.is_managed and each.scope == scope and each.site != desired.site
        for trait in each.device.identity.traits()
    }
    return {
        device.name: theirs[min(traits)]
        for device in desired.devices
        if (traits := device.identity.traits() & theirs.keys())
    }


def _refuse_same_place(site_run: SiteRun) -> None:
    """Refuse two connections to one scope: each would see the other's devices as unknown."""
    seen: dict[str, str] = {}
    for run in site_run.runs:
        if run.system.scope in seen:
            raise UnusableRoster(
                f"The connections {seen[run.system.scope]!r} and {run.connection!r} both lead to "
                f"{run.system.scope}. Name the same one on every line."
            )
        seen[run.system.scope] = run.connection

"""Receive: each file of the inbox is planned, and its plan and marked copy are in the outbox."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from prefect import task
from prefect.artifacts import acreate_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.deployments import run_deployment
from prefect.exceptions import ObjectNotFound
from prefect.logging import get_run_logger
from prefect.states import Completed, Failed

from fleet.planning.site_plan import SitePlan
from fleet.text.expected import ExpectedError
from ledger.database.engine import LedgerUnusable
from ledger.session import open_ledger
from systems.shared.errors import ApiError
from tasks.inbox.folder import Dropped, Folder, NoInbox, stamped
from tasks.inbox.settings import InboxSettings
from tasks.inbox.sites import sites_of
from tasks.onboarding.choices import remembered_columns
from tasks.onboarding.onboard import raise_all
from tasks.onboarding.order_form import OrderForm
from tasks.onboarding.plan_site import MadePlan, made_plan
from tasks.runtime.clock import utc_now
from tasks.runtime.expected import failing_plainly, result_of
from tasks.runtime.forms import expiry
from tasks.text.given_roster import roster_in

ONBOARDING = "onboard-site/on-demand"
_MAY_PASS = (ApiError, NoInbox, LedgerUnusable)  # no fault of the file
_QUIET = 2.0  # seconds in which a file that is still being written changes


@dataclass
class Received:
    """What came of one file: its plans, and what could not be planned, in sentences.

    A plan that is `guessed` waits for a person: what identifies its devices has no name that says
    so.
    """

    file: Dropped
    plans: list[SitePlan] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    applied: set[str] = field(default_factory=set)
    guessed: set[str] = field(default_factory=set)


async def receive(quiet: float = _QUIET) -> State[object]:
    """Plan what was dropped into the inbox, and give it back; the state in which the run ends."""
    settings = InboxSettings()
    if not settings.inbox:
        return Completed(name="No inbox", message="No inbox: set MUSTER_INBOX to have one.")
    inbox, outbox = Folder(settings.inbox), Folder(settings.outbox)
    files = await _whole(inbox, quiet)
    if not files:
        return Completed(name="Nothing new", message=f"Nothing new in {inbox.url}.")
    found, errors = await _each_received(settings, inbox, outbox, files)
    await _published(found)
    raise_all(errors)
    message = " ".join(map(_sentence, found))
    if any(each.problems for each in found):
        return Failed(message=message)
    return Completed(message=message)


async def _each_received(
    settings: InboxSettings, inbox: Folder, outbox: Folder, files: Sequence[Dropped]
) -> tuple[list[Received], list[BaseException]]:
    """What came of each file, and what nobody expected: a file that does that stops no other."""
    found: list[Received] = []
    errors: list[BaseException] = []
    for each in files:
        try:
            found.append(await result_of(received(settings, inbox, outbox, each)))
        except Exception as error:  # noqa: BLE001  it is raised once all are through
            errors.append(error)
    return found, errors


async def _whole(inbox: Folder, quiet: float) -> list[Dropped]:
    """The files that nobody is writing any more."""
    before = {each.path: each.state for each in inbox.dropped()}
    if not before:
        return []
    await asyncio.sleep(quiet)
    whole = [each for each in inbox.dropped() if before.get(each.path) == each.state]
    for folder in inbox.unlisted:
        get_run_logger().warning("The folder %s of the inbox cannot be listed.", folder)
    return whole


@task(task_run_name="plan {file.name}", cache_policy=NO_CACHE)
@failing_plainly
async def received(
    settings: InboxSettings, inbox: Folder, outbox: Folder, file: Dropped
) -> Received:
    """Plan one file for each of its sites.

    It stays in the inbox while a system or the ledger does not answer, and where it or its copy is
    at risk.
    """
    came_of_it = Received(file)
    try:
        await _plan(settings, inbox, outbox, came_of_it)
    except _MAY_PASS as error:
        get_run_logger().warning("%s stays in the inbox: %s", file.name, error)
        came_of_it.problems.append(f"It stays in the inbox: {error}")
    if not came_of_it.problems and settings.inbox_apply == "clean":
        await _apply(came_of_it)
    return came_of_it


async def _plan(
    settings: InboxSettings, inbox: Folder, outbox: Folder, came_of_it: Received
) -> None:
    """Plan it, give it back, and take it out of the inbox."""
    file = came_of_it.file
    stamp, content = stamped(file.name, utc_now()), inbox.read(file)
    if not inbox.is_there(file):
        raise NoInbox(f"{file.name} is still being written.")
    try:
        await _made(settings, outbox, stamp, content, came_of_it)
    except _MAY_PASS:
        raise
    except ExpectedError as error:
        came_of_it.problems.append(str(error))
        outbox.put(f"{stamp}/problem.txt", f"{error}\n".encode())
    outbox.put(f"{stamp}/{file.name}", content)
    inbox.delete(file)


async def _made(
    settings: InboxSettings, outbox: Folder, stamp: str, content: bytes, came_of_it: Received
) -> None:
    """The plan for each site of a file, in the outbox."""
    file = came_of_it.file
    form = OrderForm(connection=settings.inbox_connection, expires_at=expiry(None))
    sent = await roster_in(content, file.name, form.choices)
    for site in sites_of(sent, file, form.choices, _known_sites()):
        as_before = replace(form, remembered=remembered_columns(site))
        made = await made_plan(content, file.name, site, as_before)
        came_of_it.plans.append(made.plan)
        came_of_it.guessed |= {made.plan.id} if made.is_guessed else set()
        _give_back(outbox, stamp, made)


def _known_sites() -> Collection[str]:
    with open_ledger() as ledger:
        return ledger.devices.names().keys()


def _give_back(outbox: Folder, stamp: str, made: MadePlan) -> None:
    for path in made.files:
        outbox.put(f"{stamp}/{path.name}", path.read_bytes())


async def _apply(came_of_it: Received) -> None:
    """Start onboarding by each plan that needs no person; a plan is applied once."""
    for plan in came_of_it.plans:
        if not (plan.is_clean and plan.has_changes) or plan.id in came_of_it.guessed:
            continue
        try:
            await run_deployment(  # type: ignore[misc]
                ONBOARDING,
                parameters={"site": plan.site, "plan": plan.id},
                timeout=0,
                as_subflow=False,
                idempotency_key=plan.hash,
            )
            came_of_it.applied.add(plan.id)
        except ObjectNotFound:
            came_of_it.problems.append(
                f"The plan {plan.id} was not applied: there is no deployment {ONBOARDING}."
            )


async def _published(found: Sequence[Received]) -> None:
    rows = [
        {
            "file": each.file.name,
            "site": plan.site,
            "plan": plan.id,
            "lines": str(plan),
            "next": _next(each, plan),
        }
        for each in found
        for plan in each.plans
    ]
    rows += [
        {"file": each.file.name, "site": "", "plan": "", "lines": problem, "next": _CORRECT}
        for each in found
        for problem in each.problems
    ]
    await acreate_table_artifact(
        table=rows, key="inbox", description="What was dropped into the inbox, and what is next."
    )


_CORRECT = "Correct the file, and drop it again."


def _next(each: Received, plan: SitePlan) -> str:
    """What a person does next about a plan."""
    if plan.id in each.applied:
        return "It is being applied."
    if not plan.has_changes:
        return "Nothing." if plan.is_clean else _CORRECT
    return f"Read it. To apply it, run onboard-site for {plan.site} with the plan {plan.id}."


def _sentence(each: Received) -> str:
    """For example: *plant-7.xlsx: plant-7, 3 create (plan 3f9a61c07be2d514).*"""
    said = [f"{plan.site}, {plan} (plan {plan.id})" for plan in each.plans]
    return f"{each.file.name}: {'; '.join([*said, *each.problems]).rstrip('.')}."

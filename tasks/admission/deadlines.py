"""Deadlines of reviews: a warning when one is near, and an end when one has passed."""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import httpx
from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.client.schemas.responses import SetStateStatus
from prefect.events import emit_event
from prefect.exceptions import ObjectNotFound
from prefect.logging import get_run_logger
from prefect.states import Completed

from fleet.admission.review import passed
from ledger.admission.reviews import Due
from ledger.session import open_ledger
from reports.page.wording import counted
from tasks.admission.ask import NOBODY
from tasks.runtime.connection_run import utc_now
from tasks.runtime.expected import failing_plainly

NEAR = "muster.deadline.near"
SOON = timedelta(minutes=30)  # before a deadline: from then on it is near


@dataclass
class Watched:
    """The sites for which a warning was sent, and the sites whose review was ended."""

    warned: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)


@task(task_run_name="watch the deadlines of reviews", cache_policy=NO_CACHE)
@failing_plainly
async def watch_deadlines() -> Watched:
    """Warn once about each deadline that is near, and end reviews whose deadline has passed."""
    watched = Watched()
    with open_ledger() as ledger:
        now = utc_now()
        for due in ledger.reviews.due(now + SOON):
            if due.deadline >= now:
                if ledger.reviews.warn(due, now):
                    _warn(due)
                    watched.warned.append(due.site)
                continue
            if await _is_over(due):
                ledger.reviews.close(due.id, now, passed(due.deadline))
                watched.ended.append(due.site)
    return watched


def conclude(watched: Watched) -> State[None]:
    """Completed, with what was done."""
    parts = []
    if watched.warned:
        parts.append(f"Deadline near: {', '.join(watched.warned)}.")
    if watched.ended:
        parts.append(f"Ended undecided, all requests stay held: {', '.join(watched.ended)}.")
    return Completed(message=" ".join(parts) or "No deadline is near.")


def _warn(due: Due) -> None:
    deadline = f"{due.deadline:%Y-%m-%d %H:%M} UTC"
    run = f"prefect.flow-run.{due.flow_run_id}"
    emit_event(
        NEAR,
        resource={
            "prefect.resource.id": f"muster.review.{due.id}",
            "prefect.resource.name": f"review of {due.site}",
        },
        related=[{"prefect.resource.id": run, "prefect.resource.role": "flow-run"}],
        payload={
            "site": due.site,
            "count": due.count,
            "deadline": deadline,
            "message": f"{counted(due.count, 'request')} of {due.site} must be decided by "
            f"{deadline}. After that they stay held.",
        },
    )


async def _is_over(due: Due) -> bool:
    """Whether the review's run waits no more; a run that still waits is ended first.

    A run that goes on has been answered, perhaps in time, and ends the review itself.
    """
    if due.flow_run_id is None:
        return True
    run_id = UUID(due.flow_run_id)
    async with get_client() as client:
        try:
            state = (await client.read_flow_run(run_id)).state
            if state is None or not state.is_paused():
                return state is None or state.is_final()
            for answer in NOBODY:
                result = await client.resume_flow_run(run_id, run_input=answer)
                if result.status is SetStateStatus.ACCEPT:
                    return True
        except ObjectNotFound:
            return True
        except httpx.HTTPStatusError as error:
            get_run_logger().warning("%s: %s", due.site, error.response.text)
            return False
    get_run_logger().warning("%s: its run cannot be ended yet: %s", due.site, result.details)
    return False

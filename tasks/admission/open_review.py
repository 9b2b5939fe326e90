"""Open a review: what is held at a site, observed once and put before people."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

from prefect.artifacts import acreate_table_artifact
from prefect.context import FlowRunContext
from prefect.runtime import flow_run

from connections.named import find
from fleet.action.action import Hold
from fleet.admission.desired import Order
from fleet.admission.policy import Policy
from fleet.admission.review import Item, NothingToReview, Review, Terms, UnusableAnswer
from fleet.roster.roster import Line, Roster
from fleet.status.admission_model import model_of
from fleet.text.place import Place
from ledger.admission.reviews import Asked
from ledger.session import Ledger
from reports.admission.review import headline, to_rows
from reports.page.wording import counted
from tasks.onboarding.publish import SHOWN_ROWS
from tasks.pipeline.converge import observe_until
from tasks.runtime.connection_run import utc_now
from tasks.runtime.progress import progress_of
from tasks.runtime.site_run import open_site_run


@dataclass(frozen=True, slots=True)
class Wish:
    """Who asks for a review, and its terms; a site's policy may demand more."""

    within: timedelta
    quorum: int = 1
    requested_by: str = ""
    requester_digits: str = field(default="", repr=False)


async def put_before_people(ledger: Ledger, order: Order, wish: Wish) -> Review | None:
    """Observe once, and open a review of what is held; None when nothing is."""
    name = flow_run.get_name() or f"review {order.roster.site}"
    async with (
        open_site_run(name, order, dry_run=True) as site_run,
        progress_of(site_run) as progress,
    ):
        (run,) = site_run.runs
        aim = f"observe what is held at {run.subject}"
        plan = await observe_until(run, progress, site_run.started_at, None, aim)
        policy = run.desired.policy
        review = Review(
            id=uuid4().hex,
            site=site_run.site,
            connection=run.connection,
            items=_items(plan.assessment.holds),
            terms=_terms(wish, policy, site_run.started_at),
            asked_at=site_run.started_at,
        )
        if not review.items:
            return None
        review = _opened(ledger, review, wish, run.system.scope, policy)
        await _show(ledger, review)
        return review


def _opened(ledger: Ledger, review: Review, wish: Wish, scope: str, policy: Policy) -> Review:
    """The review as it was recorded, with who was proved to ask for it.

    NothingToReview where that must be proved and is not: nobody could be excluded by name.
    """
    must_be_proved = not policy.requester_may_approve and ledger.approvers.are_demanded(review.site)
    is_given = bool(wish.requester_digits.strip())
    if must_be_proved and not is_given:
        raise NothingToReview(
            f"The policy {policy.name} does not let people approve what they asked for themselves, "
            "and a name alone proves nothing. Fill in *Requested by* and *Requester's digits*. "
            "Whoever asks must be enrolled: muster approvers enroll"
        )
    asked = Asked(wish.requester_digits, _started_at()) if is_given else None
    try:
        return ledger.reviews.open_review(review, scope, policy, flow_run.get_id(), asked)
    except UnusableAnswer as error:
        raise NothingToReview(f"Requested by: {error}. Start this anew.") from error


def _started_at() -> datetime:
    """When somebody asked for this run, however long it waited since."""
    context = FlowRunContext.get()
    run = context.flow_run if context else None
    return run.created if run and run.created else utc_now()


def _items(holds: Sequence[Hold]) -> tuple[Item, ...]:
    """What people can decide of what is held; each request once."""
    found = {h.request.key: Item(h.evidence, h.code, h.reason) for h in holds if h.evidence}
    return tuple(found.values())


def _terms(wish: Wish, policy: Policy, now: datetime) -> Terms:
    if not policy.requester_may_approve and not wish.requested_by.strip():
        raise NothingToReview(
            f"The policy {policy.name} does not let people approve what they asked for themselves. "
            "Fill in the field *Requested by*."
        )
    return Terms(
        deadline=now + wish.within,
        quorum=max(wish.quorum, policy.quorum),
        requested_by=wish.requested_by.strip(),
        requester_may_approve=policy.requester_may_approve,
    )


async def site_roster(ledger: Ledger, site: str, connection: str) -> Roster:
    """The site's devices as the ledger remembers them."""
    found = await find(connection)
    async with found.opened() as system:
        records = [each for each in ledger.devices.remembered(system.scope) if each.site == site]
        if undecidable := model_of(system.profile).undecidable(system.profile):
            raise NothingToReview(f"{undecidable}, so there is nothing to review.")
    known = [each.device for each in records if each.is_managed]
    if not known:
        raise NothingToReview(
            f"The ledger knows no device of a site {site!r} that is on a roster and came in by the "
            f"connection {connection!r}. Check both names, or onboard the site first."
        )
    return Roster(site, tuple(Line(Place(n), d, connection) for n, d in enumerate(known, 2)))


async def _show(ledger: Ledger, review: Review) -> None:
    rows, head = to_rows(review), ledger.decisions.head()
    cut = f" The first {SHOWN_ROWS:,} are shown." if len(rows) > SHOWN_ROWS else ""
    await acreate_table_artifact(
        table=rows[:SHOWN_ROWS],
        key=f"review-{review.site}",
        description=f"{headline(review)}{cut} Decide by {deadline_of(review)}, in the form of "
        "this run (*Resume*, in its menu ⋮).\n\n"
        f"This set of {counted(len(rows), 'request')} is fixed: `{review.digest}`. A request "
        "that changes drops out of it.\n\nRecord of decisions: "
        f"{head if head.count else 'none yet'}",
    )


def deadline_of(review: Review) -> str:
    """Its deadline as people read it: *2026-03-02 09:00 UTC*."""
    return f"{review.terms.deadline:%Y-%m-%d %H:%M} UTC"

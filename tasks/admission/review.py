"""Review: held requests are put before people, and what they decide is executed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from prefect.artifacts import acreate_table_artifact
from prefect.client.schemas.objects import State
from prefect.logging import get_run_logger
from prefect.runtime import flow_run
from prefect.states import Completed

from connections.named import UnknownConnection, find
from fleet.action.action import Hold
from fleet.admission.desired import Order
from fleet.admission.policy import Policy
from fleet.admission.review import Item, NothingToReview, Review, Terms, decisions, passed
from fleet.roster.roster import Line, Roster
from fleet.status.admission_model import model_of
from ledger.admission.reviews import Noted
from ledger.session import Ledger, open_ledger
from ledger.state.claims import Claimed
from reports.admission.review import headline, question, to_rows
from reports.page.wording import counted
from tasks.admission.ask import DEADLINE, Form, ManyRequests, OneRequest, answered_at, ask
from tasks.onboarding.onboard import bring_into_service
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


async def review_site(site: str, connection: str, wish: Wish, wait_limit: timedelta) -> State[Any]:
    """Put all that is held at a site before people, and execute what they decide.

    A run that was suspended starts again here when it is answered; the ledger then has the review.
    """
    with open_ledger() as ledger:
        review = _asked_before(ledger)
        if review is None:
            roster = await _roster(ledger, site, connection)
            order = Order(roster, expires_at=utc_now(), asks_people=True)
            review = await put_before_people(ledger, order, wish)
        if review is None:
            return Completed(message=f"{site}: no request is held, so there is nothing to decide.")
        noted = await _decided(ledger, review)
        return await _executed(ledger, review, noted, wait_limit)


async def provision_by_review(order: Order, wish: Wish, wait_limit: timedelta) -> State[Any]:
    """Bring one device into service, once a person has approved its request.

    A run that was suspended starts again here when it is answered; the ledger then has the review.
    """
    with open_ledger() as ledger:
        review = _asked_before(ledger)
        if review is None:
            state = await bring_into_service(order, wait_limit, dry_run=False)
            if state.is_failed():
                return state
            review = await put_before_people(ledger, order, wish)
            if review is None:
                return state
        noted = await _decided(ledger, review)
        state = await bring_into_service(order, wait_limit, dry_run=False)
        return _with(state, _message(ledger, review, noted))


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
        ledger.reviews.open_review(review, run.system.scope, policy, flow_run.get_id())
        await _show(ledger, review)
        return review


async def _decided(ledger: Ledger, review: Review) -> Noted:
    """Ask until enough people have answered, or the deadline has passed."""
    form: type[Form] = OneRequest if len(review.items) == 1 else ManyRequests
    log, refusal, round_, system = get_run_logger(), "", 0, await _system(review)
    while True:
        round_ += 1
        past = [it for it in ledger.reviews.answers(review) if it.round == round_]
        text = question(review, system, ledger.reviews.votes(review), refusal)
        if not (past or await answered_at(round_)):
            log.info("%s %s", headline(review), _waits(review))
        filled = await ask(form, text, round_, review.terms.deadline)
        at = past[0].at if past else await answered_at(round_) or utc_now()
        if filled.name == DEADLINE:
            return _left_undecided(ledger, review)
        answer = filled.answer(review.items[0].number)
        noted = ledger.reviews.note(review, round_, answer, at)
        log.info(noted.message)
        if noted.is_final:
            return noted
        refusal = "" if noted.accepted else noted.message


def _left_undecided(ledger: Ledger, review: Review) -> Noted:
    text = passed(review.terms.deadline)
    ledger.reviews.close(review.id, utc_now(), text)
    return Noted(False, text, True)


async def _executed(
    ledger: Ledger, review: Review, noted: Noted, wait_limit: timedelta
) -> State[Any]:
    """Execute what was decided, and wait until the approved devices are in service."""
    decided = decisions(ledger.reviews.votes(review))
    text = _message(ledger, review, noted)
    if not decided:
        return Completed(name="Held", message=text)
    names = {i.evidence.device for i in review.items if i.key in decided and i.evidence.device}
    whole = await _roster(ledger, review.site, review.connection)
    order = Order(
        Roster(review.site, tuple(line for line in whole.lines if line.device.name in names)),
        expires_at=utc_now(),
        asks_people=True,
        purpose="review",
        connections=(review.connection,),
    )
    try:
        return _with(await bring_into_service(order, wait_limit, dry_run=False), text)
    except Claimed as error:
        message = f"{text} {error} That run executes the decision."
        return Completed(name="Decided", message=message)


def _message(ledger: Ledger, review: Review, noted: Noted) -> str:
    """What everyone who answered decided; and how the review ended, if not by the last answer."""
    taken = [each.message for each in ledger.reviews.answers(review) if each.accepted]
    return " ".join(taken if noted.accepted else [*taken, noted.message])


def _with(state: State, text: str) -> State[Any]:
    return state.model_copy(update={"message": f"{text} {state.message or ''}".strip()})


def _items(holds: Sequence[Hold]) -> tuple[Item, ...]:
    """What people can decide of what is held; each request once."""
    found = {h.request.key: Item(h.evidence, h.reason) for h in holds if h.evidence}
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


async def _roster(ledger: Ledger, site: str, connection: str) -> Roster:
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
    return Roster(site, tuple(Line(n, d, connection) for n, d in enumerate(known, 2)))


async def _system(review: Review) -> str:
    """The name of the system that has the requests: *LEM*."""
    try:
        return (await find(review.connection)).system
    except UnknownConnection:  # people's decisions are recorded all the same
        return "its system"


def _asked_before(ledger: Ledger) -> Review | None:
    return ledger.reviews.find_review(flow_run.get_id() or "")


async def _show(ledger: Ledger, review: Review) -> None:
    rows, head = to_rows(review), ledger.decisions.head()
    cut = f" The first {SHOWN_ROWS:,} are shown." if len(rows) > SHOWN_ROWS else ""
    await acreate_table_artifact(
        table=rows[:SHOWN_ROWS],
        key=f"review-{review.site}",
        description=f"{headline(review)}{cut} Decide by {_deadline(review)}, in the form of "
        "this run (*Resume*, in its menu ⋮).\n\n"
        f"This set of {counted(len(rows), 'request')} is fixed: `{review.digest}`. A request "
        "that changes drops out of it.\n\nRecord of decisions: "
        f"{head if head.count else 'none yet'}",
    )


def _waits(review: Review) -> str:
    return (
        f"This run waits until {_deadline(review)} for a person to answer its form: Resume, in its "
        "menu ⋮."
    )


def _deadline(review: Review) -> str:
    return f"{review.terms.deadline:%Y-%m-%d %H:%M} UTC"

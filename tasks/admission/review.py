"""Review: held requests are put before people, and what they decide is executed."""

from datetime import timedelta
from typing import Any

from prefect.client.schemas.objects import State
from prefect.logging import get_run_logger
from prefect.runtime import flow_run
from prefect.states import Completed

from connections.named import UnknownConnection, find
from fleet.admission.desired import Order
from fleet.admission.evidence_collection import CLOCKS
from fleet.admission.review import Review, answer_time, decisions, passed
from fleet.roster.roster import Roster
from ledger.admission.reviews import Noted
from ledger.session import Ledger, open_ledger
from ledger.state.claims import Claimed
from reports.admission.review import headline, question
from tasks.admission.ask import DEADLINE, answered_at, ask, form_for
from tasks.admission.open_review import Wish, deadline_of, put_before_people, site_roster
from tasks.onboarding.onboard import bring_into_service
from tasks.runtime.connection_run import utc_now


async def review_site(site: str, connection: str, wish: Wish, wait_limit: timedelta) -> State[Any]:
    """Put all that is held at a site before people, and execute what they decide.

    A run that was suspended starts again here when it is answered; the ledger then has the review.
    """
    with open_ledger() as ledger:
        review = _asked_before(ledger)
        if review is None:
            roster = await site_roster(ledger, site, connection)
            order = Order(roster, expires_at=utc_now(), asks_people=True)
            review = await put_before_people(ledger, order, wish)
        if review is None:
            return Completed(message=f"{site}: no request is held, so there is nothing to decide.")
        noted = await _decided(ledger, review)
        return await _executed(ledger, review, noted, wait_limit)


async def provision_by_review(order: Order, wish: Wish, wait_limit: timedelta) -> State[Any]:
    """Bring one device into service, once a person has approved its request.

    Where that stays as it was ordered last, a policy may approve it. A run that was suspended
    starts again here when it is answered; the ledger then has the review.
    """
    with open_ledger() as ledger:
        if order.asks_people is None and not _is_by_people(ledger, order.roster):
            return await bring_into_service(order, wait_limit, dry_run=False)
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


def _is_by_people(ledger: Ledger, roster: Roster) -> bool:
    """Whether people had to approve a device of the roster when it was ordered last."""
    names = {device.name for device in roster.devices}
    records = (each for each in ledger.devices.remembered() if each.site == roster.site)
    return any(each.is_by_people and each.device.name in names for each in records)


async def _decided(ledger: Ledger, review: Review) -> Noted:
    """Ask until enough people have answered, or the deadline has passed."""
    log, refusal, round_, system = get_run_logger(), "", 0, await _system(review)
    while True:
        round_ += 1
        past = [it for it in ledger.reviews.answers(review) if it.round == round_]
        is_proved = ledger.approvers.are_demanded(review.site)
        form = form_for(len(review.items), is_proved)
        text = question(review, system, ledger.reviews.votes(review), refusal, is_proved)
        if not (past or await answered_at(round_)):
            log.info("%s %s", headline(review), _waits(review))
        filled = await ask(form, text, round_, review.terms.deadline)
        at = past[0].at if past else answer_time(review, await answered_at(round_), utc_now())
        if filled.name == DEADLINE and _is_over(ledger, review):
            return _left_undecided(ledger, review)
        answer = filled.answer(review.items[0].number)
        noted = ledger.reviews.note(review, round_, answer, at)
        log.info(noted.message)
        if noted.is_final:
            return noted
        refusal = "" if noted.accepted else noted.message


def _is_over(ledger: Ledger, review: Review) -> bool:
    """Whether the deadline has passed, so that nobody else wrote what then ends a run."""
    terms = (_asked_before(ledger) or review).terms
    return utc_now() >= terms.deadline - CLOCKS


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
    whole = await site_roster(ledger, review.site, review.connection)
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


async def _system(review: Review) -> str:
    """The name of the system that has the requests: *LEM*."""
    try:
        return (await find(review.connection)).system
    except UnknownConnection:  # people's decisions are recorded all the same
        return "its system"


def _asked_before(ledger: Ledger) -> Review | None:
    return ledger.reviews.find_review(flow_run.get_id() or "")


def _waits(review: Review) -> str:
    return (
        f"This run waits until {deadline_of(review)} for a person to answer its form: Resume, in "
        "its menu ⋮."
    )

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from prefect.client.orchestration import get_client
from prefect.states import Crashed, Scheduled

from fleet.admission.policy import EXACT_MATCH
from fleet.admission.review import Review, Terms
from flows.onboard_site import onboard_site
from flows.review_requests import review_requests
from flows.watch_reviews import watch_reviews
from ledger.database.tables import ReviewRow
from ledger.session import Ledger
from tests.flows.answering import Waiting
from tests.flows.site import SITE, approvals, devices, roster, without_wait_limit
from tests.ledger.rewriting import rewrite


@pytest.fixture
def waiting(lem, ended):
    """A review of one device that waits to be answered."""
    lem.control("lem/boot", devices=devices(1))
    ended(onboard_site, SITE, roster(devices(1)), approval="human")
    return Waiting(review_requests, SITE)


@pytest.fixture
def until(engine):
    """Sets the deadline of every review to so long from now."""

    def set_(gap):
        rewrite(engine, ReviewRow, {"deadline": datetime.now(UTC) + gap})

    return set_


def test_a_deadline_far_away_is_not_reported(waiting, until):
    state = without_wait_limit(watch_reviews)
    until(-timedelta(seconds=1))
    without_wait_limit(watch_reviews)
    waiting.end()

    assert state.message == "No deadline is near."


def test_a_deadline_that_is_near_is_reported_once(waiting, until):
    until(timedelta(minutes=20))

    first, second = without_wait_limit(watch_reviews), without_wait_limit(watch_reviews)
    until(-timedelta(seconds=1))
    without_wait_limit(watch_reviews)
    waiting.end()

    assert first.message == "Deadline near: plant-7."
    assert second.message == "No deadline is near."


def test_a_review_past_its_deadline_is_ended_and_all_of_it_stays_held(waiting, until, lem):
    until(-timedelta(seconds=1))

    watched = without_wait_limit(watch_reviews)
    state = waiting.end()

    assert watched.message == "Ended undecided, all requests stay held: plant-7."
    assert (state.type.value, state.name) == ("COMPLETED", "Held")
    assert state.message.startswith("Nobody decided by the deadline")
    assert approvals(lem) == {}
    assert without_wait_limit(watch_reviews).message == "No deadline is near."


async def a_run(state):
    """A run that shows a review, and is in that state."""
    async with get_client() as client:
        run = await client.create_flow_run(review_requests, state=state)
        return run.id


async def end(run_id):
    async with get_client() as client:
        await client.set_flow_run_state(run_id, Crashed(message="its worker died"), force=True)


def test_a_review_that_was_answered_is_left_to_its_run_however_late_that_starts(lem, engine):
    run_id = asyncio.run(a_run(Scheduled(name="Resuming")))
    deadline = datetime.now(UTC) - timedelta(seconds=1)
    review = Review("r", SITE, "lem", (), Terms(deadline), deadline - timedelta(hours=1))
    Ledger(engine).reviews.open_review(review, "LEM project a", EXACT_MATCH, str(run_id))

    answered = without_wait_limit(watch_reviews)
    asyncio.run(end(run_id))
    dead = without_wait_limit(watch_reviews)

    assert answered.message == "No deadline is near."
    assert dead.message == "Ended undecided, all requests stay held: plant-7."

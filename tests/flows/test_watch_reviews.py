from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from flows.onboard_site import onboard_site
from flows.review_requests import review_requests
from flows.watch_reviews import watch_reviews
from ledger.engine import connect
from tests.flows.answering import Waiting
from tests.flows.site import SITE, approvals, devices, roster, without_patience


@pytest.fixture
def waiting(lem, ended):
    """A review of one device that waits to be answered."""
    lem.control("lem/boot", devices=devices(1))
    ended(onboard_site, SITE, roster(devices(1)), approval="human")
    return Waiting(review_requests, SITE)


@pytest.fixture
def until(tmp_path):
    """Sets the deadline of every review to so long from now."""
    engine = connect(f"sqlite:///{tmp_path}/ledger.db")

    def set_(gap):
        with engine.begin() as connection:
            instant = f"{datetime.now(UTC) + gap:%Y-%m-%d %H:%M:%S.%f}"
            connection.execute(text("UPDATE review SET deadline = :it"), {"it": instant})

    yield set_
    engine.dispose()


def test_a_deadline_far_away_is_nobody_s_concern(waiting, until):
    state = without_patience(watch_reviews)
    until(-timedelta(seconds=1))
    without_patience(watch_reviews)
    waiting.end()

    assert state.message == "No deadline is near."


def test_a_deadline_that_is_near_is_told_once(waiting, until):
    until(timedelta(minutes=20))

    first, second = without_patience(watch_reviews), without_patience(watch_reviews)
    until(-timedelta(seconds=1))
    without_patience(watch_reviews)
    waiting.end()

    assert first.message == "deadline near at plant-7."
    assert second.message == "No deadline is near."


def test_a_review_past_its_deadline_is_ended_and_all_of_it_stays_held(waiting, until, lem):
    until(-timedelta(seconds=1))

    watched = without_patience(watch_reviews)
    state = waiting.end()

    assert watched.message == "ended undecided, all of it stays held: plant-7."
    assert (state.type.value, state.name) == ("COMPLETED", "Held")
    assert state.message.startswith("Nobody decided until the deadline")
    assert approvals(lem) == {}
    assert without_patience(watch_reviews).message == "No deadline is near."

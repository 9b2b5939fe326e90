"""What becomes of a review when a worker or server ends, or nobody answers in time."""

from datetime import UTC, datetime

import pytest

from ledger.database.tables import ReviewRow
from tests.ui.product import eventually
from tests.ui.site import approvals, boot, codes, decisions, machine, requests, roster

pytestmark = pytest.mark.server

SITE, PAST = "plant-3", datetime(2020, 1, 1, tzinfo=UTC)
MACHINES = [machine(f"edge-3{n}", f"0a1b2c3d003{n}") for n in range(6)]
WHO = {"name": "Ada Example", "reason": "seen on the shelf"}
REVIEW, WATCH = "review-requests/on-demand", "watch-reviews/every-ten-minutes"


@pytest.fixture(scope="module")
def held(_product):
    """A site of six that are held for a person; each test that admits any takes two of them."""
    _product.ensure()
    known = codes(_product.simulator)
    given = {"site": SITE, "roster": roster(MACHINES), "wait_minutes": 1}
    run = _product.run("onboard-site/on-demand", approval="human", **given)
    boot(_product.simulator, MACHINES, known)
    assert "6 held for a person" in _product.run_in(run, "Waiting").state.message
    return iter([MACHINES[:2], MACHINES[2:4], MACHINES[4:]])


@pytest.fixture
def asked(held, up):
    return Asked(up)


class Asked:
    """A suspended run that asks about that site."""

    def __init__(self, up):
        self.up, self.lem = up, up.simulator
        self.run = up.run(REVIEW, site=SITE, wait_minutes=2)
        up.run_in(self.run, "Suspended")
        # Until its process has ended, a signal that ends the worker makes the run Crashed.
        self.await_in_log("Finished in state Suspended")

    def await_in_log(self, line):
        eventually(lambda: line in self.up.log(self.run), f"the line {line!r}")

    def answer(self, machines):
        names = [each["name"] for each in machines]
        self.up.answer(self.run, approve=" ".join(names), **WHO)

    def pass_deadline(self):
        """Move its deadline into the past, and let only the test watch for that."""
        self.up.stop_schedule(WATCH)
        self.up.rewrite(ReviewRow, {"deadline": PAST}, flow_run_id=str(self.run))

    def is_executed(self, machines):
        state = self.up.run_in(self.run, "Completed").state
        one, other = (each["name"] for each in machines)
        assert f"Ada Example: approved {one}, {other}" in state.message
        assert f"{SITE}: 2 in service" in state.message
        known = requests(self.lem)
        assert [known[each["host_id"]] for each in machines] == ["activated", "activated"]
        assert approvals(self.lem, machines) == [1, 1]
        assert [row for row in decisions(self.up, SITE) if row[0] in {one, other}] == [
            (name, "approve", WHO["name"], "person", WHO["reason"]) for name in (one, other)
        ]

    def is_held(self, message, before):
        state = self.up.run_in(self.run, "Held").state
        assert state.type.value == "COMPLETED"
        assert message in state.message
        self.await_in_log("Finished in state Held")
        assert "Traceback" not in self.up.log(self.run)
        assert (requests(self.lem), decisions(self.up, SITE)) == before

    def now(self):
        return requests(self.lem), decisions(self.up, SITE)


def test_a_late_answer_is_refused_and_its_run_ends_cleanly(asked):
    before = asked.now()
    asked.pass_deadline()

    asked.answer(MACHINES[:1])

    asked.is_held("after the deadline (2020-01-01 00:00:00 UTC). Nothing was decided", before)


def test_watching_reviews_ends_a_run_that_nobody_answered_in_time(asked, up):
    before = asked.now()
    asked.pass_deadline()

    watched = up.run_in(up.run(WATCH), "Completed").state

    assert f"Ended undecided, all requests stay held: {SITE}" in watched.message
    asked.is_held("Nobody decided by the deadline, 2020-01-01 00:00 UTC", before)


def test_an_answer_is_executed_when_the_server_was_killed_beneath_the_worker(asked, held, up):
    machines = next(held)
    up.kill("prefect server start")

    up.start_server_alone()
    asked.answer(machines)

    asked.is_executed(machines)


def test_an_answer_is_executed_when_the_worker_was_killed_and_all_was_started_again(
    asked, held, up
):
    machines = next(held)
    up.kill("prefect worker start")
    up.await_end()

    up.begin()
    asked.answer(machines)
    assert not up.worker_log.exists()
    up.await_worker()

    asked.is_executed(machines)


def test_an_answer_is_executed_when_all_of_it_was_ended_and_started_again(asked, held, up):
    machines = next(held)
    up.end()

    up.start()
    asked.answer(machines)

    asked.is_executed(machines)

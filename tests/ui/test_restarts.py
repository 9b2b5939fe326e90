"""What becomes of a question to people when a worker or server ends, or nobody answers in time."""

import pytest

from tests.ui.product import eventually
from tests.ui.site import approvals, boot, codes, decisions, machine, requests, roster

pytestmark = pytest.mark.server

WHO = {"name": "Ada Example", "reason": "seen on the shelf"}
YES = WHO | {"exact_matches": "approve them"}
REVIEW, WATCH = "review-requests/on-demand", "watch-reviews/every-ten-minutes"


class Asked:
    """A site of two that is held for a person, and the suspended run that asks about it."""

    def __init__(self, up, number):
        self.site, self.up, self.lem = f"plant-{number}", up, up.simulator
        self.machines = [machine(f"edge-{number}{n}", f"0a1b2c3d0{number}{n}") for n in (1, 2)]
        known = codes(self.lem)
        given = {"site": self.site, "roster": roster(self.machines), "patience_minutes": 1}
        held = up.run("onboard-site/on-demand", approval="human", **given)
        boot(self.lem, self.machines, known)
        assert "2 held for a person" in up.run_in(held, "Waiting").state.message
        self.run = up.run(REVIEW, site=self.site, patience_minutes=2)
        up.run_in(self.run, "Suspended")
        # Until its process has ended, a signal that ends the worker makes the run Crashed.
        eventually(lambda: "Finished in state Suspended" in up.log(self.run), "its process's end")

    def answer(self):
        self.up.answer(self.run, **YES)

    def pass_deadline(self):
        """Let it be past its deadline, and let nobody but the test look after that."""
        self.up.stop_schedule(WATCH)
        self.up.rows(
            "UPDATE review SET deadline = '2020-01-01 00:00:00.000000' WHERE site = :site",
            site=self.site,
        )

    def is_carried_out(self):
        state = self.up.run_in(self.run, "Completed").state
        one, other = (each["name"] for each in self.machines)
        assert f"Ada Example: approved {one}, {other}." in state.message
        assert f"{self.site}: 2 in service" in state.message
        assert self.states() == ["activated", "activated"]
        assert approvals(self.lem, self.machines) == [1, 1]
        assert decisions(self.up, self.site) == [
            (each["name"], "approve", WHO["name"], "person", WHO["reason"])
            for each in self.machines
        ]

    def is_held(self, told):
        state = self.up.run_in(self.run, "Held").state
        assert state.type.value == "COMPLETED"
        assert told in state.message
        assert "Traceback" not in self.up.log(self.run)
        assert self.states() == ["pending", "pending"]
        assert decisions(self.up, self.site) == []

    def states(self):
        known = requests(self.lem)
        return [known[each["host_id"]] for each in self.machines]


def test_an_answer_is_carried_out_when_the_worker_was_killed_and_all_was_started_again(up):
    asked = Asked(up, 31)
    up.kill("prefect worker start")
    up.await_end()

    up.begin()
    asked.answer()
    assert not up.worker_log.exists()
    up.await_worker()

    asked.is_carried_out()


def test_an_answer_is_carried_out_when_the_server_was_killed_beneath_the_worker(up):
    asked = Asked(up, 32)
    up.kill("prefect server start")

    up.start_server_alone()
    asked.answer()

    asked.is_carried_out()


def test_an_answer_is_carried_out_when_all_of_it_was_ended_and_started_again(up):
    asked = Asked(up, 33)
    up.end()

    up.start()
    asked.answer()

    asked.is_carried_out()


def test_a_late_answer_is_refused_and_its_run_ends_cleanly(up):
    asked = Asked(up, 34)
    asked.pass_deadline()

    asked.answer()

    asked.is_held("Ada Example answered at")
    assert "after the deadline" in up.log(asked.run)


def test_watching_reviews_ends_a_run_that_nobody_answered_in_time(up):
    asked = Asked(up, 35)
    asked.pass_deadline()

    watched = up.run_in(up.run(WATCH), "Completed").state

    assert f"ended undecided, all of it stays held: {asked.site}" in watched.message
    asked.is_held("Nobody decided until the deadline, 2020-01-01 00:00 UTC")

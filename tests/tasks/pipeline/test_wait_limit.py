"""What a run says when its wait limit is reached is never older than the limit.

A run observes for 60 s while a system fails now and then, and while Prefect is slow to draw what
was seen. It once ended after 63 s with "12 being provisioned", 60 s after they were in service:
Prefect's client waits so long for an answer of its server, and it was not observed again.
"""

import asyncio
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import chain, groupby, repeat
from types import SimpleNamespace

import pytest
from prefect.logging import disable_run_logger

from fleet.action.action import Confirm
from fleet.device.request import Progress
from fleet.planning.assess import Assessment
from fleet.state.device_state import State
from fleet.state.observation import Observation
from ledger.database.engine import connect
from ledger.session import Ledger
from simulator.faults import Fault, Faults
from systems.shared.errors import ApiError, Unanswered, Unauthorized
from tasks.pipeline import converge
from tasks.pipeline.plan import Plan
from tasks.runtime.connection_run import ConnectionRun
from tests.fleet.builders import ASKED, NOW, a_device, a_request, shown, wanted

DEVICE = a_device()
UNDER_WAY = shown(a_request(progress=Progress.PROVISIONING))
IN_SERVICE = shown(a_request(progress=Progress.PROVISIONED, device_id="d-1"), present=["d-1"])
FAILING = Unanswered("GET /x", "502 Bad Gateway")
WAIT_LIMIT = timedelta(seconds=60)
LONGEST_ROW = 9
DEADLINE = NOW + WAIT_LIMIT

Schedule = Iterable[Observation | ApiError]


class Clock:
    """Time that passes only when somebody takes it."""

    def __init__(self) -> None:
        self.now = NOW

    def take(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Site:
    """A system that answers one observation after the other as scheduled, each in so many s."""

    scope, profile = "LEM project a", ASKED

    def __init__(self, clock: Clock, schedule: Schedule, seconds: float) -> None:
        self.clock, self.schedule, self.seconds = clock, iter(schedule), seconds
        self.begun: list[datetime] = []

    async def observe(self, *asked: object) -> Observation:
        self.begun.append(self.clock.now)
        self.clock.take(self.seconds)
        reply = next(self.schedule)
        if isinstance(reply, ApiError):
            raise reply
        return reply


class Run(ConnectionRun):
    """A run whose time is the test's."""

    clock: Clock

    def now(self) -> datetime:  # type: ignore[override]
        return self.clock.now


class SlowProgress:
    """What draws progress, and takes so many seconds of the run's time to do it the first time."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self.clock, self.seconds = clock, seconds

    async def update(self, *seen: object) -> None:
        self.clock.take(self.seconds)
        self.seconds = 0


@pytest.fixture
def ended(database_url, monkeypatch) -> Iterator[object]:
    """Observes until the wait limit; the last plan, and when each observation began."""
    monkeypatch.setenv("MUSTER_OBSERVE_GAP_MIN", "PT0.01S")
    monkeypatch.setenv("MUSTER_OBSERVE_GAP_MAX", "PT0.01S")
    engine = connect(database_url)

    def observe(
        schedule: Schedule, *, seconds: float = 5, drawing: float = 0
    ) -> tuple[Plan, list[float]]:
        clock = Clock()
        Run.clock = clock
        site = Site(clock, schedule, seconds)
        run = Run("run 1", "plant-7", "lem", site, wanted(DEVICE), Ledger(engine))
        run.claim = run.ledger.claims.open_claim(
            "plant-7", site.scope, "run 1", [DEVICE], clock.now, timedelta(hours=1)
        )
        with disable_run_logger():
            plan = asyncio.run(
                converge._observe_until.fn(
                    run, SlowProgress(clock, drawing), DEADLINE, None, "wait"
                )
            )
        return plan, [(at - NOW).total_seconds() for at in site.begun]

    yield observe
    engine.dispose()


def test_time_that_was_lost_before_the_limit_was_reached_costs_no_observation(ended):
    plan, begun = ended([UNDER_WAY, IN_SERVICE], drawing=60)

    assert begun == [0, 65]
    assert list(map(type, plan.actions)) == [Confirm]


def test_the_last_observation_begins_when_the_limit_is_reached(ended):
    plan, begun = ended(repeat(UNDER_WAY), seconds=25)

    assert begun == [0, 25, 50, 75]
    assert (plan.actions, plan.trouble) == ((), "")
    assert plan.assessment.counts[State.PROVISIONING] == 1


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_last_observation_that_fails_is_made_again(ended, times):
    plan, begun = ended([UNDER_WAY, *[FAILING] * times, IN_SERVICE], seconds=60)

    assert begun == [60 * n for n in range(times + 2)]
    assert list(map(type, plan.actions)) == [Confirm]


def test_a_system_that_stays_away_ends_the_run_with_what_was_seen_before(ended):
    plan, begun = ended(chain([UNDER_WAY], repeat(FAILING)), seconds=60)

    assert begun == [0, 60, 120, 180, 240]
    assert plan.trouble == str(FAILING)
    assert plan.assessment.counts[State.PROVISIONING] == 1


def test_a_failure_that_cannot_pass_is_no_reason_to_observe_again(ended):
    state, begun = ended([UNDER_WAY, Unauthorized("GET /x", "401")], seconds=60)

    assert begun == [0, 60]
    assert isinstance(state.data, Unauthorized)


@pytest.mark.parametrize("before", range(3))
def test_of_every_fifth_call_that_fails_few_observations_fail_in_a_row(before):
    """Nine at most of ten minutes', of 3 calls each: with the gaps of tests, 2 s of the 60 s."""
    faults = Faults(seed=7)
    faults.add(Fault(kind="status", share=0.2))
    calls = [faults.strike("GET", "/api/") is not None for _ in range(10_000)][before:]
    failed = [any(calls[at : at + 3]) for at in range(0, len(calls), 3)]

    rows = [len(list(row)) for has_failed, row in groupby(failed) if has_failed]

    assert 5 <= max(rows) <= LONGEST_ROW


def test_so_many_failures_in_a_row_end_no_run(ended):
    plan, begun = ended([UNDER_WAY, *[FAILING] * LONGEST_ROW, IN_SERVICE], seconds=0.2)

    assert len(begun) == LONGEST_ROW + 2
    assert list(map(type, plan.actions)) == [Confirm]


@pytest.mark.parametrize(
    ("observed_at", "trouble", "is_last"),
    [(59, "", False), (59, "502 Bad Gateway", True), (60, "", True), (61, "", True)],
)
def test_a_plan_is_the_last_if_it_is_as_new_as_the_limit_or_no_newer_one_can_be_had(
    observed_at, trouble, is_last
):
    run = SimpleNamespace(observed_at=NOW + timedelta(seconds=observed_at))

    assert converge.is_last(run, DEADLINE, Plan(Assessment((), ()), (), trouble)) is is_last

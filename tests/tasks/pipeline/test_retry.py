"""When Prefect retries a task, only what was surely not sent is sent again, as the ledger says."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from prefect.logging import disable_run_logger

from fleet.action.action import Reject
from fleet.system.enroll import Enroll
from fleet.system.system import Made
from ledger.database.engine import connect
from ledger.session import Ledger
from systems.shared.errors import ApiError, Refused, TooManyRequests, Unanswered, Unreachable
from tasks.pipeline.actions import enroll, reject
from tasks.pipeline.group import Group
from tasks.runtime.connection_run import ConnectionRun, utc_now
from tests.fleet.builders import ASKED, EXPIRY, a_device, a_request, an_enrollment, mac, wanted

NAMES = ["edge-1", "edge-2", "edge-3"]
DEVICES = [a_device(name, macs=[mac(number)]) for number, name in enumerate(NAMES, 1)]


class Gateway:
    """A system that answers each device's first call with what `answers` says, later ones well."""

    scope, profile = "LEM project a", ASKED

    def __init__(self, **answers: type[ApiError]) -> None:
        self.answers = {name.replace("_", "-"): error for name, error in answers.items()}
        self.sent: list[str] = []

    async def turn(self, calls: int) -> None:
        """Every call's turn is now."""

    async def reject(self, request: Any) -> None:
        self._call(request.hostname)

    async def enroll(self, site: str, action: Enroll, fingerprint: Any) -> Made:
        name = action.devices[0].name
        self._call(name)
        return Made(an_enrollment(f"config of {name}"), ())

    def _call(self, name: str) -> None:
        self.sent.append(name)
        if error := self.answers.pop(name, None):
            raise error("POST /x", "as the test says")


@pytest.fixture
def run(database_url):
    """Makes a run over a system, with a ledger in which its devices are claimed."""
    engine = connect(database_url)

    def make(system: Gateway) -> ConnectionRun:
        made = ConnectionRun("run 1", "plant-7", "lem", system, wanted(*DEVICES), Ledger(engine))
        lease = timedelta(hours=1)
        made.claim = Ledger(engine).claims.open_claim(
            "plant-7", system.scope, "run 1", DEVICES, utc_now(), lease
        )
        made.held_until = utc_now() + lease
        return made

    yield make
    engine.dispose()


@pytest.fixture
def tried(monkeypatch) -> Callable[..., Any]:
    """Runs a task as Prefect does, for the `time`th time; the Failed state's error, if any."""

    def run_task(task: Any, *arguments: Any, time: int) -> ApiError | None:
        monkeypatch.setenv("PREFECT__RUNTIME__TASK_RUN__RUN_COUNT", str(time))
        with disable_run_logger():
            state = asyncio.run(task.fn(*arguments))
        return state.data if state else None

    return run_task


def rejections() -> Group[Reject]:
    requests = [a_request(str(n), hostname=d.name) for n, d in enumerate(DEVICES, 1)]
    actions = [Reject(d, r, "by this run") for d, r in zip(DEVICES, requests, strict=True)]
    return Group(actions, NAMES, utc_now())


def enrollments(**more: Any) -> Group[Enroll]:
    return Group([Enroll((d,), 1, EXPIRY, **more) for d in DEVICES], NAMES, utc_now())


@pytest.mark.parametrize("passing", [Unreachable, TooManyRequests])
def test_a_retry_sends_what_was_not_sent_and_nothing_else(run, tried, passing):
    system, group = Gateway(edge_2=passing), rejections()
    a_run = run(system)

    assert isinstance(tried(reject, a_run, group, time=1), passing)
    assert tried(reject, a_run, group, time=2) is None

    assert sorted(system.sent) == ["edge-1", "edge-2", "edge-2", "edge-3"]


@pytest.mark.parametrize("error", [Unanswered, Refused])
def test_what_was_refused_or_may_have_happened_is_not_sent_by_a_retry(run, tried, error):
    system, group = Gateway(edge_1=error, edge_2=Unreachable), rejections()
    a_run = run(system)

    assert isinstance(tried(reject, a_run, group, time=1), Unreachable)
    tried(reject, a_run, group, time=2)

    assert system.sent.count("edge-1") == 1
    assert system.sent.count("edge-2") == 2


def test_a_new_plan_s_task_sends_what_an_earlier_one_sent(run, tried):
    system = Gateway(edge_1=Unanswered)
    a_run = run(system)
    tried(reject, a_run, rejections(), time=1)
    later = rejections()

    tried(reject, a_run, later, time=1)
    tried(reject, a_run, later, time=2)

    assert [system.sent.count(name) for name in NAMES] == [2, 2, 2]


def test_a_lapsed_claim_sends_nothing_and_leaves_all_to_the_retry(run, tried):
    system, group = Gateway(), rejections()
    a_run = run(system)
    until, a_run.held_until = a_run.held_until, utc_now()

    assert isinstance(tried(reject, a_run, group, time=1), Unreachable)
    assert system.sent == []

    a_run.held_until = until
    assert tried(reject, a_run, group, time=2) is None
    assert sorted(system.sent) == NAMES


def test_a_lapse_before_the_call_leaves_no_enrollment_of_unknown_outcome(run, tried):
    system, group = Gateway(), enrollments()
    a_run = run(system)
    until, a_run.held_until = a_run.held_until, utc_now()

    assert isinstance(tried(enroll, a_run, group, time=1), Unreachable)
    left = a_run.ledger.memory.recall(a_run.claim).of("edge-1").enrollments
    assert (system.sent, left) == ([], ())

    a_run.held_until = until
    assert tried(enroll, a_run, group, time=2) is None
    assert system.sent == NAMES


def test_a_retry_enrolls_whom_the_first_try_did_not_reach(run, tried):
    system, group = Gateway(edge_2=Unreachable), enrollments()
    a_run = run(system)

    assert isinstance(tried(enroll, a_run, group, time=1), Unreachable)
    assert system.sent == ["edge-1", "edge-2"]
    assert [device.name for device in a_run.enrolled] == ["edge-1"]

    assert tried(enroll, a_run, group, time=2) is None
    assert system.sent == ["edge-1", "edge-2", "edge-2", "edge-3"]
    assert [device.name for device in a_run.enrolled] == NAMES


@pytest.mark.parametrize("error", [Unanswered, Refused])
def test_a_retry_asks_for_no_enrollment_that_was_refused_or_may_be_made(run, tried, error):
    system, group = Gateway(edge_1=error, edge_2=TooManyRequests), enrollments()
    a_run = run(system)

    assert isinstance(tried(enroll, a_run, group, time=1), TooManyRequests)
    assert tried(enroll, a_run, group, time=2) is None

    assert system.sent == ["edge-1", "edge-2", "edge-2", "edge-3"]
    assert ("edge-1" in a_run.refused_enrollments) == (error is Refused)


@pytest.mark.parametrize(("error", "times"), [(Unreachable, 2), (Unanswered, 1)])
def test_an_enrollment_asked_for_once_more_is_retried_only_if_it_was_not_sent(
    run, tried, error, times
):
    first, second = DEVICES[:2]
    system = Gateway(edge_1=error, edge_2=Unreachable)
    a_run = run(system)
    before = utc_now()
    fingerprint = a_run.ledger.enrollments.intend(a_run.claim, Enroll((first,), 1, EXPIRY), before)
    actions = [Enroll((first,), 1, fingerprint, asked_before=before), Enroll((second,), 1, EXPIRY)]
    group = Group(actions, NAMES[:2], utc_now())

    for time in (1, 2, 3):
        tried(enroll, a_run, group, time=time)

    assert system.sent.count("edge-1") == times
    assert system.sent.count("edge-2") == 2

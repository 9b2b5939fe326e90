"""Right before requests are approved, they are listed once more, in as few calls as will do."""

import asyncio
from functools import partial
from math import inf
from time import monotonic

import pytest
from prefect.logging import disable_run_logger
from pydantic import AnyHttpUrl

from fleet.action.action import Approve
from fleet.device.device import Device
from fleet.planning.preflight import ImpossibleRun
from fleet.state.device_state import State
from ledger.session import open_ledger
from ledger.state.journal import Outcome
from systems.lem.adapter import Lem
from systems.lem.settings import LemSettings
from tasks.device.device_run import check_identity
from tasks.pipeline.actions import admit
from tasks.pipeline.attempt import NotSent
from tasks.pipeline.group import Group
from tasks.pipeline.observe import observe
from tasks.pipeline.plan import plan
from tasks.pipeline.recheck import Changed, Recheck
from tasks.runtime.connection_run import ConnectionRun, utc_now
from tests.fleet.builders import mac, wanted
from tests.tasks.pipeline.unserved import BY, LEASE, SITE, Unserved

LISTED = "/api/v1/activation/request"
DEVICES = [Device(name=f"edge-{n}", host_id=f"{n:012x}", macs=(mac(n),)) for n in range(1, 9)]


@pytest.fixture
def asked(simulator, edges):
    """Eight devices that asked, and of which no request was approved yet."""
    asyncio.run(edges.onboard(*DEVICES))
    boot(simulator, *DEVICES)
    return edges


def boot(simulator, *devices, **more):
    machines = [
        {"name": each.name, "host_id": each.host_id, "macs": list(each.macs)} | more
        for each in devices
    ]
    simulator.control("lem/boot", devices=machines)


def lists(simulator):
    counted = simulator.control("calls")["calls"]
    return sum(c["count"] for c in counted if (c["method"], c["path"]) == ("GET", LISTED))


async def approved(edges, meanwhile=lambda: None, fresh=inf, clock=None):
    """Approve all that ask, after one observation and what happens `meanwhile`; the outcomes.

    `clock` tells the time from the system in use.
    """
    async with edges.connect() as system:
        with open_ledger() as ledger, disable_run_logger():
            desired = wanted(*DEVICES, site=SITE, system_profile=system.profile)
            run = ConnectionRun("run", SITE, BY, system, desired, ledger)
            now = utc_now()
            run.claim = ledger.claims.open_claim(SITE, system.scope, "run", DEVICES, now, LEASE)
            run.held_until = now + LEASE
            found = plan(run, await observe(run))
            approvals = [each for each in found.actions if isinstance(each, Approve)]
            meanwhile()
            group = Group(approvals, [each.device.name for each in approvals], now)
            time = partial(clock, system) if clock else monotonic
            ended = await admit.fn(run, group, Recheck(run, fresh, time))
            outcomes = [each.outcome for each in ledger.journal.of_claim(run.claim)]
            ledger.claims.close_claim(run.claim, utc_now())
            return outcomes, ended.data if ended else None


def test_all_that_are_approved_within_a_moment_share_one_list_call(simulator, asked):
    simulator.clear("calls")

    outcomes, error = asyncio.run(approved(asked))

    assert (outcomes, error) == ([Outcome.DONE] * 8, None)
    assert lists(simulator) == 2  # one is the observation's


def test_lists_that_take_long_are_shared_by_all_that_waited_for_them(simulator, asked):
    simulator.clear("calls")

    def hours(_system):
        return 3600.0 * lists(simulator)

    outcomes, _ = asyncio.run(approved(asked, fresh=2.0, clock=hours))

    assert outcomes == [Outcome.DONE] * 8
    assert lists(simulator) == 2


def test_what_was_listed_too_long_ago_is_not_approved_and_may_be_tried_again(simulator, asked):
    outcomes, error = asyncio.run(approved(asked, fresh=0.0))

    assert outcomes == [Outcome.NOT_DONE] * 8
    assert isinstance(error, NotSent)
    assert error.may_pass
    assert simulator.control("calls")["approvals"] == {}


def test_what_was_too_long_ago_when_a_429_was_waited_out_is_not_approved(simulator, asked):
    def busy():
        simulator.control(
            "faults", method="POST", path="request/status$", kind="status", status=429, times=8
        )

    def calls(system):  # so that time passes with each call, and stands still meanwhile
        return float(system.calls)

    outcomes, error = asyncio.run(approved(asked, busy, fresh=1.0, clock=calls))

    assert outcomes == [Outcome.NOT_DONE] * 8
    assert error.may_pass
    assert simulator.control("calls")["approvals"] == {}


@pytest.mark.heavy
def test_under_a_quota_of_one_call_all_are_approved_in_the_end(simulator, edges):
    asyncio.run(edges.onboard(*DEVICES[:3]))
    boot(simulator, *DEVICES[:3])
    url, window = AnyHttpUrl(simulator.url), 0.2
    settings = LemSettings(_env_file=None, url=url, quota_calls=1, quota_seconds=window)
    slow = Unserved(lambda: Lem.connect(settings))

    for _ in range(10):
        asyncio.run(approved(slow, fresh=window / 2))
        if len(simulator.control("calls")["approvals"]) == 3:
            break

    assert [*simulator.control("calls")["approvals"].values()] == [1, 1, 1]


def test_one_that_changed_is_not_approved_and_the_others_are(simulator, asked):
    def swapped():
        simulator.control("lem/change", entryID=1, host_id="deadbeefdead")

    outcomes, error = asyncio.run(approved(asked, swapped))

    assert sorted(outcomes) == sorted([Outcome.DONE] * 7 + [Outcome.NOT_DONE])
    assert isinstance(error, Changed)
    assert not error.may_pass  # so that Prefect does not try it again


@pytest.mark.heavy
def test_one_that_changed_otherwise_is_judged_by_what_it_says_now(simulator, asked):
    asyncio.run(
        approved(asked, lambda: simulator.control("lem/change", entryID=1, version="9.9.9"))
    )

    outcomes, _ = asyncio.run(approved(asked))

    assert outcomes == [Outcome.DONE]


@pytest.mark.heavy
def test_a_clone_that_asks_meanwhile_leaves_both_unapproved(simulator, asked):
    clone = DEVICES[0].model_copy(update={"name": "clone"})

    outcomes, _ = asyncio.run(approved(asked, lambda: boot(simulator, clone)))

    assert sorted(outcomes) == sorted([Outcome.DONE] * 7 + [Outcome.NOT_DONE])


@pytest.mark.heavy
def test_a_list_that_is_not_answered_approves_nobody_and_may_be_tried_again(simulator, asked):
    def broken():
        simulator.control(
            "faults", method="GET", path="activation/request$", kind="status", status=503
        )

    outcomes, error = asyncio.run(approved(asked, broken))

    assert outcomes == [Outcome.NOT_DONE] * 8
    assert isinstance(error, NotSent)
    assert error.may_pass
    assert not error.outcome_unknown
    assert simulator.control("calls")["approvals"] == {}


@pytest.mark.heavy
def test_the_token_of_a_device_is_not_rotated_while_another_machine_is_in_service(simulator, asked):
    asyncio.run(approved(asked))
    simulator.control("lem/change", entryID=1, host_id="deadbeefdead")

    async def checked(device):
        async with asked.connect() as system:
            with open_ledger() as ledger:
                desired = wanted(device, site=SITE, system_profile=system.profile)
                run = ConnectionRun("run", SITE, BY, system, desired, ledger)
                run.observed = await observe(run)
                check_identity(run)

    with pytest.raises(ImpossibleRun, match="deadbeefdead"):
        asyncio.run(checked(DEVICES[0]))
    asyncio.run(checked(DEVICES[1]))


@pytest.mark.heavy
def test_a_camera_that_was_provisioned_under_another_host_id_is_another_machine(cameras):
    first = Device(name="cam-1", host_id="DA3E:0001:ABCD")
    second = Device(name="cam-1", host_id="DA3E:0002:ABCD")
    (status,) = asyncio.run(cameras.onboard(first)).statuses
    assert status.state is State.IN_SERVICE

    (status,) = asyncio.run(cameras.onboard(second)).statuses

    assert status.state is State.IDENTITY_MISMATCH

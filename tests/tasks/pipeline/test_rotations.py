"""A rotation that was not answered stays unknown, and until a later key is held; all say so."""

import asyncio

import pytest
from prefect.logging import disable_run_logger

from fleet.action.action import Retire, Rotate
from fleet.device.device import Device
from fleet.device.handover import to_hand_over
from fleet.nightly.catalog import FindingKind
from fleet.state.reason_code import ReasonCode
from ledger.session import open_ledger
from ledger.state.journal import Outcome, Result
from tasks.device.hand_over import Handed, conclude
from tasks.device.retire import retire
from tasks.device.rotate import rotate
from tasks.pipeline.group import Group
from tasks.pipeline.observe import observe
from tasks.runtime.connection_run import ConnectionRun, utc_now
from tests.fleet.builders import wanted
from tests.tasks.pipeline.unserved import BY, LEASE, SITE

GATEWAY = Device(name="gw-1")


async def acted(gateways, action, task, **how):
    """What a run over the gateway does to it, as rotate-token and retire-device do."""
    async with gateways.connect() as system:
        with open_ledger() as ledger, disable_run_logger():
            run = ConnectionRun("run", SITE, BY, system, wanted(GATEWAY, site=SITE), ledger)
            now = utc_now()
            run.claim = ledger.claims.open_claim(SITE, system.scope, "run", [GATEWAY], now, LEASE)
            run.held_until = now + LEASE
            (request,) = (await observe(run)).requests
            group = Group([action(GATEWAY, request, "by this run")], ["gw-1"], now)
            await task(run, group, **how) if how else await task(run, group)
            ledger.claims.close_claim(run.claim, utc_now())


def rotated(gateways):
    async def each(run, group):
        await rotate.fn(run, run.system, group)

    asyncio.run(acted(gateways, Rotate, each))


def killed_after_the_call(gateways):
    """A rotation that took place, and whose run was killed before it could write that down."""

    async def each(run, group):
        run.ledger.journal.intend(run.claim, group.actions, run.now())
        await run.system.rotate(SITE, GATEWAY)

    asyncio.run(acted(gateways, Rotate, each))


def lost_answer(simulator, gateways):
    simulator.control("faults", method="POST", path="rotate-token$", kind="lost-reply", times=1)
    rotated(gateways)


def status(gateways):
    (found,) = asyncio.run(gateways.onboard(GATEWAY)).statuses
    return found


def night(gateways):
    findings, _ = asyncio.run(gateways.night())
    return [each.kind for each in findings]


def uncertain():
    """Why each key that would be handed over may be replaced."""
    with open_ledger() as ledger:
        offered = to_hand_over(ledger.secrets.held(SITE), utc_now())
    return [each.secret.may_be_replaced for each in offered]


def outcomes(gateways):
    """What the journal says of rotations, oldest first."""
    with open_ledger() as ledger:
        story = ledger.stories.of_device(SITE, "gw-1", utc_now())
    tried = [each for each in story.events if getattr(each, "action", "") == Rotate.kind]
    return [each.outcome for each in tried]


@pytest.fixture
def served(gateways):
    """The gateway, in service by the key that is held."""
    assert status(gateways).code is ReasonCode.IN_SERVICE
    assert (uncertain(), night(gateways)) == ([""], [])
    return gateways


@pytest.fixture(
    params=["answer lost", pytest.param("killed after its call", marks=pytest.mark.heavy)]
)
def unknown(request, simulator, served):
    """The gateway after a rotation of which nobody knows what came."""
    if request.param == "answer lost":
        lost_answer(simulator, served)
    else:
        killed_after_the_call(served)
    return served


def test_hand_over_says_so_at_once(unknown):
    assert uncertain() == ["its rotation was not answered"]


@pytest.mark.heavy
def test_journal_status_and_nights_say_so_however_often_it_is_observed(unknown):
    found = [night(unknown) for _ in range(3)]
    last = status(unknown)

    assert found == [[FindingKind.KEY_NOT_HELD]] * 3
    assert (last.code, outcomes(unknown)) == (ReasonCode.KEY_MAY_BE_REPLACED, [None])
    assert last.reason.endswith("and not be held: its rotation was not answered")


@pytest.mark.heavy
def test_a_later_rotation_makes_it_certain(unknown):
    rotated(unknown)

    assert uncertain() == [""]
    assert (night(unknown), status(unknown).code) == ([], ReasonCode.IN_SERVICE)
    assert outcomes(unknown) == [Outcome.REPLACED, Outcome.DONE]


@pytest.mark.heavy
def test_nothing_depends_on_it_once_the_device_is_retired(unknown):
    asyncio.run(acted(unknown, Retire, retire.fn))

    assert FindingKind.UNKNOWN not in night(unknown)


@pytest.mark.heavy
def test_a_rotation_whose_key_was_lost_says_so(served):
    async def lost(run, group):
        (intent,) = run.ledger.journal.intend(run.claim, group.actions, run.now())
        run.ledger.journal.resolve({intent: Result(Outcome.KEY_LOST)}, run.now())

    asyncio.run(acted(served, Rotate, lost))

    assert uncertain() == ["it was rotated, and the new one was lost"]
    assert night(served) == [FindingKind.KEY_NOT_HELD]


def test_a_hand_over_says_how_many_keys_may_not_work_and_why():
    why = ("its rotation was not answered",) * 2
    handed = Handed(offered=9, secrets=9, devices=9, uncertain=why)

    message = conclude(SITE, "Ana", True, handed).message

    assert message.endswith(
        "9 secrets of 9 devices to be handed over. 2 keys may have been replaced and not work: its "
        "rotation was not answered. Run rotate-token for each."
    )

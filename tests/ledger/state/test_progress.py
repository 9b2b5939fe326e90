"""Progress: where devices stand, written when it changes; and requests that wait for a person."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

from fleet.action.action import Adopt, Confirm, Hold
from fleet.device.device import Device
from fleet.device.request import Progress, Step
from fleet.device.times import Times
from fleet.planning.plan import plan
from fleet.state.device_state import State
from fleet.state.reason_code import ReasonCode
from ledger.database.engine import connect
from ledger.database.tables import DeviceRow, HoldRow
from ledger.session import Ledger
from ledger.state.journal import Outcome, Result
from tests.fleet.builders import (
    NOW,
    a_device,
    a_request,
    an_enrollment,
    assessed,
    mac,
    remembering,
    shown,
    wanted,
)
from tests.ledger.running import ONE, SCOPE, SITE, TWO, after, approve, begun, rows, stand

ASKED = a_request("1", asked_at=after(30))
PROVISIONED = replace(
    ASKED,
    progress=Progress.PROVISIONED,
    device_id="d1",
    steps=(Step("CONFIRMED", "DONE", after(90)), Step("LICENSE", "SKIPPED", after(91))),
)


def adopt(ledger, claim, when, device=ONE, **more):
    ledger.enrollments.adopt(claim, Adopt((device,), an_enrollment(**more)), when)


def the_device(engine):
    (row,) = rows(engine, DeviceRow)
    return row


def test_a_device_is_written_with_what_identifies_it(engine, ledger):
    claim = begun(ledger)
    device = Device(name="edge-1", host_id="H1", macs=(mac(2), mac(1)), zero_touch="lab")

    stand(ledger, claim, device=device, request=ASKED)

    row = the_device(engine)
    assert (row.site, row.name, row.scope) == (SITE, "edge-1", claim.scope)
    assert (row.host_id, row.macs, row.zero_touch) == ("H1", f"{mac(2)} {mac(1)}", "lab")
    assert (row.state, row.reason) == ("waiting", "has not asked yet")
    assert (row.request_key, row.asked_at, row.changed_at) == ("1/config-1", after(30), NOW)


def test_what_did_not_change_is_not_written_again(engine, ledger):
    claim = begun(ledger)
    stand(ledger, claim, request=ASKED)

    stand(ledger, claim, request=ASKED, now=after(10))

    assert the_device(engine).changed_at == NOW


def test_what_changed_is_written_for_that_device_alone(engine, ledger):
    claim = begun(ledger, ONE, TWO)
    stand(ledger, claim)
    stand(ledger, claim, device=TWO)

    stand(ledger, claim, device=TWO, state=State.FAILED, reason="no licence", now=after(10))

    written = {row.name: (row.state, row.reason, row.changed_at) for row in rows(engine, DeviceRow)}
    assert written == {
        "edge-1": (State.WAITING, "has not asked yet", NOW),
        "edge-2": (State.FAILED, "no licence", after(10)),
    }


def test_a_device_of_the_same_name_on_another_site_is_another(engine, ledger):
    stand(ledger, begun(ledger))

    stand(ledger, begun(ledger, TWO, site="plant-8"), now=after(10))

    assert {(row.site, row.changed_at) for row in rows(engine, DeviceRow)} == {
        (SITE, NOW),
        ("plant-8", after(10)),
    }


def test_two_scopes_of_one_site_do_not_overwrite_each_other(engine, ledger):
    here, there = begun(ledger), begun(ledger, scope="LEM project b")
    stand(ledger, here, request=ASKED)
    stand(ledger, there, state=State.FAILED, reason="no licence", now=after(10))

    adopt(ledger, there, after(20))
    (intent,) = ledger.journal.intend(there, [approve()], after(31))
    ledger.journal.resolve({intent: Result(Outcome.DONE)}, after(32))
    ledger.devices.confirm(there, [Confirm(ONE, PROVISIONED)], after(95))

    assert {row.scope: (row.state, row.changed_at) for row in rows(engine, DeviceRow)} == {
        here.scope: (State.WAITING, NOW),
        there.scope: (State.FAILED, after(95)),
    }
    assert ledger.memory.times(here) == {"edge-1": Times(asked=after(30))}
    assert ledger.memory.times(there) == {
        "edge-1": Times(enrolled=after(20), approved=after(32), confirmed=after(95))
    }
    assert ledger.memory.recall(here).of("edge-1").confirmed_as is None
    assert ledger.memory.recall(there).of("edge-1").confirmed_as == "d1"


def test_a_code_that_is_shared_does_not_time_a_device_without_identity(ledger):
    device = a_device("edge-1", macs=[])
    claim = begun(ledger, device)
    adopt(ledger, claim, after(1), device, capacity=1)
    adopt(ledger, claim, after(2), device, capacity=5)

    stand(ledger, claim, device=device)

    assert ledger.memory.times(claim) == {"edge-1": Times(enrolled=after(1))}


def test_every_time_on_the_way_is_stored(ledger):
    claim = begun(ledger)
    adopt(ledger, claim, after(-99))
    adopt(ledger, claim, after(1))
    stand(ledger, claim, request=ASKED)
    (intent,) = ledger.journal.intend(claim, [approve()], after(31))
    ledger.journal.resolve({intent: Result(Outcome.DONE)}, after(32))

    stand(ledger, claim, request=PROVISIONED)
    ledger.devices.confirm(claim, [Confirm(ONE, PROVISIONED)], after(95))

    assert ledger.memory.times(claim) == {
        "edge-1": Times(after(1), after(30), after(32), after(91), after(95))
    }


def test_a_time_once_known_is_not_forgotten(ledger):
    claim = begun(ledger)
    adopt(ledger, claim, after(1))
    stand(ledger, claim, request=PROVISIONED)
    known = ledger.memory.times(claim)

    stand(ledger, claim, request=None)
    without_request = ledger.memory.times(claim)
    stand(ledger, claim, request=replace(PROVISIONED, steps=(), asked_at=None))

    assert ledger.memory.times(claim) == without_request == known


def test_a_hold_is_recorded_once_and_stays_as_it_was(engine, ledger):
    claim = begun(ledger)
    hold = Hold(
        a_request("7", host_id="h7", hostname="litmus-edge-7"),
        ReasonCode.UNKNOWN_DEVICE,
        "an unknown device",
    )

    ledger.holds.hold(claim, [hold, hold], NOW)
    ledger.holds.hold(claim, [replace(hold, device=ONE, reason="two")], after(10))

    (row,) = rows(engine, HoldRow)
    assert (row.request_key, row.reason, row.device) == ("7/config-1", "an unknown device", None)
    assert (row.hostname, row.identity) == ("litmus-edge-7", f"MAC {mac(1)}, host id h7")
    assert row.held_at == NOW


def test_runs_that_hold_the_same_unknown_devices_at_once_record_each_once(url, engine, ledger):
    claim = begun(ledger)
    unknown_devices = [
        Hold(a_request(str(number)), ReasonCode.UNKNOWN_DEVICE, "an unknown device")
        for number in range(300)
    ]
    together = Barrier(2)

    def hold(holds):
        own = connect(url)  # as in another process
        with own.connect():
            pass
        together.wait()
        try:
            Ledger(own).holds.hold(claim, holds, NOW)
        finally:
            own.dispose()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(hold, [unknown_devices, unknown_devices[::-1]]))

    assert len(rows(engine, HoldRow)) == 300


def test_unknown_devices_that_come_one_after_another_are_held_once_each(engine, ledger):
    """Each that comes changes the sentence of all: *12 machines ask, and the roster lists 1*."""
    claim, numbers = begun(ledger), range(2, 32)
    for last in numbers:
        requests = [a_request(str(n), macs=[mac(n)]) for n in numbers if n <= last]
        observed, memory = shown(*requests), remembering("edge-1", held=ledger_holds(ledger, claim))
        found = plan(wanted(ONE), observed, memory, assessed(wanted(ONE), observed, memory))
        holds = [action for action in found if isinstance(action, Hold)]
        assert [hold.request.id for hold in holds] == [str(last)]
        ledger.holds.hold(claim, holds, after(last))

    reasons = {row.reason for row in rows(engine, HoldRow)}
    assert (len(rows(engine, HoldRow)), len(reasons) > 1) == (30, True)


def ledger_holds(ledger, claim):
    return ledger.memory.recall(claim).held


def test_no_holds_are_no_work(engine, ledger):
    ledger.holds.hold(begun(ledger), [], NOW)

    assert rows(engine, HoldRow) == []


def test_a_hold_of_one_scope_is_recorded_in_another_too(engine, ledger):
    hold = Hold(a_request("7"), ReasonCode.UNKNOWN_DEVICE, "an unknown device")

    ledger.holds.hold(begun(ledger), [hold], NOW)
    ledger.holds.hold(begun(ledger, scope="LEM project b"), [hold], after(10))

    assert {(row.scope, row.held_at) for row in rows(engine, HoldRow)} == {
        (SCOPE, NOW),
        ("LEM project b", after(10)),
    }


def test_a_request_held_for_another_reason_is_recorded_again(engine, ledger):
    claim = begun(ledger)
    request = a_request("7")

    ledger.holds.hold(
        claim,
        [
            Hold(request, ReasonCode.EARLY, "one"),
            Hold(request, ReasonCode.CLONE, "two", a_device()),
        ],
        NOW,
    )

    assert {(row.reason, row.device) for row in rows(engine, HoldRow)} == {
        ("one", None),
        ("two", "edge-1"),
    }

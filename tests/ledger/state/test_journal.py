"""The journal: what was about to be done, what came of it, and what nobody knows."""

import pytest
from sqlalchemy.orm.exc import StaleDataError

from fleet.action.action import Confirm
from fleet.device.times import Times
from fleet.state.device_state import State
from ledger.database.tables import DeviceRow, IntentRow
from ledger.state.journal import Outcome, Result
from tests.fleet.builders import NOW, a_request
from tests.ledger.running import (
    ONE,
    TWO,
    after,
    approve,
    begun,
    reject,
    retry,
    rows,
    stand,
    taken_over,
)

DONE = Result(Outcome.DONE)


def test_intents_are_stored_in_the_order_of_their_actions(engine, ledger):
    claim = begun(ledger, ONE, TWO)

    ids = ledger.journal.intend(claim, [approve(2, TWO), retry(1)], NOW)

    records = {
        row.id: (row.device, row.action, row.subject, row.reason) for row in open_rows(engine)
    }
    assert [records[i] for i in ids] == [
        ("edge-2", "approve", "2/config-1", "it shows its MAC"),
        ("edge-1", "retry", "1/config-1", "it failed"),
    ]


def open_rows(engine):
    return [row for row in rows(engine, IntentRow) if row.outcome is None]


def test_an_intent_without_outcome_outlives_its_run(engine, ledger):
    first = begun(ledger)
    (intent,) = ledger.journal.intend(first, [approve()], NOW)
    second = taken_over(engine)

    found = ledger.journal.open_intents(second)

    assert [(each.id, each.intended_at) for each in found] == [(intent, NOW)]
    assert [row.run_id for row in rows(engine, IntentRow)] == [first.id]


def test_intents_of_another_site_or_scope_are_not_ours_to_resolve(ledger):
    ledger.journal.intend(begun(ledger, site="plant-8"), [approve()], NOW)
    ledger.journal.intend(begun(ledger, scope="LEM project b"), [approve()], NOW)

    assert ledger.journal.open_intents(begun(ledger, TWO)) == []


def test_an_outcome_resolves_an_intent(engine, ledger):
    claim = begun(ledger)
    first, second = ledger.journal.intend(claim, [approve(1), reject(2)], NOW)

    ledger.journal.resolve(
        {first: DONE, second: Result(Outcome.REFUSED, "400 Bad Request")}, after(2)
    )

    assert ledger.journal.open_intents(claim) == []
    assert [(row.outcome, row.detail, row.resolved_at) for row in rows(engine, IntentRow)] == [
        ("done", "", after(2)),
        ("refused", "400 Bad Request", after(2)),
    ]


def test_an_unknown_outcome_is_noted_and_leaves_an_intent_open(engine, ledger):
    claim = begun(ledger)
    (intent,) = ledger.journal.intend(claim, [approve()], NOW)

    ledger.journal.resolve({intent: Result(None, "no answer (ReadTimeout)")}, after(2))

    (open_,) = ledger.journal.open_intents(claim)
    (row,) = rows(engine, IntentRow)
    assert open_.detail == row.detail
    assert (row.detail, row.resolved_at) == ("no answer (ReadTimeout)", None)


def test_nothing_to_resolve_resolves_nothing(ledger):
    claim = begun(ledger)
    ledger.journal.intend(claim, [approve()], NOW)

    ledger.journal.resolve({}, after(2))

    assert len(ledger.journal.open_intents(claim)) == 1


def test_an_approval_that_was_made_is_timed_for_its_device_alone(ledger):
    claim = begun(ledger, ONE, TWO)
    stand(ledger, claim)
    stand(ledger, claim, device=TWO)
    first, second = ledger.journal.intend(claim, [approve(1), reject(2, TWO)], NOW)

    ledger.journal.resolve({first: DONE, second: DONE}, after(2))

    assert ledger.memory.times(claim) == {
        "edge-1": Times(approved=after(2)),
        "edge-2": Times(),
    }


def test_an_approval_is_timed_by_the_last_that_was_made(ledger):
    claim = begun(ledger)
    stand(ledger, claim)
    made, again, refused = ledger.journal.intend(claim, [approve(1), approve(2), approve(3)], NOW)

    ledger.journal.resolve({again: DONE}, after(4))
    ledger.journal.resolve({made: DONE}, after(2))
    ledger.journal.resolve({refused: Result(Outcome.REFUSED)}, after(6))

    assert ledger.memory.times(claim) == {"edge-1": Times(approved=after(4))}


def test_an_approval_on_another_site_does_not_time_a_device_of_the_same_name(ledger):
    other = begun(ledger, site="plant-8")
    (intent,) = ledger.journal.intend(other, [approve()], NOW)
    ledger.journal.resolve({intent: DONE}, after(2))
    ledger.claims.close_claim(other, after(3))
    claim = begun(ledger)

    stand(ledger, claim)

    assert ledger.memory.times(claim) == {"edge-1": Times()}


def test_resolving_leaves_what_is_written_of_devices_alone(engine, ledger):
    claim = begun(ledger)
    stand(ledger, claim)
    before = rows(engine, DeviceRow)
    (intent,) = ledger.journal.intend(claim, [approve()], NOW)

    ledger.journal.resolve({intent: DONE}, after(2))

    assert rows(engine, DeviceRow) == before


@pytest.mark.parametrize("outcome", [None, Outcome.REFUSED, Outcome.NOT_DONE])
def test_an_approval_that_was_not_made_is_not_timed(ledger, outcome):
    claim = begun(ledger)
    stand(ledger, claim)
    (intent,) = ledger.journal.intend(claim, [approve()], NOW)

    ledger.journal.resolve({intent: Result(outcome)}, after(2))

    assert ledger.memory.times(claim) == {"edge-1": Times()}


def test_a_confirmed_device_is_remembered_by_every_later_run(engine, ledger):
    claim = begun(ledger)
    stand(ledger, claim, state=State.IN_SERVICE)

    ledger.devices.confirm(claim, [Confirm(ONE, a_request("1", device_id="d1"))], after(5))
    ledger.claims.close_claim(claim, after(6))

    later = ledger.memory.recall(begun(ledger, now=after(7)))
    (row,) = rows(engine, DeviceRow)
    assert later.of("edge-1").confirmed_as == "d1"
    assert (row.confirmed_at, row.changed_at) == (after(5), after(5))


def test_only_a_device_whose_status_is_known_can_be_confirmed(ledger):
    claim = begun(ledger)

    with pytest.raises(StaleDataError):
        ledger.devices.confirm(claim, [Confirm(ONE, a_request("1", device_id="d1"))], NOW)


def test_devices_are_confirmed_together_or_not_at_all(engine, ledger):
    claim = begun(ledger, ONE, TWO)
    stand(ledger, claim)
    both = [
        Confirm(ONE, a_request("1", device_id="d1")),
        Confirm(TWO, a_request("2", device_id="d2")),
    ]

    with pytest.raises(StaleDataError):
        ledger.devices.confirm(claim, both, after(5))

    (row,) = rows(engine, DeviceRow)
    assert (row.confirmed_as, row.confirmed_at, row.changed_at) == (None, None, NOW)

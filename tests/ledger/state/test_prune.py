"""What is too old is deleted, except what later runs go by."""

import pytest

from fleet.action.action import Hold
from fleet.nightly.catalog import FindingKind
from fleet.nightly.finding import Finding
from fleet.state.reason_code import ReasonCode
from ledger.database.tables import ConnectionRunRow, HoldRow, IntentRow
from ledger.state.journal import Outcome, Result
from tests.fleet.builders import a_request
from tests.ledger.running import ONE, SITE, after, approve, begun, reject, retry, rows


def tried(ledger, action, outcome, second):
    claim = begun(ledger, now=after(second))
    (id_,) = ledger.journal.intend(claim, [action], after(second))
    ledger.journal.resolve({id_: Result(outcome)}, after(second))
    ledger.claims.close_claim(claim, after(second))


def test_what_counts_for_later_runs_is_remembered_after_pruning(engine, ledger):
    tries = [
        (approve(1), Outcome.KEY_LOST),
        (approve(1), Outcome.KEY_LOST),
        (approve(1), Outcome.DONE),
        (approve(2), Outcome.REFUSED),
        (approve(3), Outcome.NOT_DONE),
        (reject(4), Outcome.DONE),
        (retry(5), Outcome.DONE),
        (approve(6), None),
    ]
    for second, (action, outcome) in enumerate(tries):
        tried(ledger, action, outcome, second)
    claim = begun(ledger, now=after(100))
    before = ledger.memory.recall(claim)

    assert ledger.journal.prune(after(200)) == 4

    assert ledger.memory.recall(claim) == before
    assert len(rows(engine, IntentRow)) == 4
    assert ledger.journal.prune(after(200)) == 0


def test_what_is_not_too_old_stays(engine, ledger):
    tried(ledger, retry(1), Outcome.DONE, 0)
    tried(ledger, retry(2), Outcome.DONE, 10)

    assert ledger.journal.prune(after(10)) == 1
    assert [row.subject for row in rows(engine, IntentRow)] == [a_request("2").key]


def test_runs_of_which_nothing_is_left_are_deleted(engine, ledger):
    tried(ledger, retry(1), Outcome.DONE, 0)
    tried(ledger, approve(2), Outcome.DONE, 1)
    ledger.journal.prune(after(200))

    assert ledger.claims.prune(after(200)) == 1
    assert len(rows(engine, ConnectionRunRow)) == 1


def test_a_run_at_work_is_never_deleted(engine, ledger):
    begun(ledger)

    assert ledger.claims.prune(after(10_000)) == 0


@pytest.fixture
def held(ledger):
    claim = begun(ledger)
    holds = [
        Hold(a_request("12"), ReasonCode.UNKNOWN, "why", None),
        Hold(a_request("123"), ReasonCode.UNKNOWN, "why", None),
        Hold(a_request("7"), ReasonCode.UNKNOWN, "why", ONE),
    ]
    ledger.holds.hold(claim, holds, after(0))
    return claim


def found(ledger, subject, device=None):
    finding = Finding(FindingKind.HELD, SITE, "lem", subject, "why", after(0), device)
    ledger.findings.save([finding], lambda _key: True, after(5))


def test_holds_that_nobody_finds_any_more_are_deleted(engine, ledger, held):
    assert ledger.holds.prune(after(0)) == 0
    assert ledger.holds.prune(after(1)) == 3
    assert rows(engine, HoldRow) == []


@pytest.mark.parametrize(
    ("subject", "device", "left"), [("#12", None, "12"), (ONE.name, ONE.name, "7")]
)
def test_a_hold_that_nights_still_find_stays_so_that_its_age_is_known(
    engine, ledger, held, subject, device, left
):
    found(ledger, subject, device)

    assert ledger.holds.prune(after(1)) == 2
    assert [row.request_key for row in rows(engine, HoldRow)] == [a_request(left).key]

"""What the ledger gives back: all that was done, to the site and scope it was done in."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from fleet.action.action import Adopt, Approve, Hold, Reject, Retry
from fleet.state.memory import Memory, Remembered
from fleet.state.reason_code import ReasonCode
from ledger.database.engine import connect
from ledger.database.tables import ConnectionRunRow
from ledger.session import Ledger
from ledger.state.claims import Claim
from ledger.state.journal import Outcome, Result
from tests.fleet.builders import NOW, a_request, an_enrollment
from tests.laws import SAME_FIXTURES, share_of
from tests.ledger.running import ONE, SCOPE, SITE, TWO, after, approve, begun, reject, retry, rows

FRESH_SCOPES = settings(SAME_FIXTURES, max_examples=share_of(25))  # every example has its own scope
ACTIONS = {Approve: approve, Reject: reject, Retry: retry}
remediations = st.lists(
    st.tuples(
        st.sampled_from(sorted(ACTIONS, key=lambda kind: kind.kind)),
        st.integers(1, 3),
        st.sampled_from([None, *Outcome]),
    ),
    max_size=6,
)


def journal(ledger, claim, done):
    """Write `done` into the journal, one deed a second."""
    for second, (kind, number, outcome) in enumerate(done):
        (intent,) = ledger.journal.intend(claim, [ACTIONS[kind](number)], after(second))
        ledger.journal.resolve({intent: Result(outcome, f"no to {number}")}, after(second))


def test_of_a_new_site_nothing_is_remembered(ledger):
    assert ledger.memory.recall(begun(ledger)) == Memory()


@FRESH_SCOPES
@given(remediations, remediations)
def test_approvals_rejections_and_lost_keys_last_refusals_and_retries_are_of_their_run(
    engine, ledger, earlier, own
):
    scope = f"LEM project {len(rows(engine, ConnectionRunRow))}"
    first = begun(ledger, scope=scope)
    journal(ledger, first, earlier)
    ledger.claims.close_claim(first, NOW)
    claim = begun(ledger, scope=scope)
    journal(ledger, claim, own)

    memory = ledger.memory.recall(claim).of("edge-1")

    done = {(kind, f"{n}/config-1") for kind, n, outcome in earlier + own if outcome == "done"}
    tried = [
        second
        for second, (kind, _, outcome) in enumerate(own)
        if kind is Retry and outcome in {None, Outcome.DONE}
    ]
    refused = {
        (kind.kind, f"{n}/config-1"): f"no to {n}"
        for kind, n, outcome in own
        if outcome == "refused"
    }
    last = {
        n: (run, outcome)
        for run, tries in enumerate([earlier, own])
        for kind, n, outcome in tries
        if kind is Approve and outcome in {Outcome.DONE, Outcome.KEY_LOST}
    }
    lost = {n: run for n, (run, outcome) in last.items() if outcome == Outcome.KEY_LOST}
    unanswered = [(kind, n) for kind, n, outcome in earlier + own if outcome is None]
    pending = {f"{n}/config-1": f"no to {n}" for kind, n in unanswered if kind is not Retry}
    assert memory == Remembered(
        approved=frozenset(key for kind, key in done if kind is Approve),
        rejected=frozenset(key for kind, key in done if kind is Reject),
        pending=frozenset(pending),
        answers=pending,
        refused=refused,
        lost={f"{n}/config-1": f"no to {n}" for n in lost},
        lost_before=frozenset(f"{n}/config-1" for n, run in lost.items() if run == 0),
        retries=len(tried),
        retried_at=after(max(tried)) if tried else None,
    )


def test_one_site_and_scope_remembers_nothing_of_another(ledger):
    claim = begun(ledger)
    ledger.enrollments.adopt(claim, Adopt((ONE,), an_enrollment()), NOW)
    ledger.journal.intend(claim, [approve()], NOW)

    assert ledger.memory.recall(begun(ledger, scope="LEM project b")) == Memory()
    assert ledger.memory.recall(begun(ledger, TWO, site="plant-8")) == Memory()


def test_a_hold_of_another_scope_is_not_remembered(ledger):
    ledger.holds.hold(
        begun(ledger), [Hold(a_request("7"), ReasonCode.UNKNOWN_DEVICE, "an unknown device")], NOW
    )

    assert ledger.memory.recall(begun(ledger, scope="LEM project b")) == Memory()


def test_all_enrollments_of_a_site_are_known_also_those_of_devices_no_longer_wanted(ledger):
    claim = begun(ledger, ONE, TWO)
    ledger.enrollments.adopt(claim, Adopt((ONE,), an_enrollment("config-1")), NOW)
    ledger.enrollments.adopt(claim, Adopt((TWO,), an_enrollment("config-2")), NOW)

    memory = ledger.memory.recall(claim)

    assert memory.enrollment_ids == {"config-1", "config-2"}
    assert Counter(memory.devices.keys()) == {"edge-1": 1, "edge-2": 1}


def test_a_hold_is_remembered_by_its_request_and_the_code_of_its_reason(ledger):
    claim = begun(ledger)
    ledger.holds.hold(
        claim, [Hold(a_request("7"), ReasonCode.UNKNOWN_DEVICE, "an unknown device")], NOW
    )

    assert ledger.memory.recall(claim).held == {("7/config-1", ReasonCode.UNKNOWN_DEVICE)}


def test_a_device_that_was_never_observed_has_no_times(ledger):
    assert ledger.memory.times(begun(ledger)) == {}


def test_recalling_waits_for_nobody_who_writes(url, engine, ledger):
    claim = begun(ledger)
    other = connect(f"{url}?timeout=0" if url.startswith("sqlite") else url)

    with engine.begin() as writer:
        writer.execute(text("UPDATE connection_run SET name = 'not yet'"))
        message = (
            Ledger(other).memory.recall(claim),
            Ledger(other).memory.times(claim),
            Ledger(other).journal.open_intents(claim),
            Ledger(other).journal.done(claim),
        )
    other.dispose()

    assert message == (Memory(), {}, [], {})


def test_a_dry_run_remembers_what_others_did(ledger):
    ledger.enrollments.adopt(begun(ledger), Adopt((ONE,), an_enrollment()), after(0))

    memory = ledger.memory.recall(Claim(SITE, SCOPE))

    assert memory.enrollment_ids == {"config-1"}

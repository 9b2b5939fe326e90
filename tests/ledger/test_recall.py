"""What the ledger gives back: all that was done, to the site and scope it was done in."""

from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from fleet.action import Adopt, Approve, Hold, Reject, Retry
from fleet.memory import Memory, Remembered
from ledger import grants, progress
from ledger.claims import Batch, close_batch
from ledger.engine import connect
from ledger.journal import Outcome, Result, done, intend, open_intents, settle
from ledger.recall import recall, times
from ledger.tables import BatchRow
from tests.fleet.builders import NOW, a_request, an_enrolment
from tests.ledger.running import ONE, SCOPE, SITE, TWO, after, approve, begun, reject, retry, rows

FRESH_SCOPES = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # every example has its own scope
)
ACTS = {Approve: approve, Reject: reject, Retry: retry}
deeds = st.lists(
    st.tuples(
        st.sampled_from(sorted(ACTS, key=lambda kind: kind.word)),
        st.integers(1, 3),
        st.sampled_from([None, *Outcome]),
    ),
    max_size=6,
)


def journal(engine, batch, done):
    """Write `done` into the journal, one deed a second."""
    for second, (kind, number, outcome) in enumerate(done):
        (intent,) = intend(engine, batch, [ACTS[kind](number)], after(second))
        settle(engine, {intent: Result(outcome, f"no to {number}")}, after(second))


def test_of_a_new_site_nothing_is_remembered(engine):
    assert recall(engine, begun(engine)) == Memory()


@FRESH_SCOPES
@given(deeds, deeds)
def test_approvals_and_rejections_last_for_ever_refusals_and_retries_for_their_run(
    engine, earlier, own
):
    scope = f"LEM project {len(rows(engine, BatchRow))}"
    first = begun(engine, scope=scope)
    journal(engine, first, earlier)
    close_batch(engine, first, NOW)
    batch = begun(engine, scope=scope)
    journal(engine, batch, own)

    memory = recall(engine, batch).of("edge-1")

    done = {(kind, f"{n}/config-1") for kind, n, outcome in earlier + own if outcome == "done"}
    tried = [
        second
        for second, (kind, _, outcome) in enumerate(own)
        if kind is Retry and outcome in {None, Outcome.DONE}
    ]
    refused = {
        f"{Retry.word} {n}/config-1" if kind is Retry else f"{n}/config-1": f"no to {n}"
        for kind, n, outcome in own
        if outcome == "refused"
    }
    lost = {f"{n}/config-1": f"no to {n}" for _, n, outcome in own if outcome == "key lost"}
    unanswered = [(kind, n) for kind, n, outcome in earlier + own if outcome is None]
    assert memory == Remembered(
        approved=frozenset(key for kind, key in done if kind is Approve),
        rejected=frozenset(key for kind, key in done if kind is Reject),
        pending=frozenset(f"{n}/config-1" for kind, n in unanswered if kind is not Retry),
        refused=refused,
        lost=lost,
        retries=len(tried),
        retried_at=after(max(tried)) if tried else None,
    )


def test_one_site_and_scope_remembers_nothing_of_another(engine):
    batch = begun(engine)
    grants.adopt(engine, batch, Adopt((ONE,), an_enrolment()), NOW)
    intend(engine, batch, [approve()], NOW)

    assert recall(engine, begun(engine, scope="LEM project b")) == Memory()
    assert recall(engine, begun(engine, TWO, site="plant-8")) == Memory()


def test_a_hold_of_another_scope_is_not_remembered(engine):
    progress.hold(engine, begun(engine), [Hold(a_request("7"), "a stranger")], NOW)

    assert recall(engine, begun(engine, scope="LEM project b")) == Memory()


def test_all_enrolments_of_a_site_are_known_also_those_of_devices_no_longer_wanted(engine):
    batch = begun(engine, ONE, TWO)
    grants.adopt(engine, batch, Adopt((ONE,), an_enrolment("config-1")), NOW)
    grants.adopt(engine, batch, Adopt((TWO,), an_enrolment("config-2")), NOW)

    memory = recall(engine, batch)

    assert memory.enrolment_ids == {"config-1", "config-2"}
    assert Counter(memory.devices.keys()) == {"edge-1": 1, "edge-2": 1}


def test_a_hold_is_remembered_by_its_request_and_reason(engine):
    batch = begun(engine)
    progress.hold(engine, batch, [Hold(a_request("7"), "a stranger")], NOW)

    assert recall(engine, batch).held == {("7/config-1", "a stranger")}


def test_a_device_that_was_never_looked_at_has_no_times(engine):
    assert times(engine, begun(engine)) == {}


def test_recalling_waits_for_nobody_who_writes(url, engine):
    batch = begun(engine)
    other = connect(f"{url}?timeout=0" if url.startswith("sqlite") else url)

    with engine.begin() as writer:
        writer.execute(text("UPDATE batch SET name = 'not yet'"))
        told = (
            recall(other, batch),
            times(other, batch),
            open_intents(other, batch),
            done(other, batch),
        )
    other.dispose()

    assert told == (Memory(), {}, [], {})


def test_a_dry_run_remembers_what_others_did(engine):
    grants.adopt(engine, begun(engine), Adopt((ONE,), an_enrolment()), after(0))

    memory = recall(engine, Batch(SITE, SCOPE))

    assert memory.enrolment_ids == {"config-1"}

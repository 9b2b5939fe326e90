"""Resolve: an observation shows what came of calls that were never answered."""

from dataclasses import replace
from datetime import datetime

from fleet.device.secret import SecretKind
from fleet.planning.plan import adoptable
from fleet.planning.resolve import (
    enrollments_made,
    find_unanswered,
    has_happened,
    leaves_no_trace,
    with_enrolled,
    with_found,
    with_refused,
)
from fleet.state.memory import Memory
from fleet.state.observation import Observation
from ledger.state.journal import Outcome, Result
from tasks.runtime.connection_run import ConnectionRun


def resolve(run: ConnectionRun, observed: Observation, now: datetime) -> Memory:
    """What the ledger remembers, once `observed` has resolved the calls without an answer."""
    if not run.is_dry:
        run.ledger.journal.resolve(_resolved_intents(run, observed, now), now)
    memory = run.ledger.memory.recall(run.claim, observed.requests)
    taken = adoptable(run.desired, observed, memory)
    others = run.ledger.enrollments.of_other_sites(run.claim, taken)
    memory = replace(memory, other_codes=others)
    if run.enrolled_before is None:
        run.enrolled_before = enrollments_made(memory)
    found = find_unanswered(memory, observed)
    if not run.is_dry:
        for record, enrollment_id in found.items():
            run.ledger.enrollments.resolve(run.claim, record.wanted_expiry, enrollment_id)
    known = with_enrolled(with_found(memory, found), run.enrolled_before)
    return with_refused(known, run.refused_enrollments)


def _resolved_intents(
    run: ConnectionRun, observed: Observation, now: datetime
) -> dict[int, Result]:
    """What came of intents without an answer; those that may still take effect stay open.

    So does a rotation until a later key is held: no system shows whether a key was replaced.
    """
    resolved: dict[int, Result] = {}
    for row in run.ledger.journal.open_intents(run.claim):
        if has_happened(row.action, row.subject, observed):
            resolved[row.id] = Result(Outcome.DONE, "not answered, but observed to have happened")
        elif leaves_no_trace(row.action):
            key = run.keyring.latest(SecretKind.PROVISION_TOKEN, row.device)
            if key and not key.may_be_replaced:
                resolved[row.id] = Result(Outcome.REPLACED, "not answered; a later key is held")
        elif now >= row.intended_at + run.limits.outcome_timeout:
            resolved[row.id] = Result(Outcome.NOT_DONE, "not answered, and did not happen")
    return resolved

"""Decisions: those of policies and runs are recorded before execution; holds are announced."""

from collections.abc import Iterator, Sequence

from prefect.events import emit_event

from fleet.action.action import Action, Approve, Hold, Reject
from fleet.state.verdict import Decision
from fleet.status.holds import NO_REVIEW
from ledger.admission.decided import Decided
from ledger.admission.how import How
from tasks.runtime.connection_run import ConnectionRun

HELD = "muster.requests.held"


def record_decisions(run: ConnectionRun, actions: Sequence[Action]) -> None:
    """Record what the policy, the night rules or the run itself decided; people's votes are there.

    Of a policy in shadow mode, what it would have decided.
    """
    run.ledger.decisions.record(
        run.claim, run.desired.policy, list(_decided(run, actions)), run.now()
    )


def announce_held(run: ConnectionRun, holds: Sequence[Hold]) -> None:
    """Emit a Prefect event that requests wait for a person; an automation sends it as a message."""
    if not holds:
        return
    count = len({hold.request.key for hold in holds})
    first = holds[0]
    who = first.device.name if first.device else f"request {first.request.id}"
    more = f" and {count - 1} more" if count > 1 else ""
    is_reviewable = any(hold.evidence for hold in holds)
    remedy = "Start review-requests for this site." if is_reviewable else NO_REVIEW
    emit_event(
        HELD,
        resource={
            "prefect.resource.id": f"muster.site.{run.desired.site}",
            "prefect.resource.name": run.desired.site,
        },
        payload={
            "site": run.desired.site,
            "count": count,
            "message": f"{who}{more}: {first.reason}. {remedy}",
        },
    )


def _decided(run: ConnectionRun, actions: Sequence[Action]) -> Iterator[Decided]:
    policy = f"policy {run.desired.policy.name}"
    is_by_run = run.desired.decision is Decision.REJECT
    by, how = (f"run {run.name}", How.RUN) if is_by_run else (policy, How.RULE)
    for action in actions:
        if isinstance(action, Approve | Reject) and action.evidence:
            decision = Decision.APPROVE if isinstance(action, Approve) else Decision.REJECT
            is_by_night = isinstance(action, Reject) and action.is_by_night_rules
            who = "night rules" if is_by_night else by
            yield Decided(action.evidence, decision, who, action.reason, how)
        if isinstance(action, Hold) and action.would and action.evidence:
            yield Decided(action.evidence, action.would, policy, action.reason, How.SHADOW)

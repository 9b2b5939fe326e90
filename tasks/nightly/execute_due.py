"""Execute due: what planning says, and what the night rules say is due, at every site at once."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from prefect.logging import get_run_logger

from fleet.action.action import Action, Approve, Reject, Retry
from fleet.admission.evidence_collection import EvidenceCollection
from fleet.device.device import Device
from fleet.device.request import Progress
from fleet.nightly.finding import Finding, Key
from fleet.nightly.rule import Remediation
from fleet.nightly.rules import AS_THEY_SAY
from fleet.state.action_kind import ActionKind
from fleet.state.match import match
from fleet.status.admission_model import model_of
from fleet.system.enroll import Enroll
from fleet.text.expected import ExpectedError
from ledger.database.engine import LedgerAway
from ledger.session import Ledger
from ledger.state.journal import Outcome
from reports.nightly.facts import Done
from tasks.nightly.night import Night, Place
from tasks.nightly.recheck import changed_meanwhile
from tasks.pipeline.execute import execute
from tasks.runtime.connection_run import utc_now


async def execute_due(night: Night, ledger: Ledger, due: dict[Key, Remediation]) -> None:
    """Do what is planned and what the rules say, and note in `night.done` what came of it."""
    acted = [finding for finding in night.findings if finding.key in due]
    if acted:
        ledger.findings.acted(acted, utc_now())
        night.known = ledger.findings.known()
    outcomes = await asyncio.gather(
        *(
            _execute_at(night, place, [f for f in acted if f.key[:2] == place.key], due)
            for place in night.places
        ),
        return_exceptions=True,
    )
    for place, outcome in zip(night.places, outcomes, strict=True):
        if isinstance(outcome, ExpectedError):
            get_run_logger().warning("%s: %s", place.run.subject, str(outcome))
        elif isinstance(outcome, BaseException):
            raise outcome
        else:
            night.findings += outcome
        night.done += _done(ledger, place)
    if any(not isinstance(outcome, BaseException) and outcome for outcome in outcomes):
        night.known = ledger.findings.save(night.findings, night.checked, utc_now())


async def _execute_at(
    night: Night, place: Place, acted: Sequence[Finding], due: dict[Key, Remediation]
) -> list[Finding]:
    """Execute there; what was found by listing once more what was approved."""
    actions = planned(place, acted, due)
    if not actions:
        return []
    try:
        await execute(place.run, actions)
    except LedgerAway as away:
        await place.run.pause(away)  # what was not done is planned again by the next night
    if any(isinstance(action, Approve) for action in actions):
        return await changed_meanwhile(night, place)
    return []


def planned(place: Place, acted: Sequence[Finding], due: dict[Key, Remediation]) -> list[Action]:
    """The plan, with enrollments only where a rule says so, and what the rules say besides."""
    again = {f.device for f in acted if due[f.key] is Remediation.RE_ENROLL}
    actions: list[Action] = []
    for action in place.plan.actions:
        if not isinstance(action, Enroll):
            actions.append(action)
        elif devices := tuple(d for d in action.devices if d.name in again):
            actions.append(
                action if action.again else replace(action, devices=devices, capacity=len(devices))
            )
    statuses = {s.device.name: s for s in place.plan.assessment.statuses}
    for finding in acted:
        status = statuses.get(finding.device or "")
        request = status.request if status else None
        if due[finding.key] is Remediation.RETRY and status and request:
            actions.append(Retry(status.device, request, AS_THEY_SAY))
        if due[finding.key] is Remediation.REJECT:
            actions += _rejections(place, finding, status.device if status else None)
    return actions


def _rejections(place: Place, finding: Finding, device: Device | None) -> list[Reject]:
    """A rejection of the finding's request; none when it has been decided already."""
    request = place.plan.observed.request_by_key.get(finding.request_key or "")
    if request is None or request.progress is not Progress.WAITING:
        return []
    decided = (a.request.key for a in place.plan.actions if isinstance(a, Approve | Reject))
    if request.key in decided:
        return []
    run, observed, memory = place.run, place.plan.observed, place.plan.memory
    matching = match(run.desired.devices, observed, memory)
    collection = EvidenceCollection(run.desired, observed, memory, matching)
    evidence = model_of(run.desired.system_profile).evidence(collection)
    return [Reject(device, request, AS_THEY_SAY, evidence.get(request.key), is_by_night_rules=True)]


def _done(ledger: Ledger, place: Place) -> list[Done]:
    """What was tried there tonight, and what came of it."""
    run = place.run
    tried = [
        Done(
            *place.key,
            row.device,
            row.action,
            row.outcome == Outcome.DONE,
            _result(row.outcome, row.detail),
        )
        for row in ledger.journal.of_claim(run.claim)
    ]
    enrolled = [
        Done(
            *place.key,
            device.name,
            ActionKind.ENROLL,
            device.name not in run.refused_enrollments,
            run.refused_enrollments.get(device.name, "done"),
        )
        for device in run.enrolled
    ]
    return [*enrolled, *tried]


def _result(outcome: str | None, detail: str) -> str:
    if outcome is None:
        return f"not answered: {detail}"
    return f"{outcome}: {detail}" if detail else outcome

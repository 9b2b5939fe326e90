"""The tables of one night: what it found, did and could not check, as data frames."""

from collections import Counter
from zoneinfo import ZoneInfo

import pandas as pd

from fleet.state.device_state import State
from reports.nightly.causes import Cause, causes
from reports.nightly.columns import COUNT, FLAG, NUMBER, PLACE, TEXT, TIME, frame_of
from reports.nightly.facts import NightDevice, NightFacts, QuotaUse, ReportedFinding
from reports.nightly.stages import device_times, is_time, stages_frame
from reports.nightly.trend import NOT_CHECKED, Place, is_checked, trend_frame, why_unchecked
from reports.page.wording import brief

TOTAL = "total"
HOUR = 3600
FINDINGS = {
    "needs_attention": FLAG,
    "kind": TEXT,
    **PLACE,
    "subject": TEXT,
    "reason": TEXT,
    "remedy": TEXT,
    "since": TIME,
    "age_h": NUMBER,
    "actions": COUNT,
    "is_new": FLAG,
    "first_seen": TIME,
    "device": TEXT,
    "version": TEXT,
    "hardware": TEXT,
}
SITES = {
    **PLACE,
    **dict.fromkeys(("devices", *(state.record.label for state in State), NOT_CHECKED), COUNT),
    **dict.fromkeys(("needs_attention", "new", "findings"), COUNT),
}
CAUSES = {
    "cause": TEXT,
    "who": TEXT,
    **dict.fromkeys(("troubled", "of_troubled", "devices", "of_devices"), COUNT),
    "lift": NUMBER,
}
DECISIONS = {
    "at": TIME,
    **dict.fromkeys(("decision", "site", "device", "how", "by", "reason"), TEXT),
}
DEVICES = {
    **PLACE,
    **dict.fromkeys(("device", "state", "reason", "last_known"), TEXT),
    **dict.fromkeys(("version", "hardware", "failed_step", "steps"), TEXT),
}


def night_frames(facts: NightFacts) -> dict[str, pd.DataFrame]:
    """Every table by its name, in the order of the workbook's sheets.

    Every fact has one row in one table. Times are aware UTC. Columns, and their types,
    do not depend on how much is known.
    """
    return {
        "night": about_frame(facts),
        "findings": findings_frame(facts),
        "planned": planned_frame(facts),
        "done": done_frame(facts),
        "ended runs": frame_of({"run": TEXT}, [(name,) for name in facts.ended_runs]),
        "not checked": not_checked_frame(facts),
        "missed": frame_of({"night": TEXT}, [(night.isoformat(),) for night in facts.missed]),
        "sites": sites_frame(facts),
        "causes": causes_frame(facts),
        "stages": stages_frame(facts),
        "trend": trend_frame(facts),
        "quotas": quotas_frame(facts),
        "decisions": decisions_frame(facts),
        "devices": devices_frame(facts),
    }


def about_frame(facts: NightFacts) -> pd.DataFrame:
    """Which night this is, as names and texts."""
    zone = ZoneInfo(facts.zone)
    rows = [
        ("run", facts.run_name),
        ("started", facts.started_at.astimezone(zone).isoformat(timespec="seconds")),
        ("ended", facts.ended_at.astimezone(zone).isoformat(timespec="seconds")),
        ("time zone", facts.zone),
        ("dry run", "yes: nothing was changed" if facts.dry_run else "no"),
        ("head of the decision record", facts.decisions_head),
    ]
    return frame_of({"what": TEXT, "value": TEXT}, rows)


def findings_frame(facts: NightFacts) -> pd.DataFrame:
    """One row per finding: what needs attention first; then by urgency, the new, the oldest."""
    rows = [_finding(facts, reported) for reported in sorted(facts.reported, key=_urgency)]
    return frame_of(FINDINGS, rows)


def planned_frame(facts: NightFacts) -> pd.DataFrame:
    """One row per action that a real run would take."""
    rows = [(p.site, p.connection, p.device, p.action.record.label) for p in facts.planned]
    return frame_of({**PLACE, "device": TEXT, "action": TEXT}, rows)


def done_frame(facts: NightFacts) -> pd.DataFrame:
    """One row per action that was taken, also where it failed."""
    rows = [(d.site, d.connection, d.device, d.action.record.label, d.result) for d in facts.done]
    return frame_of({**PLACE, "device": TEXT, "action": TEXT, "result": TEXT}, rows)


def not_checked_frame(facts: NightFacts) -> pd.DataFrame:
    """One row per connection, or site by connection, that was not checked."""
    return frame_of({"what": TEXT, "reason": TEXT}, facts.not_checked.items())


def sites_frame(facts: NightFacts) -> pd.DataFrame:
    """One row per site and connection, devices by state and findings; the last row is the total."""
    states: dict[Place, Counter[str]] = {}
    findings: dict[Place, Counter[str]] = {}
    for device in facts.devices:
        state = device.state.record.label if is_checked(facts, device) else NOT_CHECKED
        states.setdefault((device.site, device.connection), Counter())[state] += 1
    for reported in facts.reported:
        found = findings.setdefault((reported.finding.site, reported.finding.connection), Counter())
        found.update(findings=1, needs_attention=reported.needs_attention, new=reported.is_new)
    rows = [
        (*place, *_counts(states.get(place, Counter()), findings.get(place, Counter())))
        for place in sorted({*states, *findings})
    ]
    every = sum(states.values(), Counter()), sum(findings.values(), Counter())
    return frame_of(SITES, [*rows, (TOTAL, "", *_counts(*every))])


def causes_frame(facts: NightFacts) -> pd.DataFrame:
    """One row per cause, the best explanation first."""
    rows = [
        (c.sentence, c.who, c.troubled, c.of_troubled, c.devices, c.of_devices, c.lift)
        for c in night_causes(facts)
    ]
    return frame_of(CAUSES, rows)


def night_causes(facts: NightFacts) -> list[Cause]:
    """What devices in trouble have in common, among those that were checked."""
    checked = [device for device in facts.devices if is_checked(facts, device)]
    return causes(checked, [reported.finding for reported in facts.reported])


def quotas_frame(facts: NightFacts) -> pd.DataFrame:
    """One row per connection's quota."""
    columns = {"connection": TEXT, "quota": TEXT, "calls": COUNT, "allowed": NUMBER}
    columns |= {"used_percent": NUMBER, "seconds": NUMBER}
    rows = (
        (q.connection, q.quota, q.calls, q.allowed, _percent(q), q.seconds) for q in facts.quotas
    )
    return frame_of(columns, rows)


def decisions_frame(facts: NightFacts) -> pd.DataFrame:
    """One row per decision made since last night."""
    rows = [(d.at, d.decision, d.site, d.device, d.how, d.by, d.reason) for d in facts.decisions]
    return frame_of(DECISIONS, rows)


def devices_frame(facts: NightFacts) -> pd.DataFrame:
    """One row per device of a roster, with its stages and the seconds between them.

    A device that was not checked has the state *not checked*; `last_known` is its state before.
    """
    frame = frame_of(DEVICES, [_device(facts, device) for device in facts.devices])
    frame = pd.concat([frame, device_times(facts.devices)], axis="columns")
    return frame[[*(name for name in frame if name != "steps"), "steps"]]


def _percent(use: QuotaUse) -> float | None:
    """How much of its quota was used; None when it has none."""
    return 100 * use.calls / use.allowed if use.allowed else None


def _urgency(reported: ReportedFinding) -> tuple[object, ...]:
    finding = reported.finding
    rank = (
        not reported.needs_attention,
        finding.kind.record.urgency,
        not reported.is_new,
        finding.since,
    )
    return (*rank, finding.site, finding.subject)


def _finding(facts: NightFacts, reported: ReportedFinding) -> tuple[object, ...]:
    finding = reported.finding
    age = max(0.0, (facts.ended_at - finding.since).total_seconds())
    return (
        reported.needs_attention,
        finding.kind.record.label,
        finding.site,
        finding.connection,
        finding.subject,
        finding.reason,
        reported.remedy,
        finding.since,
        age / HOUR,
        reported.actions,
        reported.is_new,
        reported.first_seen,
        finding.device,
        finding.version,
        finding.hardware,
    )


def _counts(states: Counter[str], findings: Counter[str]) -> tuple[int, ...]:
    by_state = [states[state.record.label] for state in State] + [states[NOT_CHECKED]]
    found = (findings["needs_attention"], findings["new"], findings["findings"])
    return (sum(by_state), *by_state, *found)


def _device(facts: NightFacts, device: NightDevice) -> tuple[object, ...]:
    why = why_unchecked(facts.not_checked, device.site, device.connection)
    checked = (device.state.record.label, device.reason, "")
    unchecked = (NOT_CHECKED, why, f"{device.state.record.label}: {device.reason}")
    steps = "; ".join(f"{name} {brief(took)}" for name, took in device.steps if is_time(took))
    return (
        device.site,
        device.connection,
        device.device,
        *(checked if why is None else unchecked),
        device.version,
        device.hardware,
        device.failed_step,
        steps,
    )

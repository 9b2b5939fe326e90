"""The facts of one onboarding run, and its table: one row per line of the roster."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pandas as pd

from fleet.device.times import Times
from fleet.planning.assess import Assessment
from fleet.roster.repair import Repair
from fleet.roster.roster import Line, Roster
from fleet.status.status import DeviceStatus
from fleet.text.fault import Fault
from fleet.text.place import Place
from fleet.text.sentences import sentences
from reports.page.stages import STAGES, WAITS, with_waits
from reports.page.wording import legible

FAULTY_LINE = "faulty line"
REPAIR_PROPOSED = "repair proposed"
NOT_CHECKED = "not checked"
TEXTS = ("device", "label", "connection", "host_id", "mac", "state", "reason", "request")
COLUMNS = ("line", *TEXTS, *STAGES, *(wait.column for wait in WAITS))


@dataclass(frozen=True)
class OnboardingFacts:
    """What is known when a run ends.

    `not_checked` says by connection why it could not be observed; then `assessment` has nothing on
    its devices. `times` and `planned` go by device name; only a dry run has `planned`, what a real
    run would do. `system` is what a person calls the place that was observed, such as "LEM project
    462j1". `done` counts what this run did to requests: approved, rejected, retried. `relaxed`
    says which devices people need not approve any more. `decisions` is the head of the decision
    record.
    """

    roster: Roster
    assessment: Assessment
    times: Mapping[str, Times]
    run_name: str
    started_at: datetime
    ended_at: datetime
    dry_run: bool
    system: str
    planned: Mapping[str, str]
    done: Mapping[str, int] = field(default_factory=dict)
    not_checked: Mapping[str, str] = field(default_factory=dict)
    relaxed: str = ""
    decisions: str = ""


def onboarding_frame(facts: OnboardingFacts) -> pd.DataFrame:
    """One row per line of the roster, in its order; not of those that only repeat another one.

    Stage times are aware UTC, durations are in seconds, unknown texts are empty. Dry runs have a
    last column `planned`. The columns do not depend on how much is known.
    """
    statuses = {s.device.name: s for s in facts.assessment.statuses}
    roster, repairs = facts.roster, repairs_by_line(facts.roster.repaired)
    rows = [
        _usable(facts, line, statuses.get(line.device.name), repairs.get(line.place, ()))
        for line in roster.lines
    ]
    rows += [_faulty(place, faults) for place, faults in faults_by_line(roster).items()]
    proposed = repairs_by_line(roster.proposed)
    rows += [_proposed(proposed[place]) for place in roster.proposed_lines]
    places = [line.place for line in roster.lines]
    places += [*roster.faulty_lines, *roster.proposed_lines]
    in_order = sorted(range(len(rows)), key=lambda n: places[n].order)
    rows = [rows[n] | {"line": places[n].label} for n in in_order]
    texts = ["line", *TEXTS, *(["planned"] if facts.dry_run else [])]
    frame = pd.DataFrame(rows, columns=["line", *TEXTS, *STAGES, "planned"], dtype=object)
    for column in texts:
        frame[column] = frame[column].map(legible).astype("str")
    for stage in STAGES:
        frame[stage] = pd.to_datetime(frame[stage], utc=True).astype("datetime64[us, UTC]")
    return with_waits(frame)[[*COLUMNS, *(["planned"] if facts.dry_run else [])]]


def faults_by_line(roster: Roster) -> dict[Place, list[Fault]]:
    """Every faulty line's faults, by its place."""
    found: dict[Place, list[Fault]] = {place: [] for place in roster.faulty_lines}
    for fault in roster.faults:
        found[fault.line].append(fault)
    return found


def repairs_by_line(repairs: Sequence[Repair]) -> dict[Place, list[Repair]]:
    """The repairs of each line that has any, by its place."""
    found: dict[Place, list[Repair]] = {}
    for repair in repairs:
        found.setdefault(repair.place, []).append(repair)
    return found


def sentence(fault: Fault) -> str:
    """What is wrong and how to correct it, without the number of the line."""
    return sentences([problem(fault), fault.remedy])


def problem(fault: Fault) -> str:
    """What is wrong, and in which column of the line; in a workbook, in which cell."""
    cell = fault.line.cell(fault.letters) if fault.line.sheet and fault.letters else ""
    where = " ".join(filter(None, (cell, fault.column)))
    return f"{where}: {fault.problem}" if where else fault.problem


def _usable(
    facts: OnboardingFacts, line: Line, status: DeviceStatus | None, repairs: Sequence[Repair]
) -> dict[str, object]:
    device = line.device
    seen = _observed(status) if status else _not_checked(facts, line)
    times = facts.times.get(device.name, Times())
    return {
        "device": device.name,
        "label": line.label,
        "connection": line.connection,
        "host_id": device.host_id,
        "mac": " ".join(device.macs),
        **seen,
        "reason": _with_repairs(str(seen["reason"]), repairs),
        **{stage: getattr(times, stage) for stage in STAGES},
        "planned": facts.planned.get(device.name),
    }


def _with_repairs(reason: str, repairs: Sequence[Repair]) -> str:
    return sentences([reason, *(each.accepted for each in repairs)]) if repairs else reason


def _observed(status: DeviceStatus) -> dict[str, object]:
    request = status.request.id if status.request else ""
    return {"state": status.state.record.label, "reason": status.reason, "request": request}


def _not_checked(facts: OnboardingFacts, line: Line) -> dict[str, object]:
    why = facts.not_checked.get(line.connection, "this run did not check it")
    return {"state": NOT_CHECKED, "reason": why}


def _faulty(place: Place, faults: list[Fault]) -> dict[str, object]:
    """A row with every fault of one line, and the cells that the faults name."""
    cells = {fault.column: fault.value for fault in reversed(faults)}
    return {
        "state": FAULTY_LINE,
        "reason": " ".join(map(sentence, faults)),
        "device": faults[0].device or cells.get("device"),
        **{column: cells.get(column) for column in ("connection", "host_id", "mac")},
    }


def _proposed(repairs: Sequence[Repair]) -> dict[str, object]:
    """A row with every repair that a line waits for, and the cells as they were read."""
    cells = {repair.column: repair.read for repair in repairs}
    return {
        "state": REPAIR_PROPOSED,
        "reason": " ".join(map(str, repairs)),
        "device": repairs[0].device,
        **{column: cells.get(column) for column in ("connection", "host_id", "mac")},
    }

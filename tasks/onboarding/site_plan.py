"""Site plan: what a run would do by its first observations; and applied only as it was read."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from fleet.device.device import Device
from fleet.device.request import Progress
from fleet.planning.change import Change
from fleet.planning.site_plan import PlannedLine, SitePlan, change_of, differences, shown_of
from fleet.roster.repair import Repair
from fleet.roster.roster import Line, Roster
from fleet.status.status import DeviceStatus
from fleet.text.expected import ExpectedError
from fleet.text.fault import Fault
from fleet.text.place import Place
from fleet.text.sentences import sentences
from ledger.state.site_plans import SavedPlan, content_hash
from sheets.results import LineResult, fault_notes, proposals, repair_notes
from tasks.onboarding.order_form import OrderForm
from tasks.onboarding.publish import RECORDED, planned_actions
from tasks.pipeline.plan import Plan
from tasks.runtime.clock import utc_now
from tasks.runtime.connection_run import ConnectionRun
from tasks.runtime.site_run import SiteRun

GOOD_FOR = timedelta(days=7)
_SHOWN = 20  # differences; nobody reads more of them before planning again
Plans = Mapping[str, Plan]  # by connection
ByPlace = tuple[Place, PlannedLine]
T = TypeVar("T", Fault, Repair)


class PlanRefused(ExpectedError):
    """A plan is not applied: it is too old, or the world is not as it was when it was made."""


def site_plan(sent: str | bytes, form: OrderForm, site_run: SiteRun, plans: Plans) -> SitePlan:
    """The plan for the site of a run, of what was sent, its form, and its first observations."""
    roster = site_run.order.roster
    found = [*_unusable(roster), *_usable(roster, site_run, plans)]
    return SitePlan(
        site=roster.site,
        content=content_hash(sent),
        order=form.facts(),
        policies={run.connection: _policy(run) for run in site_run.runs},
        lines=tuple(line for _, line in sorted(found, key=lambda each: each[0].order)),
    )


def planned_results(roster: Roster, plan: SitePlan) -> list[LineResult]:
    """What the plan says of each line, as the marked copy of the roster shows it."""
    faults, repairs = by_place(roster.faults), by_place(roster.proposed)
    places = [line.place for line in roster.lines]
    places += [*roster.faulty_lines, *roster.proposed_lines]
    found = {str(place): place for place in places}
    return [
        LineResult(
            found[line.where],
            line.change.record.label,
            sentences([line.reason, f"Planned: {line.planned}"]) if line.planned else line.reason,
            proposals(repairs.get(found[line.where], ())),
            cells=(
                *fault_notes(faults.get(found[line.where], ())),
                *repair_notes(repairs.get(found[line.where], ())),
            ),
        )
        for line in plan.lines
    ]


def refuse_old(saved: SavedPlan) -> None:
    """Raise PlanRefused for a plan that is done, or that nobody should apply any more."""
    if saved.ended_at is not None:
        raise PlanRefused(
            f"The plan {saved.plan.id} was applied, and all of it done at "
            f"{saved.ended_at:%Y-%m-%d %H:%M} UTC. A plan is applied once: run plan-site again."
        )
    if utc_now() - saved.made_at > GOOD_FOR:
        raise PlanRefused(
            f"The plan {saved.plan.id} is of {saved.made_at:%Y-%m-%d %H:%M} UTC, and plans are "
            f"good for {GOOD_FOR.days} days. Run plan-site (muster plan) again."
        )


def refuse_changes(planned: SitePlan, now: SitePlan) -> None:
    """Raise PlanRefused, with what changed line by line, unless both plans rest on the same."""
    if planned.hash == now.hash:
        return
    found = list(differences(planned, now))
    shown = [f"- {each}" for each in found[:_SHOWN]]
    if len(found) > _SHOWN:
        shown.append(f"- and {len(found) - _SHOWN:,} more")
    raise PlanRefused(
        "\n".join(
            [
                f"Nothing was done: since the plan {planned.id} was made, this changed:",
                *shown,
                "Run plan-site (muster plan) again, read the new plan, and apply that.",
            ]
        )
    )


def _policy(run: ConnectionRun) -> str:
    return f"{run.desired.policy.name} {run.desired.policy.version}".strip()


def _unusable(roster: Roster) -> Iterator[ByPlace]:
    faults, repairs = by_place(roster.faults), by_place(roster.proposed)
    for place in roster.faulty_lines:
        yield place, _unused(Change.FAULTY, place, faults[place])
    for place in roster.proposed_lines:
        yield place, _unused(Change.REPAIR, place, repairs[place])


def by_place(found: Sequence[T]) -> dict[Place, list[T]]:
    """Faults or repairs, by the place of their line."""
    groups: dict[Place, list[T]] = defaultdict(list)
    for each in found:
        groups[each.line if isinstance(each, Fault) else each.place].append(each)
    return groups


def _unused(change: Change, place: Place, why: Sequence[Fault | Repair]) -> PlannedLine:
    return PlannedLine(str(place), why[0].device, "", change, reason=sentences(map(str, why)))


def _usable(roster: Roster, site_run: SiteRun, plans: Plans) -> Iterator[ByPlace]:
    planned = planned_actions(site_run, plans, RECORDED)
    statuses = {s.device.name: s for plan in plans.values() for s in plan.assessment.statuses}
    revoked = {name for plan in plans.values() for name in _revoked(plan)}
    by_people = {name for run in site_run.runs for name in run.desired.by_people}
    rivals = {name: other for run in site_run.runs for name, other in run.rivals.items()}
    for line in roster.lines:
        name = line.device.name
        if status := statuses.get(name):
            found = _line(line, status, planned.get(name, ""), name in revoked, name in by_people)
            found = _disputed(found, rivals[name]) if name in rivals else found
        else:
            why = site_run.not_checked.get(line.connection, "")
            found = PlannedLine(
                str(line.place), name, line.connection, Change.NOT_CHECKED, reason=why
            )
        yield line.place, found


def _line(
    line: Line, status: DeviceStatus, planned: str, is_revoked: bool, is_by_people: bool
) -> PlannedLine:
    return PlannedLine(
        str(line.place),
        line.device.name,
        line.connection,
        change_of(status, planned, is_revoked=is_revoked),
        planned,
        (*shown_of(status), _ordered(line.device), *(["by people"] if is_by_people else [])),
        status.reason,
    )


def _ordered(device: Device) -> str:
    """Which machine it is, as the roster was read: columns may be read otherwise some day."""
    profile = f"profile {device.zero_touch}" if device.zero_touch else ""
    return ", ".join(filter(None, [str(device.identity), profile]))


def _disputed(line: PlannedLine, other: str) -> PlannedLine:
    """The line of a device that another site's roster names, too: it may be that one's machine."""
    reason = f"{line.reason}; on the roster of another site, too, as {other}"
    change = line.change if line.planned else Change.CONFLICT
    return replace(line, change=change, shown=(*line.shown, other), reason=reason)


def _revoked(plan: Plan) -> Iterator[str]:
    """The devices that their system knows by name, and has out of service."""
    for request in plan.observed.requests:
        if request.device and request.progress is Progress.DEACTIVATED:
            yield request.device

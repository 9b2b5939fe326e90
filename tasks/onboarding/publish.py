"""Publish: plans and reports, as Prefect artifacts and as files."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from prefect import task
from prefect.artifacts import acreate_table_artifact
from prefect.cache_policies import NO_CACHE

from fleet.action.action import Action, Adopt, Approve
from fleet.admission.desired import ONBOARDING
from fleet.planning.forecast import Forecast, forecast
from fleet.roster.listed import Shared, repairs_by_cause
from fleet.roster.repair import HOW, Repair
from fleet.roster.roster import Roster
from fleet.state.action_kind import ActionKind
from fleet.system.enroll import Enroll
from fleet.system.profile import SystemProfile
from fleet.system.quota import Usage
from fleet.system.system import Sharing
from reports.onboarding.actions_taken import actions_taken
from reports.onboarding.columns_read import mapping_text
from reports.onboarding.need import UNKNOWN_DEVICE
from reports.onboarding.onboarding import OnboardingFacts, onboarding_frame
from reports.onboarding.onboarding_page import to_html, urgent_first
from reports.onboarding.summary import ORDER, summary
from reports.page.table import to_csv, to_rows
from reports.page.wording import brief, counted, plain
from tasks.onboarding.marked_copy import line_results, marked_copy, stem_of
from tasks.pipeline.plan import Plan
from tasks.runtime.connection_run import ConnectionRun, utc_now
from tasks.runtime.expected import failing_plainly
from tasks.runtime.heads import published_head
from tasks.runtime.report_files import excel_csv, write_report
from tasks.runtime.report_links import linked
from tasks.runtime.site_run import SiteRun, merged

Plans = Mapping[str, Plan]

REPORTED = (ActionKind.APPROVE, ActionKind.RETRY, ActionKind.REJECT)
LATE = "; registered in waves, because its code would expire before its turn otherwise"
SHOWN_CAUSES = 50
SHOWN_ROWS = 2000  # a browser is slow with larger artifacts; the files hold all


async def publish_plan(site_run: SiteRun, plans: Plans, expected: Sequence[Forecast]) -> None:
    """Show each device's state and what is planned for it as a table in the Prefect UI."""
    planned = planned_actions(site_run, plans)
    late = {name for each in expected for name in each.outlived}
    rows = [
        {
            "device": status.device.name,
            "connection": connection,
            "state": status.state.record.label,
            "planned": planned.get(status.device.name, "nothing"),
            "reason": status.reason + (LATE if status.device.name in late else ""),
        }
        for connection, plan in plans.items()
        for status in plan.assessment.statuses
    ]
    texts = [_outline(site_run, plans, Counter(row["planned"] for row in rows))]
    texts += filter(None, [mapping_text(site_run.order.roster)])
    texts += [*codes_taken(site_run, plans), *on_two_rosters(site_run), *busy(site_run)]
    texts += map(forecast_text, expected)
    texts += [*site_run.not_checked.values(), *_repairs(site_run.order.roster)]
    await acreate_table_artifact(
        table=rows[:SHOWN_ROWS], key=f"plan-{site_run.key}", description="\n\n".join(texts)
    )


def _repairs(roster: Roster) -> list[str]:
    """The repairs that wait for a yes and how to say it, and those that were accepted."""
    waiting = _items(repairs_by_cause(roster.proposed))
    used = _items(repairs_by_cause(roster.repaired, "used"))
    texts = [f"Repairs that wait for a yes. {HOW}", waiting] if waiting else []
    return [*texts, "Repairs that were accepted:", used] if used else texts


def _items(repairs: Sequence[Shared[Repair]]) -> str:
    """A list of the first causes of very many."""
    shown = [f"- {plain(str(each))}" for each in repairs[:SHOWN_CAUSES]]
    more = len(repairs) - len(shown)
    return "\n".join([*shown, f"- and {more:,} more"] if more else shown)


def _outline(site_run: SiteRun, plans: Plans, planned: Counter[str]) -> str:
    """What is planned for how many devices, the most frequent first."""
    names = ", ".join(f"{name} ({number})" for name, number in planned.most_common())
    sentences = [f"For {counted(planned.total(), 'device')}: {names}."]
    for run in site_run.runs:
        plan = plans.get(run.connection)
        made = sum(isinstance(action, Enroll) for action in plan.actions) if plan else 0
        if made and run.system.profile.can_adopt:
            sentences.append(
                f"{counted(made, run.system.profile.enrollment)} in all: devices with a host id or "
                "MAC share one. Requests are decided as they arrive."
            )
    holds = sum(len(plan.assessment.holds) for plan in plans.values())
    if holds:
        sentences.append(f"{counted(holds, 'request')} held for a person.")
    return " ".join(sentences)


def codes_taken(site_run: SiteRun, plans: Plans) -> list[str]:
    """That Muster uses the codes of devices that were to use them themselves; [] as a rule."""
    return [
        f"{status.device.name} was ordered before to activate itself. Muster activates it now, as "
        "*Activated by* says: a code that was handed out for it works no more."
        for run in site_run.runs
        if run.connection in plans
        for status in plans[run.connection].assessment.statuses
        if status.device.name in run.activated_before - run.desired.self_activating
        and status.state.record.is_on_its_way
    ]


def relaxed(site_run: SiteRun) -> list[str]:
    """That people need not approve devices any more which they had to before; [] as a rule."""
    names = sorted(name for run in site_run.runs for name in run.relaxed)
    if not names or site_run.order.purpose != ONBOARDING:
        return []
    return [
        f"Ordered with approval by policy, where people had to approve before: {_first(names)}."
    ]


def busy(site_run: SiteRun) -> list[str]:
    """That other runs are working on devices of a dry run; [] as a rule."""
    found = {name: other for run in site_run.runs for name, other in run.busy.items()}
    named = [f"{name} (run {other!r})" for name, other in sorted(found.items())]
    if not named:
        return []
    return [f"Another run is working on {_first(named)}. Until it ends, a real run is refused."]


def on_two_rosters(site_run: SiteRun) -> list[str]:
    """That devices are on the roster of another site, too; [] as a rule."""
    rivals = {name: other for run in site_run.runs for name, other in run.rivals.items()}
    named = [f"{name} (as {other})" for name, other in sorted(rivals.items())]
    if not named:
        return []
    return [
        f"On the roster of another site, too: {_first(named)}. A device belongs to one site: take "
        "it off one of the two rosters."
    ]


def _first(names: Sequence[str], most: int = 5) -> str:
    """For example: *edge-001, edge-002 and 40 more*."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"


async def forecasts(site_run: SiteRun, plans: Plans) -> list[Forecast]:
    """How long the quotas make the run, for each connection that has one."""
    found = [
        forecast(run.desired, plans[run.connection].assessment, await _usage(run))
        for run in site_run.runs
        if run.connection in plans
    ]
    return [each for each in found if each]


async def _usage(run: ConnectionRun) -> Usage:
    return await run.system.usage() if isinstance(run.system, Sharing) else Usage()


def forecast_text(expected: Forecast) -> str:
    """A forecast in words: how long it takes, and why in waves."""
    window, calls = f"{expected.quota.window.total_seconds():g} s", counted(expected.calls, "call")
    lasts = f"takes about {brief(expected.lasts.total_seconds())} ({calls})"
    text = f"{expected.system} allows {expected.quota}"
    text += f", and other runs made {expected.others} in the last {window}" * bool(expected.others)
    text += f". What is planned there {lasts if expected.lasts else f'({calls}) need not wait'}."
    if expected.outlived:
        names = f"{expected.outlived[0]} … {expected.outlived[-1]}"
        text += (
            " If all were registered first, the codes of "
            f"{counted(len(expected.outlived), 'line')} ({names}) would expire before their turn; "
            f"so at most {expected.waves[0]} are open at a time, in "
            f"{counted(len(expected.waves), 'wave')}."
        )
    return text


RECORDED = frozenset({ActionKind.HOLD, ActionKind.CONFIRM})  # actions that only write down


def planned_actions(
    site_run: SiteRun, plans: Plans, without: Collection[ActionKind] = ()
) -> dict[str, str]:
    """What is planned for each device, by its name: *create activation config*."""
    planned: dict[str, str] = {}
    for run in site_run.runs:
        plan = plans.get(run.connection)
        for action in plan.actions if plan else ():
            if action.kind in without:
                continue
            for device in (
                action.devices if isinstance(action, Enroll | Adopt) else (action.device,)
            ):
                if device is not None:
                    planned[device.name] = _action(action, run.system.profile)
    return planned


def _action(action: Action, system_profile: SystemProfile) -> str:
    """What an action is called, without its device."""
    if isinstance(action, Enroll):
        return system_profile.enroll_phrase
    if isinstance(action, Adopt):
        return f"adopt {system_profile.enrollment}"
    return system_profile.admit if isinstance(action, Approve) else action.kind.record.phrase


@dataclass(frozen=True)
class Report:
    """The files of a report: a page to read, and a table for other programs."""

    page: Path
    table: Path


@task(task_run_name="publish the report on {site_run.subject}", cache_policy=NO_CACHE)
@failing_plainly
async def publish_report(site_run: SiteRun, plans: Plans) -> Report:
    """Write the onboarding report as HTML and CSV, and show its table in the Prefect UI."""
    counts = (Counter(run.ledger.journal.done(run.claim)) for run in site_run.runs)
    done = sum(counts, Counter[ActionKind]())
    facts = OnboardingFacts(
        roster=site_run.order.roster,
        assessment=merged([plan.assessment for plan in plans.values()]),
        times={
            n: t for run in site_run.runs for n, t in run.ledger.memory.times(run.claim).items()
        },
        run_name=site_run.name,
        started_at=site_run.started_at,
        ended_at=utc_now(),
        dry_run=site_run.is_dry,
        system=site_run.place,
        planned=planned_actions(site_run, plans) if site_run.is_dry else {},
        done={kind.record.done: done[kind] for kind in REPORTED},
        not_checked=site_run.not_checked,
        relaxed=" ".join(relaxed(site_run)),
        decisions=await published_head(site_run.runs[0].ledger) if site_run.runs else "",
    )
    frame = onboarding_frame(facts)
    report = _written(site_run, to_html(facts), to_csv(frame))
    results = list(line_results(facts, frame)) if site_run.original else []
    marked = await marked_copy(site_run, results, stem_of(site_run))
    await acreate_table_artifact(
        table=to_rows(urgent_first(frame)[:SHOWN_ROWS]),
        key=f"report-{site_run.key}",
        description=f"{_headline(facts)}\n\n{actions_taken(facts)}\n\n"
        f"{linked('The whole report', report.page)}\n\n"
        f"{linked('The report as a table', report.table)}{marked.said}\n\n"
        f"Record of decisions: {facts.decisions}",
    )
    return report


def _headline(facts: OnboardingFacts) -> str:
    """How many lines are in service, and in which states the others are; faulty ones included."""
    found = summary(facts)
    others = [f"{state} ({n})" for state, n in found.counts.items() if n and state in ORDER[:-1]]
    others += [f"{UNKNOWN_DEVICE} ({found.unknown_devices})"] if found.unknown_devices else []
    served = f"{found.in_service:,} of {counted(found.checked, 'line')} in service"
    return f"{served}; {', '.join(others)}." if others else f"{served}."


def _written(site_run: SiteRun, page: str, table: str) -> Report:
    return Report(
        *write_report(stem_of(site_run), {".html": page.encode(), ".csv": excel_csv(table)})
    )

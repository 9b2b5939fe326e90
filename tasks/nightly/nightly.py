"""Nightly: the whole of one reconciliation, from ending dead runs to its report."""

from collections import Counter
from pathlib import Path
from typing import Any

from prefect.client.schemas.objects import State as RunState
from prefect.logging import get_run_logger
from prefect.states import Completed, Failed

from fleet.nightly.rules import NightRules
from fleet.nightly.rules_file import UnusableNightRules, read_night_rules
from fleet.state.device_state import State
from ledger.session import open_ledger
from reports.page.wording import counted
from tasks.nightly.dead_runs import end_dead_runs
from tasks.nightly.night import Night
from tasks.nightly.reconcile import reconcile
from tasks.nightly.report import publish_night
from tasks.runtime.expected import result_of
from tasks.runtime.settings import RunSettings


async def reconcile_all(dry_run: bool, report: bool) -> RunState[Any]:
    """Observe everything once, or (without a report) only where something waits; act by rule."""
    rules = night_rules()
    with open_ledger() as ledger:
        ended = [] if dry_run else await end_dead_runs()
        for name in ended:
            get_run_logger().warning("%s was Running without a sign of life: Crashed", name)
        night = await reconcile(ledger, rules, dry_run, is_whole=report)
        night.ended_runs += ended
        page = await result_of(publish_night(night, ledger)) if report else None
        message = _sentence(night, report)
        if page:
            message += f" Report: {page}"
        return _concluded(night, dry_run, report, message)


def night_rules() -> NightRules:
    """The rules of the file that MUSTER_NIGHT_RULES names, or the defaults."""
    file = RunSettings().night_rules
    if file is None:
        return NightRules()
    if not file.is_file():
        raise UnusableNightRules(
            f"MUSTER_NIGHT_RULES names {file}, which is no file on this worker (looked from "
            f"{Path.cwd()}). Mend one of them."
        )
    try:
        return read_night_rules(file.read_text("utf-8-sig"), str(file))
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableNightRules(f"The night rules {file} cannot be read: {error}") from error


def _sentence(night: Night, report: bool) -> str:
    states = Counter(s.state for p in night.places for s in p.plan.assessment.statuses)
    total = sum(each.is_managed for each in night.records) if report else states.total()
    parts = [f"{states[State.IN_SERVICE]:,} of {counted(total, 'device')} in service"]
    if night.findings:
        parts.append(counted(len(night.findings), "finding"))
    if night.done:
        parts.append(f"{counted(len(night.done), 'act')} done")
    if night.ended_runs:
        parts.append(f"{counted(len(night.ended_runs), 'dead run')} ended")
    if night.not_checked:
        parts.append(f"not checked: {', '.join(sorted(night.not_checked))}")
    return f"{', '.join(parts)}."


def _concluded(night: Night, dry_run: bool, report: bool, message: str) -> RunState[Any]:
    """Failed when nothing could be observed; *Needs attention* when a person should read it.

    *Not checked* when that is all that is to be told. That another run works at a site is no
    failure: it observes that site itself.
    """
    if night.not_checked.keys() - night.busy and not night.places:
        reasons = "\n".join(f"{name}: {why}" for name, why in night.not_checked.items())
        return Failed(message=f"Nothing could be observed. {reasons}\n{message}")
    if dry_run:
        return Completed(name="Dry run", message=f"Dry run, nothing was changed: {message}")
    if report and night.needs_attention:
        return Completed(name="Needs attention", message=message)
    if night.not_checked.keys() - night.busy:
        return Completed(name="Not checked", message=message)
    return Completed(message=message)

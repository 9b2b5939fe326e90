"""Publish: a night's report as a page, a workbook, tables and artifacts; its counts are stored."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from prefect import task
from prefect.artifacts import (
    acreate_link_artifact,
    acreate_markdown_artifact,
    acreate_table_artifact,
)
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_run_logger

from ledger.session import Ledger
from reports.nightly.facts import NightFacts, Past
from reports.nightly.frames import findings_frame
from reports.nightly.markdown import to_markdown
from reports.nightly.night_page import to_html
from reports.nightly.trend import as_past
from reports.nightly.workbook import devices_csv, findings_csv, to_xlsx
from reports.page.table import to_rows
from tasks.nightly.facts import night_facts
from tasks.nightly.night import Night
from tasks.nightly.prune import prune
from tasks.onboarding.publish import SHOWN_ROWS
from tasks.runtime.expected import failing_plainly
from tasks.runtime.heads import published_head
from tasks.runtime.report_files import excel_csv, write_report
from tasks.runtime.report_links import link_to


@task(task_run_name="publish the report of the night", cache_policy=NO_CACHE)
@failing_plainly
async def publish_night(night: Night, ledger: Ledger) -> Path:
    """Write the report of a night, show it in the Prefect UI, and store its counts; its page."""
    facts = replace(night_facts(night, ledger), decisions_head=await published_head(ledger))
    page = _written(facts)
    if not night.is_dry:
        _store(night, facts, ledger, page)
    needs = findings_frame(facts)
    link = link_to(page) or page.resolve().as_uri()
    await acreate_markdown_artifact(
        markdown=to_markdown(facts, link),
        key="night",
        description="What the last night found, did, and could not check",
    )
    await acreate_table_artifact(
        table=to_rows(needs[:SHOWN_ROWS]), key="night-needs", description="What needs attention"
    )
    await acreate_link_artifact(
        link=link,
        link_text=page.name,
        key="night-report",
        description="The page of the night",
    )
    return page


def _written(facts: NightFacts) -> Path:
    stem = f"night-{facts.started_at:%Y%m%dT%H%M%SZ}" + ("-dry" if facts.dry_run else "")
    files = {
        ".html": to_html(facts).encode(),
        ".xlsx": to_xlsx(facts),
        "-findings.csv": excel_csv(findings_csv(facts)),
        "-devices.csv": excel_csv(devices_csv(facts)),
    }
    return write_report(stem, files)[0]


def _store(night: Night, facts: NightFacts, ledger: Ledger, page: Path) -> None:
    """Store the night's counts, and prune what is too old."""
    reported = [known for each in night.findings if (known := night.known.get(each.key))]
    ledger.findings.reported(reported, facts.ended_at)
    counts = as_json(as_past(facts))
    ledger.nights.keep(facts.started_at, facts.ended_at, counts, str(page))
    if trouble := prune(ledger, night.started_at):
        get_run_logger().warning("%s", trouble)


def as_json(past: Past) -> dict[str, Any]:
    """What the ledger stores of a night, as JSON values."""
    return {
        "states": [[*key, number] for key, number in sorted(past.states.items())],
        "kinds": dict(past.kinds),
        "not_checked": dict(past.not_checked),
        "stages": {name: list(times) for name, times in past.stages.items()},
        "actions": past.actions,
        "decisions": past.decisions,
        "needs_attention": past.needs_attention,
        "recorded": past.recorded,
    }

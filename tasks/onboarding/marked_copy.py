"""The sender's own file, with what came of each line: it is published beside the report."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from prefect.logging import get_run_logger

from fleet.text.expected import ExpectedError
from fleet.text.sentences import sentences
from reports.onboarding.onboarding import OnboardingFacts, faults_by_line, repairs_by_line
from sheets.marked import marked
from sheets.results import LineResult, fault_notes, proposals, repair_notes
from tasks.runtime.report_files import write_report
from tasks.runtime.report_links import linked
from tasks.runtime.site_run import SiteRun


@dataclass(frozen=True)
class MarkedFile:
    """Where the copy is, and what is said of it; neither where no file was sent."""

    path: Path | None = None
    said: str = ""


async def marked_copy(site_run: SiteRun, results: Sequence[LineResult], stem: str) -> MarkedFile:
    """Write it, if a file was sent. A report does without one that cannot be written, too."""
    original = site_run.original
    if original is None:
        return MarkedFile()
    try:
        copy = await asyncio.to_thread(marked, original.file, results, original.choices)
    except ExpectedError as error:
        get_run_logger().warning("%s", error)
        return MarkedFile(said=f"\n\n{error}")
    [path] = write_report(f"marked-{stem}", {copy.ending: copy.content})
    said = f"\n\n{linked('The roster itself, marked', path)} {copy.note}".rstrip()
    return MarkedFile(path, said)


def stem_of(site_run: SiteRun) -> str:
    """What the names of the run's files begin with: *onboarding-plant-7-20261130T073734Z*."""
    return f"{site_run.key}-{site_run.started_at:%Y%m%dT%H%M%SZ}"


def line_results(facts: OnboardingFacts, frame: pd.DataFrame) -> Iterator[LineResult]:
    """What the report's table says of each line, and the cells of its faults and repairs."""
    roster = facts.roster
    faults, proposed = faults_by_line(roster), repairs_by_line(roster.proposed)
    places = [line.place for line in roster.lines]
    places += [*roster.faulty_lines, *roster.proposed_lines]
    ids = {status.device.name: status.request for status in facts.assessment.statuses}
    in_order = sorted(places, key=lambda place: place.order)
    for place, row in zip(in_order, frame.to_dict("records"), strict=True):
        request = ids.get(row["device"])
        planned = row.get("planned")
        yield LineResult(
            place,
            row["state"],
            sentences([row["reason"], f"Planned: {planned}"]) if planned else row["reason"],
            proposals(proposed.get(place, ())),
            (request.device_id or "") if request else "",
            (*fault_notes(faults.get(place, ())), *repair_notes(proposed.get(place, ()))),
        )

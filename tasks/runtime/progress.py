"""Progress of a site run: a progress artifact, log lines, and a bar in the terminal."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from logging import Logger, LoggerAdapter
from uuid import UUID

import httpx
from prefect.artifacts import acreate_progress_artifact, aupdate_progress_artifact
from prefect.exceptions import PrefectException
from prefect.logging import get_run_logger
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from fleet.planning.assess import Assessment
from fleet.state.device_state import State
from tasks.runtime.site_run import SiteRun, counted, merged

Log = Logger | LoggerAdapter[Logger]


class RunProgress:
    """The progress of one site run; shown again only when a count has changed."""

    def __init__(
        self, devices: int, artifact: UUID | None, log: Log, bar: Progress, row: TaskID
    ) -> None:
        self._devices = max(1, devices)
        self._artifact = artifact
        self._log = log
        self._bar = bar
        self._row = row
        self._last = ""
        self._latest: dict[str, Assessment] = {}

    async def update(self, connection: str, assessment: Assessment) -> None:
        """Show the new counts of one connection, together with those of the others."""
        self._latest[connection] = assessment
        assessment = merged(list(self._latest.values()))
        text = counted(assessment)
        if text == self._last:
            return
        self._last = text
        self._log.info(text)
        done = assessment.counts[State.IN_SERVICE]
        self._bar.update(self._row, completed=done, counts=text)
        if self._artifact:
            share = 100 * done / self._devices
            try:
                await aupdate_progress_artifact(self._artifact, progress=share, description=text)
            except (httpx.HTTPError, PrefectException) as error:
                self._log.warning("The progress artifact could not be updated: %s", error)


@asynccontextmanager
async def progress_of(site_run: SiteRun) -> AsyncIterator[RunProgress]:
    """Shows the progress of `site_run`; the bar only where the console is a terminal."""
    devices = len(site_run.order.roster.lines)
    artifact = None
    if not site_run.is_dry:
        artifact = await acreate_progress_artifact(
            progress=0.0,
            key=f"progress-{site_run.key}",
            description=f"{devices} devices, observing",
        )
    console = Console()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[counts]}"),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        row = bar.add_task(site_run.subject, total=devices, counts="observing")
        yield RunProgress(devices, artifact, get_run_logger(), bar, row)

"""Showing: how far a run has come, as a progress artifact, log lines and a bar in the terminal."""

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


class Shown:
    """The progress of one job; drawn again only when a count has changed."""

    def __init__(
        self, devices: int, artifact: UUID | None, log: Log, bar: Progress, row: TaskID
    ) -> None:
        self._devices = max(1, devices)
        self._artifact = artifact
        self._log = log
        self._bar = bar
        self._row = row
        self._last = ""
        self._seen: dict[str, Assessment] = {}

    async def update(self, connection: str, seen: Assessment) -> None:
        """Show what was seen by one of the job's connections, together with the others."""
        self._seen[connection] = seen
        assessment = merged(list(self._seen.values()))
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
                self._log.warning("The progress artifact could not be drawn: %s", error)


@asynccontextmanager
async def shown(site_run: SiteRun) -> AsyncIterator[Shown]:
    """The progress of `site_run`; the bar appears only where a person sees it."""
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
        yield Shown(devices, artifact, get_run_logger(), bar, row)

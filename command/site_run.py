"""A flow run in this process, as `muster plan` and `muster onboard` make one."""

import asyncio
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

FAILED, OPEN = 1, 2  # how a command exits whose run failed, or left something to be done
Site = Annotated[str, typer.Option(help="The site, such as plant-7.", show_default=False)]
Connection = Annotated[str, typer.Option(help="The connection of the lines that name none.")]
AcceptRepairs = Annotated[
    str, typer.Option(help="Which proposed repairs to use: none, safe, all, or by column.")
]


def ended(flow: Any, roster: Path | None = None, **parameters: Any) -> Any:
    """The state in which a run of `flow` ended.

    The file of the roster may lie anywhere: who is at this terminal may read it. Prefect's server
    is that of PREFECT_API_URL, or a temporary one.
    """
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    from prefect.settings import (
        PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS,
        temporary_settings,
    )

    from tasks.device.explain import TEMPORARY_SERVER

    logging.getLogger("prefect").setLevel(logging.WARNING)  # not how its server starts
    if roster is not None:
        _allow(roster)
        parameters["roster"] = str(roster.absolute())
    long_start = {PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS: TEMPORARY_SERVER}
    with temporary_settings(long_start), _without_errors(logging.getLogger("prefect.flow_runs")):
        return asyncio.run(flow(**parameters, return_state=True))


@contextmanager
def _without_errors(logger: logging.Logger) -> Iterator[None]:
    """Why a run failed is its last message, which the command says itself."""

    def is_none(record: logging.LogRecord) -> bool:
        return record.levelno < logging.ERROR

    logger.addFilter(is_none)
    try:
        yield
    finally:
        logger.removeFilter(is_none)


def _allow(roster: Path) -> None:
    """Let the flow read that file's folder, beside those that the settings name."""
    from tasks.text.sources import SourceSettings

    folders = [*SourceSettings().rosters, roster.absolute().parent]
    os.environ["MUSTER_ROSTERS"] = os.pathsep.join(map(str, folders))

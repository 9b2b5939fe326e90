"""A flow run in this process, as `muster plan` and `muster onboard` make one."""

import asyncio
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

FAILED, OPEN = 1, 2  # how a command exits whose run failed, or left something to be done
_LOGGERS = ("prefect.flow_runs", "prefect.task_runs")
_SENDERS = ("EventsWorker", "APILogWorker")  # of Prefect, which say at the end what they still send
_PROGRESS = "progress"  # the module whose lines say how far a run is
Site = Annotated[str, typer.Option(help="The site, such as plant-7.", show_default=False)]
Connection = Annotated[str, typer.Option(help="The connection of the lines that name none.")]
AcceptRepairs = Annotated[
    str, typer.Option(help="Which proposed repairs to use: none, safe, all, or by column.")
]
Column = Annotated[
    list[str] | None,
    typer.Option(
        help="What a column is, such as 'Asset tag=device'; 'Location=' for one that is not to be "
        "read. May be given several times; it is remembered for the site.",
        metavar="HEADER=FIELD",
    ),
]
Approval = Annotated[
    str, typer.Option(help="Who decides on requests: 'as before', 'by policy' or human.")
]
ExistingCode = Annotated[
    str, typer.Option(help="LEM: the last five characters of the code to use; a new one without.")
]
ActivatedBy = Annotated[
    str,
    typer.Option(
        help="Who exchanges a provision_api code: 'as before', Muster or 'the device'.",
    ),
]
RegisterAgain = Annotated[
    bool, typer.Option("--register-again", help="Take over what was revoked, too.")
]


def ended(flow: Any, roster: Path | None = None, **parameters: Any) -> Any:
    """The state in which a run of `flow` ended.

    The file of the roster may lie anywhere: who is at this terminal may read it. Prefect's server
    is that of PREFECT_API_URL, or a temporary one.
    """
    from prefect.settings import (
        PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS,
        temporary_settings,
    )

    from tasks.device.explain import TEMPORARY_SERVER

    logging.getLogger("prefect").setLevel(logging.WARNING)  # not how its server starts
    for name in _SENDERS:
        logging.getLogger(name).setLevel(logging.ERROR)
    if roster is not None:
        _allow(roster)
        parameters["roster"] = str(roster.absolute())
    long_start = {PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS: TEMPORARY_SERVER}
    with ExitStack() as stack:
        stack.enter_context(temporary_settings(long_start))
        for name in _LOGGERS:
            stack.enter_context(_plainly(logging.getLogger(name)))
        return asyncio.run(flow(**parameters, return_state=True))


@contextmanager
def _plainly(logger: logging.Logger) -> Iterator[None]:
    """Its lines of progress as they are, its warnings, and no errors.

    Why a run failed is its last message, which the command says itself.
    """
    before = logger.level
    logger.addFilter(_is_shown)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.setLevel(before)
        logger.removeFilter(_is_shown)


def _is_shown(record: logging.LogRecord) -> bool:
    """Whether Prefect is to show it. Progress is said here, unless a bar says it."""
    is_progress = record.levelno == logging.INFO and record.module == _PROGRESS
    if is_progress and not sys.stdout.isatty():
        typer.echo(record.getMessage(), err=True)
    return record.levelno == logging.WARNING


def _allow(roster: Path) -> None:
    """Let the flow read that file's folder, beside those that the settings name."""
    from tasks.text.sources import SourceSettings

    folders = [*SourceSettings().rosters, roster.absolute().parent]
    os.environ["MUSTER_ROSTERS"] = os.pathsep.join(map(str, folders))

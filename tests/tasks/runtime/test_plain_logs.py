"""How Prefect's own lines about runs read in the log."""

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta

import pytest
from prefect import flow, task

from fleet.system.quota import Quota
from systems.shared.budget import Budget
from systems.shared.errors import Unanswered
from systems.shared.pace import Pace
from tasks.runtime.expected import failing_plainly, result_of
from tasks.runtime.plain_logs import PlainLines
from tasks.runtime.retries import READS

SENTENCE = "GET /x: 502 Bad Gateway. Check that the system is up, and see its own log"


class Lines(logging.Handler):
    """The lines that the log shows, each with its traceback, if any."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(logging.Formatter("%(levelname)s %(message)s").format(record))


@pytest.fixture
def lines(prefect_server):
    handler, loggers = Lines(), [logging.getLogger(f"prefect.{n}_runs") for n in ("flow", "task")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
    yield handler.lines
    for logger, level in zip(loggers, levels, strict=True):
        logger.removeHandler(handler)
        logger.setLevel(level)


@task(**(READS | {"retries": 1, "retry_delay_seconds": [0]}))
@failing_plainly
async def observe() -> None:
    raise Unanswered("GET /x", "502 Bad Gateway")


@flow
@failing_plainly
async def observing() -> None:
    await result_of(observe())


def test_a_failure_is_a_sentence_without_python_and_without_a_traceback_of_nothing(lines):
    state = asyncio.run(observing(return_state=True))

    text = "\n".join(lines)
    assert state.message == SENTENCE
    assert f"INFO {SENTENCE}. Trying again (1 of 1), immediately" in lines
    assert lines.count(f"ERROR {SENTENCE}") == 2  # of the task, and of the flow
    assert not [each for each in ("NoneType", "Failed(", "Unanswered(") if each in text]


@flow
async def pacing(folder) -> None:
    budget = Budget(Quota(1, timedelta(hours=1)), folder / "calls.db")
    budget.take("of another run")
    async with Pace(budget, system="provision.test:80") as pace:
        with suppress(TimeoutError):
            await asyncio.wait_for(pace.reserve(), 0.5)


def test_a_wait_for_a_quota_is_in_the_log_of_the_run(lines, tmp_path):
    asyncio.run(pacing(tmp_path))

    (line,) = [each for each in lines if "allows" in each]
    assert line.startswith("INFO provision.test:80 allows 1 call in 3600 s. The next one is in 3")
    assert line.endswith(" s; 1 call waits for it")


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Task run failed with %s: %r - Retry", ("exception", "x")),
        ("Finished in state Failed(type=FAILED)", ()),
        ("Finished in state Failed(reason)", ()),
    ],
)
def test_a_line_that_prefect_writes_in_another_way_stays_as_it_is(text, values):
    record = logging.LogRecord("prefect.task_runs", logging.INFO, "", 0, text, values, None)

    assert PlainLines().filter(record)

    assert record.getMessage() == (text % values)

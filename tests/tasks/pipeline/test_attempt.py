"""What cannot be received a second time is written, though the ledger is away for a moment."""

import asyncio
import sqlite3

import pytest
from prefect.logging import disable_run_logger
from sqlalchemy.exc import OperationalError

from tasks.pipeline.attempt import write_with_retries

AWAY = OperationalError("INSERT", {}, sqlite3.OperationalError("database is locked"))


def written(failures: int) -> int:
    """How often it was tried to write, when so many tries fail."""
    tries = []

    def write() -> None:
        tries.append(len(tries))
        if len(tries) <= failures:
            raise AWAY

    with disable_run_logger():
        asyncio.run(write_with_retries(write, pauses=(0, 0)))
    return len(tries)


@pytest.mark.parametrize("failures", [0, 1, 2])
def test_it_is_written_once_the_ledger_is_back(failures: int) -> None:
    assert written(failures) == failures + 1


def test_a_ledger_that_stays_away_is_reported() -> None:
    with pytest.raises(OperationalError):
        written(3)

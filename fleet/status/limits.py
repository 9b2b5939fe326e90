"""Limits: how often and how soon one run tries again, and how long it waits for an outcome."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one run.

    A failed provisioning is retried `retries` times: at once, then after `retry_gap`, then after
    twice that, and so on. A device that cannot come in by its enrollment gets another: up to
    `enrollments` in all, with the same gaps. What was asked and not answered may still happen
    until `outcome_timeout` has passed since, and is not asked again before. An enrollment that is
    not listed counts as missing after `grace`. With `retries_lost_keys`, an exchange in which an
    earlier run lost the key is tried again: a person may have removed the device in its system.
    No night does so.
    """

    retries: int = 3
    enrollments: int = 2
    retry_gap: timedelta = timedelta(seconds=5)
    retries_lost_keys: bool = True
    outcome_timeout: timedelta = timedelta(seconds=60)
    grace: timedelta = timedelta(minutes=5)

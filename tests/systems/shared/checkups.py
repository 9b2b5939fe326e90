"""Checks of a connection, and what they found in the order of a table's columns."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from fleet.system.system import Checkup

NOW = datetime(2026, 3, 9, 12, 30, tzinfo=UTC)
Answer = Callable[[httpx.Request], httpx.Response]


def checked(adapter: Any, settings: Any) -> Checkup:
    """What a check finds at the address in `settings`."""

    async def check() -> Checkup:
        async with adapter.connect(settings) as system:
            found: Checkup = await system.check(NOW)
            return found

    return asyncio.run(check())


def answered(adapter: Any, client: Any, settings: Any, answer: Answer) -> Checkup:
    """What a check finds when all calls are answered by `answer`."""

    async def check() -> Checkup:
        async with client.connect(settings, httpx.MockTransport(answer)) as connected:
            found: Checkup = await adapter(connected, settings).check(NOW)
            return found

    return asyncio.run(check())


def at(skew: timedelta) -> dict[str, str]:
    """The header of a server whose clock is so far ahead of ours."""
    return {"Date": f"{datetime.now(UTC) + skew:%a, %d %b %Y %H:%M:%S} GMT"}


def message(checkup: Checkup, subject: str) -> list[str]:
    """What was found about `subject`."""
    return [found.message for found in checkup.checks if found.subject == subject]


def faults(checkup: Checkup) -> dict[str, tuple[str, str]]:
    """What is wrong, by its subject: what was seen, and what to do."""
    return {f.subject: (f.message, f.remedy) for f in checkup.checks if not f.is_good}

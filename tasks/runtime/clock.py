"""The clock: the machine's, or in a simulation the simulator's."""

import atexit
import os
from datetime import UTC, datetime
from functools import lru_cache
from threading import Lock

import httpx
from pydantic import Field
from pydantic_settings import SettingsConfigDict

from fleet.text.settings import Settings

_TIMEOUT = 5.0  # seconds; a simulator is on this machine
# What reading an answer raises that is not a clock's.
_NO_CLOCK = (ValueError, KeyError, TypeError, OverflowError, OSError)
_lock = Lock()
_clients: dict[str, httpx.Client] = {}


class ClockSettings(Settings):
    """MUSTER_CLOCK_… in the environment; never in .env, so that no installation keeps it.

    `url` is the address of a simulator, whose clock is then used. FOR SIMULATIONS ONLY.
    """

    model_config = SettingsConfigDict(env_prefix="MUSTER_CLOCK_", extra="ignore")

    url: str = Field(default="", pattern=r"^(https?://\S+)?$")


class ClockUnreadable(Exception):
    """The simulator's clock cannot be read; the message says what to do."""


def utc_now() -> datetime:
    """The present instant, aware.

    With MUSTER_CLOCK_URL set, which is for simulations only, it is the time of the simulator there,
    so that flows and simulator agree; ClockUnreadable when it cannot be read. Timeouts, pauses and
    the clients' pace stay on real time.
    """
    url = _simulator(os.environ.get("MUSTER_CLOCK_URL"))
    return _simulated_now(url) if url else datetime.now(UTC)


@lru_cache(maxsize=8)
def _simulator(_value: str | None) -> str:
    """The simulator's address; the settings are read once for each `_value` of the variable."""
    return ClockSettings().url.rstrip("/")


def _simulated_now(url: str) -> datetime:
    try:
        reply = _client(url).get(f"{url}/_simulator/clock").raise_for_status()
        return datetime.fromtimestamp(reply.json()["now"] / 1000, UTC)
    except (httpx.HTTPError, httpx.InvalidURL, *_NO_CLOCK) as error:
        raise ClockUnreadable(
            f"The clock of the simulator at {url} cannot be read ({type(error).__name__}). Start "
            "the simulator, or unset MUSTER_CLOCK_URL, which is for simulations only."
        ) from None


def _client(url: str) -> httpx.Client:
    """The one client for `url`: its connections stay open, and any thread may use it."""
    with _lock:
        if url not in _clients:
            client = _clients[url] = httpx.Client(timeout=_TIMEOUT, trust_env=False)
            atexit.register(client.close)
        return _clients[url]

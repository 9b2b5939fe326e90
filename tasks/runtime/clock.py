"""The present instant: the machine's, or in a simulation that of the simulator's clock."""

import atexit
import os
from datetime import UTC, datetime
from functools import lru_cache
from threading import Lock

import httpx
from pydantic import Field
from pydantic_settings import SettingsConfigDict

from fleet.text.settings import Settings

_WAIT_LIMIT = 5.0  # seconds; a simulator is on this machine
# What comes of an answer that is no clock's.
_NO_CLOCK = (ValueError, KeyError, TypeError, OverflowError, OSError)
_lock = Lock()
_clients: dict[str, httpx.Client] = {}


class ClockSettings(Settings):
    """MUSTER_CLOCK_… in the environment; never in .env, for no installation is to keep it.

    `url` is where a simulator is, whose clock is then believed. FOR SIMULATIONS ONLY.
    """

    model_config = SettingsConfigDict(env_prefix="MUSTER_CLOCK_", extra="ignore")

    url: str = Field(default="", pattern=r"^(https?://\S+)?$")


class ClockUnreadable(Exception):
    """The simulator does not tell the time, so that nobody knows what now is."""


def utc_now() -> datetime:
    """The present instant, aware.

    With MUSTER_CLOCK_URL set, which is for simulations only, it is what the simulator there says,
    so that what flows call now and the simulator's clock are one; ClockUnreadable when it does not
    say. Timeouts, pauses and the clients' pace stay on real time.
    """
    url = _simulator(os.environ.get("MUSTER_CLOCK_URL"))
    return _message(url) if url else datetime.now(UTC)


@lru_cache(maxsize=8)
def _simulator(said: str | None) -> str:
    """Where the clock is; the settings are read once for whatever the environment has `said`."""
    return ClockSettings().url.rstrip("/")


def _message(url: str) -> datetime:
    try:
        reply = _client(url).get(f"{url}/_simulator/clock").raise_for_status()
        return datetime.fromtimestamp(reply.json()["now"] / 1000, UTC)
    except (httpx.HTTPError, httpx.InvalidURL, *_NO_CLOCK) as error:
        raise ClockUnreadable(
            f"The simulator at {url} does not tell the time ({type(error).__name__}). Start it, or "
            "unset MUSTER_CLOCK_URL, which is for simulations only."
        ) from None


def _client(url: str) -> httpx.Client:
    """The one client for `url`: its connections are kept, and any thread may use them."""
    with _lock:
        if url not in _clients:
            client = _clients[url] = httpx.Client(timeout=_WAIT_LIMIT, trust_env=False)
            atexit.register(client.close)
        return _clients[url]

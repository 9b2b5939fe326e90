"""The yardstick: the calls that onboarding makes, by bare httpx, answers decoded and no more."""

import argparse
import asyncio
import time
from collections.abc import Iterable
from typing import Any

import httpx

from bench.measured import Stopwatch, report
from systems.lem.client import PAGE_LIMIT
from systems.lem.settings import LemSettings

API = "/api/v1"
DAY = 24 * 60 * 60


def main() -> None:
    """Bring the devices into service with as many observations as our own flow took."""
    parser = argparse.ArgumentParser(prog="bench.bare", description=__doc__)
    parser.add_argument("--devices", type=int, required=True)
    parser.add_argument("--observations", type=int, required=True, help="at least two")
    parser.add_argument("--rechecks", type=int, required=True, help="of requests, to be approved")
    args = parser.parse_args()
    stopwatch = Stopwatch()
    asyncio.run(onboard(LemSettings(), args.devices, args.observations, args.rechecks))
    report(stopwatch.spent())


async def onboard(settings: LemSettings, devices: int, observations: int, rechecks: int) -> None:
    """Observe, make a config, observe, approve every request, then observe as often as is left."""
    most = settings.concurrency
    async with httpx.AsyncClient(
        base_url=str(settings.url),
        headers={"X-AuthToken": settings.token.get_secret_value()},
        timeout=settings.timeout_seconds,
        limits=httpx.Limits(max_connections=most, max_keepalive_connections=most),
    ) as http:
        await _observe(http, settings.project)
        await _add_config(http, settings.project, devices)
        asking = await _observe(http, settings.project)
        for _ in range(rechecks):
            asking = await _get(http, "/activation/request", {"projectId": settings.project})
        await _approve(http, settings.project, (each["entryID"] for each in asking), most)
        for _ in range(observations - 2):
            await _observe(http, settings.project)


async def _observe(http: httpx.AsyncClient, project: str) -> list[dict[str, Any]]:
    """Make a list call each for configs, requests and devices; returns the requests."""
    query = {"projectId": project}
    _, requests, _ = await asyncio.gather(
        _get(http, "/activation/config/list", query),
        _get(http, "/activation/request", query),
        _devices(http, project),
    )
    return list(requests)


async def _devices(http: httpx.AsyncClient, project: str) -> None:
    number, pages = 0, 1
    while number < pages:
        query = {"status": "ACTIVE", "requestedPage": number, "limit": PAGE_LIMIT}
        pages = (await _get(http, f"/device/{project}", query))["pagesCount"]
        number += 1


async def _add_config(http: httpx.AsyncClient, project: str, devices: int) -> None:
    expires_at = round(time.time() + DAY) * 1000
    body = {"projectId": project, "expiresAt": expires_at, "deviceCount": devices}
    made = (await http.post(f"{API}/activation/config", json=body)).raise_for_status().json()
    await _get(http, "/activation/config", {"code": made["code"], "projectId": project})


async def _approve(
    http: httpx.AsyncClient, project: str, entries: Iterable[int], at_once: int
) -> None:
    # The pool alone would keep to its limit too, but searches its whole queue for every call.
    turns = asyncio.Semaphore(at_once)

    async def approve(entry: int) -> None:
        body = {"entryID": entry, "projectId": project, "status": "APPROVED"}
        async with turns:
            answer = await http.post(f"{API}/activation/request/status", json=body)
        answer.raise_for_status()

    await asyncio.gather(*map(approve, entries))


async def _get(http: httpx.AsyncClient, path: str, query: dict[str, Any]) -> Any:
    return (await http.get(f"{API}{path}", params=query)).raise_for_status().json()


if __name__ == "__main__":
    main()

"""What is written first: four mapped tasks per device, each of which polls a list for itself."""

import argparse
import time
from functools import cache
from typing import Any

import httpx
from prefect import flow, task, unmapped
from prefect.cache_policies import NO_CACHE
from prefect.futures import wait
from prefect.runtime import flow_run
from prefect.task_runners import ThreadPoolTaskRunner

from bench.measured import Stopwatch, report
from bench.plant import roster
from sheets.read import read_roster
from systems.lem.client import PAGE_LIMIT
from systems.lem.settings import LemSettings

API = "/api/v1"
DAY = 24 * 60 * 60
TRIES = 60


@cache
def lem() -> httpx.Client:
    """One client for all tasks, with as many connections as our own flow uses."""
    settings = LemSettings()
    most = settings.concurrency
    return httpx.Client(
        base_url=f"{settings.url}".rstrip("/") + API,
        headers={"X-AuthToken": settings.token.get_secret_value()},
        timeout=settings.timeout_seconds,
        limits=httpx.Limits(max_connections=most, max_keepalive_connections=most),
    )


@task(retries=3, cache_policy=NO_CACHE)
def make_config(project: str, devices: int) -> None:
    """Make one activation config for all devices."""
    expires_at = round(time.time() + DAY) * 1000
    body = {"projectId": project, "expiresAt": expires_at, "deviceCount": devices}
    lem().post("/activation/config", json=body).raise_for_status()


@task(retries=3, cache_policy=NO_CACHE)
def wait_for_request(project: str, host_id: str) -> int:
    """Poll until the device has asked; the entry to approve."""
    for _ in range(TRIES):
        for request in requests(project):
            if request["hostID"] == host_id:
                return int(request["entryID"])
        time.sleep(1)
    raise TimeoutError(host_id)


@task(retries=3, cache_policy=NO_CACHE)
def approve(project: str, entry: int) -> int:
    """Approve the device."""
    body = {"entryID": entry, "projectId": project, "status": "APPROVED"}
    lem().post("/activation/request/status", json=body).raise_for_status()
    return entry


@task(retries=3, cache_policy=NO_CACHE)
def wait_for_activation(project: str, entry: int) -> str:
    """Poll until the device is activated; its id."""
    for _ in range(TRIES):
        for request in requests(project):
            if request["entryID"] == entry and request["status"] == "ACTIVATED":
                return str(request["deviceId"])
        time.sleep(1)
    raise TimeoutError(entry)


@task(retries=3, cache_policy=NO_CACHE)
def confirm(project: str, device_id: str) -> None:
    """Poll until the list of devices shows it."""
    for _ in range(TRIES):
        if any(device["id"] == device_id for device in devices(project)):
            return
        time.sleep(1)
    raise TimeoutError(device_id)


# Prefect types the decorator as if it took no runner but the abstract one.
POOL: Any = ThreadPoolTaskRunner(max_workers=LemSettings().concurrency)


@flow(task_runner=POOL)
def onboard_naively(project: str, host_ids: list[str]) -> str:
    """Bring every device into service; the flow run's id."""
    make_config(project, len(host_ids))
    here = unmapped(project)
    entries = wait_for_request.map(here, host_ids)
    approved = approve.map(here, entries)
    activated = wait_for_activation.map(here, approved)
    confirmed = confirm.map(here, activated)
    wait([*confirmed])
    confirmed.result()
    return str(flow_run.get_id())


def requests(project: str) -> list[dict[str, Any]]:
    """The whole list of requests."""
    answer = lem().get("/activation/request", params={"projectId": project})
    return list(answer.raise_for_status().json())


def devices(project: str) -> list[dict[str, Any]]:
    """The whole list of devices, page by page."""
    found: list[dict[str, Any]] = []
    number, pages = 0, 1
    while number < pages:
        query: dict[str, str | int] = {"requestedPage": number, "limit": PAGE_LIMIT}
        page = lem().get(f"/device/{project}", params=query).raise_for_status().json()
        found += page["elements"]
        number, pages = number + 1, page["pagesCount"]
    return found


def main() -> None:
    """Onboard the plant, timed around the flow alone."""
    parser = argparse.ArgumentParser(prog="bench.naive", description=__doc__)
    parser.add_argument("--devices", type=int, required=True)
    wanted = read_roster(roster(parser.parse_args().devices), "plant", "lem")
    host_ids = [device.host_id for device in wanted.devices if device.host_id]
    stopwatch = Stopwatch()
    run = onboard_naively(LemSettings().project, host_ids)
    report(stopwatch.spent(), run)


if __name__ == "__main__":
    main()

"""Explain: one device's whole story, from the ledger and from one observation of each system.

`muster explain plant-7 edge-042` prints it on the terminal, without a flow run.
"""

import asyncio
import logging
import re
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any

from prefect.artifacts import acreate_markdown_artifact
from prefect.client.schemas.objects import State as RunState
from prefect.logging import get_run_logger
from prefect.settings import (
    PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS,
    temporary_settings,
)
from prefect.states import Completed, Failed
from rich.console import Console

from fleet.nightly.story import Held, Story
from fleet.text.expected import ExpectedError
from ledger.session import open_ledger
from reports.device.story import StoryReport
from reports.page.wording import plain
from tasks.device.observer import DeviceObserver
from tasks.nightly.rules import night_rules
from tasks.pipeline.observe import Observe, observe, observed
from tasks.runtime.connection_run import utc_now

TEMPORARY_SERVER = 90  # seconds for one to start; Prefect's 20 are too few on a busy machine


class UnknownDevice(ExpectedError):
    """The ledger does not know the device; the message says what it knows instead."""


async def explain(site: str, device: str, connection: str) -> RunState[Any]:
    """Write the story into the run's log and an artifact; its headline is the run's message."""
    try:
        report = await _story_report(site, device, connection, observed)
    except UnknownDevice as error:
        return Failed(message=str(error))
    logger = get_run_logger()
    for line in report.lines():
        logger.info("%s", line)
    await acreate_markdown_artifact(
        report.markdown(), key=artifact_key(site, device), description=plain(report.headline)
    )
    name = "Not checked" if report.not_checked else "Completed"
    return Completed(name=name, message=report.headline)


def artifact_key(site: str, device: str) -> str:
    """The artifact's key, under which the UI lists every version of a device's story."""
    return re.sub("[^a-z0-9]+", "-", f"device-{site}-{device}".lower()).strip("-")


async def _story_report(site: str, device: str, connection: str, observe_: Observe) -> StoryReport:
    """Read the ledger, observe each system once, and say what happens next; writes nothing."""
    rules = night_rules()
    with open_ledger(only_existing=True, is_acted_upon=False) as ledger:
        story = ledger.stories.of_device(site, device, utc_now())
        if not story.homes:
            raise UnknownDevice(_unknown(story, ledger.devices.names()))
        observations = await DeviceObserver(ledger, story, observe_).by(connection)
    return StoryReport(story, observations, rules, utc_now())


def _unknown(story: Story, known_names: dict[str, list[str]]) -> str:
    """Why there is no story, and what the ledger knows instead of the device."""
    site, device = story.site, story.device
    there = known_names.get(site)
    if there is None:
        return f"The ledger knows no site {site!r}. {_near(site, known_names)}"
    elsewhere = [name for name, devices in known_names.items() if device in devices]
    if elsewhere:
        where = ", ".join(elsewhere)
        return f"The ledger knows no device {device!r} at {site}. It knows one at {where}."
    held = next((each for each in reversed(story.events) if isinstance(each, Held)), None)
    if held:
        return (
            f"The ledger knows no device {device!r} at {site}, but request {held.request} "
            f"gives that name. It was held: {held.reason}. Run review-requests for this site."
        )
    return f"The ledger knows no device {device!r} at {site}. {_near(device, there)}"


def _near(word: str, words: Iterable[str]) -> str:
    near = get_close_matches(word, [*words], n=3)
    hint = f"Did you mean {' or '.join(near)}?" if near else "Check its spelling."
    return f"{hint} A device that was never onboarded has no story."


def main(arguments: Sequence[str] = ()) -> int:
    """Print the story of one device on the terminal; no Prefect server records it.

    Only Prefect's API knows which connections there are: that of PREFECT_API_URL, or of a server
    that Prefect starts for the moment. Where neither answers, only the ledger's part is printed.
    """
    parser = _parser()
    asked = parser.parse_args(arguments)
    if not (asked.site and asked.device):
        parser.error("name a site and a device of it, as in: muster explain plant-7 edge-042")
    console = Console(soft_wrap=True, markup=False, highlight=False, emoji=False)
    long_start = {PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS: TEMPORARY_SERVER}
    try:
        with temporary_settings(long_start), Console(stderr=True).status("observing …"):
            report = asyncio.run(_story_report(asked.site, asked.device, asked.connection, observe))
    except ExpectedError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for line in report.lines():
        console.print(line)
    return 1 if asked.connection and report.not_checked else 0


def _parser() -> ArgumentParser:
    parser = ArgumentParser("muster explain", description=__doc__)
    parser.add_argument("site", help="the site's name, such as plant-7")
    parser.add_argument("device", help="the device's name on its site, such as edge-042")
    parser.add_argument(
        "--connection",
        default="",
        help="observe by this one alone; by default, by all by which the ledger knows it",
    )
    return parser


if __name__ == "__main__":
    logging.getLogger("prefect").setLevel(logging.WARNING)  # not how its server starts
    sys.exit(main(sys.argv[1:]))

"""Explaining: one device's whole story, as the ledger has it and as one look shows it now.

`python -m tasks.explaining plant-7 edge-042` tells it on the terminal, outside of any flow run.
"""

import asyncio
import re
import sys
from argparse import ArgumentParser
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from prefect import task
from prefect.artifacts import acreate_markdown_artifact
from prefect.client.schemas.objects import State as RunState
from prefect.logging import get_run_logger
from prefect.settings import (
    PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS,
    temporary_settings,
)
from prefect.states import Completed, Failed
from rich.console import Console
from sqlalchemy import Engine

from connections.named import find, known
from fleet.device import Device
from fleet.kept import Kept
from fleet.limits import Limits
from fleet.order import Order
from fleet.roster import Line, Roster
from fleet.standing import SETTLED, State
from fleet.story import Home, Sight, Story
from fleet.system import System
from ledger.engine import check_prepared, connect
from ledger.handovers import knows
from ledger.roster import remembered
from ledger.settings import LedgerSettings
from ledger.story import names, story
from reports.story import Telling, safe
from tasks.expected import EXPECTED, LOOK, failing_plainly, result_of, tell
from tasks.form import CODE_LIFE
from tasks.looking import Look, look_once
from tasks.nightly import night_rules
from tasks.policies import policy_for
from tasks.run import Run, utc_now

Looking = Callable[[Run], Awaitable[Look]]
TEMPORARY_SERVER = 90  # seconds for one to start; Prefect's own 20 are few on a busy machine
NOWHERE = "no connection that is set up leads there"


class UnknownDevice(Exception):
    """The ledger has nothing of the device; the message says what it knows instead."""


async def explain(site: str, device: str, connection: str) -> RunState[Any]:
    """Tell the story in the run's log and as an artifact; the headline is how the run ends."""
    try:
        told = await _telling(site, device, connection, _looked_at)
    except UnknownDevice as error:
        return Failed(message=str(error))
    logger = get_run_logger()
    for line in told.lines():
        logger.info("%s", line)
    await acreate_markdown_artifact(
        told.markdown(), key=artifact_key(site, device), description=safe(told.headline)
    )
    return Completed(message=told.headline)


def artifact_key(site: str, device: str) -> str:
    """The key under which the UI shows how the story of a device grew."""
    return re.sub("[^a-z0-9]+", "-", f"device-{site}-{device}".lower()).strip("-")


async def _telling(site: str, device: str, connection: str, look: Looking) -> Telling:
    """Read all that is known, look once at each place, and say what comes next; writes nothing."""
    rules = night_rules()
    engine = connect(LedgerSettings().url)
    try:
        check_prepared(engine)
        told = story(engine, site, device, utc_now())
        if not told.is_known:
            raise UnknownDevice(_unknown(engine, site, device))
        sights = await _Sights(engine, told, look).by(connection)
    finally:
        engine.dispose()
    return Telling(told, sights, rules, utc_now())


def _unknown(engine: Engine, site: str, device: str) -> str:
    there = names(engine, site)
    if not there and not knows(engine, site):
        return f"The ledger knows no site {site!r}. Check its spelling, or onboard it first."
    alike = get_close_matches(device, there, n=3)
    hint = f" It knows {', '.join(alike)}." if alike else " Check its spelling, and its roster."
    return f"The ledger knows no device {device!r} at {site}.{hint}"


@task(task_run_name="look at {run.subject}", **LOOK)
@failing_plainly
async def _look(run: Run) -> Look:
    """One look, which claims and changes nothing."""
    return await look_once(run)


async def _looked_at(run: Run) -> Look:
    return await result_of(_look(run))


@dataclass(frozen=True)
class _Sights:
    """How each connection shows the device."""

    engine: Engine
    story: Story
    look: Looking

    async def by(self, connection: str) -> list[Sight]:
        """By that connection, or by every one that the ledger knows the device by."""
        homes = self.story.homes
        if connection:
            asked, guessed = {connection}, set[str]()
        else:
            asked = {home.kept.connection for home in homes} - {""}
            guessed = await self._candidates() - asked
        found = await asyncio.gather(
            *(self._by(name, is_asked=name in asked) for name in sorted(asked | guessed))
        )
        sights = [sight for sight in found if sight]
        seen = {sight.place for sight in sights}
        unseen = [home for home in homes if home.kept.scope not in seen and not connection]
        return [*sights, *(_unseen(home, NOWHERE) for home in unseen)]

    async def _candidates(self) -> set[str]:
        """What may lead to a place of which the ledger does not say by which connection."""
        if all(home.kept.connection for home in self.story.homes):
            return set()
        try:
            return {each.name for each in await known() if each.is_set_up}
        except EXPECTED:
            return set()

    async def _by(self, name: str, is_asked: bool) -> Sight | None:
        """By one connection; None when it was only guessed, and leads elsewhere."""
        homes = self.story.homes
        home = next((each for each in homes if each.kept.connection == name), None)
        try:
            found = await find(name)
            async with found.opened() as system:
                home = next((each for each in homes if each.kept.scope == system.scope), None)
                if home is None and not is_asked:
                    return None
                return await self._shown(name, system, home)
        except EXPECTED as error:
            if home:
                return _unseen(home, tell(error))
            return Sight(name, "", not_checked=tell(error)) if is_asked else None

    async def _shown(self, name: str, system: System, home: Home | None) -> Sight:
        device = home.kept.device if home else self._device()
        here = [
            each
            for each in remembered(self.engine, system.scope)
            if each.site == self.story.site and each.connection in {name, ""}
        ]
        run = self._run(name, system, device, here)
        look = await self.look(run)
        standing = next(s for s in look.assessment.standings if s.device.name == device.name)
        request, past = standing.request, look.memory.for_device(device)
        enrolment_id = next((g.enrolment_id for g in reversed(past.grants)), None)
        return Sight(
            place=system.scope,
            connection=name,
            home=home,
            looked_at=run.now(),
            standing=standing,
            manner=system.manner,
            enrolment=look.observed.enrolment_by_id.get(enrolment_id or ""),
            is_serving=request is not None and request.device_id in look.observed.present,
            is_tended=any(_waits(each) for each in here),
        )

    def _device(self) -> Device:
        """The device, where a place does not know it: as any other one does."""
        known_as = [home.kept.device for home in self.story.homes]
        return known_as[0] if known_as else Device(name=self.story.device)

    def _run(self, name: str, system: System, device: Device, here: Sequence[Kept]) -> Run:
        """A dry run over what a night looks at, so that it shows what a night will find.

        Where nobody asks, devices say nothing about each other, and each may cost a call.
        """
        site, listed = self.story.site, [each.device for each in here if _is_looked_after(each)]
        others = [] if system.manner.exchanges else [d for d in listed if d.name != device.name]
        devices = (device, *others)
        lines = tuple(Line(number, each, name) for number, each in enumerate(devices, 2))
        order = Order(Roster(site, lines), utc_now() + CODE_LIFE, is_whole_site=bool(others))
        desired = order.desired(devices, system.manner, policy_for(site, name))
        subject = f"{device.name} by {name}"
        run = Run(f"explain {device.name}", subject, name, system, desired, self.engine)
        run.limits = Limits(retries=0, doubt=run.settings.doubt)  # the night's rules say how often
        return run


def _unseen(home: Home, why: str) -> Sight:
    return Sight(home.kept.scope, home.kept.connection, home, not_checked=why)


def _is_looked_after(kept: Kept) -> bool:
    return kept.is_listed and kept.state is not State.RETIRED


def _waits(kept: Kept) -> bool:
    return kept.is_listed and kept.state not in SETTLED


def main(arguments: Sequence[str] = ()) -> int:
    """Tell the story of one device on the terminal; no Prefect server records it.

    Which connections there are only Prefect's API can say: that of PREFECT_API_URL, or of a server
    that Prefect starts for the moment. Where neither answers, the ledger's part is told.
    """
    asked = _parser().parse_args(arguments)
    console = Console(soft_wrap=True, markup=False, highlight=False, emoji=False)
    patient = {PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS: TEMPORARY_SERVER}
    try:
        with temporary_settings(patient):
            told = asyncio.run(_telling(asked.site, asked.device, asked.connection, look_once))
    except (UnknownDevice, *EXPECTED) as error:
        sys.stderr.write(f"{error if isinstance(error, UnknownDevice) else tell(error)}\n")
        return 1
    for line in told.lines():
        console.print(line)
    return 0


def _parser() -> ArgumentParser:
    parser = ArgumentParser("python -m tasks.explaining", description=__doc__)
    parser.add_argument("site", help="the site's name, such as plant-7")
    parser.add_argument("device", help="the device's name on its site, such as edge-042")
    parser.add_argument(
        "--connection", default="", help="look by this one alone; else by all that know it"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

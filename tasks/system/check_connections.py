"""Check connections: all at once, each in a task run, and the results in one table."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from prefect import task
from prefect.artifacts import acreate_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from connections.named import Connection, find, known
from fleet.system.system import Check, Checkup
from fleet.text.expected import ExpectedError
from systems.shared.checkup import CLOCK, CREDENTIAL, PERMISSION, QUOTA, REACHABLE, WHO
from tasks.runtime.connection_run import utc_now

KEY = "connections"
NOT_SET_UP = "Not set up"


@dataclass(frozen=True)
class Checked:
    """A connection and what its check found. It `is_missing` when nobody has set it up."""

    connection: Connection
    checkup: Checkup
    is_missing: bool = False

    @property
    def faults(self) -> list[Check]:
        """The checks that failed."""
        return [found for found in self.checkup.checks if not found.is_good]

    def message(self) -> str:
        """What is wrong with it, and what to do, in one sentence."""
        faults = "; ".join(". ".join(filter(None, (f.message, f.remedy))) for f in self.faults)
        return f"{self.connection.name}: {faults}"

    def row(self) -> dict[str, str]:
        """The connection as the table shows it."""
        where = self.connection
        remedies = dict.fromkeys(f.remedy for f in self.checkup.checks if f.remedy)
        return {
            "connection": where.name,
            "system": where.system,
            "origin": where.origin,
            "who": "; ".join(filter(None, (self.checkup.who, self._cell(WHO)))),
            "reachable": NOT_SET_UP.lower() if self.is_missing else self._cell(REACHABLE),
            "credential": self._cell(CREDENTIAL),
            "permission": self._cell(PERMISSION),
            "clock": self._cell(CLOCK),
            "version": self.checkup.version,
            "quota": self._cell(QUOTA),
            "what to do": "" if self.is_missing else "; ".join(remedies),
        }

    def _cell(self, subject: str) -> str:
        found = [f for f in self.checkup.checks if f.subject == subject]
        return "; ".join(f.message if f.is_good else f"✗ {f.message}" for f in found)


async def check_all(names: Sequence[str]) -> State[Any]:
    """Check the connections `names`, by default all, and conclude the run."""
    wanted = [await find(name) for name in dict.fromkeys(names)] or await known()
    states = await asyncio.gather(*(check(each, bool(names)) for each in wanted))
    checked: list[Any] = [await state.aresult(raise_on_failure=False) for state in states]
    state = _concluded(checked)
    rows = [each.row() for each in checked]
    await acreate_table_artifact(table=rows, key=KEY, description=state.message)
    return state


@task(task_run_name="check {connection.name}", cache_policy=NO_CACHE)
async def check(connection: Connection, is_named: bool) -> State[Any]:
    """Open a connection and check what it may be used for; changes nothing there."""
    try:
        async with connection.opened() as system:
            checkup = await system.check(utc_now())
    except ExpectedError as error:
        checkup = Checkup("", (Check(REACHABLE, False, str(error)),))
    checked = Checked(connection, checkup)
    if not checked.faults:
        return Completed(message=checkup.who, data=checked)
    if not (is_named or connection.is_set_up or _is_reached(checkup)):
        missing = Checked(connection, checkup, is_missing=True)
        return Completed(name=NOT_SET_UP, message="its address is not set", data=missing)
    return Failed(message=checked.message(), data=checked)


def _is_reached(checkup: Checkup) -> bool:
    return all(f.is_good for f in checkup.checks if f.subject == REACHABLE)


def _concluded(checked: Sequence[Checked]) -> State[Any]:
    """Failed when a connection that is set up, or was named, cannot be used."""
    meant = [each for each in checked if not each.is_missing]
    if bad := [each.message() for each in meant if each.faults]:
        message = f"{len(bad)} of {len(meant)} connections cannot be used"
        return Failed(message=f"{message}: {' — '.join(bad)}")
    good = ", ".join(f"{each.connection.name} ({each.checkup.who})" for each in meant)
    missing = ", ".join(each.connection.name for each in checked if each.is_missing)
    message = f"Usable: {good}." if good else "No connection is set up."
    return Completed(message=f"{message} Not set up: {missing}." if good and missing else message)

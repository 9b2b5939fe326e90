"""The disk of the ledger gets full while keys are exchanged: exchanging stops, no key is lost."""

import asyncio
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from prefect.logging import disable_run_logger
from pydantic import SecretStr
from sqlalchemy import Engine, event
from sqlmodel import Session, select

from fleet.action.action import Approve
from fleet.device.device import Device
from fleet.device.secret import Secret, SecretKind
from fleet.system.profile import Admission
from ledger.database.engine import LedgerAway, connect
from ledger.database.tables import IntentRow, SecretRow
from ledger.session import Ledger
from ledger.state.journal import Outcome
from tasks.pipeline.actions import admit
from tasks.pipeline.group import Group
from tasks.runtime.connection_run import ConnectionRun, utc_now
from tests.fleet.builders import ASKED, a_device, a_request, mac, wanted

pytestmark = pytest.mark.sqlite  # it has a disk of its own

AT_ONCE = ASKED.concurrency
EACH = 60  # exchanges with each system
KEY_SIZE = 2000  # of a key: so large that no page of a full file has room for one


class Disk:
    """The disk that a ledger is on. A full one gives the file no further page.

    With another `fault` than "full" it is, as long as it is_full, read-only, or locked by another
    program.
    """

    def __init__(self, engine: Engine) -> None:
        self.is_full, self.fault = False, "full"
        self._other = sqlite3.connect(str(engine.url.database), isolation_level=None)
        event.listen(engine, "checkout", self._limit)

    def _limit(self, connection: Any, *_: object) -> None:
        is_full, is_read_only, is_locked = (
            self.is_full and self.fault == each for each in ("full", "read-only", "locked")
        )
        connection.execute(f"PRAGMA max_page_count = {1 if is_full else 2**30}")
        connection.execute(f"PRAGMA query_only = {is_read_only:d}")
        connection.execute("PRAGMA busy_timeout = 0")
        if is_locked is not self._other.in_transaction:
            self._other.execute("BEGIN IMMEDIATE" if is_locked else "ROLLBACK")

    def close(self) -> None:
        """Let go of it."""
        self._other.close()


class Exchange:
    """A system that gives out keys; the disk is full once it has given out `full_after`."""

    profile = replace(ASKED, admission=Admission.BY_CODE)

    def __init__(self, scope: str, disk: Disk, full_after: int) -> None:
        self.scope, self.disk, self.full_after = scope, disk, full_after
        self.given: list[str] = []

    async def turn(self, calls: int) -> None:
        """Every call's turn is now."""

    async def admit(self, device: Device, *_: object) -> tuple[Secret, ...]:
        await asyncio.sleep(0.001)
        self.given.append(device.name)
        self.disk.is_full |= len(self.given) == self.full_after
        return (Secret(SecretKind.API_KEY, SecretStr("k" * KEY_SIZE), device.name),)


@pytest.fixture
def engine(sqlite_url: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setenv("MUSTER_LEDGER_KEY_FILE", str(tmp_path / "ledger.key"))
    engine = connect(sqlite_url)
    yield engine
    engine.dispose()


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    """The ledger of both runs, which while it is away is tried again after an instant."""
    return Ledger(engine, pauses=(0.02,))


@pytest.fixture
def systems(engine: Engine) -> Iterator[list[Exchange]]:
    """Two systems. The disk is full after 20 exchanges of the first."""
    disk = Disk(engine)
    yield [Exchange("Acusight a", disk, 20), Exchange("provision_api b", disk, 0)]
    disk.close()


def run_over(system: Exchange, ledger: Ledger, devices: Sequence[Device]) -> ConnectionRun:
    run = ConnectionRun("run 1", "plant-7", "by", system, wanted(*devices), ledger)  # type: ignore[arg-type]
    now, lease = utc_now(), timedelta(hours=1)
    run.claim = ledger.claims.open_claim("plant-7", system.scope, "run 1", devices, now, lease)
    run.held_until = now + lease
    ledger.secrets.check_key()
    return run


async def exchanged(ledger: Ledger, systems: Sequence[Exchange]) -> list[LedgerAway | None]:
    """So many exchanges with each system at the same time; how each connection's ended."""
    devices = [a_device(f"d-{n}", macs=[mac(n)]) for n in range(EACH)]
    actions = [Approve(d, a_request(d.name, macs=d.macs), "its code is here") for d in devices]
    group = Group(actions, [d.name for d in devices], utc_now())
    runs = [run_over(each, ledger, devices) for each in systems]
    with disable_run_logger():
        states = await asyncio.gather(*(admit.fn(run, group) for run in runs))
    return [state.data if state else None for state in states]  # type: ignore[attr-defined]


def journal(engine: Engine) -> dict[str | None, int]:
    """How many intents ended how."""
    with Session(engine) as session:
        outcomes = session.exec(select(IntentRow.outcome)).all()
    return {outcome: outcomes.count(outcome) for outcome in set(outcomes)}


def sealed(engine: Engine) -> int:
    with Session(engine) as session:
        return len(session.exec(select(SecretRow.id)).all())


@pytest.mark.heavy
@pytest.mark.parametrize("fault", ["full", "read-only", "locked"])
def test_the_first_failure_to_seal_stops_all_exchanging_until_the_ledger_can_be_written(
    engine, ledger, systems, fault
):
    disk, given = systems[0].disk, []
    disk.fault = fault

    async def freed():
        while not disk.is_full:  # noqa: ASYNC110  # a counter tells nobody
            await asyncio.sleep(0.001)
        given.append(sum(len(each.given) for each in systems))
        await asyncio.sleep(0.2)
        given.append(sum(len(each.given) for each in systems))
        disk.is_full = False

    async def together():
        return await asyncio.gather(exchanged(ledger, systems), freed())

    ended, _ = asyncio.run(together())

    assert given[1] - given[0] <= 2 * AT_ONCE
    assert ended == [None, None]
    assert (sealed(engine), journal(engine)) == (2 * EACH, {Outcome.DONE: 2 * EACH})


@pytest.mark.heavy
def test_keys_that_can_never_be_sealed_are_named_with_the_reason(
    engine, ledger, systems, monkeypatch
):
    monkeypatch.setenv("MUSTER_LEDGER_WAIT_LIMIT", "PT0.3S")

    ended = asyncio.run(exchanged(ledger, systems))

    given = sum(len(each.given) for each in systems)
    found = journal(engine)
    lost = " ".join(str(each) for each in ended).count("API key of ")
    assert all(isinstance(each, LedgerAway) for each in ended)
    assert 0 < lost <= 2 * AT_ONCE
    assert lost + sealed(engine) == given
    assert found == {Outcome.DONE: sealed(engine), None: 2 * EACH - sealed(engine)}
    assert "the disk that it is on is full" in str(ended[0])


def test_keys_that_were_given_up_are_recorded_as_lost_when_the_ledger_is_back_in_time(
    engine, systems, ledger, monkeypatch
):
    monkeypatch.setenv("MUSTER_LEDGER_WAIT_LIMIT", "PT0.3S")

    async def freed():
        while not ledger.outage.given_up:  # noqa: ASYNC110  # likewise
            await asyncio.sleep(0.001)
        systems[0].disk.is_full = False

    async def together():
        await asyncio.gather(exchanged(ledger, systems[:1]), freed())

    asyncio.run(together())

    found = journal(engine)
    assert found[Outcome.KEY_LOST] + sealed(engine) == len(systems[0].given)
    assert found[Outcome.NOT_DONE] == EACH - len(systems[0].given)
    with Session(engine) as session:
        lost = select(IntentRow.detail).where(IntentRow.outcome == Outcome.KEY_LOST)
        assert (
            "its key: received, and could not be sealed: the disk that it is on is full"
            in session.exec(lost).all()[0]
        )

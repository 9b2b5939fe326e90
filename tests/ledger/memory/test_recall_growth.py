"""What an observation recalls costs no more after years than at first: the database's own steps."""

import pytest
from sqlalchemy import event

from fleet.action.action import Approve, Retry
from fleet.device.device import Device
from ledger.database.engine import connect
from ledger.session import Ledger
from ledger.state.journal import Outcome, Result
from tests.fleet.builders import a_request
from tests.ledger.running import after, begun

DEVICES = [Device(name=f"edge-{number}", host_id=f"{number:012x}") for number in range(1, 51)]


class Steps:
    """Counts the steps of SQLite's machine on every connection of an engine, in hundreds."""

    def __init__(self, engine):
        self.count = 0
        event.listen(engine, "connect", self._count_on)

    def _count_on(self, connection, _record):
        connection.set_progress_handler(self._step, 100)

    def _step(self):
        self.count += 1
        return 0


@pytest.fixture
def steps(sqlite_url, tmp_path, monkeypatch):
    monkeypatch.setenv("MUSTER_LEDGER_KEY_FILE", str(tmp_path / "ledger.key"))
    engine = connect(sqlite_url)
    counted = Steps(engine)
    yield Ledger(engine), counted
    engine.dispose()


def tried(ledger, kind, outcome, second):
    """A run that tries the same with every device."""
    claim = begun(ledger, *DEVICES, now=after(second))
    actions = [kind(each, a_request(each.name), "as the rules say") for each in DEVICES]
    ids = ledger.journal.intend(claim, actions, after(second))
    ledger.journal.resolve({each: Result(outcome) for each in ids}, after(second))
    ledger.claims.close_claim(claim, after(second))
    return claim


def recalled(ledger, steps, claim):
    before = steps.count
    memory = ledger.memory.recall(claim)
    ledger.secrets.keyring(claim)
    return memory, steps.count - before


def test_what_earlier_runs_retried_or_were_refused_is_not_read_again(steps):
    ledger, counted = steps
    tried(ledger, Approve, Outcome.DONE, 0)
    claim = begun(ledger, *DEVICES, now=after(1))
    first, few = recalled(ledger, counted, claim)
    ledger.claims.close_claim(claim, after(1))

    for night in range(2, 32, 3):
        tried(ledger, Retry, Outcome.DONE, night)
        tried(ledger, Approve, Outcome.REFUSED, night + 1)
        tried(ledger, Retry, Outcome.NOT_DONE, night + 2)
    later, many = recalled(ledger, counted, begun(ledger, *DEVICES, now=after(100)))

    assert later == first
    assert few > 5
    assert many < 1.5 * few

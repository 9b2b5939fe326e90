"""A ledger with a history, and somebody who owns its database but not its key."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Engine, make_url

from fleet.admission.evidence import Code, Evidence
from fleet.admission.policy import EXACT_MATCH
from fleet.admission.review import Answer, Item, Review, Terms
from fleet.device.device import Device
from fleet.device.identity import Identity
from fleet.planning.assess import Assessment
from fleet.state.device_state import State
from fleet.state.reason_code import ReasonCode
from fleet.state.verdict import Decision
from fleet.status.status import DeviceStatus
from ledger.session import Ledger
from ledger.state.claims import Claim
from tests.fleet.builders import NOW
from tests.ledger.decided import recorded
from tests.ledger.relaxed import none_relaxed
from tests.ledger.running import LEASE, SCOPE, SITE, after

EDGE = Device(name="edge-1", host_id="0a1b2c3d4e5f", macs=("02:00:00:00:00:01",))
CLAIM = Claim(SITE, SCOPE)


def history(ledger: Ledger) -> None:
    """Five decisions of a run, one device by people, and a review that Anna and Bernd answered."""
    recorded(ledger, 5)
    status = DeviceStatus(EDGE, State.WAITING, ReasonCode.UNKNOWN, "has not asked yet")
    ledger.devices.save(CLAIM, Assessment((status,), ()), NOW)
    ledger.devices.list_as_ordered(
        SITE, {(SCOPE, "lem"): [EDGE.name]}, True, is_by_people=True, relaxing=none_relaxed
    )
    evidence = Evidence(
        SITE, "9/config-1", "9", EDGE.name, Code.OWN, "", EDGE.identity, Identity(None, frozenset())
    )
    item = Item(evidence, ReasonCode.UNKNOWN, "a person decides here")
    review = Review("r-1", SITE, "lem", (item,), Terms(NOW + 4 * LEASE, quorum=2), NOW)
    ledger.reviews.open_review(review, SCOPE, EXACT_MATCH, None)
    for round_, name in enumerate(("Anna", "Bernd"), 1):
        answer = Answer(name, "as ordered", exact=Decision.HOLD, approve=EDGE.name)
        ledger.reviews.note(review, round_, answer, after(round_))


class Owner:
    """Who may do everything in a ledger's database, and does not have its key."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.file = Path(str(make_url(str(engine.url)).database))

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self._engine.dispose()
        with closing(sqlite3.connect(self.file)) as connection, connection:
            for (trigger,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            ).fetchall():
                connection.execute(f"DROP TRIGGER {trigger}")
            yield connection

    def does(self, *statements: str) -> None:
        """Run SQL statements, with nothing that guards the decisions."""
        with self._open() as connection:
            for statement in statements:
                connection.execute(statement)

    def copies(self) -> Path:
        """The ledger's file as it is now."""
        with self._open() as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return Path(shutil.copy(self.file, self.file.with_suffix(".old")))

    def puts_back(self, copy: Path) -> None:
        """An older file in place of the ledger's."""
        self._engine.dispose()
        for side in ("-wal", "-shm"):
            self.file.with_name(self.file.name + side).unlink(missing_ok=True)
        self.file.write_bytes(copy.read_bytes())

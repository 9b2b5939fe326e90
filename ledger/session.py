"""The ledger as everybody opens it: `with open_ledger() as ledger: ledger.devices.remembered()`."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Engine

from ledger.admission.decisions import Decisions
from ledger.admission.reviews import Reviews
from ledger.approvers.approvers import Approvers
from ledger.database.engine import check_prepared, check_there, connect
from ledger.database.guards import refuse_foreign
from ledger.database.outage import PAUSES, Outage
from ledger.database.settings import LedgerSettings
from ledger.device.handovers import Handovers
from ledger.device.reseal import reseal
from ledger.device.restorations import Restorations
from ledger.device.secrets import Secrets
from ledger.device.story import Stories
from ledger.keys.rollback import refuse_rollback
from ledger.memory.recall import Recall
from ledger.nightly.findings import Findings
from ledger.nightly.nights import Nights
from ledger.state.claims import Claims
from ledger.state.devices import Devices
from ledger.state.enrollments import Enrollments
from ledger.state.holds import Holds
from ledger.state.journal import Journal
from ledger.state.site_columns import SiteColumns
from ledger.state.site_plans import SitePlans


class Ledger:
    """Everything that the ledger has, one attribute for each kind of thing.

    Each operation is one transaction: what it writes is saved wholly, or not at all. Not a
    dataclass on purpose: Prefect would walk through it at every task.
    """

    def __init__(self, engine: Engine, pauses: Sequence[float] = PAUSES) -> None:
        self._engine = engine
        self.outage = Outage(pauses)
        self.claims = Claims(engine)
        self.devices = Devices(engine)
        self.enrollments = Enrollments(engine)
        self.journal = Journal(engine)
        self.holds = Holds(engine)
        self.secrets = Secrets(engine)
        self.restorations = Restorations(engine)
        self.handovers = Handovers(engine)
        self.decisions = Decisions(engine)
        self.approvers = Approvers(engine)
        self.reviews = Reviews(engine, self.approvers)
        self.nights = Nights(engine)
        self.findings = Findings(engine)
        self.memory = Recall(engine)
        self.stories = Stories(engine)
        self.site_plans = SitePlans(engine)
        self.site_columns = SiteColumns(engine)

    def reseal(self, now: datetime) -> tuple[int, str]:
        """Seal and key all of it anew; see `ledger.device.reseal`."""
        return reseal(self._engine, now)


@contextmanager
def open_ledger(
    url: str = "", *, only_existing: bool = False, is_acted_upon: bool = True
) -> Iterator[Ledger]:
    """The ledger at `url` (by default: that of MUSTER_LEDGER_URL), open for as long as the `with`.

    Raises LedgerUnusable unless its tables are those that this code knows. Opening a file that is
    not there makes it; `only_existing` refuses that, for commands that only read. One that was put
    back to an older state, or has triggers of others, is refused, unless it is only to be shown
    and not `is_acted_upon`.
    """
    url = url or LedgerSettings.current().url
    if only_existing:
        check_there(url)
    engine = connect(url)
    try:
        check_prepared(engine)
        if is_acted_upon:
            refuse_foreign(engine)
            refuse_rollback(engine)
        yield Ledger(engine)
    finally:
        engine.dispose()

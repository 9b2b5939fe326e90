"""Whether a run is at work with a ledger: it is, if it renews its lease while it is watched.

No time of day is compared: the clocks of two machines differ.
"""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, MetaData

from ledger.backup.backup import ledger_tables
from ledger.database.engine import LedgerUnusable

Seen = dict[str, Any]  # how often each run that has not ended has renewed its lease, by its id

_LEASE = 15.0  # seconds, before ledgers said so


def watch(engine: Engine, wait: Callable[[float], object]) -> Seen:
    """How the runs that have not ended stand; then `wait` for as long as their longest lease."""
    with engine.execution_options(only_reads=True).connect() as connection:
        found = _claiming(connection, ledger_tables(connection))
    if found:
        wait(max(each["lease"] for each in found))
    return {each["id"]: each["renewals"] for each in found}


def refuse_while_at_work(connection: Connection, tables: MetaData, seen: Seen) -> None:
    """Raise LedgerUnusable when a run began or renewed its lease since; no other can begin now."""
    if "claim" in tables.tables and connection.dialect.name == "postgresql":
        # In SQLite, the transaction alone keeps others from writing.
        connection.execute(sa.text("LOCK TABLE claim IN ACCESS EXCLUSIVE MODE"))
    for each in _claiming(connection, tables):
        if seen.get(each["id"]) != each["renewals"]:
            raise LedgerUnusable(
                f"The run {each['name']!r} (site {each['site']}) is at work with this ledger. Wait "
                "until it ends, or cancel it; then restore."
            )


def _claiming(connection: Connection, tables: MetaData) -> list[Seen]:
    """The runs that have claims, in tables of whichever revision."""
    runs = tables.tables.get("connection_run", tables.tables.get("batch"))
    claims = tables.tables.get("claim")
    if runs is None or claims is None:
        return []
    run_id = claims.c["run_id" if "run_id" in claims.c else "batch_id"]
    claiming = sa.select(runs).where(runs.c.id.in_(sa.select(run_id)))
    return [
        {
            "id": row["id"],
            "name": row["name"],
            "site": row["site"],
            "lease": row.get("lease_seconds", _LEASE),
            "renewals": row.get("renewals", row["lease_until"]),
        }
        for row in connection.execute(claiming).mappings()
    ]

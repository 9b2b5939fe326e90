"""Verifying: the record of decisions, read from its first link to its last."""

from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from ledger import decisions
from ledger.engine import check_prepared, connect
from ledger.settings import LedgerSettings


def verified(head: str) -> State[Any]:
    """Completed when every link holds; Failed, naming the first that does not."""
    engine = connect(LedgerSettings().url)
    try:
        check_prepared(engine)
        end = decisions.head(engine)  # first: whatever is added meanwhile does not count
        broken = decisions.verify(engine, head)
    finally:
        engine.dispose()
    if broken:
        return Failed(message=f"The chain of decisions is broken at {broken}.")
    return Completed(message=f"The chain of decisions holds: {end}.")

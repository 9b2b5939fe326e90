"""Verify: the record of decisions, checked from its first link to its last."""

from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from ledger.keys.vouch import do_not_hold
from ledger.session import open_ledger


def verified(head: str) -> State[Any]:
    """Completed when every link holds; Failed, naming the first that does not."""
    with open_ledger() as ledger:
        end = ledger.decisions.head()  # read first: what is added meanwhile does not count
        broken = ledger.decisions.verify(head)
        others = ledger.decisions.others_not_holding()
    if broken:
        return Failed(message=f"The chain of decisions is broken at {broken}.")
    if others:
        return Failed(message=do_not_hold(others))
    return Completed(message=f"The chain of decisions holds: {end}.")

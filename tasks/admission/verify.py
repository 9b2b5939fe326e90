"""Verify: the record of decisions, checked from its first link to its last."""

from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from ledger.admission.verification import verify
from ledger.keys.heads import HeadSettings
from ledger.session import open_ledger


def verified(head: str) -> State[Any]:
    """Completed when every link holds; Failed, naming the first that does not."""
    with open_ledger(is_acted_upon=False) as ledger:
        found = verify(ledger.decisions, HeadSettings().heads, head)
    return (Completed if found.holds else Failed)(message=found.message)

"""Verify decisions: whether the record of decisions is as it was written."""

from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field

from tasks.admission.verify import verified
from tasks.runtime.expected import failing_plainly
from tasks.runtime.forms import words


@flow(flow_run_name="verify decisions")
@failing_plainly
async def verify_decisions(
    head: Annotated[
        str,
        Field(
            pattern=r"^\s*([0-9a-fA-F]{64})?\s*$",
            json_schema_extra=words(
                "Head",
                "The head that an earlier report printed: 64 hex digits. It shows whether "
                "decisions were cut off since. Empty: check only the chain itself",
            ),
        ),
    ] = "",
) -> State[Any]:
    """Check the whole record of decisions, and name the first link that does not hold.

    Each decision holds the hash of the one before it and a MAC by the ledger's key, and the signed
    heads in MUSTER_DECISION_HEADS must be in the record. It only reads the ledger; `make verify`
    does the same without Prefect.
    """
    return verified(head.strip().lower())

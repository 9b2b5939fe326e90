"""Reconcile sites: every night, check that every device of every roster is as it should be."""

from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field

from tasks.nightly.reconcile import reconcile_all
from tasks.runtime.expected import failing_plainly
from tasks.runtime.forms import words


@flow(flow_run_name="reconcile sites")
@failing_plainly
async def reconcile_sites(
    dry_run: Annotated[
        bool,
        Field(
            json_schema_extra=words(
                "Dry run", "Only observe, and show what would be done. Change nothing"
            )
        ),
    ] = False,
    report: Annotated[
        bool,
        Field(
            json_schema_extra=words(
                "Report",
                "Observe every site and write the night's report. If off: only observe sites where "
                "a device is on its way, carry on there, and write no report",
            )
        ),
    ] = True,
) -> State[Any]:
    """Compare every roster and the ledger with all systems once, and do what the night rules say.

    Requests that the policy approves are admitted, and devices that came into service are
    confirmed. Everything that is not as it should be is reported with its remedy: what failed, is
    stuck, missing, unknown or forgotten. The night rules say what else is done, from which age on
    and how often. A system that is down is *not checked*, and stops no other. Runs that a dead
    worker left Running are ended. Running it again is safe.
    """
    return await reconcile_all(dry_run, report)

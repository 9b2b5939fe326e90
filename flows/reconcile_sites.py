"""Reconcile sites: the nightly proof that every device of every roster still is as it should be."""

from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field

from tasks.nightly.nightly import reconcile_all
from tasks.runtime.expected import failing_plainly
from tasks.runtime.forms import words


@flow(flow_run_name="reconcile sites")
@failing_plainly
async def reconcile_sites(
    dry_run: Annotated[
        bool,
        Field(
            json_schema_extra=words(
                "Dry run", "Only observe, and show what would be done; change nothing anywhere"
            )
        ),
    ] = False,
    report: Annotated[
        bool,
        Field(
            json_schema_extra=words(
                "Report",
                "Observe every site and write the night's report. Otherwise only carry on what "
                "waits, and report nothing",
            )
        ),
    ] = True,
) -> State[Any]:
    """Compare every roster and the ledger with all systems, once, and do what the rules say.

    A system that is down is *not checked*, and stops no other. What is approved by policy is let
    in, what came into service is confirmed, and what failed, is stuck, gone, strange or forgotten
    is told with its next step; the night rules say what else is done, after which age and how
    often. Runs that a dead worker left Running are ended. Running it again is safe.
    """
    return await reconcile_all(dry_run, report)

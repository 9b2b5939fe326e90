"""Watch reviews: warn of deadlines that are near, and end reviews whose deadline has passed."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from tasks.admission.deadlines import conclude, watch_deadlines
from tasks.runtime.expected import failing_plainly, result_of


@flow(flow_run_name="watch reviews")
@failing_plainly
async def watch_reviews() -> State[Any]:
    """Warn of reviews whose deadline is near, and end those whose deadline has passed.

    What was not decided stays held. A suspended run that waits for such a review is ended without a
    decision. Running it again is safe; it is meant to run every ten minutes.
    """
    return conclude(await result_of(watch_deadlines()))

"""Watch reviews: deadlines that come near are told, and reviews past theirs are ended."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from tasks.admission.deadlines import conclude, watch_deadlines
from tasks.runtime.expected import failing_plainly, result_of


@flow(flow_run_name="watch reviews")
@failing_plainly
async def watch_reviews() -> State[Any]:
    """Tell of reviews whose deadline is near, and end those whose deadline has passed.

    What was not decided stays held. A suspended run that shows such a review is ended as if it had
    been answered by nobody. Running it again is safe; it is meant to run every ten minutes.
    """
    return conclude(await result_of(watch_deadlines()))

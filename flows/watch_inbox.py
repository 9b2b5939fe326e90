"""Watch the inbox: plan what was dropped there, and give it back marked."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from tasks.inbox.receive import receive
from tasks.runtime.expected import failing_plainly


@flow(flow_run_name="watch the inbox")
@failing_plainly
async def watch_inbox() -> State[Any]:
    """Plan each roster that was dropped into the inbox, and put what came of it into the outbox.

    A file is taken out of the inbox once its plan, its marked copy and itself are in the outbox.
    One whose system does not answer stays, and is planned the next time. Nothing is applied unless
    MUSTER_INBOX_APPLY says so: start onboard-site with the plan.
    """
    return await receive()

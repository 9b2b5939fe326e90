"""Check connections: whether each of them is good for what Muster does, before it is needed."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from tasks.runtime.expected import failing_plainly
from tasks.runtime.forms import Connections
from tasks.system.check_connections import check_all


@flow(flow_run_name="check connections")
@failing_plainly
async def check_connections(
    names: Connections = (),
) -> State[Any]:
    """Ask every system who we are there, and whether it lets us do what Muster does.

    One list call of each kind and nothing else, so that it changes nothing and can be run at any
    time. One bad connection never stops the others. The run ends Failed when any cannot be used,
    with what to mend; one of the environment that nobody has set up is told as that.
    """
    return await check_all(names)

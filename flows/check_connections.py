"""Check connections: whether each of them can be used, before it is needed."""

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
    """Ask every system who we are there, and whether we may do what Muster needs.

    It makes one list call of each kind and changes nothing, so you can run it at any time. One bad
    connection never stops the others. The run ends Failed when one cannot be used, and says what to
    correct. A connection of the environment whose address is not set is listed as not set up.
    """
    return await check_all(names)

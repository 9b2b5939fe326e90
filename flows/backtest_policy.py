"""Back-test a policy: where it would have decided differently from people."""

from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed
from pydantic import Field

from fleet.device.device import SITE_PATTERN
from tasks.admission.backtest import given_policy, replay
from tasks.runtime.expected import failing_plainly, result_of
from tasks.runtime.forms import words


@flow(flow_run_name="back-test a policy")
@failing_plainly
async def backtest_policy(
    policy: Annotated[
        str,
        Field(
            json_schema_extra=words(
                "Policy",
                "The YAML text, pasted; or the path of a .yaml file in the worker's folders of "
                "rosters or policies, or its URL at a host that the worker may ask; or "
                "exact-match, human or zero-touch",
            )
        ),
    ],
    site: Annotated[
        str,
        Field(
            pattern=f"^$|{SITE_PATTERN}",
            max_length=63,
            json_schema_extra=words(
                "Site", "Only decisions at this site, such as plant-7. Empty: at all sites"
            ),
        ),
    ] = "",
) -> State[Any]:
    """Replay a proposed policy over everything that people decided, and show where it differs.

    Each request is decided again, on the evidence on which people decided it. False approvals come
    first: requests that the policy would have approved and a person rejected. It only reads the
    ledger and changes nothing, so you can run it at any time. A policy with faults is refused, with
    their lines.
    """
    headline = await result_of(replay(await given_policy(policy), site))
    return Completed(message=headline)

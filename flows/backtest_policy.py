"""Back-test a policy: where it would have differed from what people decided."""

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
                "The YAML text itself, pasted; or a path or URL of a .yaml file that the worker "
                "can read; or exact-match, human or zero-touch",
            )
        ),
    ],
    site: Annotated[
        str,
        Field(
            pattern=f"^$|{SITE_PATTERN}",
            max_length=63,
            json_schema_extra=words(
                "Site", "Only what people decided there, such as plant-7. Empty: at all sites"
            ),
        ),
    ] = "",
) -> State[Any]:
    """Replay a proposed policy over all that people decided, and show where it would differ.

    Each request is judged again on the evidence on which people decided it: false approvals first,
    which the policy would have let in although a person turned them away. It reads the ledger and
    changes nothing anywhere, so that it can be run at any time. A policy with faults is refused,
    with their lines.
    """
    headline = await result_of(replay(await given_policy(policy), site))
    return Completed(message=headline)

"""Review requests: a person decides about what is held at a site."""

from datetime import timedelta
from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field

from tasks.admission.open_review import Wish
from tasks.admission.review import review_site
from tasks.runtime.expected import failing_plainly
from tasks.runtime.forms import (
    AnswerWithin,
    Connection,
    NamesNeeded,
    RequestedBy,
    RequesterDigits,
    Site,
    words,
)


@flow(flow_run_name="review {site}")
@failing_plainly
async def review_requests(
    site: Site,
    connection: Connection = "lem",
    requested_by: RequestedBy = "",
    requester_digits: RequesterDigits = "",
    names_needed: NamesNeeded = 1,
    answer_within_minutes: AnswerWithin = 24 * 60,
    wait_minutes: Annotated[
        int,
        Field(
            ge=0,
            le=24 * 60,
            json_schema_extra=words(
                "Wait limit (minutes)",
                "How long to wait until the approved devices are in service",
            ),
        ),
    ] = 10,
) -> State[Any]:
    """Show all requests that are held at a site, and let a person approve, reject or leave them.

    The requests are shown as a table artifact. Then the run waits for its form (*Resume*), for days
    if need be, also while the worker or the server restarts. Decisions are recorded with name and
    reason, and then executed. A request that changed since it was shown stays held. After the
    deadline nothing is decided, and a late answer is refused.
    """
    wish = Wish(
        timedelta(minutes=answer_within_minutes), names_needed, requested_by, requester_digits
    )
    return await review_site(site, connection, wish, timedelta(minutes=wait_minutes))

"""Heads: the signed end of the record leaves the machine with every report."""

import json

from prefect.artifacts import acreate_markdown_artifact
from prefect.logging import get_run_logger

from ledger.session import Ledger
from tasks.runtime.clock import utc_now


def sign_head(ledger: Ledger) -> None:
    """Sign the end of the record where no report is written; if that fails, the log says so."""
    _, _, trouble = ledger.decisions.publish_head(utc_now())
    if trouble:
        get_run_logger().warning("%s.", trouble)


async def published_head(ledger: Ledger) -> str:
    """Sign the end of the record, and send it out; what a report says of it.

    It becomes an artifact, and a line of MUSTER_DECISION_HEADS. If that fails, the log says so.
    """
    head, line, trouble = ledger.decisions.publish_head(utc_now())
    if trouble:
        get_run_logger().warning("%s.", trouble)
    text = json.dumps(line, sort_keys=True)
    await acreate_markdown_artifact(
        markdown=f"`{text}`",
        key="decision-head",
        description="The signed end of the record of decisions",
    )
    return f"{head}. Signed: {text}{f'. {trouble}' if trouble else ''}"

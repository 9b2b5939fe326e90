"""Hand over secrets: one locked file with the keys, codes and tokens of a site's devices."""

from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field

from tasks.device.hand_over import conclude, hand_over
from tasks.device.handover_lock import RECIPIENT_PATTERN
from tasks.runtime.expected import failing_plainly, result_of
from tasks.runtime.forms import DryRun, Site, words


@flow(flow_run_name="hand over secrets of {site}")
@failing_plainly
async def hand_over_secrets(
    site: Site,
    taken_by: Annotated[
        str,
        Field(
            pattern=r"^\s*\S.*\S\s*$",
            max_length=100,
            json_schema_extra=words(
                "Taken by", "Your name. It is recorded, with what you take and when"
            ),
        ),
    ],
    recipient: Annotated[
        str,
        Field(
            json_schema_extra={
                **words(
                    "Recipient",
                    "Public key to which the file is locked: age1…, or a line that begins with "
                    "ssh-ed25519 or ssh-rsa. Empty: lock it with the passphrase that the worker "
                    "knows. Never type a passphrase here: Prefect would store it",
                ),
                "pattern": RECIPIENT_PATTERN,
            },
        ),
    ] = "",
    include_taken: Annotated[
        bool,
        Field(
            json_schema_extra=words(
                "Include what was taken before",
                "Hand over again what was taken already. If off: only what is new",
            ),
        ),
    ] = False,
    dry_run: DryRun = False,
) -> State[Any]:
    """Write what a site's installer needs into one locked file, and record who took it.

    These are keys, codes and tokens that the systems show only once: the latest of each kind, and
    none that has expired. They are in that file alone; Prefect neither shows nor stores them.
    Running it again hands over only what is new. A dry run lists what would be handed over.
    """
    taken_by = taken_by.strip()
    handed = await result_of(hand_over(site, taken_by, recipient, include_taken, dry_run))
    return conclude(site, taken_by, dry_run, handed)

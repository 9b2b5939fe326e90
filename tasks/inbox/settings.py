"""Where files are dropped, where they come back, and whether a plan may be applied by itself."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_settings import SettingsConfigDict

from fleet.device.device import SITE_PATTERN
from fleet.text.settings import Settings


class InboxSettings(Settings):
    """MUSTER_INBOX… in the environment or .env.

    `inbox` and `outbox` are folders, or URLs that fsspec knows, such as s3://plant-rosters/in.
    Without an inbox nothing is looked for. The outbox is by default the folder `outbox` beside it.
    With `inbox_apply` *clean*, a plan that needs no person is applied by itself. `connection` is
    that of the lines that name none.
    """

    model_config = SettingsConfigDict(env_prefix="MUSTER_", env_file=".env", extra="ignore")

    inbox: str = ""
    outbox: str = ""
    inbox_apply: Literal["never", "clean"] = "never"
    inbox_connection: Annotated[str, Field(pattern=SITE_PATTERN)] = "lem"

    @model_validator(mode="after")
    def _outbox_beside_it(self) -> Self:
        inbox = self.inbox.rstrip("/")
        if inbox and not self.outbox:
            folder, slash, _ = inbox.rpartition("/")
            self.outbox = f"{folder}{slash}outbox"
        return self

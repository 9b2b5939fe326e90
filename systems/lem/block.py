"""The block type of a connection to LEM."""

from contextlib import AbstractAsyncContextManager
from typing import Annotated, Literal

from fleet.system.system import System
from systems.lem.adapter import Lem
from systems.lem.settings import LemSettings
from systems.shared.block import (
    Address,
    Ca,
    Concurrency,
    QuotaCalls,
    QuotaSeconds,
    SystemConnection,
    Timeout,
    Verify,
    shown,
)
from systems.shared.settings import Credential


class LemConnection(SystemConnection):
    """One project of a Litmus Edge Manager."""

    _block_type_name = "Muster LEM connection"
    _block_type_slug = "muster-lem-connection"
    _description = (
        "One project of a Litmus Edge Manager (LEM), which Muster brings devices into. Flows and "
        "rosters call it by the block's name; the flow check-connections says whether it works."
    )
    system = "LEM"

    url: Annotated[Address, shown("Address", "Where LEM answers, such as https://lem.example.com")]
    project: Annotated[
        str, shown("Project", "The id of the project, 25 characters", pattern=r"^[A-Za-z0-9_-]+$")
    ]
    token: Annotated[Credential, shown("API token", "From LEM's Admin Console > Settings > Tokens")]
    auth: Annotated[
        Literal["header", "basic"],
        shown("Sent as", "header: X-AuthToken; basic: the user name of HTTP Basic"),
    ] = "header"
    ca: Ca = ""
    verify: Verify = True
    timeout_seconds: Timeout = 30
    concurrency: Concurrency = 16
    quota_calls: QuotaCalls = 0
    quota_seconds: QuotaSeconds = 60

    def settings(self) -> LemSettings:
        """The same as settings."""
        return LemSettings(**self._given())

    def connect(self) -> AbstractAsyncContextManager[System]:
        """The project, for as long as the context lasts."""
        return Lem.connect(self.settings())

"""The block type of a connection to Acusight."""

from contextlib import AbstractAsyncContextManager
from typing import Annotated

from fleet.system.system import System
from systems.acusight.adapter import Acusight
from systems.acusight.settings import AcusightSettings
from systems.shared.block import (
    Address,
    Ca,
    Concurrency,
    OptionalCredential,
    QuotaCalls,
    QuotaSeconds,
    SystemConnection,
    Timeout,
    Verify,
    shown,
)
from systems.shared.settings import Credential


class AcusightConnection(SystemConnection):
    """One organization of an Acusight."""

    _block_type_name = "Muster Acusight connection"
    _block_type_slug = "muster-acusight-connection"
    _description = (
        "One Acusight organization, which Muster provisions devices in. Flows and rosters call it "
        "by the block's name; the flow check-connections says whether it works."
    )
    system = "Acusight"

    url: Annotated[Address, shown("Address", "Of its API, such as https://acusight.io/api")]
    organization: Annotated[
        str,
        shown(
            "Organization",
            "Its slug. The ledger stores the keys of its devices under this name: two "
            "organizations need two names, and none may change once it has devices",
            min_length=1,
        ),
    ]
    token: Annotated[Credential, shown("JWT", "Of a user of the organization")]
    provisioning_token: Annotated[
        OptionalCredential,
        shown(
            "Provisioning token",
            "An existing token (apt_…) to use. Empty: Muster makes its own",
        ),
    ] = None
    ca: Ca = ""
    verify: Verify = True
    timeout_seconds: Timeout = 30
    concurrency: Concurrency = 16
    quota_calls: QuotaCalls = 0
    quota_seconds: QuotaSeconds = 60

    def settings(self) -> AcusightSettings:
        """The same as settings."""
        return AcusightSettings(**self._given())

    def connect(self) -> AbstractAsyncContextManager[System]:
        """The organization, for as long as the context lasts."""
        return Acusight.connect(self.settings())

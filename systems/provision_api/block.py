"""The block type of a connection to a provision_api."""

from contextlib import AbstractAsyncContextManager
from typing import Annotated

from fleet.system.system import System
from systems.provision_api.adapter import ProvisionApi
from systems.provision_api.settings import ProvisionApiSettings
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


class ProvisionApiConnection(SystemConnection):
    """One tenant of a provision_api."""

    _block_type_name = "Muster provision_api connection"
    _block_type_slug = "muster-provision-api-connection"
    _description = (
        "One tenant of a provision_api, which Muster registers devices with. Flows and rosters "
        "call it by the block's name; the flow check-connections says whether it works."
    )
    system = "provision_api"

    url: Annotated[Address, shown("Address", "Where it answers, such as http://10.0.0.5:8081")]
    tenant: Annotated[
        str, shown("Tenant", "The id of the tenant that its devices belong to", min_length=1)
    ]
    admin_key: Annotated[Credential, shown("Admin key", "What it was given as its ADMIN_KEY")]
    code_minutes: Annotated[
        float,
        shown(
            "Code lifetime (minutes)",
            "How long its activation codes live: its ACTIVATION_TTL_MINUTES, 60 by default",
            gt=0,
        ),
    ] = 60
    ca: Ca = ""
    verify: Verify = True
    timeout_seconds: Timeout = 30
    concurrency: Concurrency = 16
    quota_calls: QuotaCalls = 10
    quota_seconds: QuotaSeconds = 60

    def settings(self) -> ProvisionApiSettings:
        """The same as settings."""
        return ProvisionApiSettings(**self._given())

    def connect(self) -> AbstractAsyncContextManager[System]:
        """The tenant, for as long as the context lasts."""
        return ProvisionApi.connect(self.settings())

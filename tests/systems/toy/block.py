"""The block type of a connection to a toy system."""

from contextlib import AbstractAsyncContextManager
from typing import Annotated

from fleet.system.system import System
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
from tests.systems.toy.adapter import Toy
from tests.systems.toy.settings import ToySettings


class ToyConnection(SystemConnection):
    """One account of a toy system."""

    _block_type_name = "Muster toy connection"
    _block_type_slug = "muster-toy-connection"
    system = "Toy"

    url: Annotated[Address, shown("Address", "Where it answers, such as https://toy.example.com")]
    account: Annotated[str, shown("Account", "The account that its devices belong to")]
    token: Annotated[Credential, shown("Token", "Of the account")]
    ca: Ca = ""
    verify: Verify = True
    timeout_seconds: Timeout = 30
    concurrency: Concurrency = 16
    quota_calls: QuotaCalls = 0
    quota_seconds: QuotaSeconds = 60

    def settings(self) -> ToySettings:
        """The settings that say the same."""
        return ToySettings(**self._given())

    def connect(self) -> AbstractAsyncContextManager[System]:
        """The account, for as long as the context lasts."""
        return Toy.connect(self.settings())

"""Block types: what each system needs to be reached, as a form whose secrets Prefect encrypts.

Prefect shows the fields in the order in which a class declares them, those of its bases first; so
every class declares all of its own. It takes no logo but by an address on the internet: none here.
"""

from abc import ABC, abstractmethod
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Literal

from prefect.blocks.core import Block
from prefect.utilities.asyncutils import sync_compatible
from pydantic import (
    AfterValidator,
    AnyHttpUrl,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from adapters.acusight import Acusight
from adapters.lem import Lem
from adapters.provision_api import ProvisionApi
from clients.settings import (
    AcusightSettings,
    Credential,
    LemSettings,
    ProvisionApiSettings,
    SystemSettings,
)
from fleet.system import Checkup, System

PEM = "-----BEGIN "


def shown(title: str, description: str, **bounds: Any) -> Any:
    """A field with the words that its form shows."""
    return Field(title=title, description=description, **bounds)


def _without_user(url: AnyHttpUrl) -> AnyHttpUrl:
    """`url`, which everybody is shown; a credential has a field of its own."""
    if url.username or url.password:
        raise PydanticCustomError("address", "Input should hold neither a user nor a password")
    return url


def _filled(secret: Any) -> Any:
    return None if secret == "" else secret


Address = Annotated[AnyHttpUrl, AfterValidator(_without_user)]
# Not `Credential | None`: Prefect finds a secret that is annotated within a union to be none. And
# a form shows this as a field that may stay empty, not as a choice between a secret and "None".
OptionalCredential = Annotated[
    SecretStr | None,
    BeforeValidator(_filled),
    WithJsonSchema({"type": "string", "format": "password", "writeOnly": True}),
]
Ca = Annotated[
    str,
    shown(
        "CA certificate",
        "Whose certificates are trusted: PEM text, pasted, or the path of a PEM file on the "
        "worker. Empty: the usual CAs",
    ),
]
Verify = Annotated[
    bool,
    shown(
        "Verify TLS",
        "Off: any certificate will do, and whoever is in between can read the credential",
    ),
]
Timeout = Annotated[float, shown("Timeout (seconds)", "How long one call may take", gt=0)]
Concurrency = Annotated[
    int, shown("Concurrency", "How many calls may be under way at the same time", ge=1, le=256)
]
QuotaCalls = Annotated[
    int,
    shown(
        "Quota: calls",
        "How many calls the system lets through in the seconds below. 0: no quota is known",
        ge=0,
    ),
]
QuotaSeconds = Annotated[
    float, shown("Quota: seconds", "The time in which it lets so many calls through", gt=0)
]


class SystemConnection(Block, ABC):
    """What is needed to reach one system; `settings` and `connect` raise UnusableSettings.

    They do so when something is wrong that only the worker can see, such as the path of a file.
    """

    model_config = ConfigDict(hide_input_in_errors=True)

    system: ClassVar[str]

    @abstractmethod
    def settings(self) -> SystemSettings:
        """The settings that say the same."""

    @abstractmethod
    def connect(self) -> AbstractAsyncContextManager[System]:
        """The system, for as long as the context lasts."""

    @sync_compatible
    async def check(self) -> Checkup:
        """Who we are there, and what is wrong; to be awaited wherever code is asynchronous."""
        async with self.connect() as system:
            return await system.check(datetime.now(UTC))

    def _given(self) -> dict[str, Any]:
        """All fields of the settings, so that neither the environment nor .env says any of them."""
        given = {name: getattr(self, name) for name in type(self).model_fields}
        ca = given.pop("ca").strip()
        is_text = PEM in ca
        of_ca = {"ca_file": "" if is_text else ca, "ca_pem": ca if is_text else ""}
        return given | of_ca | {"_env_file": None}


class LemConnection(SystemConnection):
    """One project of a Litmus Edge Manager."""

    _block_type_name = "Muster LEM connection"
    _block_type_slug = "muster-lem-connection"
    _description = (
        "One project of a Litmus Edge Manager (LEM), which Muster brings devices into. Flows and "
        "rosters call it by the block's name; the flow check-connections tells whether it works."
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
        """The settings that say the same."""
        return LemSettings(**self._given())

    def connect(self) -> AbstractAsyncContextManager[System]:
        """The project, for as long as the context lasts."""
        return Lem.connect(self.settings())


class AcusightConnection(SystemConnection):
    """One organization of an Acusight."""

    _block_type_name = "Muster Acusight connection"
    _block_type_slug = "muster-acusight-connection"
    _description = (
        "One Acusight organization, which Muster provisions devices in. Flows and rosters call it "
        "by the block's name; the flow check-connections tells whether it works."
    )
    system = "Acusight"

    url: Annotated[Address, shown("Address", "Of its API, such as https://acusight.io/api")]
    organization: Annotated[
        str,
        shown(
            "Organization",
            "Its slug. The ledger keeps the keys of its devices under this name: two "
            "organizations need two, and none may change once devices have come in",
            min_length=1,
        ),
    ]
    token: Annotated[Credential, shown("JWT", "Of a user of the organization")]
    provisioning_token: Annotated[
        OptionalCredential,
        shown(
            "Provisioning token",
            "A token (apt_…) that is there already and is to be used. Empty: Muster makes its own",
        ),
    ] = None
    ca: Ca = ""
    verify: Verify = True
    timeout_seconds: Timeout = 30
    concurrency: Concurrency = 16
    quota_calls: QuotaCalls = 0
    quota_seconds: QuotaSeconds = 60

    def settings(self) -> AcusightSettings:
        """The settings that say the same."""
        return AcusightSettings(**self._given())

    def connect(self) -> AbstractAsyncContextManager[System]:
        """The organization, for as long as the context lasts."""
        return Acusight.connect(self.settings())


class ProvisionApiConnection(SystemConnection):
    """One tenant of a provision_api."""

    _block_type_name = "Muster provision_api connection"
    _block_type_slug = "muster-provision-api-connection"
    _description = (
        "One tenant of a provision_api, which Muster registers devices with. Flows and rosters "
        "call it by the block's name; the flow check-connections tells whether it works."
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
            "How long its activation codes live: its ACTIVATION_TTL_MINUTES, which is 60 by itself",
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
        """The settings that say the same."""
        return ProvisionApiSettings(**self._given())

    def connect(self) -> AbstractAsyncContextManager[System]:
        """The tenant, for as long as the context lasts."""
        return ProvisionApi.connect(self.settings())


BLOCK_TYPES: tuple[type[SystemConnection], ...] = (
    LemConnection,
    AcusightConnection,
    ProvisionApiConnection,
)

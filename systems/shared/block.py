"""What the block types of all systems share: a form whose secrets Prefect encrypts.

Prefect shows the fields in the order in which a class declares them, those of its bases first; so
every class declares all of its own. There is no logo, which would have to be on the internet.
"""

from abc import ABC, abstractmethod
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar

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
    field_validator,
)
from pydantic_core import PydanticCustomError
from pydantic_settings import NoDecode, SettingsConfigDict

from fleet.system.system import Checkup, System
from fleet.text.settings import Settings, UnusableSettings
from systems.shared.settings import SystemSettings

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
        "Off: any certificate is accepted, and anybody in between can read the credential",
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
        "How many calls the system accepts in the seconds below. 0: no quota is known",
        ge=0,
    ),
]
QuotaSeconds = Annotated[
    float, shown("Quota: seconds", "The time in which it accepts so many calls", gt=0)
]


class BlockSettings(Settings):
    """MUSTER_CONNECTION_HOSTS in the environment or .env: where blocks may lead; none: anywhere."""

    model_config = SettingsConfigDict(env_prefix="MUSTER_", env_file=".env", extra="ignore")

    connection_hosts: Annotated[tuple[str, ...], NoDecode] = ()

    @field_validator("connection_hosts", mode="before")
    @classmethod
    def _by_commas(cls, written: object) -> object:
        return written.lower().replace(",", " ").split() if isinstance(written, str) else written


class SystemConnection(Block, ABC):
    """What is needed to reach one system; `settings` and `connect` raise UnusableSettings.

    They do so when something is wrong that only the worker can see, such as the path of a file.
    """

    model_config = ConfigDict(hide_input_in_errors=True)

    system: ClassVar[str]

    @abstractmethod
    def settings(self) -> SystemSettings:
        """The same as settings."""

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
        _refuse_host(given["url"])
        ca = given.pop("ca").strip()
        is_text = PEM in ca
        of_ca = {"ca_file": "" if is_text else ca, "ca_pem": ca if is_text else ""}
        return given | of_ca | {"_env_file": None}


def _refuse_host(url: AnyHttpUrl) -> None:
    """Raise UnusableSettings for a block that leads to a host that is not allowed."""
    allowed = BlockSettings().connection_hosts
    if allowed and url.host not in allowed:
        problem = f"MUSTER_CONNECTION_HOSTS allows {', '.join(allowed)}, and not {url.host}"
        raise UnusableSettings(problem, [("url", problem)])

"""The lock of a hand-over file (age): a public key, or a passphrase that the worker knows."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyrage  # type: ignore[import-untyped]  # it comes without types
from prefect.blocks.system import Secret as SecretBlock
from pydantic import SecretStr, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import SettingsConfigDict

from fleet.text.expected import ExpectedError
from fleet.text.settings import Settings

BLOCK = "handover-passphrase"
LEAST = 12  # characters of a passphrase
PASSPHRASE = "passphrase"  # noqa: S105  what is recorded in place of a public key
# For the form, which so refuses a passphrase before Prefect stores it with the run.
RECIPIENT_PATTERN = r"^\s*((age1|ssh-ed25519\s|ssh-rsa\s).*)?\s*$"


class CannotHandOver(ExpectedError):
    """Secrets cannot be handed over; the message says why and what to do."""


class HandoverSettings(Settings):
    """MUSTER_HANDOVER_… in the environment or .env: where files go, and what locks them."""

    model_config = SettingsConfigDict(
        env_prefix="MUSTER_HANDOVER_",
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        hide_input_in_errors=True,
    )

    folder: Path = Path("var/handover")
    passphrase: SecretStr | None = None

    @field_validator("passphrase")
    @classmethod
    def _long_enough(cls, passphrase: SecretStr | None) -> SecretStr | None:
        if passphrase and len(passphrase) < LEAST:
            raise PydanticCustomError("passphrase", f"It should have {LEAST} characters or more")
        return passphrase


@dataclass(frozen=True, slots=True)
class Lock:
    """`close` turns a file's content into one that only `recipient` can read."""

    recipient: str
    close: Callable[[bytes], bytes]


def public_key_lock(recipient: str) -> Lock:
    """A lock to an age or SSH public key; CannotHandOver, which does not repeat it, otherwise."""
    kinds = {"age1": pyrage.x25519, "ssh-ed25519": pyrage.ssh, "ssh-rsa": pyrage.ssh}
    text = recipient.strip()
    kind = next((kinds[start] for start in kinds if text.startswith(start)), None)
    if kind is None:
        raise CannotHandOver(_expected("is no public key"))
    try:
        key = kind.Recipient.from_str(text)
    except pyrage.RecipientError:
        raise CannotHandOver(_expected("is a public key that cannot be used")) from None
    return Lock(text, lambda content: bytes(pyrage.encrypt(content, [key])))


async def passphrase_lock(settings: HandoverSettings) -> Lock:
    """A lock with the passphrase of `settings`, or else of Prefect's Secret block; CannotHandOver.

    Never a parameter, which Prefect would store for everybody to read who may see the run.
    """
    passphrase = settings.passphrase or await _in_block()
    return Lock(
        PASSPHRASE,
        lambda content: bytes(pyrage.passphrase.encrypt(content, passphrase.get_secret_value())),
    )


async def _in_block() -> SecretStr:
    try:
        block: SecretBlock[Any] = await SecretBlock.aload(BLOCK)
    except ValueError:
        raise CannotHandOver(
            "There is no passphrase to lock the file with. Set MUSTER_HANDOVER_PASSPHRASE for the "
            f"worker ({LEAST} characters or more), or save a Secret block named {BLOCK} in "
            "Prefect; or give a public key as recipient."
        ) from None
    value = block.value.get_secret_value()  # block.get() would make a number of digits
    if not isinstance(value, str) or len(value) < LEAST:
        raise CannotHandOver(
            f"The Secret block {BLOCK} must hold a text of {LEAST} characters or more."
        )
    return SecretStr(value)


def _expected(fault: str) -> str:
    return (
        f"The recipient {fault}. Give an age public key (age1…, as age-keygen prints it) or an SSH "
        "one (a line that begins with ssh-ed25519 or ssh-rsa). Or leave it empty, to lock the file "
        "with the passphrase that the worker knows. If you gave a passphrase or a private key, "
        "stop using it: Prefect has stored it with this run."
    )

"""Automations: which events people are notified of, and by which notification blocks."""

import asyncio
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import httpx
import yaml
from jinja2 import TemplateSyntaxError
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.objects import BlockDocument
from prefect.events.actions import ActionTypes, DoNothing, SendNotification
from prefect.events.schemas.automations import Automation, AutomationCore, EventTrigger
from prefect.server.utilities.user_templates import TemplateSecurityError, validate_user_template
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator

from deployments.access import stored_auth
from deployments.settings import UpSettings
from fleet.text.settings import UnusableSettings

CHANNEL = "muster-notifications"
FILE = Path(__file__).with_name("automations.yaml")


class UnusableAutomations(Exception):
    """The file of the automations cannot be used; the message names every fault."""


def _template(text: str) -> str:
    try:
        validate_user_template(text)
    except (TemplateSyntaxError, TemplateSecurityError) as error:
        raise ValueError(f"it is not a template: {error.message}") from None
    return text


Text = Annotated[str, Field(min_length=1)]
Template = Annotated[Text, AfterValidator(_template)]


class Trigger(EventTrigger):
    """Prefect's, but a misspelled key is a fault: without `expect` it would match every event."""

    model_config = ConfigDict(extra="forbid")

    expect: set[str] = Field(min_length=1)


class Notice(BaseModel):
    """One automation as the file describes it: what its notification says, and when it is sent."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Text
    description: Text
    trigger: Trigger
    subject: Template
    body: Template


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid")

    automations: list[Notice]

    @field_validator("automations")
    @classmethod
    def _each_name_once(cls, notices: list[Notice]) -> list[Notice]:
        names = [notice.name for notice in notices]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"more than one has the name {', '.join(twice)}")
        return notices


@dataclass(frozen=True)
class Applied:
    """By which blocks people are notified, which automations are on, which were switched off."""

    channels: tuple[str, ...]
    on: tuple[str, ...]
    switched_off: tuple[str, ...]

    def __str__(self) -> str:
        if not self.channels:
            return (
                f"Notifications are off: save a notification block named {CHANNEL} in the UI, "
                "then run make automations"
            )
        but = (
            f", but switched off in the UI: {', '.join(self.switched_off)}"
            if self.switched_off
            else ""
        )
        return f"Notifications are on by {CHANNEL} ({', '.join(self.channels)}){but}"


def read_automations(file: Path = FILE) -> list[Notice]:
    """What `file` describes; UnusableAutomations when any of it cannot be used."""
    try:
        return _Written.model_validate(yaml.safe_load(file.read_text("utf-8"))).automations
    except ValidationError as error:
        faults = error.errors(include_input=False, include_url=False)
        message = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in faults)
    except (OSError, ValueError, yaml.YAMLError) as error:
        message = " ".join(str(error).split())
    raise UnusableAutomations(f"{file} cannot be used: {message}")


async def apply_automations(file: Path = FILE) -> Applied:
    """Create or update, by its name, each automation of `file`; safe to repeat.

    Without a channel they do nothing and are off. They are switched on when they first get one;
    from then on they are on or off as a person switched them in the UI.
    """
    notices = read_automations(file)
    async with get_client() as client:
        channels = await _channels(client)
        enabled = [(n.name, await _apply(client, n, channels)) for n in notices]
    return Applied(
        channels=tuple(_type_of(block) for block in channels),
        on=tuple(name for name, on in enabled if on),
        switched_off=tuple(name for name, on in enabled if channels and not on),
    )


async def _channels(client: PrefectClient) -> list[BlockDocument]:
    """The saved blocks of the channel's name that can notify, one at most of each type."""
    wanted = {
        "block_documents": {"name": {"any_": [CHANNEL]}},
        "block_schemas": {"block_capabilities": {"all_": ["notify"]}},
    }
    response = await client.request("POST", "/block_documents/filter", json=wanted)
    return sorted(BlockDocument.model_validate_list(response.json()), key=_type_of)


def _type_of(block: BlockDocument) -> str:
    return block.block_type.name if block.block_type else "of an unknown type"


async def _apply(client: PrefectClient, notice: Notice, channels: Sequence[BlockDocument]) -> bool:
    """Create or update one automation, and say whether it is on."""
    known = await client.read_automations_by_name(notice.name)
    automation = AutomationCore(
        name=notice.name,
        description=notice.description,
        enabled=bool(channels) and (known[0].enabled if known and _notifies(known[0]) else True),
        trigger=notice.trigger,
        actions=_actions(notice, channels),
    )
    if known:
        await client.update_automation(known[0].id, automation)
    else:
        await client.create_automation(automation)
    return automation.enabled


def _notifies(automation: Automation) -> bool:
    return any(isinstance(action, SendNotification) for action in automation.actions)


def _actions(notice: Notice, channels: Sequence[BlockDocument]) -> list[ActionTypes]:
    if not channels:
        return [DoNothing()]
    return [
        SendNotification(block_document_id=block.id, subject=notice.subject, body=notice.body)
        for block in channels
    ]


def main() -> int:
    """Write the automations to the Prefect server, and say by which blocks they notify."""
    try:
        with _the_server():
            print(f"{asyncio.run(apply_automations())}.")
    except (UnusableAutomations, UnusableSettings) as error:
        print(error)
        return 1
    except httpx.HTTPError as error:
        print(f"The Prefect server cannot be used: {str(error).partition(chr(10))[0]}")
        return 1
    return 0


def _the_server() -> AbstractContextManager[Any]:
    """The Prefect server that the environment or profile names; otherwise that of `make up`."""
    if PREFECT_API_URL.value():
        return nullcontext()
    up = UpSettings()
    own = {PREFECT_API_URL: f"http://127.0.0.1:{up.port}/api"}
    if not PREFECT_API_AUTH_STRING.value():
        own |= {PREFECT_API_AUTH_STRING: stored_auth(up.folder)}
    return temporary_settings(own)


if __name__ == "__main__":
    sys.exit(main())

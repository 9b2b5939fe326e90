"""Integrations: where a system sends its alerts, as a person writes it, and what is missing."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AnyHttpUrl,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)
from pydantic_core import PydanticCustomError

from fleet.text.expected import ExpectedError
from fleet.text.fault import Fault
from fleet.text.yaml_text import NotYaml, YamlText, listed

_SECRETIVE = re.compile(r"authorization|cookie|api-?key|token|secret|password", re.IGNORECASE)
_URL = TypeAdapter(AnyHttpUrl)
VARIABLE, BLOCK = "MUSTER_INTEGRATION_", "muster-integration-"
_STORABLE = r"^[^\x00]*$"  # no database holds a NUL in a text
_REMEDIES = {
    "missing": "Add it",
    "extra_forbidden": "Remove it, or correct its spelling",
    "string_pattern_mismatch": "Remove the NUL from it",
    "not_meant": "Store the value under a name that begins with {prefix}",
    "literal_error": "Write OPEN, in capitals: the service ignores everything else",
}


def _meant_for_webhooks(prefix: str, name: str) -> str:
    if not name.startswith(prefix) or name == prefix:
        raise PydanticCustomError(
            "not_meant", "{name} is not meant for webhooks", {"name": repr(name), "prefix": prefix}
        )
    return name


def _once(moments: tuple[str, ...]) -> tuple[str, ...]:
    """As a service stores it, so that what is there compares equal to what was asked for."""
    return tuple(dict.fromkeys(moments)) or ("OPEN",)


Name = Annotated[str, StringConstraints(min_length=1, pattern=_STORABLE)]
Names = tuple[Annotated[str, StringConstraints(pattern=_STORABLE)], ...]
Integer = Annotated[int, Field(ge=-(2**31), lt=2**31)]  # a database's own integer
Moments = Annotated[tuple[Literal["OPEN"], ...], AfterValidator(_once)]


class UnusableConfiguration(ExpectedError):
    """The configuration cannot be used; the message names every fault and its remedy."""


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FromEnvironment(_Written):
    """A value that the worker's environment holds, by its variable.

    Only variables that were set for this can be named: any other, such as a key of the worker,
    would be sent to whatever address the file gives.
    """

    env: Annotated[str, AfterValidator(partial(_meant_for_webhooks, VARIABLE))]


class FromBlock(_Written):
    """A value that a Secret block holds, by the block's name; likewise."""

    block: Annotated[str, AfterValidator(partial(_meant_for_webhooks, BLOCK))]


Header = FromEnvironment | FromBlock | str


class Webhook(_Written):
    """Where alerts are sent. Spaces around an address are no part of it; services strip them."""

    name: Name
    url: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    enabled: bool = True
    headers: dict[str, Header] = Field(default={})

    @property
    def host(self) -> str:
        """Where its address leads: *hooks.example.com*."""
        return _URL.validate_python(self.url).host or ""


class Route(_Written):
    """Which alerts go to a webhook, by the webhook's name."""

    name: Name
    webhook: Name
    enabled: bool = True
    min_severity: Integer | None = None
    alert_types: Names = ()
    site_ids: Names = ()
    device_prefixes: Names = ()
    deliver_on: Moments = ("OPEN",)
    priority: Integer = 100


class Configuration(_Written):
    """What is wanted of a system's integrations."""

    webhooks: Annotated[tuple[Webhook, ...], Field()] = ()
    routes: Annotated[tuple[Route, ...], Field()] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """A webhook or route as its system lists it: its facts are those that can be compared."""

    id: str
    name: str
    facts: Mapping[str, Any]
    webhook_id: str = ""


@dataclass(frozen=True, slots=True)
class Integrations:
    """What a system lists; `truncated` when there may be more. `unreadable` was left out."""

    webhooks: tuple[Listed, ...] = ()
    routes: tuple[Listed, ...] = ()
    truncated: bool = False
    unreadable: tuple[str, ...] = ()

    @property
    def gap(self) -> str:
        """Why something may be there that is not listed, and the remedy; "" when all is listed."""
        if self.truncated:
            return (
                "The system's list of integrations ended at its limit, so what is missing is "
                "unknown. Remove those that are not needed, then run this again."
            )
        if self.unreadable:
            return (
                f"An integration that the system lists cannot be read ({self.unreadable[0]}), so "
                "what is missing is unknown. Correct or remove it there, then run this again."
            )
        return ""


class Presence(StrEnum):
    """Whether the system lists what is wanted."""

    MISSING = "missing"
    THERE = "there"
    DIFFERS = "differs"
    DOUBLED = "there more than once"


@dataclass(frozen=True, slots=True)
class Compared:
    """One wanted webhook or route, whether it is there, and why that is so."""

    wanted: Webhook | Route
    presence: Presence
    reason: str
    id: str = ""

    @property
    def kind(self) -> str:
        """What a person calls it."""
        return "webhook" if isinstance(self.wanted, Webhook) else "route"


def read_configuration(text: str) -> Configuration:
    """The configuration in `text` (YAML); UnusableConfiguration with all of its faults at once."""
    try:
        node = YamlText(text)
    except NotYaml as error:
        raise UnusableConfiguration(f"The configuration is not YAML: {error}") from None
    if not isinstance(node.value, dict):
        raise UnusableConfiguration(
            "The configuration names neither webhooks nor routes. It begins with the line "
            "'webhooks:', and below that a list."
        )
    try:
        wanted = Configuration.model_validate(node.value)
    except ValidationError as error:
        raise _unusable([_fault(node, each) for each in error.errors()]) from None
    if faults := [*node.doubled(), *_senseless(node, wanted)]:
        raise _unusable(faults)
    return wanted


def compare(wanted: Configuration, listed: Integrations) -> list[Compared]:
    """Each thing wanted beside what is there; webhooks first, since routes need them."""
    webhooks = [_compared(each, _facts(each), listed.webhooks) for each in wanted.webhooks]
    ids = {each.name: each.id for each in listed.webhooks}
    routes = [
        _compared(
            route,
            _facts(route),
            [r for r in listed.routes if r.webhook_id == ids.get(route.webhook)],
        )
        for route in wanted.routes
    ]
    return [*webhooks, *routes]


def without_webhook(wanted: Configuration, listed: Integrations) -> list[Route]:
    """Routes whose webhook is neither wanted nor there."""
    known = {webhook.name for webhook in wanted.webhooks}
    known |= {webhook.name for webhook in listed.webhooks}
    return [route for route in wanted.routes if route.webhook not in known]


def _facts(wanted: Webhook | Route) -> dict[str, Any]:
    """What a system lists of it and can be compared: neither headers, which it hides, nor names."""
    facts = wanted.model_dump(exclude={"name", "headers", "webhook"})
    return {key: list(value) if isinstance(value, tuple) else value for key, value in facts.items()}


def _compared(
    wanted: Webhook | Route, facts: Mapping[str, Any], listed: Sequence[Listed]
) -> Compared:
    same = [each for each in listed if each.name == wanted.name]
    if not same:
        return Compared(wanted, Presence.MISSING, "the system lists none of that name")
    if len(same) > 1:
        reason = f"the system lists {len(same)} of that name; have all but one removed there"
        return Compared(wanted, Presence.DOUBLED, reason, same[0].id)
    (found,) = same
    other = {k: found.facts[k] for k in facts if k in found.facts and found.facts[k] != facts[k]}
    if other:
        facts_there = "; ".join(f"{key} is {value!r} there" for key, value in other.items())
        reason = f"{facts_there}: there is no call to change it"
        return Compared(wanted, Presence.DIFFERS, reason, found.id)
    return Compared(wanted, Presence.THERE, "", found.id)


def _senseless(node: YamlText, wanted: Configuration) -> Iterator[Fault]:
    """What has the right shape and cannot be meant."""
    parts: dict[str, Sequence[Webhook | Route]]
    parts = {"webhooks": wanted.webhooks, "routes": wanted.routes}
    for part, written in parts.items():
        seen: set[tuple[str, str]] = set()
        for i, each in enumerate(written):
            key = (getattr(each, "webhook", ""), each.name)
            if key in seen:
                remedy = "Give each a name of its own"
                yield node.fault((part, i, "name"), "the name is here twice", remedy)
            seen.add(key)
    for i, webhook in enumerate(wanted.webhooks):
        yield from _unsafe(node, i, webhook)


def _unsafe(node: YamlText, i: int, webhook: Webhook) -> Iterator[Fault]:
    try:
        _URL.validate_python(webhook.url)
    except ValidationError:
        remedy = "Give one that begins with https:// or http://"
        yield node.fault(("webhooks", i, "url"), "it is not an address", remedy)
    for name, value in webhook.headers.items():
        if isinstance(value, str) and _SECRETIVE.search(name):
            yield node.fault(
                ("webhooks", i, "headers", name),
                "do not write a credential here: everybody can read it in Prefect",
                f"Write {name}: {{env: {VARIABLE}…}} or {{block: {BLOCK}…}}",
            )


def _fault(node: YamlText, error: Mapping[str, Any]) -> Fault:
    """A fault that pydantic found; its value is not shown, for it may be a credential."""
    place = tuple(part for part in error["loc"] if part not in {"str", *_UNIONS})
    remedy = _REMEDIES.get(error["type"], "Correct it").format(**error.get("ctx", {}))
    problem = str(error["msg"])
    return node.fault(place, problem[:1].lower() + problem[1:], remedy)


_UNIONS = {FromEnvironment.__name__, FromBlock.__name__}


def _unusable(faults: Sequence[Fault]) -> UnusableConfiguration:
    return UnusableConfiguration(
        f"Nothing was started because the configuration has faults:\n{listed(faults)}"
    )

"""A policy file: a policy as people write it down, in YAML, and its JSON schema for editors."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from fleet.admission.condition import Condition
from fleet.admission.evidence import digest
from fleet.admission.policy import BUILT_IN, Basis, Policy, Rule
from fleet.state.verdict import Decision
from fleet.text.expected import ExpectedError
from fleet.text.fault import Fault
from fleet.text.yaml_text import NotYaml, YamlText, listed

_REMEDIES = {
    "missing": "Add it",
    "extra_forbidden": "Remove it, or correct its spelling",
    "literal_error": "Write one of these words",
    "enum": "Write one of these words",
    "string_type": "Put it in quotes",
    "timezone_aware": "Add its zone, such as 2026-11-20T06:00:00Z",
    "string_pattern_mismatch": 'Write hours and minutes in quotes, such as "06:00"',
    "tuple_type": "Write a list, such as [one, two]",
    "renamed": "Rename it",
    "model_type": "Write words and their values below it, or remove it",
}
_PROBLEMS = {
    "string_type": "it is not read as text",
    "string_pattern_mismatch": "it is not a time of day",
    "tuple_type": "it is not a list",
    "model_type": "it has no words",
}


# What the value says already, or what may belong to another kind of file.
_NOT_SHOWN = {"renamed", "extra_forbidden"}


class UnusablePolicy(ExpectedError):
    """The policy cannot be used; the message names every fault and its remedy."""


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _of_some(unless: Condition | None) -> Condition | None:
    if unless == Condition():
        raise ValueError("it exempts every request, so that the rule would never apply")
    return unless


class WrittenRule(_Written):
    """One rule: its decision on every request for which `when` is true and `unless` is not."""

    name: str = Field(min_length=1, max_length=100, description="what people call the rule")
    then: Literal["approve", "reject", "hold"] = Field(
        description="reject wins over hold, and hold over approve"
    )
    reason: str = Field(min_length=1, max_length=500, description="why, in plain words")
    when: Condition = Field(default=Condition(), description="left out: every request")
    unless: Annotated[Condition | None, AfterValidator(_of_some)] = Field(
        default=None, description="but not these"
    )

    @property
    def rule(self) -> Rule:
        """The rule as it is applied."""
        return Rule(self.name, Decision(self.then), self.when, self.unless, self.reason)


class WrittenPolicy(_Written):
    """Which requests are approved at a site, or by a connection."""

    policy: Basis = Field(
        description="What is decided about a request that shows its device's code and identity and "
        "to which no rule applies. exact-match: it is approved; human: it is held for a person; "
        "zero-touch: it is left to its system. Everything else is held anyway"
    )
    mode: Literal["enforce", "shadow"] = Field(
        default="enforce", description="shadow: decide and record, and hold all of it"
    )
    quorum: Annotated[int, Field(ge=1, le=9)] = Field(
        default=1, description="how many different people must approve what is held"
    )
    requester_may_approve: bool = Field(
        default=True, description="whether the person who asks for a review may approve in it"
    )
    rules: tuple[WrittenRule, ...] = Field(
        default=(), description="rules narrow what is approved, and never widen it"
    )


def read_policy(text: str, name: str) -> Policy:
    """The policy in `text` (YAML), called `name`; UnusablePolicy with all of its faults at once.

    Its version is a hash of what it says, whatever its layout and comments.
    """
    try:
        read = YamlText(text)
    except NotYaml as error:
        raise UnusablePolicy(f"The policy {name} is not YAML: {error}") from None
    if not isinstance(read.value, dict):
        raise UnusablePolicy(
            f"The policy {name} says nothing. It begins with the line 'policy: exact-match' "
            "(or human, or zero-touch)."
        )
    try:
        written = WrittenPolicy.model_validate(read.value)
    except ValidationError as error:
        faults = [_fault(read, each) for each in error.errors()]
        raise _unusable(name, faults) from None
    if faults := [*read.doubled(), *_same_names(read, written), *_left_open(read, read.value)]:
        raise _unusable(name, faults)
    return Policy(
        basis=written.policy,
        rules=tuple(each.rule for each in written.rules),
        shadow=written.mode == "shadow",
        quorum=written.quorum,
        requester_may_approve=written.requester_may_approve,
        name=name,
        version=digest(written.model_dump(mode="json", exclude_defaults=True))[:12],
    )


def schema() -> dict[str, Any]:
    """The JSON schema of a policy file, by which editors help to write one."""
    written = WrittenPolicy.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_without_empty(written)}


def _without_empty(part: Any) -> Any:
    """A part of a schema without the empty values, which are refused where they are written."""
    if isinstance(part, list):
        return [_without_empty(each) for each in part if each != {"type": "null"}]
    if not isinstance(part, dict):
        return part
    fields = {k: _without_empty(v) for k, v in part.items()}
    if not isinstance(fields.get("default", ""), str | int):
        del fields["default"]
    if len(fields.get("anyOf", ())) == 1:
        fields |= fields.pop("anyOf")[0]
    return fields


def built_in(name: str) -> Policy | None:
    """The policy of that name that needs no file."""
    return BUILT_IN.get(name)


def _same_names(read: YamlText, written: WrittenPolicy) -> list[Fault]:
    names = [rule.name for rule in written.rules]
    return [
        read.fault(
            ("rules", i, "name"),
            "two rules have this name",
            "Give each rule a name of its own",
        )
        for i, name in enumerate(names)
        if name in names[:i]
    ]


def _left_open(read: YamlText, value: Any, *place: str | int) -> Iterator[Fault]:
    """Words without a value, which would check nothing and so widen their rule."""
    if value is None:
        yield read.fault(place, "it has no value", "Write one, or remove it")
    parts = dict(enumerate(value)) if isinstance(value, list) else value
    for part, inner in parts.items() if isinstance(parts, dict) else ():
        yield from _left_open(read, inner, *place, part)


def _fault(read: YamlText, error: Any) -> Fault:
    place = tuple(part for part in error["loc"] if part not in _UNIONS)
    problem = _PROBLEMS.get(error["type"], str(error.get("ctx", {}).get("error", error["msg"])))
    remedy = _REMEDIES.get(error["type"], "Correct it")
    value = str(error.get("input", ""))[:60]
    is_shown = isinstance(error.get("input"), str | int | float | date)
    shown = f" ({value!r})" if is_shown and error["type"] not in _NOT_SHOWN else ""
    return read.fault(place, f"{problem[:1].lower()}{problem[1:]}{shown}", remedy)


_UNIONS = {"literal['roster']", "constrained-int"}


def _unusable(name: str, faults: list[Fault]) -> UnusablePolicy:
    return UnusablePolicy(f"The policy {name} has faults:\n{listed(faults)}")

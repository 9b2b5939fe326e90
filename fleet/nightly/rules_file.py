"""A file of night rules, as people write it in YAML, and its JSON schema for editors."""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from fleet.admission.evidence import digest
from fleet.device.device import SiteName
from fleet.nightly.catalog import FINDING_KINDS, FindingKind
from fleet.nightly.rule import NightRule, Remediation
from fleet.nightly.rules import NightRules, Rules, default_rules
from fleet.text.duration import Duration
from fleet.text.expected import ExpectedError
from fleet.text.fault import Fault
from fleet.text.yaml_text import NotYaml, YamlText, listed

FORMER_KEYS = {each.former_key: kind for kind, each in FINDING_KINDS.items() if each.former_key}
FORMER_RE_ENROLL = "re-enrol"


class UnusableNightRules(ExpectedError):
    """The rules cannot be used; the message names every fault and its remedy."""


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid")


class WrittenRule(_Written):
    """What is done about one kind of finding; what is left out is as it is without a file."""

    do: Remediation | None = Field(default=None, description="what is done beside reporting it")
    after: Duration | None = Field(default=None, description="how old it must be, such as 12h")
    times: int | None = Field(default=None, ge=1, le=20, description="how often it is done")
    gap: Duration | None = Field(
        default=None, description="between the first time and the second; then it doubles"
    )


_RULES: Any = {
    kind.value: (WrittenRule | None, Field(default=None, description=record.meaning))
    for kind, record in FINDING_KINDS.items()
}
WrittenRules: type[BaseModel] = create_model(
    "WrittenRules", __base__=_Written, __doc__="One rule for each kind of finding.", **_RULES
)
_REMEDIES = {"extra_forbidden": "Remove it, or correct its spelling"}
_SITES: Any = Field(
    default={},
    description="rules of single sites, by the site's name",
    json_schema_extra={"additionalProperties": False},  # no other names
)
WrittenFile: type[BaseModel] = create_model(
    "WrittenFile",
    __base__=_Written,
    __doc__="The rules for all sites, and those that single sites have instead.",
    **_RULES,
    sites=(dict[SiteName, WrittenRules], _SITES),
)


def read_night_rules(text: str, name: str) -> NightRules:
    """The rules in `text` (YAML), called `name`; UnusableNightRules with all faults at once."""
    try:
        read = YamlText(text)
    except NotYaml as error:
        raise UnusableNightRules(f"The night rules {name} are not YAML: {error}") from None
    value = {} if read.value is None else read.value
    if not isinstance(value, dict):
        raise UnusableNightRules(f"The night rules {name} say nothing. Begin with: failed:")
    faults = [*read.doubled(), *_impossible(read, (), value)]
    try:
        written: Any = WrittenFile.model_validate(value)
    except ValidationError as error:
        found = error.errors()
        raise _unusable(name, [*(_fault(read, each) for each in found), *faults]) from None
    if faults:
        raise _unusable(name, faults)
    general = _rules(written, default_rules())
    return NightRules(
        rules=general,
        sites={site: _rules(rules, general) for site, rules in written.sites.items()},
        version=digest(written.model_dump(exclude_defaults=True))[:12],
    )


def schema() -> dict[str, Any]:
    """The JSON schema of a file of night rules."""
    made = WrittenFile.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def _rules(written: BaseModel, before: Rules) -> dict[FindingKind, NightRule]:
    return {kind: _rule(getattr(written, kind), before[kind]) for kind in FindingKind}


def _rule(written: WrittenRule | None, before: NightRule) -> NightRule:
    if written is None:
        return before
    return NightRule(
        do=before.do if written.do is None else written.do,
        after=before.after if written.after is None else written.after,
        times=before.times if written.times is None else written.times,
        gap=before.gap if written.gap is None else written.gap,
    )


def _impossible(read: YamlText, place: tuple[str, ...], rules: Any) -> Iterator[Fault]:
    """Rules that say to do what cannot be done about that kind, in the file's own values."""
    if not isinstance(rules, dict):
        return
    for name, rule in rules.items():
        if name == "sites" and not place and isinstance(rule, dict):
            for site, own in rule.items():
                yield from _impossible(read, (name, site), own)
        elif name in [*FindingKind] and isinstance(rule, dict):
            can = {Remediation.REPORT, *FindingKind(name).record.remediations}
            if rule.get("do") in [each for each in Remediation if each not in can]:
                problem = f"{rule['do']} is not possible here"
                remedy = f"Write {' or '.join(sorted(can))}"
                yield read.fault((*place, name, "do"), problem, remedy)


def _fault(read: YamlText, error: Any) -> Fault:
    place = tuple(part for part in error["loc"] if part != "[key]")
    name, value = str(place[-1]) if place else "", str(error.get("input", ""))[:60]
    if error["type"] == "extra_forbidden" and name in FORMER_KEYS and len(place) != 2:
        return _renamed(read, place, name, FORMER_KEYS[name])
    if error["type"] == "enum" and value == FORMER_RE_ENROLL:
        return _renamed(read, place, value, Remediation.RE_ENROLL)
    problem = str(error.get("ctx", {}).get("error", error["msg"]))
    remedy = _REMEDIES.get(error["type"], "Correct it")
    return read.fault(place, f"{problem[:1].lower()}{problem[1:]} ({value!r})", remedy)


def _renamed(read: YamlText, place: tuple[Any, ...], old: str, new: str) -> Fault:
    return read.fault(place, f"{old} has a new name", f"Write {new}")


def _unusable(name: str, faults: list[Fault]) -> UnusableNightRules:
    return UnusableNightRules(f"The night rules {name} have faults:\n{listed(faults)}")

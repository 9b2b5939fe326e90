"""A file of night rules, as people write it in YAML, and its JSON schema for editors."""

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fleet.device import SiteName
from fleet.duration import Duration
from fleet.evidence import digest
from fleet.fault import Fault
from fleet.finding import FindingKind, Remediation
from fleet.night_rules import DEFAULTS, POSSIBLE, NightRule, NightRules
from fleet.text.expected import ExpectedError
from fleet.yaml_text import NotYaml, YamlText, listed

# As a file names them: one word each.
NAMES: dict[str, FindingKind] = {
    "pending": FindingKind.PENDING,
    "failed": FindingKind.FAILED,
    "stuck": FindingKind.STUCK,
    "enrolment_ended": FindingKind.ENDED,
    "unlisted": FindingKind.UNLISTED,
    "gone": FindingKind.GONE,
    "wrong_site": FindingKind.WRONG_SITE,
    "alive": FindingKind.ALIVE,
    "revivable": FindingKind.REVIVABLE,
    "key_lost": FindingKind.LOST,
    "held": FindingKind.HELD,
    "rejected": FindingKind.REJECTED,
    "truncated": FindingKind.TRUNCATED,
    "unknown": FindingKind.UNKNOWN,
}


class UnusableNightRules(ExpectedError):
    """The rules cannot be used; the message names every fault and its mend."""


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WrittenRule(_Written):
    """What is done about one kind of finding; what is left out is as it is without a file."""

    do: Literal["report", "retry", "re-enrol", "reject"] | None = Field(
        default=None, description="what is done beside reporting it"
    )
    after: Duration | None = Field(default=None, description="how old it must be, such as 12h")
    times: int | None = Field(default=None, ge=1, le=20, description="how often it is done")
    gap: Duration | None = Field(
        default=None, description="between the first time and the second; then it doubles"
    )


class WrittenRules(_Written):
    """One rule for each kind of finding."""

    pending: WrittenRule | None = Field(default=None, description="not in service for too long")
    failed: WrittenRule | None = Field(default=None, description="its provisioning failed")
    stuck: WrittenRule | None = Field(default=None, description="approved and never confirmed")
    enrolment_ended: WrittenRule | None = Field(
        default=None, description="its code expired or was used up by others, and it is still due"
    )
    unlisted: WrittenRule | None = Field(default=None, description="in service, on no roster")
    gone: WrittenRule | None = Field(default=None, description="on the roster, and not there")
    wrong_site: WrittenRule | None = Field(default=None, description="at another site")
    alive: WrittenRule | None = Field(default=None, description="retired here, alive there")
    revivable: WrittenRule | None = Field(default=None, description="a code could revive it")
    key_lost: WrittenRule | None = Field(default=None, description="its key was lost")
    held: WrittenRule | None = Field(default=None, description="held for a person for too long")
    rejected: WrittenRule | None = Field(default=None, description="it was turned away")
    truncated: WrittenRule | None = Field(default=None, description="a list ended at its limit")
    unknown: WrittenRule | None = Field(default=None, description="nobody knows what came of it")


class WrittenFile(WrittenRules):
    """The rules for all sites, and those that single sites have instead."""

    sites: dict[SiteName, WrittenRules] = Field(
        default={},
        description="rules of single sites, by the site's name",
        json_schema_extra={"additionalProperties": False},  # no other names
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
        written = WrittenFile.model_validate(value)
    except ValidationError as error:
        told = error.errors(include_url=False, include_context=False)
        raise _unusable(name, [*(_fault(read, each) for each in told), *faults]) from None
    if faults:
        raise _unusable(name, faults)
    general = _rules(written, DEFAULTS)
    return NightRules(
        rules=general,
        sites={site: _rules(rules, general) for site, rules in written.sites.items()},
        version=digest(written.model_dump(mode="json", exclude_defaults=True))[:12],
    )


def schema() -> dict[str, Any]:
    """The JSON schema of a file of night rules."""
    told = WrittenFile.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **told}


def _rules(written: WrittenRules, before: Any) -> dict[FindingKind, NightRule]:
    return {kind: _rule(getattr(written, name), before[kind]) for name, kind in NAMES.items()}


def _rule(written: WrittenRule | None, before: NightRule) -> NightRule:
    if written is None:
        return before
    return NightRule(
        do=before.do if written.do is None else Remediation(written.do),
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
        elif name in NAMES and isinstance(rule, dict):
            can = {Remediation.REPORT, *POSSIBLE.get(NAMES[name], ())}
            if rule.get("do") in [each for each in Remediation if each not in can]:
                problem = f"{rule['do']} is not possible here"
                mend = f"Write {' or '.join(sorted(can))}"
                yield read.fault((*place, name, "do"), rule["do"], problem, mend)


def _fault(read: YamlText, told: Any) -> Fault:
    place = tuple(part for part in told["loc"] if part != "[key]")
    problem = str(told["msg"]).removeprefix("Value error, ")
    mend = {"extra_forbidden": "Remove it, or correct its spelling"}.get(told["type"], "Correct it")
    value = str(told.get("input", ""))[:60]
    return read.fault(place, value, f"{problem[:1].lower()}{problem[1:]} ({value!r})", mend)


def _unusable(name: str, faults: list[Fault]) -> UnusableNightRules:
    return UnusableNightRules(f"The night rules {name} have faults:\n{listed(faults)}")

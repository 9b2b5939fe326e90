"""Night rules: what is done about each kind of finding, at every site and at single ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fleet.nightly.catalog import FINDING_KINDS, FindingKind
from fleet.nightly.finding import Finding
from fleet.nightly.rule import NightRule

AS_THEY_SAY = "as the night's rules say"  # the reason of what is done by them alone

Rules = Mapping[FindingKind, NightRule]


def default_rules() -> dict[FindingKind, NightRule]:
    """The rule of every kind without a file."""
    return {kind: record.rule for kind, record in FINDING_KINDS.items()}


@dataclass(frozen=True)
class NightRules:
    """The rules of every site: those for all, and those that single sites have instead."""

    rules: Rules = field(default_factory=default_rules)
    sites: Mapping[str, Rules] = field(default_factory=dict)
    version: str = ""

    def rule(self, finding: Finding) -> NightRule:
        """What is done about that finding."""
        return self.of(finding.site, finding.kind)

    def of(self, site: str, kind: FindingKind) -> NightRule:
        """What is done about findings of that kind at that site."""
        return self.sites.get(site, {}).get(kind) or self.rules[kind]

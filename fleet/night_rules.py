"""Night rules: what is done about each kind of finding, after which age and how often."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fleet.finding import Finding, FindingKind, Remediation

AS_THEY_SAY = "as the night's rules say"  # the reason of what is done by them alone

# What can be done about each kind beside reporting it: nothing, where only a person can help.
POSSIBLE: Mapping[FindingKind, frozenset[Remediation]] = {
    FindingKind.PENDING: frozenset({Remediation.REJECT}),
    FindingKind.FAILED: frozenset({Remediation.RETRY}),
    FindingKind.ENDED: frozenset({Remediation.RE_ENROLL}),
    FindingKind.HELD: frozenset({Remediation.REJECT}),
    FindingKind.UNKNOWN: frozenset({Remediation.RE_ENROLL}),
}


@dataclass(frozen=True, slots=True)
class NightRule:
    """What is done about one kind of finding.

    It is one only when it is `after` old. Then it is done at most `times`: the second time `gap`
    after the first, and each further one twice as long after the one before. After that a person
    must help.
    """

    do: Remediation = Remediation.REPORT
    after: timedelta = timedelta()
    times: int = 1
    gap: timedelta = timedelta(hours=1)

    def is_due(self, acts: int, last: datetime | None, now: datetime) -> bool:
        """Whether to do something now, when so much was done before, the last time at `last`."""
        if self.do is Remediation.REPORT or acts >= self.times:
            return False
        if last is None:
            return True
        longer: int = 2 ** max(0, acts - 1)
        return (now - last) / longer >= self.gap  # so that no long gap is too long to be counted

    def is_exhausted(self, acts: int) -> bool:
        """Whether it was done as often as it may be, so that a person must help."""
        return self.do is not Remediation.REPORT and acts >= self.times


DAY = timedelta(days=1)
DEFAULTS: Mapping[FindingKind, NightRule] = {
    **dict.fromkeys(FindingKind, NightRule()),
    FindingKind.PENDING: NightRule(after=3 * DAY),
    FindingKind.FAILED: NightRule(Remediation.RETRY, times=3),
    FindingKind.STUCK: NightRule(after=timedelta(hours=1)),
    FindingKind.HELD: NightRule(after=timedelta(hours=12)),
    FindingKind.UNKNOWN: NightRule(after=timedelta(hours=1)),
}


@dataclass(frozen=True)
class NightRules:
    """The rules of every site: those for all, and those that single sites have instead."""

    rules: Mapping[FindingKind, NightRule] = field(default_factory=lambda: DEFAULTS)
    sites: Mapping[str, Mapping[FindingKind, NightRule]] = field(default_factory=dict)
    version: str = ""

    def rule(self, finding: Finding) -> NightRule:
        """What is done about that finding."""
        return self.of(finding.site, finding.kind)

    def of(self, site: str, kind: FindingKind) -> NightRule:
        """What is done about findings of that kind at that site."""
        return self.sites.get(site, {}).get(kind) or self.rules[kind]

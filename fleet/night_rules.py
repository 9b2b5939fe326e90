"""Night rules: what is done about each kind of finding, after which age and how often."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fleet.finding import Deed, Finding, Kind

AS_THEY_SAY = "as the night's rules say"  # the reason of what is done by them alone

# What can be done about each kind beside reporting it: nothing, where only a person can help.
POSSIBLE: Mapping[Kind, frozenset[Deed]] = {
    Kind.PENDING: frozenset({Deed.REJECT}),
    Kind.FAILED: frozenset({Deed.RETRY}),
    Kind.ENDED: frozenset({Deed.RE_ENROL}),
    Kind.HELD: frozenset({Deed.REJECT}),
    Kind.UNKNOWN: frozenset({Deed.RE_ENROL}),
}


@dataclass(frozen=True, slots=True)
class NightRule:
    """What is done about one kind of finding.

    It is one only when it is `after` old. Then it is done at most `times`: the second time `gap`
    after the first, and each further one twice as long after the one before. After that a person
    must help.
    """

    do: Deed = Deed.REPORT
    after: timedelta = timedelta()
    times: int = 1
    gap: timedelta = timedelta(hours=1)

    def is_due(self, acts: int, last: datetime | None, now: datetime) -> bool:
        """Whether to do something now, when so much was done before, the last time at `last`."""
        if self.do is Deed.REPORT or acts >= self.times:
            return False
        if last is None:
            return True
        longer: int = 2 ** max(0, acts - 1)
        return (now - last) / longer >= self.gap  # so that no long gap is too long to be counted

    def is_exhausted(self, acts: int) -> bool:
        """Whether it was done as often as it may be, so that a person must help."""
        return self.do is not Deed.REPORT and acts >= self.times


DAY = timedelta(days=1)
DEFAULTS: Mapping[Kind, NightRule] = {
    **dict.fromkeys(Kind, NightRule()),
    Kind.PENDING: NightRule(after=3 * DAY),
    Kind.FAILED: NightRule(Deed.RETRY, times=3),
    Kind.STUCK: NightRule(after=timedelta(hours=1)),
    Kind.HELD: NightRule(after=timedelta(hours=12)),
    Kind.UNKNOWN: NightRule(after=timedelta(hours=1)),
}


@dataclass(frozen=True)
class NightRules:
    """The rules of every site: those for all, and those that single sites have instead."""

    rules: Mapping[Kind, NightRule] = field(default_factory=lambda: DEFAULTS)
    sites: Mapping[str, Mapping[Kind, NightRule]] = field(default_factory=dict)
    version: str = ""

    def rule(self, finding: Finding) -> NightRule:
        """What is done about that finding."""
        return self.of(finding.site, finding.kind)

    def of(self, site: str, kind: Kind) -> NightRule:
        """What is done about findings of that kind at that site."""
        return self.sites.get(site, {}).get(kind) or self.rules[kind]

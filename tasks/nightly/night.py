"""A night: what one reconciliation finds, does and cannot observe."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from fleet.nightly.catalog import FindingKind
from fleet.nightly.finding import Finding, Key
from fleet.nightly.rule import Remediation
from fleet.nightly.rules import NightRules
from fleet.state.record import DeviceRecord
from fleet.system.system import System
from ledger.nightly.findings import Known
from reports.nightly.facts import Done
from tasks.pipeline.plan import Plan
from tasks.runtime.connection_run import ConnectionRun


@dataclass
class Place:
    """One site by one connection: its connection run, what is planned there, and its devices."""

    run: ConnectionRun
    plan: Plan
    records: Sequence[DeviceRecord]

    @property
    def site(self) -> str:
        """The site, such as *plant-7*."""
        return self.run.desired.site

    @property
    def key(self) -> tuple[str, str]:
        """Site and connection, which make it the same place every night."""
        return self.site, self.run.connection


@dataclass
class Night:
    """One reconciliation. A dry run claims and writes nothing.

    `not_checked` says why a connection, or a site by one, could not be observed; `busy` are those
    sites at which another run works. `systems` are those that were opened, by connection;
    `ended_runs` names the runs whose worker had died; `whole` the connections of which every site
    was observed.
    """

    name: str
    started_at: datetime
    is_dry: bool
    rules: NightRules
    records: list[DeviceRecord]
    known: dict[Key, Known]
    places: list[Place] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    not_checked: dict[str, str] = field(default_factory=dict)
    busy: set[str] = field(default_factory=set)
    systems: dict[str, System] = field(default_factory=dict)
    done: list[Done] = field(default_factory=list)
    ended_runs: list[str] = field(default_factory=list)
    whole: set[str] = field(default_factory=set)

    def records_at(self, scope: str, connection: str) -> list[DeviceRecord]:
        """The devices there that came in by that connection, or by one that was not recorded."""
        by = {connection, ""}
        return [each for each in self.records if each.scope == scope and each.connection in by]

    def refresh(self, records: Iterable[DeviceRecord]) -> None:
        """Replace the device records by newer ones; it stays about the same devices."""
        newer = {_identity(each): each for each in records}
        self.records = [newer.get(_identity(each), each) for each in self.records]

    @property
    def first_seen(self) -> dict[Key, datetime]:
        """When each finding that is still open was found first."""
        return {key: each.first_seen for key, each in self.known.items()}

    def checked(self, key: Key) -> bool:
        """Whether tonight would have found that finding again, if it were still so."""
        site, connection, kind, _ = key
        if FindingKind(kind).record.needs_whole_list:
            return connection in self.whole
        return any(place.key == (site, connection) for place in self.places)

    def due(self, now: datetime) -> dict[Key, Remediation]:
        """What is to be done now, by finding."""
        found = {}
        for finding in self.findings:
            rule, before = self.rules.rule(finding), self.known.get(finding.key)
            actions, last = (before.actions, before.last_action_at) if before else (0, None)
            if rule.is_due(actions, last, now):
                found[finding.key] = rule.do
        return found

    @property
    def needs_attention(self) -> list[Finding]:
        """The findings that are left to a person."""
        return [each for each in self.findings if self.wants_attention(each)]

    def wants_attention(self, finding: Finding) -> bool:
        """Whether no rule does anything more about that finding."""
        rule = self.rules.rule(finding)
        return rule.do is Remediation.REPORT or rule.is_exhausted(self.actions_before(finding))

    def actions_before(self, finding: Finding) -> int:
        """How often something was done about a finding, tonight included."""
        before = self.known.get(finding.key)
        return before.actions if before else 0


def _identity(record: DeviceRecord) -> tuple[str, str, str]:
    return record.site, record.scope, record.device.name

"""The facts of one night: what it found, did, and could not check."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from fleet.nightly.finding import Finding
from fleet.state.action_kind import ActionKind
from fleet.state.device_state import State


@dataclass(frozen=True, slots=True)
class NightDevice:
    """One device of a roster, as the night observed it; every device appears once.

    Stage times are aware UTC, None while unknown. `failed_step` is what its system calls the step
    at which provisioning failed.
    """

    site: str
    connection: str
    device: str
    state: State
    reason: str
    version: str = ""
    hardware: str = ""
    failed_step: str = ""
    enrolled: datetime | None = None
    asked: datetime | None = None
    approved: datetime | None = None
    provisioned: datetime | None = None
    confirmed: datetime | None = None
    steps: tuple[tuple[str, float], ...] = ()  # from its system's log: name, seconds it took


@dataclass(frozen=True, slots=True)
class ReportedFinding:
    """A finding as it is reported: first seen when, how often acted on, and what a person does."""

    finding: Finding
    first_seen: datetime
    actions: int
    needs_attention: bool
    remedy: str  # what a person should do; "" when nothing
    is_new: bool  # not found last night


@dataclass(frozen=True, slots=True)
class Done:
    """One action of this night, and its result."""

    site: str
    connection: str
    device: str
    action: ActionKind
    is_done: bool
    result: str = "done"  # or the reason why not


@dataclass(frozen=True, slots=True)
class Planned:
    """One action that a real run would take; this one was dry."""

    site: str
    connection: str
    device: str
    action: ActionKind


@dataclass(frozen=True, slots=True)
class Past:
    """The counts of one night that the ledger holds, of this one or an earlier one.

    `states` is by (site, connection, code of the state); `kinds` by finding kind; `stages` the p50
    and p95 seconds by stage name. `recorded` is how many decisions there were by then since the
    first.
    """

    started_at: datetime
    ended_at: datetime
    states: Mapping[tuple[str, str, str], int]
    kinds: Mapping[str, int]
    not_checked: Mapping[str, str]
    stages: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    actions: int = 0
    decisions: int = 0
    needs_attention: int = 0
    recorded: int = 0


@dataclass(frozen=True, slots=True)
class QuotaUse:
    """How much of a connection's quota the night used.

    `allowed` is how many calls it lets through in that time; None when no quota is known.
    """

    connection: str
    quota: str
    calls: int
    seconds: float
    allowed: int | None = None


@dataclass(frozen=True, slots=True)
class ReportedDecision:
    """One decision made since last night."""

    at: datetime
    by: str
    decision: str
    how: str
    site: str
    device: str
    reason: str


@dataclass(frozen=True)
class NightFacts:
    """Everything that the report of one night shows.

    `zone` names the time zone in which its times are shown. `not_checked` says by connection (or
    "site by connection") why it was not checked: of its devices the report shows only what was
    known before. `history` is the known nights before this one, oldest first. `missed` are nights
    of the schedule that have no report. `ended_runs` are runs that a dead worker had left Running,
    and that this night ended.
    """

    run_name: str
    started_at: datetime
    ended_at: datetime
    zone: str
    dry_run: bool
    devices: Sequence[NightDevice]
    reported: Sequence[ReportedFinding]
    done: Sequence[Done]
    not_checked: Mapping[str, str]
    history: Sequence[Past] = ()
    missed: Sequence[date] = ()
    quotas: Sequence[QuotaUse] = ()
    decisions: Sequence[ReportedDecision] = ()
    decisions_head: str = ""
    recorded: int = 0  # decisions, since the first
    planned: Sequence[Planned] = ()  # of a dry run
    ended_runs: Sequence[str] = ()

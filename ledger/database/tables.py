"""The ledger's tables; every instant is aware UTC, and every secret is sealed.

What is acted upon has a `mac`, by a key that is not in the ledger (`ledger/keys/record_keys.py`). A
column that is added to such a table later must be null where nothing is said.
"""

from datetime import datetime

from sqlalchemy import Index, false, text, true
from sqlmodel import Field, SQLModel


class ConnectionRunRow(SQLModel, table=True):
    """One run over a site's devices by one connection. While its lease lasts, they are its own.

    That it lasts is known by its `renewals` alone: `lease_until` is for people, and is by the clock
    of the run's machine.
    """

    __tablename__ = "connection_run"

    id: str = Field(primary_key=True)
    site: str = Field(index=True)
    scope: str
    name: str
    started_at: datetime
    lease_until: datetime
    lease_seconds: float = Field(default=15, sa_column_kwargs={"server_default": text("15")})
    renewals: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    ended_at: datetime | None = None


class ClaimRow(SQLModel, table=True):
    """A key that identifies a device (its name, host id or a MAC), claimed by a run."""

    __tablename__ = "claim"

    key: str = Field(primary_key=True)
    device: str
    run_id: str = Field(foreign_key="connection_run.id", index=True)


class DeviceRow(SQLModel, table=True):
    """One device of a site: its status, why, and when it reached each stage.

    `connection` is that by which it comes in; `is_listed` whether the site's last roster names it;
    `is_by_people` and `activates_itself` how it was ordered last; `ordered_as` is JSON, of what its
    lines said it shows while people had to approve it. `admitted_…` are as whom it was admitted: by
    which request, what that showed, and its system's id once it was in service.
    """

    __tablename__ = "device"

    scope: str = Field(primary_key=True)
    site: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    host_id: str | None = None
    macs: str = ""
    zero_touch: str | None = None
    state: str
    reason: str
    request_key: str | None = None
    confirmed_as: str | None = None
    asked_at: datetime | None = None
    provisioned_at: datetime | None = None
    confirmed_at: datetime | None = None
    changed_at: datetime
    connection: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    is_listed: bool = Field(default=False, sa_column_kwargs={"server_default": true()})
    is_by_people: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    activates_itself: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    ordered_as: str | None = None
    admitted_key: str | None = None
    admitted_host_id: str | None = None
    admitted_macs: str | None = None
    admitted_id: str | None = None
    mac: str | None = None


class EnrollmentRow(SQLModel, table=True):
    """An enrollment made, or meant to be made; without `enrollment_id` its outcome is unknown.

    `answer` is the error of the last call for it that left it unknown. One `adopted` was there
    before. At `lost_at` it was asked for without an answer, and again at `made_at`.
    """

    __tablename__ = "enrollment"

    id: int | None = Field(default=None, primary_key=True)
    site: str = Field(index=True)
    scope: str
    wanted_expiry: datetime
    capacity: int
    made_at: datetime
    enrollment_id: str | None = Field(default=None, index=True)
    adopted: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    answer: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    lost_at: datetime | None = None


class DeviceEnrollmentRow(SQLModel, table=True):
    """Which devices may ask by which enrollment."""

    __tablename__ = "device_enrollment"

    enrollment_number: int = Field(foreign_key="enrollment.id", primary_key=True)
    site: str = Field(primary_key=True)
    device: str = Field(primary_key=True)


class IntentRow(SQLModel, table=True):
    """The journal: an action recorded before it is tried, and what came of it afterwards.

    Without an outcome nobody knows whether it happened; the next observation resolves that.
    """

    __tablename__ = "intent"
    __table_args__ = (Index("ix_intent_outcome", "site", "outcome", "action"),)

    id: int | None = Field(default=None, primary_key=True)
    run_id: str = Field(foreign_key="connection_run.id", index=True)
    site: str = Field(index=True)
    device: str
    action: str
    subject: str
    reason: str = ""
    intended_at: datetime
    outcome: str | None = None
    detail: str = ""
    resolved_at: datetime | None = None


class HoldRow(SQLModel, table=True):
    """A request that waits for a person, and why: as a code, and in words as it was at first."""

    __tablename__ = "hold"

    scope: str = Field(primary_key=True)
    site: str = Field(primary_key=True)
    request_key: str = Field(primary_key=True)
    code: str = Field(primary_key=True)
    reason: str
    device: str | None = None
    hostname: str = ""
    identity: str = ""
    held_at: datetime


class SecretRow(SQLModel, table=True):
    """A secret that a system showed once. Only a key stored elsewhere opens what `sealed` holds.

    `key_id` is that key's fingerprint; `version` its number among those of its site and scope, so
    that it shows when one is gone. The row's version, scope, site, device, kind, enrollment and
    endpoint are sealed in: if one of these is changed, the secret does not open.
    """

    __tablename__ = "secret"

    id: int | None = Field(default=None, primary_key=True)
    scope: str
    site: str = Field(index=True)
    device: str | None = None
    kind: str
    enrollment_id: str = ""
    endpoint: str = ""
    sealed: str
    key_id: str
    received_at: datetime
    expires_at: datetime | None = None
    run_id: str | None = Field(default=None, foreign_key="connection_run.id", index=True)
    version: int | None = None
    mac: str | None = None


class SealingKeyRow(SQLModel, table=True):
    """By its fingerprint, the key that seals: one for all machines, in one row of number 1."""

    __tablename__ = "sealing_key"

    id: int = Field(primary_key=True)
    key_id: str


class KeyedFactRow(SQLModel, table=True):
    """What the ledger notes of itself as a whole, as JSON (`ledger/keys/facts.py`)."""

    __tablename__ = "keyed_fact"

    name: str = Field(primary_key=True)
    facts: str
    mac: str | None = None


class RestorationRow(SQLModel, table=True):
    """The ledger was restored as of `taken_at`: what was done between the two is not in it.

    Until `trusted_at`, keys may have been replaced meanwhile; then somebody said that none was.
    """

    __tablename__ = "restoration"

    id: int | None = Field(default=None, primary_key=True)
    taken_at: datetime
    restored_at: datetime
    trusted_at: datetime | None = None


class HandoverRow(SQLModel, table=True):
    """A file of a site's secrets that somebody took, locked to `recipient`."""

    __tablename__ = "handover"

    id: int | None = Field(default=None, primary_key=True)
    site: str = Field(index=True)
    taken_by: str
    recipient: str
    taken_at: datetime
    file_name: str
    sha256: str
    count: int


class SecretHandoverRow(SQLModel, table=True):
    """Which secrets were in which hand-over."""

    __tablename__ = "secret_handover"

    secret_id: int = Field(foreign_key="secret.id", primary_key=True)
    handover_id: int = Field(foreign_key="handover.id", primary_key=True)


class DecisionRow(SQLModel, table=True):
    """One decision on a request. The table only grows, and each row has the hash of the last.

    `how` is "rule", "shadow" (a rule, and nothing was done), "run" (a run was started to do so) or
    "person". `quorum` people must approve before it counts. `evidence` is JSON, and so is `proof`:
    which enrolled person decided; null where nobody was proved. Rows that are "approver" are about
    people, "order" about how a device is to be admitted, and "digits" about wrong ones.
    """

    __tablename__ = "decision"
    __table_args__ = (
        Index("ix_decision_how", "site", "how"),
        Index("ix_decision_request_key", "request_key"),
    )

    id: int | None = Field(default=None, primary_key=True)
    decided_at: datetime
    decided_by: str
    how: str
    decision: str
    reason: str
    scope: str
    site: str = Field(index=True)
    device: str | None = None
    request_key: str
    fingerprint: str
    evidence: str
    evidence_hash: str
    policy: str
    policy_version: str
    quorum: int = 1
    review_id: str | None = None
    proof: str | None = None
    previous_hash: str = Field(unique=True)
    hash: str = Field(unique=True)
    mac: str | None = None


class ApproverRow(SQLModel, table=True):
    """The secret of an enrolled person's authenticator app, sealed, and how it was used.

    Who that is, and where they decide, the ledger notes apart, and it is sealed in. Of a
    `used_step` of 30 s and those before it, no digits work any more.
    """

    __tablename__ = "approver"

    id: str = Field(primary_key=True)
    sealed: str
    key_id: str
    used_step: int
    failures: int = 0
    locked_until: datetime | None = None
    mac: str | None = None


class DecisionArchiveRow(SQLModel, table=True):
    """The oldest decisions, moved to a file: `count` of them, up to that of `last_id` and `hash`.

    `sha256` is the file's, of its rows. What is not in such a file cannot be deleted.
    """

    __tablename__ = "decision_archive"

    id: int | None = Field(default=None, primary_key=True)
    last_id: int
    count: int
    hash: str
    file_name: str
    sha256: str
    archived_at: datetime
    mac: str | None = None


class ReviewRow(SQLModel, table=True):
    """Held requests that were put before people, until when, and how that ended.

    `answers` is JSON, of what came of each answer: round, time, name, message, whether accepted.
    """

    __tablename__ = "review"

    id: str = Field(primary_key=True)
    flow_run_id: str | None = Field(default=None, unique=True)
    site: str = Field(index=True)
    scope: str
    connection: str
    asked_at: datetime
    deadline: datetime
    quorum: int
    requested_by: str
    requester_may_approve: bool
    requester_proof: str | None = None
    policy: str
    policy_version: str
    set_hash: str
    warned_at: datetime | None = None
    closed_at: datetime | None = None
    closed_as: str = ""
    answers: str | None = None
    mac: str | None = None


class ReviewItemRow(SQLModel, table=True):
    """One request of a review, as it was when it was put before people. `evidence` is JSON."""

    __tablename__ = "review_item"

    review_id: str = Field(foreign_key="review.id", primary_key=True)
    number: int = Field(primary_key=True)
    request_key: str
    fingerprint: str
    code: str = Field(default="unknown", sa_column_kwargs={"server_default": text("'unknown'")})
    reason: str
    evidence: str
    mac: str | None = None


class NightRow(SQLModel, table=True):
    """One night, as JSON: counts and not devices, so that a year is small."""

    __tablename__ = "night"

    id: int | None = Field(default=None, primary_key=True)
    started_at: datetime = Field(index=True)
    ended_at: datetime
    report: str = ""
    facts: str


class SitePlanRow(SQLModel, table=True):
    """A plan for a site, as it may be applied: what was sent, and what was planned of it.

    `sent` and `plan` are compressed, in base64; `is_text` says that text was pasted. Once a run has
    `begun_at` that to apply it, the next one carries it on, until all of it was done at `ended_at`.
    """

    __tablename__ = "site_plan"

    hash: str = Field(primary_key=True)
    site: str
    made_at: datetime = Field(index=True)
    run: str
    is_text: bool
    sent: str
    plan: str
    begun_at: datetime | None = None
    begun_by: str | None = None
    ended_at: datetime | None = None
    mac: str | None = None


class SiteColumnsRow(SQLModel, table=True):
    """What people chose the columns of a site's rosters to be, as JSON; by which run, last."""

    __tablename__ = "site_columns"

    site: str = Field(primary_key=True)
    columns: str
    changed_at: datetime
    run: str
    mac: str | None = None


class FindingRow(SQLModel, table=True):
    """One finding: since when, until when, and how often Muster acted on it."""

    __tablename__ = "finding"

    id: int | None = Field(default=None, primary_key=True)
    site: str = Field(index=True)
    connection: str
    kind: str
    subject: str
    device: str | None = None
    reason: str
    first_seen: datetime
    last_seen: datetime
    actions: int = 0
    last_action_at: datetime | None = None
    reported_at: datetime | None = None
    ended_at: datetime | None = Field(default=None, index=True)

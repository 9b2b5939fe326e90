"""The ledger's tables; every instant is aware UTC, and no secret is among them."""

from datetime import datetime

from sqlmodel import Field, SQLModel


class BatchRow(SQLModel, table=True):
    """One run over a site's devices. While its lease lasts, nobody else may act on them."""

    __tablename__ = "batch"

    id: str = Field(primary_key=True)
    site: str = Field(index=True)
    scope: str
    name: str
    started_at: datetime
    lease_until: datetime
    ended_at: datetime | None = None


class ClaimRow(SQLModel, table=True):
    """One mark of a device (its name, host id or a MAC) that a running batch has claimed."""

    __tablename__ = "claim"

    mark: str = Field(primary_key=True)
    device: str
    batch_id: str = Field(foreign_key="batch.id", index=True)


class DeviceRow(SQLModel, table=True):
    """One device of a site: where it stands, why, and when it reached each stage."""

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


class GrantRow(SQLModel, table=True):
    """An enrolment made, or meant to be made; without an enrolment id its outcome is unknown."""

    __tablename__ = "grant"

    id: int | None = Field(default=None, primary_key=True)
    site: str = Field(index=True)
    scope: str
    wanted_expiry: datetime
    capacity: int
    made_at: datetime
    enrolment_id: str | None = Field(default=None, index=True)


class DeviceGrantRow(SQLModel, table=True):
    """Which devices may ask by which grant."""

    __tablename__ = "device_grant"

    grant_id: int = Field(foreign_key="grant.id", primary_key=True)
    site: str = Field(primary_key=True)
    device: str = Field(primary_key=True)


class IntentRow(SQLModel, table=True):
    """The journal: an act recorded before it is tried, and what came of it afterwards.

    Without an outcome nobody knows whether it happened; the next look settles that.
    """

    __tablename__ = "intent"

    id: int | None = Field(default=None, primary_key=True)
    batch_id: str = Field(foreign_key="batch.id", index=True)
    site: str = Field(index=True)
    device: str
    act: str
    subject: str
    reason: str = ""
    intended_at: datetime
    outcome: str | None = None
    detail: str = ""
    settled_at: datetime | None = None


class HoldRow(SQLModel, table=True):
    """A request that waits for a person, and why."""

    __tablename__ = "hold"

    scope: str = Field(primary_key=True)
    site: str = Field(primary_key=True)
    request_key: str = Field(primary_key=True)
    reason: str = Field(primary_key=True)
    device: str | None = None
    hostname: str = ""
    identity: str = ""
    held_at: datetime

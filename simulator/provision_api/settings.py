"""The switches of the simulated provision_api: its key, its limit and its database."""

from typing import Literal

from pydantic import BaseModel, Field

DEFAULT_BASE = "/provision"
DEFAULT_ADMIN_KEY = "NotASecret0AdminKeyOfASimulatedProvisionApi0"
DEFAULT_TENANT = "tenant-a"

# Patched: migrated, and given by hand the column that the list of devices reads.
Database = Literal["bare", "migrated", "patched", "down"]


class ProvisionApiSettings(BaseModel, extra="forbid"):
    """One provision_api. The defaults are what its source does on a database of its own."""

    base: str = Field(default=DEFAULT_BASE, pattern=r"^(/[a-z0-9_-]+)+$")
    admin_key: str = Field(default=DEFAULT_ADMIN_KEY, min_length=32)
    tenants: list[str] = Field(
        default=[DEFAULT_TENANT], min_length=1, description="all a migrated database knows"
    )

    code_minutes: float = Field(default=60, ge=0, description="until an activation code expires")
    activation_gap_seconds: float = Field(
        default=0.0,
        ge=0,
        description="of real time between reading a code and spending it; others may come between",
    )

    rate_limit: bool = True
    rate_calls: int = Field(default=10, ge=0, description="of an address in the window")
    rate_seconds: float = Field(default=60, gt=0, description="the window, in simulated time")

    database: Database = "bare"
    integration_tables: bool = Field(
        default=True, description="off, as upstream's own: calls about integrations answer 500"
    )

"""A provisioning token: by it, devices provision themselves; and its two shapes."""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, Field

from simulator.acusight.instant import iso

DAY = 24 * 60 * 60 * 1000
CENTURY = 36_500


class NewToken(BaseModel, strict=True):
    """What a user posts to have a token made: no days is thirty, null days is forever."""

    name: str = Field(min_length=1)
    expires_in_days: int | None = Field(default=30, ge=-CENTURY, le=CENTURY)
    single_use: bool = False


@dataclass(slots=True)
class ProvisioningToken:
    """One token, known by its digest only."""

    id: str
    name: str
    token_hash: str
    single_use: bool
    created_at: int
    expires_at: int | None
    use_count: int = 0
    last_used_at: int | None = None
    revoked_at: int | None = None

    def expired(self, now: int) -> bool:
        """Whether its time is over."""
        return self.expires_at is not None and now >= self.expires_at

    def use(self, now: int) -> None:
        """Count one device; a single use is the last."""
        self.use_count, self.last_used_at = self.use_count + 1, now
        if self.single_use:
            self.revoked_at = now

    def made(self, raw: str, endpoint: str) -> dict[str, Any]:
        """The reply to the call that made it, the only one to show the `raw` token."""
        return {
            "id": self.id,
            "name": self.name,
            "token": raw,
            "single_use": self.single_use,
            "created_at": iso(self.created_at),
            "expires_at": iso(self.expires_at),
            "setup_command": f"curl -fsSL {endpoint}/setup | sudo sh -s -- --token {raw}",
        }

    def listed(self) -> dict[str, Any]:
        """The element of the list."""
        return {
            "id": self.id,
            "name": self.name,
            "single_use": self.single_use,
            "use_count": self.use_count,
            "created_at": iso(self.created_at),
            "expires_at": iso(self.expires_at),
            "last_used_at": iso(self.last_used_at),
            "revoked_at": iso(self.revoked_at),
        }


def token_of(new: NewToken, number: str, token_hash: str, now: int) -> ProvisioningToken:
    """The token made of what was posted."""
    days = new.expires_in_days
    return ProvisioningToken(
        id=number,
        name=new.name,
        token_hash=token_hash,
        single_use=new.single_use,
        created_at=now,
        expires_at=None if days is None else now + days * DAY,
    )

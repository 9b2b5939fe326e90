"""Approvers: people who are enrolled, each with an authenticator app, and how digits prove one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hmac import compare_digest
from unicodedata import normalize

from pyotp import TOTP

ALL_SITES = "*"
TRIES = 5  # wrong digits in a row, after which somebody is locked
_LOCKED_FIRST, _LOCKED_LONGEST = timedelta(minutes=15), timedelta(days=1)
_DRIFT = (0, -1, 1)  # steps of 30 s by which a phone's clock may differ


class Role(StrEnum):
    """What an enrolled person may do."""

    APPROVER = "approver"
    REQUESTER = "requester"  # asks for reviews and decides nothing


@dataclass(frozen=True, slots=True)
class Approver:
    """An enrolled person: Anna, who decides at plant-7. `sites` may be ALL_SITES."""

    id: str
    name: str
    sites: tuple[str, ...]
    role: Role = Role.APPROVER

    def covers(self, site: str) -> bool:
        """Whether this person is enrolled for that site."""
        return site in self.sites or ALL_SITES in self.sites

    def decides_at(self, site: str) -> bool:
        """Whether this person may approve and reject there."""
        return self.role is Role.APPROVER and self.covers(site)

    @property
    def place(self) -> str:
        """For which sites, in words."""
        return "all sites" if ALL_SITES in self.sites else ", ".join(self.sites)


@dataclass(frozen=True, slots=True)
class Proof:
    """That an enrolled person was there: who, and the 30 s of the digits, never the digits."""

    approver: Approver
    time_step: int

    def facts(self) -> dict[str, str | int]:
        """What is recorded of it."""
        who = self.approver
        return {
            "approver": who.id,
            "name": who.name,
            "role": who.role.value,
            "time_step": self.time_step,
        }


def is_demanded(enrolled: Iterable[Approver], site: str) -> bool:
    """Whether names alone decide nothing at `site`, because somebody is enrolled for it."""
    return any(each.decides_at(site) for each in enrolled)


def time_step(secret: str, digits: str, at: datetime) -> int | None:
    """Of which 30 s since 1970 the digits are, by an app with that secret; None: of none near.

    RFC 6238. The phone's clock may be a step before or behind.
    """
    app = TOTP(secret)
    now = app.timecode(at)
    for drift in _DRIFT:
        if compare_digest(app.generate_otp(now + drift), digits):
            return now + drift
    return None


def six_digits(text: str) -> str | None:
    """The six digits that somebody wrote, also as *123 456*; None when it is something else."""
    digits = "".join(text.split())
    return digits if len(digits) == 6 and digits.isascii() and digits.isdecimal() else None


def locked_until(failures: int, at: datetime) -> datetime | None:
    """Until when nobody is believed after so many wrong digits in a row, the last of them `at`.

    15 minutes after five, twice as long after each five more, a day at most.
    """
    times, left = divmod(failures, TRIES)
    if left or not times:
        return None
    doubled: int = 2 ** min(times - 1, 10)
    return at + min(_LOCKED_FIRST * doubled, _LOCKED_LONGEST)


def folded(name: str) -> str:
    """`name` as names are compared: without case, spaces and invisible characters."""
    text = normalize("NFKC", name).casefold()
    return normalize("NFKC", "".join(c for c in text if c.isprintable() and not c.isspace()))

"""A finding: one thing that a night found not to be as it should."""

from dataclasses import dataclass
from datetime import datetime

from fleet.nightly.catalog import FindingKind
from fleet.status.holds import NO_REVIEW

Key = tuple[str, str, str, str]  # site, connection, kind, subject: what makes a finding the same


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be.

    `subject` is what it is about: a device's name, a request (#12), or a list; together with
    site, connection and kind it is this finding also tomorrow. `since` is when it began, as far as
    is known. `request_key` names the request that a rule could do something about; None
    where there is none, or where planning does something about it anyway. Unless `is_reviewable`,
    there is nothing that a person could decide in Muster.
    """

    kind: FindingKind
    site: str
    connection: str
    subject: str
    reason: str
    since: datetime
    device: str | None = None
    request_key: str | None = None
    version: str = ""
    hardware: str = ""
    is_reviewable: bool = True

    @property
    def key(self) -> Key:
        """What makes it the same finding on another night."""
        return self.site, self.connection, self.kind.value, self.subject

    @property
    def remedy(self) -> str:
        """What a person should do about it."""
        return self.kind.record.remedy if self.is_reviewable else NO_REVIEW

"""A finding: one thing that a night found not to be as it should, and what is done about it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

Key = tuple[str, str, str, str]  # site, connection, kind, subject: what makes a finding the same


class FindingKind(StrEnum):
    """What is found, as a rules file and a report name it."""

    PENDING = "pending too long"
    FAILED = "failed"
    STUCK = "approved, never confirmed"
    ENDED = "enrolment ended"
    UNLISTED = "in service, on no roster"
    GONE = "on the roster, gone"
    WRONG_SITE = "wrong site"
    ALIVE = "retired here, alive there"
    REVIVABLE = "retired, and a code could revive it"
    LOST = "key lost"
    HELD = "held too long"
    REJECTED = "rejected"
    TRUNCATED = "list cut off"
    UNKNOWN = "outcome unknown"


class Remediation(StrEnum):
    """What is done about a finding."""

    REPORT = "report"
    RETRY = "retry"
    RE_ENROLL = "re-enrol"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be.

    `subject` is what it is about: a device's name, a request (#12), or a list; together with
    site, connection and kind it is this finding also tomorrow. `since` is when it began, as far as
    anybody can tell. `request_key` names the request that a rule could do something about; None
    where there is none, or where planning does something about it anyway.
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

    @property
    def key(self) -> Key:
        """What makes it the same finding on another night."""
        return self.site, self.connection, self.kind.value, self.subject

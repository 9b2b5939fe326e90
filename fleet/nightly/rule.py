"""A night rule: what is done about one kind of finding, after which age and how often."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Remediation(StrEnum):
    """What is done about a finding, as a file of night rules names it."""

    REPORT = "report"
    RETRY = "retry"
    RE_ENROLL = "re-enroll"
    REJECT = "reject"

    @property
    def record(self) -> "RemediationRecord":
        """What the catalog says of it."""
        return REMEDIATIONS[self]


@dataclass(frozen=True, slots=True)
class RemediationRecord:
    """One remediation: what has happened to a device by it, such as "retried", and what it is.

    `needs_request` says that it needs a request to be done to.
    """

    done: str
    noun: str
    needs_request: bool = True


REMEDIATIONS = {
    Remediation.REPORT: RemediationRecord("reported", "reports", needs_request=False),
    Remediation.RETRY: RemediationRecord("retried", "retries"),
    Remediation.RE_ENROLL: RemediationRecord("enrolled again", "enrollments", needs_request=False),
    Remediation.REJECT: RemediationRecord("rejected", "rejections"),
}


@dataclass(frozen=True, slots=True)
class NightRule:
    """What is done about one kind of finding.

    A finding counts once it is `after` old. Then it is done at most `times`: the second time `gap`
    after the first, and each further one twice as long after the one before. After that a person
    must help. Example: `NightRule(Remediation.RETRY, times=3, gap=timedelta(hours=1))`.
    """

    do: Remediation = Remediation.REPORT
    after: timedelta = timedelta()
    times: int = 1
    gap: timedelta = timedelta(hours=1)

    def is_due(self, actions: int, last: datetime | None, now: datetime) -> bool:
        """Whether to do something now, when so much was done before, the last time at `last`."""
        if self.do is Remediation.REPORT or actions >= self.times:
            return False
        if last is None:
            return True
        longer: int = 2 ** max(0, actions - 1)
        return (now - last) / longer >= self.gap  # so that no long gap is too long to be counted

    def is_exhausted(self, actions: int) -> bool:
        """Whether it was done as often as it may be, so that a person must help."""
        return self.do is not Remediation.REPORT and actions >= self.times

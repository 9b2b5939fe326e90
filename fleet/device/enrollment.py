"""An enrolment: what lets devices in, such as one activation config with its code."""

from dataclasses import dataclass
from datetime import datetime, timedelta

FINGERPRINT_ROOM = timedelta(minutes=1)  # a mark lies so much before the expiry that was asked for


@dataclass(frozen=True, slots=True)
class Enrollment:
    """An enrolment as its system shows it.

    `id` is derived from the code and does not reveal it; `ending` is the code's last group, by
    which a person recognises it. `expires_at` is kept to the millisecond: it is how an enrolment
    is found again whose creation was never answered. `profile` names a zero-touch profile.
    """

    id: str
    ending: str
    expires_at: datetime
    capacity: int
    used: int = 0
    profile: str | None = None

    @property
    def free(self) -> int:
        """How many more devices it can let in."""
        return max(0, self.capacity - self.used)

    def is_usable(self, now: datetime) -> bool:
        """Whether a device could still ask by its code."""
        return now < self.expires_at and self.free > 0

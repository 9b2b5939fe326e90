"""An enrollment: what lets devices ask or be admitted, such as a config with its code."""

from dataclasses import dataclass
from datetime import datetime, timedelta

FINGERPRINT_ROOM = timedelta(minutes=1)  # how long before the wanted expiry a fingerprint may be


@dataclass(frozen=True, slots=True)
class Enrollment:
    """An enrollment as its system shows it.

    `id` is derived from the code and does not reveal it; `ending` is the code's last group, such
    as 3A7HN, by which a person recognizes it. `expires_at` is exact to the millisecond: it is how
    an enrollment is found again when the answer to its making was lost. `profile` names a
    zero-touch profile.
    """

    id: str
    ending: str
    expires_at: datetime
    capacity: int
    used: int = 0
    profile: str | None = None

    @property
    def free(self) -> int:
        """How many more devices it can admit."""
        return max(0, self.capacity - self.used)

    def is_usable(self, now: datetime) -> bool:
        """Whether a device could still ask by its code."""
        return now < self.expires_at and self.free > 0

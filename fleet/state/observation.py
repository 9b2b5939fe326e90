"""An observation: what one round of list calls to a system showed."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from fleet.device.enrollment import Enrollment
from fleet.device.request import Request


@dataclass(frozen=True)
class Observation:
    """Everything that one round of list calls showed; order and repetition mean nothing.

    `present` holds the system's ids of the devices that it lists as being in service. `truncated`
    says that a list ended at its limit, so that there may be more than it shows; where it
    `shows_whole_site`, only at other sites than the one that was asked about. `others` are devices
    that were not asked about, where they are not among the requests anyway. `skew` is how far the
    system's clock is ahead of ours, as far as it says what it shows. `unreadable` are the entries
    that could not be read, such as "GET /api/admin/devices: entry 3.device_id".
    """

    enrollments: tuple[Enrollment, ...] = ()
    requests: tuple[Request, ...] = ()
    present: frozenset[str] = frozenset()
    truncated: bool = False
    others: tuple[Request, ...] = ()
    shows_whole_site: bool = False
    skew: timedelta = timedelta()
    unreadable: tuple[str, ...] = ()

    @property
    def may_hide(self) -> bool:
        """Whether there may be more than it shows."""
        return self.truncated or bool(self.unreadable)

    def gap(self, system: str) -> str:
        """What may hide something that `system` has; "" when all of it is shown."""
        if self.truncated:
            return f"a list of {system} ended at its limit"
        return self.left_out(system)

    def left_out(self, system: str) -> str:
        """Which entries that `system` lists are not among what is shown; "" when all are."""
        if not self.unreadable:
            return ""
        first, number = self.unreadable[0], len(self.unreadable)
        which = f"an entry ({first})" if number == 1 else f"{number} entries (the first: {first})"
        return f"{which} that {system} lists cannot be read"

    @cached_property
    def enrollment_by_id(self) -> dict[str, Enrollment]:
        """Enrollments by their id."""
        return {enrollment.id: enrollment for enrollment in self.enrollments}

    @cached_property
    def distinct_requests(self) -> tuple[Request, ...]:
        """Requests, oldest first, each once however often a list repeats it."""
        oldest_first = sorted(self.requests, key=lambda r: r.age)
        return tuple({(r.key, r.identity, r.device): r for r in oldest_first}.values())

    @cached_property
    def doubled_ids(self) -> frozenset[str]:
        """The ids that several different requests bear; to decide one would be to decide any."""
        counts = Counter(request.id for request in self.distinct_requests)
        return frozenset(id_ for id_, count in counts.items() if count > 1)

    @cached_property
    def request_by_key(self) -> dict[str, Request]:
        """Requests by their key."""
        return {request.key: request for request in self.requests}

    def profile(self, name: str) -> Enrollment | None:
        """The enrollment behind the zero-touch profile `name`."""
        return next((e for e in self.enrollments if e.profile == name), None)
